"""A record is looked at again right before it is overwritten, once what was read of it is old.

A long run writes for hours, and people go on working on the side it writes to. What they changed since the
reading was seen by no plan and stands in no history (S4): such a change waits for the next run. What is to
be deleted is always looked at, and what another connection wrote meanwhile is known without asking.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from linedesk.apps.records import Record
from linedesk.clock import Clock
from linedesk.store import records
from linedesk.store.database import Database
from linedesk.store.records import Copy
from linedesk.sync.groups import is_membership
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
    """`planned` are the records of both sides as the plan saw them, `read_ms` when their reading began."""

    def __init__(
        self,
        clock: Clock,
        books: Database,
        lanes: Mapping[Side, Lanes],
        planned: Mapping[Side, Mapping[str, Record]],
        read_ms: Mapping[Side, int],
    ) -> None:
        self._clock = clock
        self._books = books
        self._lanes = lanes
        self._planned_on = planned
        self._read_ms = read_ms

    def wanted(self, batch: Sequence[Change]) -> list[str]:
        """The records that must be read again before this batch of one kind is written."""
        first = batch[0]
        is_fresh = 0 <= self._clock.now_ms() - self._read_ms[first.side] < FRESH_MS
        if first.op is Op.CREATE or (first.op is Op.UPDATE and is_fresh):
            return []
        return _ids(batch)

    async def stored_since(self, batch: Sequence[Change], account: str) -> dict[str, Copy]:
        """Records of the batch of which the store has learnt something since the plan was made."""
        ids, planned = _ids(batch), self._planned_on[batch[0].side]
        if not ids:
            return {}
        stored = await self._books.read(lambda c: records.some(c, account, ids), snapshot=False)
        return {key: copy for key, copy in stored.items() if copy.gone or copy.record != planned.get(key)}

    def judge(self, batch: Sequence[Change], now: Mapping[str, Copy], *, all_read: bool) -> Looked:
        """The batch against its records as they are `now`; `all_read`: one that is not there is gone."""
        looked = Looked()
        for change in batch:
            copy = now.get(change.record_id or "")
            if copy is None and not all_read:
                looked.fits.append(change)
            elif copy is None or copy.gone or not self._as_planned(change, copy.record):
                looked.stale.append(change)
            else:
                looked.fits.append(_upon(change, copy.record))
        if looked.stale:
            log.info("changed_since_reading", count=len(looked.stale))
        return looked

    def _as_planned(self, change: Change, now: Record) -> bool:
        """Whether all that is mapped says the same still: by it the record was paired and judged.

        Of what is deleted every field counts.
        """
        planned = self._planned_on[change.side].get(now.id)
        if planned is None or now.state is not planned.state:
            return False
        known = self._lanes[change.side].target
        names = known.fields if change.op is Op.DELETE else self._mapped(change.side)
        return all(
            same(planned.fields.get(name), now.fields.get(name), known.fields[name].kind, known.plan)
            for name in names
            if name in known.fields and name not in planned.missing | now.missing
        )

    def _mapped(self, side: Side) -> Iterable[str]:
        """Names of the fields of a side that rows write on."""
        infos = (lane.target for lane in self._lanes[side].each)
        return dict.fromkeys(name for info in infos for name in info.parts or (info.name,))


def _ids(batch: Sequence[Change]) -> list[str]:
    return [change.record_id for change in batch if change.record_id is not None]


def _upon(change: Change, now: Record) -> Change:
    """The change with what is overwritten now, in every letter."""
    fields = {
        name: (before if name in now.missing or is_membership(name) else now.fields.get(name), after)
        for name, (before, after) in change.fields.items()
    }
    return replace(change, fields=fields, version=now.version)
