"""A record is looked at again right before it is overwritten or deleted.

People go on working on the side that is written to. What they changed since the reading was seen by no plan
and stands in no history (S4): such a change waits for the next run. An app that checks versions looks itself,
as long as the reading is young. Where what an app tells may be older than our own last write, nobody can
know: the change is put off.
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
"""After this a version that was read is looked up anew: most are good still, and refused would be all."""


@dataclass(slots=True)
class Looked:
    """`fits`: changes that may be written; `stale`: those whose records are others than the plan saw;
    `late`: those of whose records the app may tell less than we know.
    """

    fits: list[Change] = field(default_factory=list)
    stale: list[Change] = field(default_factory=list)
    late: list[Change] = field(default_factory=list)


class SecondLook:
    """`planned` are the records of both sides as the plan saw them, `read_ms` when their reading began.
    `checks`: the sides whose apps refuse a write on an old version.
    """

    def __init__(
        self,
        clock: Clock,
        books: Database,
        lanes: Mapping[Side, Lanes],
        planned: Mapping[Side, Mapping[str, Record]],
        *,
        read_ms: Mapping[Side, int],
        checks: frozenset[Side],
    ) -> None:
        self._clock = clock
        self._books = books
        self._lanes = lanes
        self._planned_on = planned
        self._read_ms = read_ms
        self._checks = checks

    def wanted(self, batch: Sequence[Change]) -> list[str]:
        """The records that must be read again before this batch of one kind is written."""
        first = batch[0]
        if first.op is Op.CREATE:
            return []
        if first.op is Op.DELETE or not 0 <= self._clock.now_ms() - self._read_ms[first.side] < FRESH_MS:
            return _ids(batch)
        checks = first.side in self._checks
        return _ids([each for each in batch if not (checks and each.version) and _overwrites(each)])

    async def stored_since(self, batch: Sequence[Change], account: str) -> dict[str, Copy]:
        """Records of the batch of which the store has learnt something since the plan was made."""
        ids, planned = _ids(batch), self._planned_on[batch[0].side]
        if not ids:
            return {}
        stored = await self._books.read(lambda c: records.some(c, account, ids), snapshot=False)
        return {key: copy for key, copy in stored.items() if copy.gone or copy.record != planned.get(key)}

    def judge(self, batch: Sequence[Change], now: Mapping[str, Copy], *, asked: frozenset[str]) -> Looked:
        """The batch against its records as they are `now`; what was `asked` for and is not there is gone."""
        looked = Looked()
        for change in batch:
            copy = now.get(change.record_id or "")
            if copy is None and change.record_id not in asked:
                looked.fits.append(change)
            elif copy is not None and copy.look_again and not copy.gone:
                looked.late.append(change)
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

    async def doubt(self, account: str, copies: Sequence[Copy]) -> None:
        """Have these read by id again before the next plan: what a look finds may be older than a listing."""
        if copies:
            now_ms, doubted = self._clock.now_ms(), [replace(each, look_again=True) for each in copies]
            await self._books.write(lambda c: records.put(c, account, doubted, now_ms))


def _overwrites(change: Change) -> bool:
    """Whether it sets a field; one that only joins or leaves groups takes nobody's value away."""
    return not all(map(is_membership, change.fields))


def _ids(batch: Sequence[Change]) -> list[str]:
    return [change.record_id for change in batch if change.record_id is not None]


def _upon(change: Change, now: Record) -> Change:
    """The change with what is overwritten now, in every letter."""
    fields = {
        name: (before if name in now.missing or is_membership(name) else now.fields.get(name), after)
        for name, (before, after) in change.fields.items()
    }
    return replace(change, fields=fields, version=now.version)
