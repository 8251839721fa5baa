"""A pair of records on two sides, with apps that make their own of a write: for tests of the field merge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from linedesk.apps.records import Entry, FieldInfo, FieldKind, Record, Value
from linedesk.numbers import NumberPlan
from linedesk.sync.merge import MergedPair, PairLanes, as_written, base_after, merge_pair, rows_between
from linedesk.sync.model import Agreed, Connection, Direction, Known, MappingRow, Side
from linedesk.sync.policies import Blanks, Conflict
from linedesk.sync.transforms import options_of

ITALY = NumberPlan("IT")
BOTH = frozenset(Side)
CONNECTION = Connection("crm with pbx", "crm", "book", Direction.BOTH)
Normalise = Callable[[FieldInfo, Value], Value]

FIELDS = (
    FieldInfo("name", "Name", FieldKind.NAME, required=True),
    FieldInfo("first_name", "First name", FieldKind.NAME),
    FieldInfo("last_name", "Last name", FieldKind.NAME),
    FieldInfo("email", "E-mail", FieldKind.EMAIL),
    FieldInfo("emails", "E-mails", FieldKind.EMAIL, many=True),
    FieldInfo("company", "Company", FieldKind.COMPANY),
    FieldInfo("short", "Short", FieldKind.TEXT, max_length=10),
    FieldInfo("text", "Text", FieldKind.TEXT),
    FieldInfo("note", "Note", FieldKind.LONG_TEXT),
    FieldInfo("office", "Office", FieldKind.PHONE, max_length=20),
    FieldInfo("mobile", "Mobile", FieldKind.PHONE, max_length=20),
    FieldInfo("home", "Home", FieldKind.PHONE, max_length=20),
    FieldInfo("numbers", "Numbers", FieldKind.PHONE, many=True),
    FieldInfo("tags", "Tags", FieldKind.TAGS, many=True),
    FieldInfo("labels", "Labels", FieldKind.TAGS, many=True),
    FieldInfo("born", "Birthday", FieldKind.DATE),
    FieldInfo("vip", "VIP", FieldKind.CHECKBOX),
)
"""Both sides have these fields: a row may go from any to any."""


def known(account: str, *, optional: str = "") -> Known:
    infos = {info.name: replace(info, required=info.required and info.name != optional) for info in FIELDS}
    return Known(account, account, infos, {}, ITALY, True)


def lanes_of(*rows: MappingRow, connection: Connection = CONNECTION, optional: str = "") -> PairLanes:
    return rows_between(rows, known("crm", optional=optional), known("book", optional=optional), connection)


def policy(
    conflict: Conflict = Conflict.NEWEST, blanks: Blanks = Blanks.CLEARED, tie: Side = Side.A
) -> Connection:
    return replace(CONNECTION, conflict=conflict, blanks=blanks, tie=tie)


def as_given(info: FieldInfo, value: Value) -> Value:
    return value


@dataclass
class Pair:
    """Two linked records and their base. `run` merges and writes, as the engine does: B first, then A."""

    lanes: PairLanes = field(repr=False)
    a: Record = field(default_factory=lambda: Record("a1", {}))
    b: Record = field(default_factory=lambda: Record("b1", {}))
    base: Mapping[str, Agreed] = field(default_factory=dict)
    ways: frozenset[Side] = BOTH
    vendors: Mapping[Side, Normalise] = field(default_factory=lambda: dict.fromkeys(Side, as_given))
    settled: Mapping[str, Side] = field(default_factory=dict)

    def of(self, side: Side) -> Record:
        return self.a if side is Side.A else self.b

    def edit(self, side: Side, modified_ms: int | None = None, **fields: Value) -> None:
        """A person changes fields of one record."""
        old = self.of(side)
        self._put(side, replace(old, fields={**old.fields, **fields}, modified_ms=modified_ms))

    def merge(self) -> MergedPair:
        return merge_pair(self.lanes, self.a, self.b, self.base, self.ways, self.settled)

    def run(self) -> MergedPair:
        merged = self.merge()
        self.base = merged.base
        for side in (Side.B, Side.A):
            if side in merged.fields:
                self._write(side, merged.fields[side])
        return merged

    def _write(self, side: Side, fields: Mapping[str, tuple[Value, Value]]) -> None:
        planned = self.of(side)
        infos = self.lanes.known(side).fields
        assert all(planned.fields.get(name) == before for name, (before, _) in fields.items())
        stored = {name: self.vendors[side](infos[name], after) for name, (_, after) in fields.items()}
        record = replace(planned, fields={**planned.fields, **stored})
        lanes, source = self.lanes.to(side), self.of(side.other)
        self.base = base_after(lanes, source, record, self.base, planned=planned, sent=fields)
        self._put(side, as_written(planned, record, fields))

    def _put(self, side: Side, record: Record) -> None:
        if side is Side.A:
            self.a = record
        else:
            self.b = record


def agreed_pair(lanes: PairLanes, a: Mapping[str, Value], b: Mapping[str, Value]) -> Pair:
    """A pair that agreed on exactly these values."""
    pair = Pair(lanes, Record("a1", dict(a)), Record("b1", dict(b)))
    readings = {
        row.key: (lanes.read(row, Side.A, pair.a), lanes.read(row, Side.B, pair.b)) for row in lanes.rows
    }
    pair.base = {
        key: Agreed(one.value, other.value) for key, (one, other) in readings.items() if one and other
    }
    return pair


def flipped(row: MappingRow) -> MappingRow:
    """The row with its sides swapped, its policy with them."""
    turned = {Direction.TO_A: Direction.TO_B, Direction.TO_B: Direction.TO_A}
    policies = {Conflict.A: Conflict.B, Conflict.B: Conflict.A}
    return replace(
        row,
        a=row.b,
        b=row.a,
        options=options_of(row),
        direction=turned.get(row.direction, row.direction),
        conflict=policies.get(row.conflict, row.conflict) if row.conflict else None,
    )


def texts(value: Value) -> set[str]:
    """Every text that a value holds."""
    if isinstance(value, tuple):
        return {item.value if isinstance(item, Entry) else item for item in value}
    return set() if value is None or value == "" else {str(value)}
