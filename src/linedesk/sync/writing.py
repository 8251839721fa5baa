"""The writes of a plan, group by group: intents, the calls in the app's own size, then what came of them.

It decides nothing about fields; it sends what the plan says and keeps what reads back. A record that is
refused changes nothing for the others (S16); an account that fails ends the run, and what is done is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import replace

import structlog

from linedesk.apps.base import Outcome, Refused, RemovalOutcome, Removed, Stored, Unsure
from linedesk.apps.records import Draft, Patch, Record, Value
from linedesk.clock import Clock
from linedesk.errors import (
    LinedeskError,
    VendorDuplicate,
    VendorError,
    VendorNotFound,
    VendorRefused,
    VersionStale,
)
from linedesk.store.journal import EntryState
from linedesk.sync.after_write import agreed_after, link_after
from linedesk.sync.groups import kind_and_name
from linedesk.sync.journal import Checkpoint, Journal, Settlement, own_copy, removed_copy, sent_values
from linedesk.sync.merge import Lanes, as_written
from linedesk.sync.model import Change, Known, Link, Op, Problem, Side
from linedesk.sync.slices import Breather
from linedesk.sync.writing_groups import Pace
from linedesk.sync.writing_parts import (
    Target,
    Written,
    about,
    after_of,
    batch_size,
    membership_parts,
    record_part,
)

log = structlog.get_logger(__name__)

_UNSURE_IN_A_ROW = 3

Answer = Outcome | RemovalOutcome
Call = Callable[[Sequence[Change]], Awaitable[Sequence[Answer]]]
Take = Callable[[Settlement, Change, int, Answer], VendorError | None]
"""Puts what an app answered into the settlement; answers the error that ends the run, if it is one."""


class Writer:
    """Writes one plan of one run.

    `known` are both sides as the plan saw them; `links` by id, kept up to date here. `going` is told the
    side of each call and how many changes it takes. The caller holds the account's lock during a group.
    """

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        run: int,
        *,
        targets: Mapping[Side, Target],
        lanes: Mapping[Side, Lanes],
        known: Mapping[Side, Known],
        links: MutableMapping[str, Link],
        checkpoint: Checkpoint,
        written: Written,
        pace: Pace,
        going: Callable[[Side, int], None],
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._run = run
        self._targets = targets
        self._lanes = lanes
        self._known = known
        self._links = links
        self._checkpoint = checkpoint
        self._pace = pace
        self._going = going
        self._breather = Breather()
        self._lost = 0
        self._failure: VendorError | None = None
        self._unmarked: Collection[str] = frozenset()
        self._stored_now: list[Change] = []
        self._now: dict[tuple[Side, str], Record] = {}
        self._as_planned: dict[tuple[Side, str], Record] = {}
        self.written = written

    async def write(self, group: Sequence[Change], unmarked: Collection[str] = frozenset()) -> Settlement:
        """Write one group of `writing_groups.groups`; answers the links and copies that it came to.

        `unmarked`: ids of records that were seen a moment ago to hold no id of anybody's.

        When the account failed, `raise_failure` says so, once the caller has taken in what was done.
        """
        self._unmarked = unmarked
        parts = [(change, record_part(change, self._links.get(change.link_id))) for change in group]
        of_records = [part for _, part in parts if part is not None]
        settlement = Settlement()
        if of_records:
            settlement = await self._write_records(of_records)
        made = {link.id for link in settlement.links}
        memberships: dict[tuple[str, bool], list[Change]] = {}
        for change, part in parts:
            link = self._links.get(change.link_id)
            if link is None or (part is not None and link.id not in made):
                continue  # the record was not written, so it joins nothing now
            on = link.a_id if change.side is Side.A else link.b_id
            for each in membership_parts(replace(change, record_id=on), link):
                ((name, (_, joins)),) = each.fields.items()
                memberships.setdefault((name, bool(joins)), []).append(each)
        for same_group in memberships.values():
            if self._failure is None:
                settlement.links += (await self._write_memberships(same_group)).links
        return settlement

    def raise_failure(self) -> None:
        """Raise what ends the run, if anything does."""
        if self._failure is not None:
            raise self._failure

    async def _write_records(self, group: Sequence[Change]) -> Settlement:
        lanes = self._lanes[group[0].side]
        sources = [self._source(change) for change in group]
        bases = [{} if source is None else sent_values(lanes, source) for source in sources]
        return await self._carry_out(group, bases, self._send, self._judge)

    async def _write_memberships(self, group: Sequence[Change]) -> Settlement:
        """Put records into one group of the app, or out of it."""
        target = self._targets[group[0].side]
        ((name, (_, joins)),) = group[0].fields.items()
        there = await target.groups.find(name)
        if there is None or not there.writable:
            kind, called = kind_and_name(name)
            why = "can't be filled by hand" if there is not None else "is not there"
            sentence = f"The {kind} {called} of {target.app.account} {why}, so no rule can use it."
            settlement = Settlement(
                problems=[Problem(*about(each), "vendor_invalid", sentence) for each in group]
            )
            self.written.problems.extend(settlement.problems)
            await self._settle(group[0].side, settlement)
            return settlement

        async def regroup(call: Sequence[Change]) -> Sequence[Answer]:
            ids = [each.record_id or "" for each in call]
            return await target.app.regroup(there, ids if joins else [], [] if joins else ids)

        return await self._carry_out(group, [{} for _ in group], regroup, self._judge_membership)

    async def _carry_out(
        self, group: Sequence[Change], bases: Sequence[Mapping[str, Value]], send: Call, take: Take
    ) -> Settlement:
        """Intents, call after call, and what came of them: settled at the end, or after half a second."""
        side, whole, now, was_cut = group[0].side, Settlement(), Settlement(), False
        most = batch_size(group[0], self._targets)
        self._pace.begin()
        entries = await self._journal.begin(self._run, self._targets[side].app.account, group, bases)
        waiting = list(zip(group, entries, strict=True))
        try:
            while waiting and self._failure is None:
                if self._pace.is_over and now.is_told:
                    now, was_cut = await self._so_far(side, whole, now, waiting), True
                call, waiting = waiting[:most], waiting[most:]
                await self._call(call, now, send, take)
                await self._breather.rest()
        except (asyncio.CancelledError, Exception):
            await self._leave(side, now, waiting)
            raise
        _give_up(now, waiting)
        await self._settle(side, now)
        self._pace.end(was_cut=was_cut)
        whole.add(now)
        return whole

    async def _call(
        self, call: Sequence[tuple[Change, int]], now: Settlement, send: Call, take: Take
    ) -> None:
        """One call of the app. When that fails altogether, its intents stay open and are looked for later."""
        changes = [change for change, _ in call]
        self._going(changes[0].side, len(changes))
        await self._checkpoint("intent")
        try:
            outcomes = await send(changes)
        except VendorError as error:
            now.unsure += [(entry, error) for _, entry in call]
            self.written.unsure.extend(changes)
            self._failure = error
            return
        await self._checkpoint("sent")
        for (change, entry), outcome in zip(call, outcomes, strict=True):
            failure = take(now, change, entry, outcome)
            self._failure = self._failure or failure

    async def _so_far(
        self, side: Side, whole: Settlement, now: Settlement, waiting: Sequence[tuple[Change, int]]
    ) -> Settlement:
        """Settle what is done in the middle of a group, and ask whether the rest may go out still."""
        await self._settle(side, now)
        whole.add(now)
        now.clear()
        await self._journal.renew([entry for _, entry in waiting])
        self._pace.begin()
        return now

    async def _leave(self, side: Side, now: Settlement, waiting: Sequence[tuple[Change, int]]) -> None:
        """The run is stopped in the middle: keep what is known. The call that was out is in doubt."""
        _give_up(now, waiting)
        try:
            await self._journal.settle(self._targets[side].app.account, now)
        except LinedeskError as error:
            # All of it is open then, and the next run looks for it.
            log.warning("group_left_open", code=error.code, count=len(waiting))
            return
        self._done()

    async def _settle(self, side: Side, settlement: Settlement) -> None:
        await self._journal.settle(self._targets[side].app.account, settlement)
        self._done()
        await self._checkpoint("settled")

    def _done(self) -> None:
        """Only once it is stored: what could not be settled is in doubt, whatever the app said of it."""
        for change in self._stored_now:
            self.written.done(change)
        self._stored_now.clear()

    async def _send(self, batch: Sequence[Change]) -> Sequence[Answer]:
        target = self._targets[batch[0].side]
        if batch[0].op is Op.CREATE:
            return await target.app.create(
                [Draft(after_of(change), target.external_id(change)) for change in batch]
            )
        if batch[0].op is Op.DELETE:
            ids = [change.record_id or "" for change in batch]
            versions = {each.record_id or "": each.version for each in batch if each.version is not None}
            return await target.app.delete(ids, versions)
        return await target.app.update([self._patch(target, change) for change in batch])

    def _patch(self, target: Target, change: Change) -> Patch:
        if change.record_id is None:
            raise ValueError("an update without a record")
        # Asked for only where it may be lacking: the app looks before it writes one.
        field = target.app.capabilities.external_id_field
        planned = self._planned(change)
        has_id = field is not None and planned is not None and bool(planned.text(field))
        external_id = None if has_id else target.external_id(change)
        is_unmarked = change.record_id in self._unmarked
        return Patch(change.record_id, after_of(change), change.version, external_id, is_unmarked)

    def _judge(
        self, settlement: Settlement, change: Change, entry: int, outcome: Answer
    ) -> VendorError | None:
        if isinstance(outcome, Stored):
            self._lost = 0
            self._stored(settlement, change, entry, outcome.record)
            return None
        if isinstance(outcome, Removed):
            self._lost = 0
            self._removed(settlement, change, entry)
            return None
        if isinstance(outcome, Unsure):
            self._lost += 1
            settlement.unsure.append((entry, outcome.error))
            self.written.unsure.append(change)
            return outcome.error if self._lost >= _UNSURE_IN_A_ROW else None
        return self._refused(settlement, change, entry, outcome)

    def _stored(self, settlement: Settlement, change: Change, entry: int, record: Record) -> None:
        planned = self._planned(change) if change.op is Op.UPDATE else None
        link = self._link(change, planned, record)
        settlement.copies.append(own_copy(record, self._clock.now_ms()))
        self._now[change.side, record.id] = record
        if planned is not None:
            self._as_planned[change.side, record.id] = as_written(planned, record, change.fields)
        self._close(settlement, change, entry, link, record.id)

    def _removed(self, settlement: Settlement, change: Change, entry: int) -> None:
        record = self._now.get((change.side, change.record_id or "")) or self._planned(change)
        if record is None:
            raise ValueError("a delete of a record that no plan saw")
        settlement.copies.append(removed_copy(record, self._clock.now_ms()))
        self._close(settlement, change, entry, self._link(change, record, record), record.id)

    def _judge_membership(
        self, settlement: Settlement, change: Change, entry: int, outcome: Answer
    ) -> VendorError | None:
        if not isinstance(outcome, Stored):
            return self._judge(settlement, change, entry, outcome)
        self._lost = 0
        # A membership is no field of a record, so nothing new is agreed.
        link = self._links[change.link_id]
        record_id = change.record_id or ""
        self._close(settlement, change, entry, link_after(change, record_id, link, link.base), record_id)
        return None

    def _close(self, settlement: Settlement, change: Change, entry: int, link: Link, record_id: str) -> None:
        self._links[link.id] = link  # what comes next in the group builds on it
        settlement.links.append(link)
        settlement.done.append((entry, record_id))
        settlement.solved.append(about(change))
        self._stored_now.append(replace(change, record_id=record_id))

    def _link(self, change: Change, planned: Record | None, stored: Record) -> Link:
        old = self._links.get(change.link_id)
        source = self._source(change)
        if change.undoes is not None:
            source = self._now.get((change.side.other, change.source_id), source)
        base = agreed_after(
            self._lanes,
            change,
            source=source,
            planned=planned,
            stored=stored,
            before=old.base if old is not None else {},
        )
        return link_after(change, stored.id, old, base, stored=stored)

    def _refused(
        self, settlement: Settlement, change: Change, entry: int, outcome: Refused
    ) -> VendorError | None:
        error = outcome.error
        if not isinstance(error, VendorRefused | VendorNotFound):
            settlement.ended.append((entry, EntryState.VOID, error))
            return error
        self._lost = 0
        settlement.ended.append((entry, EntryState.REFUSED, error))
        holder = outcome.holder or (error.holder if isinstance(error, VendorDuplicate) else None)
        if isinstance(error, VersionStale):
            self.written.stale.append(change)
        elif holder is not None and change.op is Op.CREATE and change.undoes is None:
            self.written.adopt.append((change, holder))
        else:
            problem = Problem(*about(change), error.code, error.message)
            settlement.problems.append(problem)
            self.written.problems.append(problem)
        return None

    def _planned(self, change: Change) -> Record | None:
        """The record that is written to, as the plan saw it."""
        return self._known[change.side].records.get(change.record_id or "")

    def _source(self, change: Change) -> Record | None:
        """The record that the change comes from, with what this run wrote on it; None: it is gone."""
        key = (change.side.other, change.source_id)
        return self._as_planned.get(key) or self._known[change.side.other].records.get(change.source_id)


def _give_up(settlement: Settlement, waiting: Sequence[tuple[Change, int]]) -> None:
    """Intents that did not go out: they never arrived."""
    settlement.ended += [(entry, EntryState.VOID, None) for _, entry in waiting]
