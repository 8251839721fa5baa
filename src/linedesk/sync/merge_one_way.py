"""A one-way merge of two records: the source rules. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from linedesk.apps.records import FieldInfo, Record, Value
from linedesk.sync.composite import is_told, placed, value_of
from linedesk.sync.fitting import Made
from linedesk.sync.lanes import Lane, Lanes
from linedesk.sync.merge_base import base_of
from linedesk.sync.model import Agreed, Known
from linedesk.sync.transforms import Given, Told, made_of
from linedesk.sync.values import is_blank, same


@dataclass(frozen=True, slots=True)
class Merged:
    """What has to be written on the target: field -> (before, after). `base`: what holds if nothing is,
    the given one itself where it still holds.

    `restores`: the source is as it was; the target was changed by itself.
    """

    fields: Mapping[str, tuple[Value, Value]]
    notes: tuple[str, ...]
    base: Mapping[str, Agreed]
    restores: bool = False


def merge(lanes: Lanes, source: Record, target: Record, base: Mapping[str, Agreed]) -> Merged:
    """What the target's record lacks of the source's; a row without a base meets for the first time."""
    if _is_settled(lanes, source, target, base):
        return Merged({}, (), base)  # most links of most runs: no value differs in any character
    now = base_of(lanes, source, target, base)
    fields: dict[str, tuple[Value, Value]] = {}
    notes: list[str] = []
    restores = True
    for lane, told, holds in _told(lanes, source, target):
        agreed = base.get(lane.key)
        made = _decide(lanes, lane, told, holds, agreed)
        if made is None:
            continue
        notes += made.notes
        if not made.left_out:
            for name, value in _placed(lanes, lane, made.value, target).items():
                fields[name] = (target.fields.get(name), value)
            restores &= agreed is not None and _is_as_it_was(lanes, lane, told, agreed)
    return Merged(fields, tuple(notes), now, bool(fields) and restores)


def _is_settled(lanes: Lanes, source: Record, target: Record, base: Mapping[str, Agreed]) -> bool:
    """Whether `base_of` would say what `base` says, without making anything."""
    for lane, told, holds in _told(lanes, source, target):
        agreed = base.get(lane.key)
        if agreed is None or lanes.parts(agreed) != (told.value, holds):
            return False
    return len(base) == sum(lane.key in base for lane in lanes.each)


def _told(lanes: Lanes, source: Record, target: Record) -> Iterator[tuple[Lane, Told, Value]]:
    """The rows of which both readings tell the field. What is not told is not empty."""
    for lane in lanes.each:
        told = lanes.tell(lane, source)
        if told is not None and is_told(target, lane.target):
            yield lane, told, value_of(target, lane.target)


def _decide(lanes: Lanes, lane: Lane, told: Told, holds: Value, agreed: Agreed | None) -> Made | None:
    """One row of a one-way connection: the source's value rules wherever it has or had one. None: nothing.

    Values that say the same as at the last agreement, on both sides, are left alone whatever they are. What
    only stands in for a value never replaces one that a person put there.
    """
    had, held = (None, None) if agreed is None else lanes.parts(agreed)
    is_untouched = agreed is not None and _is_same(lanes.target, lane.target, holds, held)
    if is_untouched and _is_same(lanes.source, lane.source, told.value, had):
        return None
    if is_blank(told.value):
        is_cleared = not is_blank(had) and not is_blank(holds) and not lane.target.required
        return Made(_empty(holds)) if is_cleared else None
    if told.stands_in and not is_untouched and not is_blank(holds):
        return None
    made = _make(lanes, lane, told)
    return None if _is_same(lanes.target, lane.target, made.value, holds) else made


def _is_as_it_was(lanes: Lanes, lane: Lane, told: Told, agreed: Agreed) -> bool:
    return _is_same(lanes.source, lane.source, told.value, lanes.parts(agreed)[0])


def _make(lanes: Lanes, lane: Lane, told: Told) -> Made:
    given = Given(told.value, lane.source, lane.target, lanes.source.plan, lane.row.options)
    return made_of(lane.transform, given, lanes.to)


def _is_same(side: Known, info: FieldInfo, left: Value, right: Value) -> bool:
    return same(left, right, info.kind, side.plan)


def _empty(value: Value) -> Value:
    """The empty value of the same type."""
    if isinstance(value, tuple):
        return ()
    return "" if isinstance(value, str) else None


def _placed(lanes: Lanes, lane: Lane, value: Value, target: Record) -> Mapping[str, Value]:
    if not lane.target.parts:
        return {lane.target.name: value}
    return placed(lane.target, value, target.fields, lanes.target.plan).fields
