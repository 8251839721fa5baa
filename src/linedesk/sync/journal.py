"""The journal's side of a write: the intent before it, and what became of it afterwards.

An intent is durable before the write goes out. What a stored write leaves behind (the link with its base,
the copy of the record, the entry's end) is one transaction, so that a run that is cut leaves an open entry
or a finished one, and nothing in between.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields

from sqlalchemy import Connection

from linedesk.apps.records import FieldInfo, Record, Value
from linedesk.clock import Clock
from linedesk.errors import LinedeskError
from linedesk.store import journal, links, problems, records
from linedesk.store.database import Database
from linedesk.store.journal import Entry, EntryState
from linedesk.store.records import Copy
from linedesk.sync.documents import (
    applied_from_document,
    applied_to_document,
    fields_to_json,
    value_from_json,
)
from linedesk.sync.merge import Lanes, base_of
from linedesk.sync.model import Agreed, Change, Known, Link, Problem, Side
from linedesk.sync.values import same

Fence = Callable[[Connection], None]
"""Raises in a transaction that a run must not commit any more: it lost its lease, or was told to stop."""

Checkpoint = Callable[[str], Awaitable[None]]
"""Called at every step of a run with its name; a test ends the process there."""


async def no_checkpoint(_name: str) -> None:
    """What a service passes: nothing happens at a step."""


@dataclass(slots=True)
class Settlement:
    """What one batch leaves behind, to be stored at once."""

    links: list[Link] = field(default_factory=list)
    untied: list[str] = field(default_factory=list)  # link ids
    copies: list[Copy] = field(default_factory=list)
    done: list[tuple[int, str]] = field(default_factory=list)  # entry, record
    ended: list[tuple[int, EntryState, LinedeskError | None]] = field(default_factory=list)
    unsure: list[tuple[int, LinedeskError]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    solved: list[tuple[Side, str]] = field(default_factory=list)

    @property
    def is_told(self) -> bool:
        """Whether anything is known of an entry."""
        return bool(self.done or self.ended or self.unsure)

    def add(self, other: Settlement) -> None:
        """Take in what another left behind, too."""
        for each in fields(self):
            getattr(self, each.name).extend(getattr(other, each.name))

    def clear(self) -> None:
        """It is stored."""
        for each in fields(self):
            getattr(self, each.name).clear()


class Journal:
    """The journal of one connection. `may_begin` guards intents, `may_settle` what becomes of them."""

    def __init__(
        self, books: Database, clock: Clock, connection: str, *, may_begin: Fence, may_settle: Fence
    ) -> None:
        self._books = books
        self._clock = clock
        self._connection = connection
        self._may_begin = may_begin
        self._may_settle = may_settle

    async def begin(
        self, run: int, account: str, changes: Sequence[Change], bases: Sequence[Mapping[str, Value]]
    ) -> list[int]:
        """Store the intents of a batch; answers the entries' ids. `bases`: the source's values by row."""
        at_ms = self._clock.now_ms()
        entries = [
            Entry(
                id=0,
                run=run,
                connection=self._connection,
                account=account,
                side=change.side,
                op=change.op,
                link_id=change.link_id,
                record_id=change.record_id,
                source_id=change.source_id,
                before=fields_to_json({name: pair[0] for name, pair in change.fields.items()}),
                after=fields_to_json({name: pair[1] for name, pair in change.fields.items()}),
                base=fields_to_json(base),
                reason=change.reason,
                notes=change.notes,
                state=EntryState.OPEN,
                error_code=None,
                error=None,
                at_ms=at_ms,
                rule=change.rule,
                trace=change.trace,
                applied=applied_to_document(change.applied),
                undoes=change.undoes,
            )
            for change, base in zip(changes, bases, strict=True)
        ]

        def store(c: Connection) -> list[int]:
            self._may_begin(c)
            return journal.begin(c, entries)

        return await self._books.write(store)

    async def open_entries(self) -> list[Entry]:
        """Writes of which nobody knows yet whether they arrived."""
        return await self._books.read(lambda c: journal.open_entries(c, self._connection))

    async def renew(self, entries: Sequence[int]) -> None:
        """Ask whether intents that did not go out yet may do so still; their time is now."""
        now_ms = self._clock.now_ms()

        def store(c: Connection) -> None:
            self._may_begin(c)
            journal.renew(c, entries, now_ms)

        await self._books.write(store)

    async def settle(self, account: str, settlement: Settlement) -> None:
        """Store what became of a batch, at once."""
        now_ms = self._clock.now_ms()

        def store(c: Connection) -> None:
            self._may_settle(c)
            links.remove(c, self._connection, settlement.untied)
            links.put(c, self._connection, settlement.links, now_ms)
            records.put(c, account, settlement.copies, now_ms)
            journal.close_done(c, settlement.done)
            journal.close(c, [(entry, state, *_told(error)) for entry, state, error in settlement.ended])
            journal.note_unsure(c, [(entry, *_told(error)) for entry, error in settlement.unsure])
            problems.put(c, self._connection, settlement.problems, now_ms)
            problems.solved(c, self._connection, settlement.solved)

        await self._books.write(store)


def _told(error: LinedeskError | None) -> tuple[str | None, str | None]:
    return (None, None) if error is None else (error.code, error.message)


def sent_values(lanes: Lanes, source: Record) -> dict[str, Value]:
    """What the source says in each row, by the row's key: what a write is made from."""
    nothing = Record("", {})
    return {key: lanes.parts(each)[0] for key, each in base_of(lanes, source, nothing, {}).items()}


