"""What an earlier, cut run left open: each write is looked for on the remote before anything is planned.

A record that was made is found by Linedesk's id on it, or, where the app keeps none, in a reading begun
after the app's lag: one that came after the intent, is linked to nothing, and holds what was sent. Found,
it is linked; not found, the intent is void and the plan makes it again. Of an update, a delete or a
membership only what the app holds now counts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from linedesk.apps.base import App
from linedesk.apps.records import Record, RecordState, Value
from linedesk.clock import Clock
from linedesk.store.journal import Entry, EntryState
from linedesk.store.records import Copy
from linedesk.sync.after_write import agreed_after, link_after, tied
from linedesk.sync.copies import Book
from linedesk.sync.documents import value_from_json
from linedesk.sync.groups import Groups, is_membership
from linedesk.sync.journal import (
    Checkpoint,
    Journal,
    Settlement,
    base_as_sent,
    change_of,
    holds_what_was_sent,
)
from linedesk.sync.merge import Lanes
from linedesk.sync.model import Agreed, Link, Op, Side
from linedesk.sync.parts import LIGHT, in_parts
from linedesk.sync.planning import in_slices
from linedesk.sync.slices import Breather
from linedesk.sync.ties import Ties, ties_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shore:
    """One side as recovery sees it. `take` reads records by id anew and stores them."""

    app: App
    book: Book
    take: Callable[[Sequence[str]], Awaitable[Mapping[str, Copy]]]
    groups: Groups


Shores = Mapping[Side, Shore]
_Look = Callable[[Entry, Shores, Ties], Awaitable[Link | None]]


class Recovery:
    """Settles the open entries of one connection. Raises `VendorError`; then the rest stays open."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        *,
        lanes: Mapping[Side, Lanes],
        external_ids: bool,
        checkpoint: Checkpoint,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._lanes = lanes
        self._external_ids = external_ids
        self._checkpoint = checkpoint
        self._came: dict[Side, dict[str, None]] = {side: {} for side in Side}

    async def wait_for_lag(self, entries: Sequence[Entry], lags_s: Mapping[Side, float]) -> None:
        """Wait until what was written last must show; before the readings that recovery looks at."""
        due_ms = max((each.at_ms + round(lags_s[each.side] * 1000) for each in entries), default=0)
        # No longer than the lag, also when the clock was set back.
        longest_ms = max((round(each * 1000) for each in lags_s.values()), default=0)
        left_ms = min(due_ms - self._clock.now_ms(), longest_ms)
        if left_ms > 0:
            await self._clock.sleep(left_ms / 1000)

    async def settle(
        self, entries: Sequence[Entry], shores: Mapping[Side, Shore], links: dict[str, Link]
    ) -> list[Link]:
        """Find out about each entry; answers the links of those that are found, and adds them to `links`."""
        found = []
        ties = await ties_of(links)
        self._came = {side: await self._newcomers(side, entries, shores[side]) for side in Side}
        for entry in entries:
            link = await self._look_of(entry)(entry, shores, ties)
            if link is not None:
                ties.add(link)
                found.append(link)
            await self._checkpoint("recovered")
        return found

    async def _newcomers(self, side: Side, entries: Sequence[Entry], shore: Shore) -> dict[str, None]:
        """Ids of records that came, or were edited, since the first of the creates that are looked for here.

        Set back since, our clock can't tell what came later; then what a record holds must do.
        """
        begun = [each.at_ms for each in entries if each.side is side and each.op is Op.CREATE]
        if not begun or self._has_ids(shore):
            return {}
        since_ms = 0 if self._clock.now_ms() < max(begun) else min(begun)
        came: dict[str, None] = {}

        def look(item: tuple[str, Copy]) -> None:
            if item[1].changed_ms >= since_ms:
                came[item[0]] = None

        await in_slices(in_parts(shore.book.copies.items(), look, LIGHT))
        return came

    def _has_ids(self, shore: Shore) -> bool:
        return self._external_ids and shore.app.capabilities.external_id_field is not None

    def _look_of(self, entry: Entry) -> _Look:
        if entry.op is Op.CREATE:
            return self._created
        if entry.op is Op.DELETE:
            return self._deleted
        return self._joined if any(map(is_membership, entry.after)) else self._updated

    async def _created(self, entry: Entry, shores: Shores, ties: Ties) -> Link | None:
        shore = shores[entry.side]
        record = await self._find(entry, shore, ties)
        if record is None:
            log.info("write_never_arrived", account=entry.account, op=entry.op.value, entry=entry.id)
            await self._close(entry, EntryState.VOID)
            return None
        copies = self._copies(shore, record)
        log.info("write_found_again", account=entry.account, op=entry.op.value, entry=entry.id)
        link = self._link(entry, record, shores, ties.get(entry.link_id))
        settlement = Settlement(links=[link], copies=copies, done=[(entry.id, record.id)])
        await self._journal.settle(entry.account, settlement)
        shore.book.copies.update({copy.record.id: copy for copy in copies})
        return link

    async def _updated(self, entry: Entry, shores: Shores, ties: Ties) -> Link | None:
        """Only the truth counts: the record is read again, and the plan begins from there."""
        copy = await self._taken(entry, shores[entry.side])
        if copy is None or copy.gone or not self._holds(copy.record, entry):
            await self._close(entry, EntryState.VOID)
            return None
        settlement = Settlement(done=[(entry.id, copy.record.id)])
        if self._may_be_tied(entry, copy.record.id, ties):
            settlement.links.append(self._link(entry, copy.record, shores, ties.get(entry.link_id)))
        await self._journal.settle(entry.account, settlement)
        return settlement.links[0] if settlement.links else None

    async def _deleted(self, entry: Entry, shores: Shores, ties: Ties) -> Link | None:
        """A record that is gone may have been deleted by somebody else: it comes to the same."""
        copy = await self._taken(entry, shores[entry.side])
        old = ties.get(entry.link_id)
        is_gone = copy is None or copy.gone or copy.record.state is RecordState.DELETED
        if not is_gone or entry.record_id is None:
            await self._close(entry, EntryState.VOID)
            return None
        settlement = Settlement(done=[(entry.id, entry.record_id)])
        if old is not None:
            link = link_after(change_of(entry), entry.record_id, old, old.base)
            if entry.undoes is not None:
                link = self._link(entry, Record(entry.record_id, {}), shores, old)
            settlement.links.append(link)
        await self._journal.settle(entry.account, settlement)
        return settlement.links[0] if settlement.links else None

    async def _joined(self, entry: Entry, shores: Shores, ties: Ties) -> Link | None:
        """Whether the group has the record as it should; where nobody can tell, the plan sends it again."""
        groups, ((name, joins),) = shores[entry.side].groups, entry.after.items()
        old, record_id = ties.get(entry.link_id), entry.record_id
        if old is None or record_id is None or not groups.tells_members:
            await self._close(entry, EntryState.VOID)
            return None
        if (record_id in await groups.members(name)) != bool(joins):
            await self._close(entry, EntryState.VOID)
            return None
        link = link_after(change_of(entry), record_id, old, old.base)
        await self._journal.settle(entry.account, Settlement(links=[link], done=[(entry.id, record_id)]))
        return link

    async def _taken(self, entry: Entry, shore: Shore) -> Copy | None:
        """The entry's record as it is now; None: the app has it no more, and no copy of it is kept."""
        if entry.record_id is None:
            return None
        found = await shore.take([entry.record_id])
        shore.book.copies.update(found)
        self._came[entry.side] |= dict.fromkeys(found)
        return found.get(entry.record_id)

    def _may_be_tied(self, entry: Entry, record_id: str, ties: Ties) -> bool:
        """Whether the link is as the cut run had it: neither record is in another by now."""
        a_id, b_id = tied(change_of(entry), record_id)
        is_free = ties.link_id(Side.A, a_id) is None and ties.link_id(Side.B, b_id) is None
        return ties.get(entry.link_id) is not None or is_free

    def _link(self, entry: Entry, record: Record, shores: Shores, old: Link | None) -> Link:
        """The link as the cut run would have left it."""
        before = old.base if old is not None else {}
        base: Mapping[str, Agreed] = base_as_sent(self._lanes[entry.side], entry, record, before)
        copy = shores[entry.side.other].book.copies.get(entry.source_id)
        source = copy.record if copy is not None and not copy.gone else None
        if entry.undoes is not None and (source is not None or entry.op is Op.CREATE):
            base = agreed_after(
                self._lanes,
                change_of(entry),
                source=source,
                planned=None,
                stored=record,
                before=before,
            )
        return link_after(change_of(entry), record.id, old, base, stored=record)

    async def _find(self, entry: Entry, shore: Shore, ties: Ties) -> Record | None:
        if not ties.is_free(entry.side.other, entry.source_id, but=entry.link_id):
            return None  # the person is linked by now: what was made, if anything, is not needed
        if self._has_ids(shore):
            marked = await shore.app.find_by_external_id(entry.link_id)
            free = sorted((each for each in marked if ties.link_id(entry.side, each.id) is None), key=_age)
            return next((each for each in free if each.state is not RecordState.DELETED), None)
        is_set_back = self._clock.now_ms() < entry.at_ms
        breather, fitting = Breather(), list[Record]()
        for record_id in self._came[entry.side]:
            copy = shore.book.copies.get(record_id)
            is_new = copy is not None and (is_set_back or copy.changed_ms >= entry.at_ms)
            if copy is not None and self._may_be(copy, entry, ties, is_new=is_new):
                fitting.append(copy.record)
            await breather.rest()
        return min(fitting, key=_age, default=None)

    def _may_be(self, copy: Copy, entry: Entry, ties: Ties, *, is_new: bool) -> bool:
        is_open = is_new and not copy.gone and ties.link_id(entry.side, copy.record.id) is None
        return is_open and self._holds(copy.record, entry)

    def _holds(self, record: Record, entry: Entry) -> bool:
        """Whether the record has what was sent, spelled as it may be."""
        return record.state is RecordState.ACTIVE and all(
            name in record.missing or self._same(record.fields.get(name), value_from_json(sent), name, entry)
            for name, sent in entry.after.items()
        )

    def _same(self, held: Value, sent: Value, name: str, entry: Entry) -> bool:
        side = self._lanes[entry.side].target
        info = side.fields.get(name)
        return info is not None and holds_what_was_sent(side, info, held, sent)

    def _copies(self, shore: Shore, record: Record) -> list[Copy]:
        known = shore.book.copies.get(record.id)
        if known is not None and known.record == record:
            return [known]
        return [Copy(record, self._clock.now_ms())]

    async def _close(self, entry: Entry, state: EntryState) -> None:
        await self._journal.settle(entry.account, Settlement(ended=[(entry.id, state, None)]))


def _age(record: Record) -> tuple[int, str, str]:
    """The oldest first: ids that are numbers grow."""
    return (len(record.id), record.id, "") if record.id.isdecimal() else (0, record.id, "")
