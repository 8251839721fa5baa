"""What both sides of a pair agreed on, row by row: read, renewed after a write, and compared. Pure.

Each side's value is kept as its own app reads it back: what a vendor makes of a write is no edit (S14).
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace

from linedesk.apps.records import Record, Value
from linedesk.sync.composite import is_told, value_of
from linedesk.sync.lanes import Lane, Lanes, PairLanes, PairRow
from linedesk.sync.model import Agreed, Side
from linedesk.sync.values import elements, is_blank


def base_of(lanes: Lanes, source: Record, target: Record, before: Mapping[str, Agreed]) -> dict[str, Agreed]:
    """What both records hold now, row by row, as it is kept in a link once they agree.

    After a write `target` is the record as it read back. A row that one of the readings does not tell
    keeps what `before` says of it.
    """
    now: dict[str, Agreed] = {}
    for lane in lanes.each:
        told = lanes.tell(lane, source)
        if told is not None and is_told(target, lane.target):
            now[lane.key] = lanes.agreed(told.value, value_of(target, lane.target))
        elif lane.key in before:
            now[lane.key] = before[lane.key]
    return now


def as_written(planned: Record, stored: Record, sent: Container[str]) -> Record:
    """The record after a write: what was sent as it read back, the rest as the plan saw it.

    A field that was not sent and reads back as another was changed meanwhile by somebody, and nobody agreed
    on that. A later write of the same run takes this one as what its source says.
    """
    fields = {name: value for name, value in planned.fields.items() if name not in sent}
    fields |= {name: value for name, value in stored.fields.items() if name in sent}
    missing = {name for name in planned.missing if name not in sent}
    missing |= {name for name in stored.missing if name in sent}
    return replace(planned, fields=fields, version=stored.version, missing=frozenset(missing))


def base_after(
    lanes: Lanes,
    source: Record,
    stored: Record,
    before: Mapping[str, Agreed],
    *,
    planned: Record | None,
    sent: Container[str],
) -> dict[str, Agreed]:
    """The base once a write of the fields `sent` reads back as `stored`.

    `planned`: the record as the plan saw it, None if it was made: then every row that is told counts, and
    what an earlier record agreed on is void. Else exactly the rows that were sent are agreed on; the others
    are as `before` says.
    """
    base = {} if planned is None else dict(before)
    holds = stored if planned is None else as_written(planned, stored, sent)
    for lane in lanes.each:
        if planned is not None and not any(name in sent for name in lane.target.parts or (lane.target.name,)):
            continue
        told = lanes.tell(lane, source)
        if told is None or not is_told(holds, lane.target):
            continue
        held = value_of(holds, lane.target)
        if planned is not None and lane.is_list:
            held = _agreed_list(lanes, lane, told.value, held, planned, before.get(lane.key))
        base[lane.key] = lanes.agreed(told.value, held)
    return base


def _agreed_list(  # noqa: PLR0917 - the sides of one row
    lanes: Lanes, lane: Lane, source: Value, held: Value, planned: Record, agreed: Agreed | None
) -> Value:
    """The target's list as both agree on it: each edit of a person that is not written to the source yet
    stays one, whatever becomes of that write.

    So it lacks what only the target's users put there, and has what they took out and the source still has.
    """
    kind, plan = lane.target.kind, lanes.target.plan
    had = elements(lanes.parts(agreed)[1], kind, plan) if agreed is not None else ()
    still = {key for key, _ in elements(lanes.make(lane, source).value, kind, plan)}
    known = still | {key for key, _ in had}
    now = elements(held, kind, plan)
    there = {key for key, _ in now} | {key for key, _ in elements(value_of(planned, lane.target), kind, plan)}
    pending = [item for key, item in had if key in still and key not in there]
    common = [item for key, item in now if key in known]
    if not pending and len(common) == len(now):
        return held
    return (*common, *pending)  # type: ignore[return-value]


def is_settled(lanes: PairLanes, a: Record, b: Record, base: Mapping[str, Agreed]) -> bool:
    """Whether no value of either record differs in any character from what both agreed on.

    So it is with most links of most runs: this looks and makes nothing.
    """
    of_a, of_b, rows = a.fields, b.fields, 0
    untold_a, untold_b = a.missing, b.missing
    for key, in_a, in_b in lanes.quick:
        agreed = base.get(key)
        if in_a in untold_a or in_b in untold_b:
            rows += agreed is not None
        elif agreed is None or of_a.get(in_a) != agreed.a or of_b.get(in_b) != agreed.b:
            return False
        else:
            rows += 1
    for row in lanes.compound:
        agreed = base.get(row.key)
        one, other = lanes.read(row, Side.A, a), lanes.read(row, Side.B, b)
        if one is None or other is None:
            rows += agreed is not None
        elif agreed is None or one.value != agreed.a or other.value != agreed.b:
            return False
        else:
            rows += 1
    return rows == len(base)


def is_as_agreed(lanes: PairLanes, a: Record | None, b: Record | None, base: Mapping[str, Agreed]) -> bool:
    """Whether the records still hold what both agreed on. One that is None is not looked at.

    A row that they never agreed on counts as changed, unless it is empty.
    """
    return all(
        _is_as_agreed(lanes, row, side, record, base.get(row.key))
        for row in lanes.rows
        for side, record in ((Side.A, a), (Side.B, b))
        if record is not None
    )


def _is_as_agreed(lanes: PairLanes, row: PairRow, side: Side, record: Record, agreed: Agreed | None) -> bool:
    reading = lanes.read(row, side, record)
    if reading is None:
        return True
    if agreed is None:
        return is_blank(reading.raw)
    held = agreed.a if side is Side.A else agreed.b
    return lanes.is_same(row, side, reading.value, held) or lanes.is_same(row, side, reading.raw, held)