def base_as_sent(
    lanes: Lanes, entry: Entry, stored: Record, before: Mapping[str, Agreed]
) -> dict[str, Agreed]:
    """The base of a write found again: what it was made from then, and what the record holds now (S14).

    Only for what was sent and is still there: the rest was changed by somebody since, or was never written.
    """
    base = dict(before)
    made_from = base_of_entry(entry)
    for lane in lanes.each:
        name = lane.target.name
        if lane.row.key not in made_from or name not in entry.after or name in stored.missing:
            continue
        held = stored.fields.get(name)
        if holds_what_was_sent(lanes.target, lane.target, held, value_from_json(entry.after[name])):
            base[lane.row.key] = lanes.agreed(made_from[lane.row.key], held)
    return base


def holds_what_was_sent(side: Known, info: FieldInfo, held: Value, sent: Value) -> bool:
    """Whether a field has what was sent, spelled as it may be, or the beginning of it.

    An app may keep only the beginning of a text and fold its white space, and not say so.
    """
    if same(held, sent, info.kind, side.plan):
        return True
    if not isinstance(held, str) or not isinstance(sent, str) or not held.strip():
        return False
    return "".join(sent.split()).startswith("".join(held.split()))


def base_of_entry(entry: Entry) -> dict[str, Value]:
    """The source's values that an open entry was made from."""
    return {key: value_from_json(value) for key, value in entry.base.items()}


def change_of(entry: Entry) -> Change:
    """The change that an entry was made from, without the version it was planned on."""
    return Change(
        side=entry.side,
        op=entry.op,
        link_id=entry.link_id,
        record_id=entry.record_id,
        source_id=entry.source_id,
        fields={
            name: (value_from_json(entry.before.get(name)), value_from_json(after))
            for name, after in entry.after.items()
        },
        reason=entry.reason,
        notes=tuple(entry.notes),
        rule=entry.rule,
        trace=entry.trace,
        applied=applied_from_document(entry.applied),
        undoes=entry.undoes,
    )


def own_copy(record: Record, now_ms: int) -> Copy:
    """The copy of a record that we have just written."""
    return Copy(record, changed_ms=now_ms, written_ms=now_ms)


def removed_copy(record: Record, now_ms: int) -> Copy:
    """The copy of a record that we have just deleted."""
    return Copy(record, changed_ms=now_ms, gone=True, written_ms=now_ms)
