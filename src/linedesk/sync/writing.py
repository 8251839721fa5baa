"""The writes of a plan, in the app's own batch size: intents, the remote write, then what came of it.

It decides nothing about fields; it sends what the plan says and keeps what reads back. A record that is
refused changes nothing for the others (S16); an account that fails ends the run, and what is done is done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, MutableMapping, Sequence
from dataclasses import replace

from linedesk.apps.base import Outcome, Refused, RemovalOutcome, Removed, Stored, Unsure
from linedesk.apps.records import Draft, Patch, Record, Value
from linedesk.clock import Clock
from linedesk.errors import (
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
from linedesk.sync.writing_parts import Target, Written, about, after_of, membership_parts, record_part

_UNSURE_IN_A_ROW = 3

Answer = Outcome | RemovalOutcome


class Writer:
    """Writes one plan of one run.

    `known` are both sides as the plan saw them; `links` by id, kept up to date here. The caller holds the
    account's lock during a batch.
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
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._run = run
        self._targets = targets
        self._lanes = lanes
        self._known = known
        self._links = links
        self._checkpoint = checkpoint
        self._lost = 0
        self._failure: VendorError | None = None
        self._stored_now: list[Change] = []
        self._now: dict[tuple[Side, str], Record] = {}
        self._as_planned: dict[tuple[Side, str], Record] = {}
        self.written = written

    async def write(self, batch: Sequence[Change]) -> Settlement:
        """Write one batch of `batches`; answers what was stored of it.

        Raises `VendorError` when the account fails altogether. When it failed behind some of the batch,
        `raise_failure` does, so that the caller can take in what was done.
        """
        parts = [(change, record_part(change, self._links.get(change.link_id))) for change in batch]
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
                settlement.links += await self._write_memberships(same_group)
        return settlement

    def raise_failure(self) -> None:
        """Raise what ends the run, if anything does."""
        if self._failure is not None:
            raise self._failure

    async def _write_records(self, batch: Sequence[Change]) -> Settlement:
        lanes = self._lanes[batch[0].side]
        bases = []
        for change in batch:
            source = self._source(change)
            bases.append({} if source is None else sent_values(lanes, source))
        entries = await self._begin(batch, bases)
        outcomes = await self._sent(batch, entries, self._send(batch))
        settlement = Settlement()
        for change, entry, outcome in zip(batch, entries, outcomes, strict=True):
            failure = self._judge(settlement, change, entry, outcome)
            self._failure = self._failure or failure
        await self._settle(batch, settlement)
        return settlement

    async def _write_memberships(self, batch: Sequence[Change]) -> list[Link]:
        """Put records into one group, or out of it; answers their links."""
        target = self._targets[batch[0].side]
        ((name, (_, joins)),) = batch[0].fields.items()
        group = await target.groups.find(name)
        if group is None or not group.writable:
            kind, called = kind_and_name(name)
            why = "can't be filled by hand" if group is not None else "is not there"
            sentence = f"The {kind} {called} of {target.app.account} {why}, so no rule can use it."
            settlement = Settlement(
                problems=[Problem(*about(each), "vendor_invalid", sentence) for each in batch]
            )
            self.written.problems.extend(settlement.problems)
            await self._settle(batch, settlement)
            return []
        entries = await self._begin(batch, [{} for _ in batch])
        ids = [each.record_id or "" for each in batch]
        outcomes = await self._sent(
            batch, entries, target.app.regroup(group, ids if joins else [], [] if joins else ids)
        )
        settlement = Settlement()
        for change, entry, outcome in zip(batch, entries, outcomes, strict=True):
            if isinstance(outcome, Stored):
                self._lost = 0
                self._joined(settlement, change, entry)
            else:
                failure = self._judge(settlement, change, entry, outcome)
                self._failure = self._failure or failure
        await self._settle(batch, settlement)
        return settlement.links

    async def _begin(self, batch: Sequence[Change], bases: Sequence[Mapping[str, Value]]) -> list[int]:
        entries = await self._journal.begin(self._run, self._targets[batch[0].side].app.account, batch, bases)
        await self._checkpoint("intent")
        return entries

    async def _sent(
        self, batch: Sequence[Change], entries: Sequence[int], sending: Awaitable[Sequence[Answer]]
    ) -> Sequence[Answer]:
        """What the app answers; when it fails altogether, every intent stays open and is looked for later."""
        try:
            outcomes = await sending
        except VendorError as error:
            lost = Settlement(unsure=[(entry, error) for entry in entries])
            await self._journal.settle(self._targets[batch[0].side].app.account, lost)
            self.written.unsure.extend(batch)
            raise
        await self._checkpoint("sent")
        return outcomes

    async def _settle(self, batch: Sequence[Change], settlement: Settlement) -> None:
        await self._journal.settle(self._targets[batch[0].side].app.account, settlement)
        # Only now: what could not be settled is in doubt, whatever the app said of it.
        self._links.update({link.id: link for link in settlement.links})
        for change in self._stored_now:
            self.written.done(change)
        self._stored_now.clear()
        await self._checkpoint("settled")

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
        return Patch(change.record_id, after_of(change), change.version, external_id)

    def _judge(
        self, settlement: Settlement, change: Change, entry: int, outcome: Answer
    ) -> VendorError | None:
        """Put one outcome into the settlement; answers the error that ends the run, if it is one."""
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
        settlement.links.append(self._link(change, planned, record))
        settlement.copies.append(own_copy(record, self._clock.now_ms()))
        self._now[change.side, record.id] = record
        if planned is not None:
            self._as_planned[change.side, record.id] = as_written(planned, record, change.fields)
        self._close(settlement, change, entry, record.id)

    def _removed(self, settlement: Settlement, change: Change, entry: int) -> None:
        record = self._now.get((change.side, change.record_id or "")) or self._planned(change)
        if record is None:
            raise ValueError("a delete of a record that no plan saw")
        settlement.links.append(self._link(change, record, record))
        settlement.copies.append(removed_copy(record, self._clock.now_ms()))
        self._close(settlement, change, entry, record.id)

    def _joined(self, settlement: Settlement, change: Change, entry: int) -> None:
        """A membership is no field of a record, so nothing new is agreed."""
        link = self._links[change.link_id]
        record_id = change.record_id or ""
        settlement.links.append(link_after(change, record_id, link, link.base))
        self._links[link.id] = settlement.links[-1]  # one record may join several groups at once
        self._close(settlement, change, entry, record_id)

    def _close(self, settlement: Settlement, change: Change, entry: int, record_id: str) -> None:
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
        return link_after(change, stored.id, old, base)

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
