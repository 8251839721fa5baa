"""The writes of a plan, in the app's own batch size: intents, the remote write, then what came of it.

It decides nothing about fields; it sends what the plan says and keeps what reads back. A record that is
refused changes nothing for the others (S16); an account that fails ends the run, and what is done is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from linedesk.apps.base import App, Outcome, Refused, Stored, Unsure
from linedesk.apps.records import Draft, Patch, Record, Value
from linedesk.clock import Clock
from linedesk.errors import (
    SyncImpossible,
    VendorDuplicate,
    VendorError,
    VendorNotFound,
    VendorRefused,
    VersionStale,
)
from linedesk.store.journal import EntryState
from linedesk.sync.journal import Checkpoint, Journal, Settlement, own_copy, sent_values
from linedesk.sync.merge import Lanes, base_after
from linedesk.sync.model import Change, Link, Op, Problem, Side

_UNSURE_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Target:
    """Where writes of one side go: the open app, and how it is spoken of."""

    app: App
    side: Side
    external_ids: bool

    def external_id(self, change: Change) -> str | None:
        """Linedesk's id to be put on the record, where connection and app keep one."""
        keeps = self.external_ids and self.app.capabilities.external_id_field is not None
        return change.link_id if keeps else None


@dataclass(slots=True)
class Written:
    """What became of the writes. `changes` are those that were done, with the ids of what was made.

    `adopt`: creates that were refused because another record, by id, holds the value. `unsure`: their
    answers were lost; the next run looks for them.
    """

    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stale: list[Change] = field(default_factory=list)
    adopt: list[tuple[Change, str]] = field(default_factory=list)
    unsure: list[Change] = field(default_factory=list)


