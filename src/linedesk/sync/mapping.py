"""The mapping of a connection: its rows when nobody chose any, and whether chosen rows can work. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from linedesk.apps.records import FieldInfo, FieldKind
from linedesk.sync.model import Direction, MappingRow, Side
from linedesk.sync.transforms import TRANSFORMS

Fields = Mapping[str, FieldInfo]

_EXACT = {
    FieldKind.EMAIL: frozenset({FieldKind.EMAIL, FieldKind.TEXT}),
    FieldKind.PHONE: frozenset({FieldKind.PHONE, FieldKind.TEXT}),
    FieldKind.URL: frozenset({FieldKind.URL, FieldKind.TEXT}),
    FieldKind.DATE: frozenset({FieldKind.DATE}),
    FieldKind.NUMBER: frozenset({FieldKind.NUMBER}),
    FieldKind.CHECKBOX: frozenset({FieldKind.CHECKBOX}),
    FieldKind.CHOICE: frozenset({FieldKind.CHOICE, FieldKind.TEXT}),
    FieldKind.TAGS: frozenset({FieldKind.TAGS}),
    FieldKind.ID: frozenset[FieldKind](),
}
"""What may be written into a kind that is no plain text; plain text takes anything."""

_SLOTS = ("office", "mobile", "home", "home_mobile", "phone", "fax")
_NAMESAKES = {
    "phone": ("office", "work", "work_phone", "phone"),
    "work": ("office", "phone", "work_phone"),
    "work_phone": ("office", "work", "phone"),
    "office": ("phone", "work", "work_phone"),
    "mobile": ("mobile", "mobile_phone", "cell"),
    "mobile_phone": ("mobile", "cell"),
    "cell": ("mobile", "mobile_phone"),
}
"""Names of number fields that mean the same, the best first; the Wildix phonebook has six slots."""

_ONCE = (FieldKind.NAME, FieldKind.EMAIL, FieldKind.COMPANY, FieldKind.ADDRESS)


def default_rows(a_fields: Fields, b_fields: Fields) -> tuple[MappingRow, ...]:
    """Rows for two apps that bring none: names, e-mail, numbers, company and address, each to its like."""
    pairs: list[tuple[FieldInfo, FieldInfo]] = []
    for kind in _ONCE:
        a, b = _of_kind(a_fields, kind), _of_kind(b_fields, kind)
        pairs += zip(a[:1], b[:1], strict=False)
    pairs += _numbers(a_fields, b_fields)
    return tuple(_row(a, b) for a, b in pairs if not (a.read_only and b.read_only))


def check_rows(
    rows: Sequence[MappingRow], a_fields: Fields, b_fields: Fields, direction: Direction = Direction.BOTH
) -> tuple[str, ...]:
    """A sentence for each thing that can't work where `direction` writes; empty when all can."""
    found: list[str] = []
    for row in rows:
        unknown = list(_unknown(row, a_fields, b_fields))
        found += unknown or _misfits(row, direction, a_fields[row.a], b_fields[row.b])
    if not any(row.direction.writes(side) for row in rows for side in Side if direction.writes(side)):
        found.append("No row of the mapping writes anything; it needs a row in the connection's direction.")
    return (*found, *_collisions(rows, direction))


def _of_kind(fields: Fields, kind: FieldKind) -> list[FieldInfo]:
    """Fields of a kind that hold one value; the app's own before a customer's."""
    found = [info for info in fields.values() if info.kind is kind and not info.many]
    return sorted(found, key=lambda info: info.custom)


def _numbers(a_fields: Fields, b_fields: Fields) -> Iterator[tuple[FieldInfo, FieldInfo]]:
    """First the fields whose names mean the same, then the rest in order while slots are free."""
    left = _of_kind(a_fields, FieldKind.PHONE)
    free = {info.name: info for info in _of_kind(b_fields, FieldKind.PHONE) if not info.read_only}
    waiting: list[FieldInfo] = []
    for info in left:
        names = _NAMESAKES.get(info.name, (info.name,))
        name = next((each for each in (*names, info.name) if each in free), None)
        if name is None:
            waiting.append(info)
        else:
            yield info, free.pop(name)
    order = sorted(free.values(), key=lambda info: _rank(info.name))
    yield from zip(waiting, order, strict=False)


def _rank(name: str) -> int:
    return _SLOTS.index(name) if name in _SLOTS else len(_SLOTS)


def _row(a: FieldInfo, b: FieldInfo) -> MappingRow:
    transform = {FieldKind.PHONE: "number", FieldKind.NAME: "name"}.get(a.kind, "same")
    direction = Direction.BOTH
    if a.read_only or b.read_only:
        direction = Direction.TO_B if a.read_only else Direction.TO_A
    return MappingRow(a.name, b.name, direction, transform)


def _unknown(row: MappingRow, a_fields: Fields, b_fields: Fields) -> Iterator[str]:
    for name, fields, side in ((row.a, a_fields, "A"), (row.b, b_fields, "B")):
        if name not in fields:
            yield f'Side {side} has no field "{name}"; its fields are {_listed(fields)}.'
    if row.transform not in TRANSFORMS:
        known = ", ".join(TRANSFORMS)
        yield f'There is no transform "{row.transform}" ({row.key}); there are {known}.'


def _misfits(row: MappingRow, direction: Direction, a: FieldInfo, b: FieldInfo) -> Iterator[str]:
    for side, source, target in ((Side.B, a, b), (Side.A, b, a)):
        if not (row.direction.writes(side) and direction.writes(side)):
            continue
        if target.read_only:
            yield f'"{target.label}" can only be read; the row {row.key} must not write to it.'
        yield from _unlike(row, source, target)


def _unlike(row: MappingRow, source: FieldInfo, target: FieldInfo) -> Iterator[str]:
    fitting = _EXACT.get(target.kind)
    if fitting is not None and source.kind not in fitting:
        yield (
            f'"{source.label}" holds {source.kind.value}, which does not fit "{target.label}" '
            f"({target.kind.value}) in the row {row.key}."
        )
    elif source.many and not target.many and not TRANSFORMS[row.transform].one:
        yield (
            f'"{source.label}" holds many values and "{target.label}" one; '
            f'give the row {row.key} the transform "first" or "join".'
        )
    elif target.many and not source.many:
        yield (
            f'"{target.label}" holds many values, and a single one from "{source.label}" would '
            f"replace them all ({row.key})."
        )


def _collisions(rows: Sequence[MappingRow], direction: Direction) -> Iterator[str]:
    """Two rows that write one field would overwrite each other for ever."""
    for side in filter(direction.writes, Side):
        written = Counter(row.b if side is Side.B else row.a for row in rows if row.direction.writes(side))
        for name in sorted(name for name, count in written.items() if count > 1):
            yield f'{written[name]} rows write the field "{name}" of side {side.value.upper()}; keep one.'


def _listed(fields: Fields) -> str:
    return ", ".join(sorted(fields)) or "not known"
