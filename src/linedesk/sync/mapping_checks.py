"""Whether the rows of a mapping can work, in sentences for whoever wrote them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from linedesk.apps.records import FieldInfo, FieldKind
from linedesk.sync.composite import field_of, names_of
from linedesk.sync.model import Direction, MappingRow, Side
from linedesk.sync.transform_words import REVERSED
from linedesk.sync.transforms import TRANSFORMS, ways_of
from linedesk.sync.transforms_lists import can_split

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
    FieldKind.OWNER: frozenset({FieldKind.OWNER}),
    FieldKind.ID: frozenset[FieldKind](),
}
"""What may be written into a kind that is no plain text; plain text takes anything."""


def check_rows(
    rows: Sequence[MappingRow], a_fields: Fields, b_fields: Fields, direction: Direction = Direction.BOTH
) -> tuple[str, ...]:
    """A sentence for each thing that can't work where `direction` writes; empty when all can."""
    found: list[str] = []
    for row in rows:
        unknown = list(_unknown(row, a_fields, b_fields))
        found += unknown or _wrong(row, direction, field_of(a_fields, row.a), field_of(b_fields, row.b))
    if not any(row.direction.writes(side) for row in rows for side in Side if direction.writes(side)):
        found.append("No row of the mapping writes anything; it needs a row in the connection's direction.")
    return (*found, *_collisions(rows, direction, {Side.A: a_fields, Side.B: b_fields}))


def _unknown(row: MappingRow, a_fields: Fields, b_fields: Fields) -> Iterator[str]:
    for name, fields, side in ((row.a, a_fields, "A"), (row.b, b_fields, "B")):
        parts = names_of(name, fields)
        for part in parts:
            if part not in fields:
                yield f'Side {side} has no field "{part}"; its fields are {_listed(fields)}.'
        if len(set(parts)) < len(parts):
            yield f'"{name}" of side {side} names one field twice.'
    if row.transform not in TRANSFORMS:
        known = ", ".join(TRANSFORMS)
        yield f'There is no transform "{row.transform}" ({row.key}); there are {known}.'


def _wrong(row: MappingRow, direction: Direction, a: FieldInfo, b: FieldInfo) -> Iterator[str]:
    found = list(_options(row, a, b))
    yield from found
    for side, source, target in ((Side.B, a, b), (Side.A, b, a)):
        if not (row.direction.writes(side) and direction.writes(side)):
            continue
        if target.read_only:
            yield _read_only(row, target)
        elif not found and side not in ways_of(row):
            yield (
                f'The transform "{row.transform}" has no way back; the row {row.key} must not write to '
                f'"{target.label}". Give it one direction.'
            )
        elif row.transform == "join" and target.many and not can_split(row):
            yield (
                f"The row {row.key} joins with white space, which can't be taken apart again; give it one "
                "direction, or another text `between`."
            )
        else:
            yield from _unlike(row, source, target)


def _read_only(row: MappingRow, target: FieldInfo) -> str:
    why = "can only be read" if not target.parts else "can only be read together"
    return f'"{target.label}" {why}; the row {row.key} must not write to it.'


def _options(row: MappingRow, a: FieldInfo, b: FieldInfo) -> Iterator[str]:
    """What is wrong with the row's options, whatever the direction."""
    transform = TRANSFORMS[row.transform]
    known = {option.name for option in transform.options}
    for name in row.options:
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            yield f'The transform "{row.transform}" has no option "{name}" ({row.key}); it has {there}.'
    if not isinstance(row.options.get(REVERSED, False), bool):
        yield f"The option `{REVERSED}` of the row {row.key} must be true or false."
    yield from transform.check(row, a, b)


def _unlike(row: MappingRow, source: FieldInfo, target: FieldInfo) -> Iterator[str]:
    transform = TRANSFORMS[row.transform]
    if not (_fits_by_kind(source, target) if transform.fits is None else transform.fits(source, target)):
        yield (
            f'"{source.label}" holds {source.kind.value}, which does not fit "{target.label}" '
            f"({target.kind.value}) in the row {row.key}."
        )
    elif source.many and not target.many and not transform.one:
        yield (
            f'"{source.label}" holds many values and "{target.label}" one; '
            f'give the row {row.key} the transform "first" or "join".'
        )
    elif target.many and not source.many and not transform.keeps and row.transform != "constant":
        yield (
            f'"{target.label}" holds many values, and a single one from "{source.label}" would '
            f'replace them all ({row.key}); the transform "first" keeps the others.'
        )


def _fits_by_kind(source: FieldInfo, target: FieldInfo) -> bool:
    fitting = _EXACT.get(target.kind)
    return fitting is None or source.kind in fitting


def _collisions(
    rows: Sequence[MappingRow], direction: Direction, fields: Mapping[Side, Fields]
) -> Iterator[str]:
    """Two rows that write one field would overwrite each other for ever; also as part of several fields."""
    for side in filter(direction.writes, Side):
        names = (row.b if side is Side.B else row.a for row in rows if row.direction.writes(side))
        written = Counter(part for name in names for part in set(names_of(name, fields[side])))
        for name in sorted(name for name, count in written.items() if count > 1):
            yield f'{written[name]} rows write the field "{name}" of side {side.value.upper()}; keep one.'


def _listed(fields: Fields) -> str:
    return ", ".join(sorted(fields)) or "not known"