class Writer:
    """Writes one plan of one run.

    `records` are those of both sides as the plan saw them, `links` by id. The caller holds the account's lock
    during a batch.
    """

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        run: int,
        *,
        targets: Mapping[Side, Target],
        lanes: Mapping[Side, Lanes],
        records: Mapping[Side, Mapping[str, Record]],
        links: Mapping[str, Link],
        checkpoint: Checkpoint,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._run = run
        self._targets = targets
        self._lanes = lanes
        self._records = records
        self._links = links
        self._checkpoint = checkpoint
        self._lost = 0
        self._failure: VendorError | None = None
        self._stored_now: list[Change] = []
        self.written = Written()

    async def write(self, batch: Sequence[Change]) -> Settlement:
        """Write one batch of `batches`; answers what was stored of it.

        Raises `VendorError` when the account fails altogether. When it failed behind some of the batch,
        `raise_failure` does, so that the caller can take in what was done.
        """
        side, account = batch[0].side, self._targets[batch[0].side].app.account
        bases = [sent_values(self._lanes[side], self._source(change)) for change in batch]
        entries = await self._journal.begin(self._run, account, batch, bases)
        await self._checkpoint("intent")
        try:
            outcomes = await self._send(batch)
        except VendorError as error:
            # Nobody can tell how far it came: every intent stays open and is looked for later.
            lost = Settlement(unsure=[(entry, error) for entry in entries])
            await self._journal.settle(account, lost)
            self.written.unsure.extend(batch)
            raise
        await self._checkpoint("sent")
        settlement = Settlement()
        for change, entry, outcome in zip(batch, entries, outcomes, strict=True):
            failure = self._judge(settlement, change, entry, outcome)
            self._failure = self._failure or failure
        await self._journal.settle(account, settlement)
        # Only now: what could not be settled is in doubt, whatever the app said of it.
        self.written.changes.extend(self._stored_now)
        self._stored_now.clear()
        await self._checkpoint("settled")
        return settlement

    def raise_failure(self) -> None:
        """Raise what ends the run, if anything does."""
        if self._failure is not None:
            raise self._failure

    async def _send(self, batch: Sequence[Change]) -> Sequence[Outcome]:
        target = self._targets[batch[0].side]
        if batch[0].op is Op.CREATE:
            return await target.app.create(
                [Draft(_after(change), target.external_id(change)) for change in batch]
            )
        return await target.app.update([self._patch(target, change) for change in batch])

    def _patch(self, target: Target, change: Change) -> Patch:
        if change.record_id is None:
            raise ValueError("an update without a record")
        # Asked for only where it may be lacking: the app looks before it writes one.
        field = target.app.capabilities.external_id_field
        has_id = field is not None and bool(self._planned(change).text(field))
        external_id = None if has_id else target.external_id(change)
        return Patch(change.record_id, _after(change), change.version, external_id)

    def _judge(
        self, settlement: Settlement, change: Change, entry: int, outcome: Outcome
    ) -> VendorError | None:
        """Put one outcome into the settlement; answers the error that ends the run, if it is one."""
        if isinstance(outcome, Stored):
            self._lost = 0
            self._stored(settlement, change, entry, outcome.record)
            return None
        if isinstance(outcome, Unsure):
            self._lost += 1
            settlement.unsure.append((entry, outcome.error))
            self.written.unsure.append(change)
            return outcome.error if self._lost >= _UNSURE_IN_A_ROW else None
        return self._refused(settlement, change, entry, outcome)

    def _stored(self, settlement: Settlement, change: Change, entry: int, record: Record) -> None:
        old = self._links.get(change.link_id)
        before = old.base if old is not None else {}
        planned = self._planned(change) if change.op is Op.UPDATE else None
        lanes, source = self._lanes[change.side], self._source(change)
        held = base_after(lanes, source, record, before, planned=planned, sent=change.fields)
        a_id, b_id = change.source_id, record.id
        if change.side is Side.A:
            a_id, b_id = b_id, a_id
        settlement.links.append(Link(change.link_id, a_id, b_id, held))
        settlement.copies.append(own_copy(record, self._clock.now_ms()))
        settlement.done.append((entry, record.id))
        settlement.solved += [(change.side.other, change.source_id), (change.side, record.id)]
        self._stored_now.append(replace(change, record_id=record.id))

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
        elif holder is not None and change.op is Op.CREATE:
            self.written.adopt.append((change, holder))
        else:
            problem = Problem(change.side.other, change.source_id, error.code, error.message)
            settlement.problems.append(problem)
            self.written.problems.append(problem)
        return None

    def _planned(self, change: Change) -> Record:
        """The record that is written to, as the plan saw it."""
        return self._records[change.side][change.record_id or ""]

    def _source(self, change: Change) -> Record:
        return self._records[change.side.other][change.source_id]


def batches(changes: Sequence[Change], targets: Mapping[Side, Target]) -> Iterator[Sequence[Change]]:
    """The plan's changes in its order, as many at once as the app takes of one kind."""
    start = 0
    while start < len(changes):
        first = changes[start]
        most = batch_size(first, targets)
        end = start + 1
        while end < len(changes) and end - start < most and _alike(first, changes[end]):
            end += 1
        yield changes[start:end]
        start = end


def batch_size(change: Change, targets: Mapping[Side, Target]) -> int:
    """How many changes like this one the app takes at once; raises `SyncImpossible` for what it can't."""
    capabilities = targets[change.side].app.capabilities
    if change.op is Op.CREATE:
        return capabilities.create_batch
    if change.op is Op.UPDATE:
        return capabilities.update_batch
    raise SyncImpossible(f"{targets[change.side].app.account} is asked to delete, and no sync deletes yet.")


def requests_needed(changes: Sequence[Change], targets: Mapping[Side, Target]) -> int:
    """About how many writes the changes cost, a batch counted once; what each costs is the app's to say."""
    needed = 0
    for side in Side:
        ops = [change.op for change in changes if change.side is side]
        for op in set(ops):
            first = next(change for change in changes if change.side is side and change.op is op)
            needed += ceil(ops.count(op) / batch_size(first, targets))
    return needed


def _alike(first: Change, other: Change) -> bool:
    return first.side is other.side and first.op is other.op


def _after(change: Change) -> dict[str, Value]:
    return {name: after for name, (_, after) in change.fields.items()}
