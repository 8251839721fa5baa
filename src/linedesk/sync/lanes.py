"""The rows of a mapping as they are used between two sides: read on one, made for the other. Pure.

A lane leads to one side, a `PairRow` joins the two lanes of a row. What a row writes is `sync.merge_rows`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from linedesk.apps.records import FieldInfo, Record, Value
from linedesk.sync.composite import Placed, field_of, is_told, placed, value_of
from linedesk.sync.fitting import Made
from linedesk.sync.model import Agreed, Connection, Known, MappingRow, Side
from linedesk.sync.policies import Blanks, Conflict
from linedesk.sync.transforms import Given, Told, Transform, made_of, transform_for
from linedesk.sync.values import is_blank, same


@dataclass(frozen=True, slots=True)
class Lane:
    """One mapping row as it is used towards one side. `key` is the row's.

    `is_list`: the connection writes it both ways, and both fields hold many values, merged one by one.
    """

    row: MappingRow
    key: str
    source: FieldInfo
    target: FieldInfo
    transform: Transform
    is_list: bool = False


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

    def tell(self, lane: Lane, source: Record) -> Told | None:
        """What the source says in this row; None: this reading does not tell, which is not empty."""
        if not is_told(source, lane.source):
            return None
        return lane.transform.tell(source, lane.source, self.source.fields)

    def make(self, lane: Lane, value: Value, held: Value = None) -> Made:
        """What is sent to the target for a value; `held`: what its field has now."""
        given = Given(
            value=value,
            source=lane.source,
            target=lane.target,
            plan=self.source.plan,
            options=lane.row.options,
            held=held,
            target_plan=self.target.plan,
        )
        return made_of(lane.transform, given, self.to)

    def place(self, lane: Lane, value: Value, held: Mapping[str, Value]) -> Placed:
        """A value as it is written into the real fields of a record that holds `held`: what changes."""
        if not lane.target.parts:
            return Placed({lane.target.name: value})
        return placed(lane.target, value, held, self.target.plan)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a record of one side holds in a row: as it stands there, and as it is told to the other side.

    `stands_in`: the label of the field that stands in for this one. `fields`: all that the record holds.
    """

    raw: Value
    value: Value
    fields: Mapping[str, Value]
    stands_in: str = ""

    @property
    def is_given(self) -> bool:
        """Whether somebody put a value into this very field."""
        return not self.stands_in and not is_blank(self.value)


@dataclass(frozen=True, slots=True)
class PairRow:
    """A mapping row between two sides, with the lanes towards those that it writes, by its policies."""

    key: str
    infos: Mapping[Side, FieldInfo]
    lanes: Mapping[Side, Lane]
    conflict: Conflict
    blanks: Blanks

    @property
    def is_list(self) -> bool:
        return all(lane.is_list for lane in self.lanes.values())


@dataclass(frozen=True, slots=True)
class PairLanes:
    """All rows between two sides. `a`, `b`: the lanes towards that side. `tie`: as the connection has it.

    `quick`: of rows between two real fields the key and both names; `compound`: the other rows.
    """

    a: Lanes
    b: Lanes
    rows: tuple[PairRow, ...]
    tie: Side
    quick: tuple[tuple[str, str, str], ...]
    compound: tuple[PairRow, ...]

    def to(self, side: Side) -> Lanes:
        return self.a if side is Side.A else self.b

    def known(self, side: Side) -> Known:
        return self.b.source if side is Side.A else self.a.source

    def read(self, row: PairRow, side: Side, record: Record) -> Reading | None:
        """What the record says in a row; None: this reading does not tell it."""
        info = row.infos[side]
        if not is_told(record, info):
            return None
        lane = row.lanes.get(side.other)
        if lane is None:
            raw = value_of(record, info)
            return Reading(raw, raw, record.fields)
        told = lane.transform.tell(record, info, self.known(side).fields)
        is_its_own = told.value is not None and not told.stands_in
        raw = told.value if is_its_own else value_of(record, info)
        return Reading(raw, told.value, record.fields, told.stands_in)

    def is_same(self, row: PairRow, side: Side, left: Value, right: Value) -> bool:
        return same(left, right, row.infos[side].kind, self.known(side).plan)


def lanes_to(to: Side, rows: Sequence[MappingRow], a: Known, b: Known) -> Lanes:
    """The rows that write on `to`; they have passed `mapping.check_rows`, or this raises `KeyError`."""
    source, target = (a, b) if to is Side.B else (b, a)
    each = []
    for row in (row for row in rows if row.direction.writes(to)):
        from_name, to_name = (row.a, row.b) if to is Side.B else (row.b, row.a)
        each.append(_lane(row, field_of(source.fields, from_name), field_of(target.fields, to_name)))
    return Lanes(to, source, target, tuple(each))


def rows_between(rows: Sequence[MappingRow], a: Known, b: Known, connection: Connection) -> PairLanes:
    """The rows as the connection uses them: only towards the sides that it writes. `KeyError` as above."""
    each = [_pair_row(row, a, b, connection) for row in rows]
    used = tuple(row for row in each if row.lanes)
    to_a = tuple(row.lanes[Side.A] for row in used if Side.A in row.lanes)
    to_b = tuple(row.lanes[Side.B] for row in used if Side.B in row.lanes)
    return PairLanes(
        Lanes(Side.A, b, a, to_a), Lanes(Side.B, a, b, to_b), used, connection.tie, *_by_form(used)
    )


def _pair_row(row: MappingRow, a: Known, b: Known, connection: Connection) -> PairRow:
    infos = {Side.A: field_of(a.fields, row.a), Side.B: field_of(b.fields, row.b)}
    written = [side for side in Side if connection.direction.writes(side) and row.direction.writes(side)]
    is_list = len(written) > 1 and all(info.many for info in infos.values())
    lanes = {side: _lane(row, infos[side.other], infos[side], is_list=is_list) for side in written}
    return PairRow(
        row.key, infos, lanes, row.conflict or connection.conflict, row.blanks or connection.blanks
    )


def _by_form(
    rows: Sequence[PairRow],
) -> tuple[tuple[tuple[str, str, str], ...], tuple[PairRow, ...]]:
    """The rows between real fields, as names, and those with a field that stands for several."""
    compound = tuple(row for row in rows if any(info.parts for info in row.infos.values()))
    simple = (row for row in rows if row not in compound)
    return tuple((row.key, row.infos[Side.A].name, row.infos[Side.B].name) for row in simple), compound


def _lane(row: MappingRow, source: FieldInfo, target: FieldInfo, *, is_list: bool = False) -> Lane:
    return Lane(row, row.key, source, target, transform_for(row.transform, target), is_list)
