"""A record is looked at again right before it is overwritten, once what was read of it is old.

A long run writes for hours, and people go on working on the side it writes to. What they changed since the
reading was seen by no plan and stands in no history (S4): such a change waits for the next run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from linedesk.apps.records import Record
from linedesk.clock import Clock
from linedesk.store.records import Copy
from linedesk.sync.merge import Lanes
from linedesk.sync.model import Change, Op, Side
from linedesk.sync.values import same

log = structlog.get_logger(__name__)

FRESH_MS = 60_000
"""A second look is a request for each record; a short run does without."""


@dataclass(slots=True)
class Looked:
    """`fits`: changes that may be written; `stale`: those whose records are others than the plan saw."""

    fits: list[Change] = field(default_factory=list)
    stale: list[Change] = field(default_factory=list)


class SecondLook:
    """`records` are those of both sides as the plan saw them, `read_ms` when their reading began."""

    def __init__(
        self,
        clock: Clock,
        lanes: Mapping[Side, Lanes],
        records: Mapping[Side, Mapping[str, Record]],
        read_ms: Mapping[Side, int],
    ) -> None:
        self._clock = clock
        self._lanes = lanes
        self._records = records
        self._read_ms = read_ms

    def wanted(self, batch: Sequence[Change]) -> list[str]:
        """The records that must be read again before this batch of one kind is written."""
        first = batch[0]
        is_fresh = 0 <= self._clock.now_ms() - self._read_ms[first.side] < FRESH_MS
        if first.op is not Op.UPDATE or is_fresh:
            return []
        return [change.record_id for change in batch if change.record_id is not None]

    def judge(self, batch: Sequence[Change], now: Mapping[str, Copy]) -> Looked:
        """The batch against its records as they are `now`."""
        looked = Looked()
        for change in batch:
            copy = now.get(change.record_id or "")
            if copy is None or copy.gone or not self._as_planned(change, copy.record):
                looked.stale.append(change)
            else:
                looked.fits.append(_upon(change, copy.record))
        if looked.stale:
            log.info("changed_since_reading", count=len(looked.stale))
        return looked

    def _as_planned(self, change: Change, now: Record) -> bool:
        """Whether all that is mapped says the same still: by it the record was paired and judged."""
        planned, lanes = self._records[change.side][now.id], self._lanes[change.side]
        return now.state is planned.state and all(
            same(
                planned.fields.get(lane.target.name),
                now.fields.get(lane.target.name),
                lane.target.kind,
                lanes.target.plan,
            )
            for lane in lanes.each
            if lane.target.name not in planned.missing | now.missing
        )


def _upon(change: Change, now: Record) -> Change:
    """The change with what is overwritten now, in every letter."""
    fields = {
        name: (before if name in now.missing else now.fields.get(name), after)
        for name, (before, after) in change.fields.items()
    }
    return replace(change, fields=fields, version=now.version)
