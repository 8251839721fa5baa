"""Merges two records field by field, each against what both sides last agreed on. Pure.

Here stands what a one-way row does; it is symmetric in A and B (S9). Values are compared by their kind, so
that what a vendor makes of our own write is no edit (S14). Which records meet is for `plan` to say.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from linedesk.apps.records import FieldInfo, Record, Value
from linedesk.sync.fitting import Made
from linedesk.sync.model import Agreed, Known, MappingRow, Side
from linedesk.sync.transforms import Given, Told, Transform, made_of, transform_for
from linedesk.sync.values import is_blank, same


@dataclass(frozen=True, slots=True)
class Lane:
    """One mapping row as it is used towards one side. `key` is the row's."""

    row: MappingRow
    key: str
    source: FieldInfo
    target: FieldInfo
    transform: Transform


@dataclass(frozen=True, slots=True)
class Lanes:
    """The rows that write on side `to`, with what is known of both sides' fields."""

    to: Side
    source: Known
    target: Known
    each: tuple[Lane, ...]

    def agreed(self, source: Value, target: Value) -> Agreed:
        return Agreed(source, target) if self.to is Side.B else Agreed(target, source)

    def parts(self, agreed: Agreed) -> tuple[Value, Value]:
        """What the source's field and the target's held."""
        return (agreed.a, agreed.b) if self.to is Side.B else (agreed.b, agreed.a)


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


@dataclass(frozen=True, slots=True)
class Drafted:
    """A new record for the target. `lacking`: labels of fields without which the app refuses it."""

    fields: Mapping[str, tuple[Value, Value]]
    notes: tuple[str, ...]
    lacking: tuple[str, ...]


def lanes_to(to: Side, rows: Sequence[MappingRow], a: Known, b: Known) -> Lanes:
    """The rows that write on `to`; they have passed `mapping.check_rows`, or this raises `KeyError`."""
    source, target = (a, b) if to is Side.B else (b, a)
    used = (row for row in rows if row.direction.writes(to))
    return Lanes(to, source, target, tuple(_lane(row, to, source, target) for row in used))


def _lane(row: MappingRow, to: Side, source: Known, target: Known) -> Lane:
    from_name, to_name = (row.a, row.b) if to is Side.B else (row.b, row.a)
    info = target.fields[to_name]
    return Lane(row, row.key, source.fields[from_name], info, transform_for(row.transform, info))


def draft(lanes: Lanes, source: Record) -> Drafted:
    """What a new record on the target is made with."""
    fields: dict[str, tuple[Value, Value]] = {}
    notes: list[str] = []
    for lane in lanes.each:
        told = _tell(lanes, lane, source)
        if told is None or is_blank(told.value):
            continue
        made = _make(lanes, lane, told)
        notes += made.notes
        if not is_blank(made.value):
            fields[lane.target.name] = (None, made.value)
        if told.stands_in:
            notes.append(f"{lane.source.label} is empty; {told.stands_in} stands in for it.")
    needed = (info for info in lanes.target.fields.values() if info.required and not info.read_only)
    lacking = tuple(info.label for info in needed if info.name not in fields)
    return Drafted(fields, tuple(notes), lacking)


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
            fields[lane.target.name] = (holds, made.value)
            restores &= agreed is not None and _is_as_it_was(lanes, lane, told, agreed)
    return Merged(fields, tuple(notes), now, bool(fields) and restores)


def base_of(lanes: Lanes, source: Record, target: Record, before: Mapping[str, Agreed]) -> dict[str, Agreed]:
    """What both records hold now, row by row, as it is kept in a link once they agree.

    After a write `target` is the record as it read back. A row that one of the readings does not tell
    keeps what `before` says of it.
    """
    told = _told(lanes, source, target)
    now = {lane.key: lanes.agreed(gives.value, holds) for lane, gives, holds in told}
    keys = (lane.key for lane in lanes.each)
    return {key: now[key] if key in now else before[key] for key in keys if key in now or key in before}


def base_after(
    lanes: Lanes,
    source: Record,
    stored: Record,
    before: Mapping[str, Agreed],
    *,
    planned: Record | None,
    sent: Container[str],
) -> dict[str, Agreed]:
    """The base once a write of the fields `sent` reads back as `stored`; `planned`: as the plan saw it.

    A field that was not sent and is another than the plan saw was changed meanwhile by somebody. Nobody
    agreed on that: its row stays as it was before, and the next plan decides.
    """
    base = base_of(lanes, source, stored, before)
    for lane in lanes.each:
        name = lane.target.name
        if planned is None or name in sent or lane.key not in base:
            continue
        if not _is_same(lanes.target, lane.target, stored.fields.get(name), planned.fields.get(name)):
            base.pop(lane.key)
            if lane.key in before:
                base[lane.key] = before[lane.key]
    return base


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
        told = _tell(lanes, lane, source)
        if told is not None and lane.target.name not in target.missing:
            yield lane, told, target.fields.get(lane.target.name)


def _tell(lanes: Lanes, lane: Lane, source: Record) -> Told | None:
    if lane.source.name in source.missing:
        return None
    return lane.transform.tell(source, lane.source, lanes.source.fields)


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
    return made_of(lane.transform, given)


def _is_same(side: Known, info: FieldInfo, left: Value, right: Value) -> bool:
    return same(left, right, info.kind, side.plan)


def _empty(value: Value) -> Value:
    """The empty value of the same type."""
    if isinstance(value, tuple):
        return ()
    return "" if isinstance(value, str) else None
