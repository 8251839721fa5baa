"""Rows of the journal: one a write, stored before the write goes out, with what was there before.

The journal is what undo works from and what a run after a crash looks at. Rows are never removed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, and_, bindparam, func, insert, select, update

from linedesk.store.sync_tables import journal
from linedesk.sync.model import Op, Side

_COLUMNS = (
    "id", "run", "connection", "account", "side", "op", "link_id", "record_id", "source_id", "before",
    "after", "base", "reason", "notes", "state", "error_code", "error", "at_ms", "rule", "trace", "applied",
    "undoes",
)  # fmt: skip

_BEGIN = insert(journal)
_ERROR: dict[str, Any] = {"error_code": bindparam("code"), "error": bindparam("sentence")}


class EntryState(StrEnum):
    """`OPEN`: it went out, or was about to. `VOID`: it never arrived. `REFUSED`: the app said no."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Entry:
    """One write. `before`, `after` and `base` are JSON values as `sync.documents` makes them.

    `base` holds, by mapping row, what the source had when `after` was made from it. `applied`: as that of the
    change. `undoes`: the entry that it takes back.
    """

    id: int
    run: int
    connection: str
    account: str
    side: Side
    op: Op
    link_id: str
    record_id: str | None
    source_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    base: Mapping[str, Any]
    reason: str
    notes: Sequence[str]
    state: EntryState
    error_code: str | None
    error: str | None
    at_ms: int
    rule: str = ""
    trace: str = ""
    applied: Mapping[str, Any] = field(default_factory=dict)
    undoes: int | None = None


def begin(c: Connection, entries: Sequence[Entry]) -> list[int]:
    """Store intents; answers their ids, in order. The entries' own ids are not looked at."""
    if not entries:
        return []
    # Numbered here, as the database would: asked for the numbers, it takes one row at a time.
    rows = [{"id": number, **_values(entry)} for number, entry in enumerate(entries, last_id(c) + 1)]
    c.execute(_BEGIN, rows)
    return [row["id"] for row in rows]


def renew(c: Connection, entry_ids: Sequence[int], at_ms: int) -> None:
    """Intents that are older than their writes will be: they go out from now on."""
    c.execute(update(journal).where(journal.c.id.in_(entry_ids)).values(at_ms=at_ms))


def close_done(c: Connection, entries: Sequence[tuple[int, str]]) -> None:
    """These writes are done: by entry, the record that was made, found or changed."""
    values = {"state": EntryState.DONE.value, "error_code": None, "error": None}
    rows = [{"entry": entry, "record": record_id} for entry, record_id in entries]
    _each(c, update(journal).values(record_id=bindparam("record"), **values), rows)


def close(c: Connection, entries: Sequence[tuple[int, EntryState, str | None, str | None]]) -> None:
    """Say how writes ended that were not done: by entry, its state, an error's code and its sentence."""
    rows = [
        {"entry": entry, "now": state.value, "code": code, "sentence": sentence}
        for entry, state, code, sentence in entries
    ]
    _each(c, update(journal).values(state=bindparam("now"), **_ERROR), rows)


def note_unsure(c: Connection, entries: Sequence[tuple[int, str | None, str | None]]) -> None:
    """Answers were lost: the entries stay open, each with the reason's code and sentence."""
    rows = [{"entry": entry, "code": code, "sentence": sentence} for entry, code, sentence in entries]
    _each(c, update(journal).values(**_ERROR), rows)


def _each(c: Connection, change: Update, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        c.execute(change.where(journal.c.id == bindparam("entry")), rows)


def open_entries(c: Connection, connection: str) -> list[Entry]:
    """Writes of which nobody knows yet whether they arrived, in the order they were made."""
    j = journal.c
    query = select(journal).where(j.connection == connection, j.state == EntryState.OPEN.value)
    return [_entry(row) for row in c.execute(query.order_by(j.id)).mappings()]


def of_run(c: Connection, run: int, *, after: int = 0, limit: int | None = None) -> list[Entry]:
    """The writes of a run, in order: at most `limit`, beginning behind the entry `after`."""
    j = journal.c
    return entries_of(c, and_(j.run == run, j.id > after), limit)


def entries_of(c: Connection, where: ColumnElement[bool], limit: int | None = None) -> list[Entry]:
    """The rows for which `where` holds, in order, at most `limit`."""
    query = select(journal).where(where).order_by(journal.c.id).limit(limit)
    return [_entry(row) for row in c.execute(query).mappings()]


def made_by_others(c: Connection, account: str, connection: str, after: str, limit: int) -> list[str]:
    """Ids of records of an account that other connections made, by id, beginning behind `after`."""
    j = journal.c
    query = select(j.record_id).where(
        j.account == account,
        j.record_id > after,
        j.op == Op.CREATE.value,
        j.state == EntryState.DONE.value,
        j.connection != connection,
    )
    return list(c.execute(query.distinct().order_by(j.record_id).limit(limit)).scalars())


def last_id(c: Connection) -> int:
    """The newest entry of all connections; 0: there is none."""
    return c.execute(select(func.max(journal.c.id))).scalar() or 0


def made_beside(
    c: Connection, account: str, connection: str, since: int
) -> tuple[int, list[Mapping[str, Any]]]:
    """What other connections made in an account, or are making, since an entry: the newest entry, and what
    was sent for each."""
    j = journal.c
    query = select(j.after).where(
        j.id > since,
        j.account == account,
        j.op == Op.CREATE.value,
        j.connection != connection,
        j.state.in_((EntryState.OPEN.value, EntryState.DONE.value)),
    )
    return last_id(c), list(c.execute(query).scalars())


def count(c: Connection, connection: str) -> int:
    """How many writes a connection ever made or tried."""
    query = select(func.count()).select_from(journal).where(journal.c.connection == connection)
    return int(c.execute(query).scalar_one())


def _values(entry: Entry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in _COLUMNS if name != "id"}
    values |= {"before": dict(entry.before), "after": dict(entry.after), "base": dict(entry.base)}
    values |= {"side": entry.side.value, "op": entry.op.value, "state": entry.state.value}
    return values | {"notes": list(entry.notes), "applied": dict(entry.applied)}


def _entry(row: Mapping[Any, Any]) -> Entry:
    values = {name: row[name] for name in _COLUMNS}
    values |= {"side": Side(row["side"]), "op": Op(row["op"]), "state": EntryState(row["state"])}
    return Entry(**{**values, "notes": tuple(row["notes"])})
