"""The mapping of a connection: its default rows, and how rows are told to people. Pure.

What an administrator changed of them is `row_edits`; whether rows can work is `mapping_checks`; what a row
does to a value is `transforms`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from linedesk.apps.records import FieldInfo, FieldKind
from linedesk.sync.composite import field_of
from linedesk.sync.full_names import is_family, is_name_part
from linedesk.sync.mapping_checks import check_rows
from linedesk.sync.model import Direction, MappingRow
from linedesk.sync.policies import Conflict
from linedesk.sync.transforms import TRANSFORMS, options_of

__all__ = ["check_rows", "default_rows", "described", "mirrored"]

Fields = Mapping[str, FieldInfo]

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

_TURNED = {Direction.TO_A: Direction.TO_B, Direction.TO_B: Direction.TO_A}
_TURNED_CONFLICTS = {Conflict.A: Conflict.B, Conflict.B: Conflict.A}
_WORDS = {Direction.BOTH: "both", Direction.TO_B: "to", Direction.TO_A: "from"}


def default_rows(a_fields: Fields, b_fields: Fields) -> tuple[MappingRow, ...]:
    """Rows for two apps that bring none: names, e-mail, numbers, company and address, each to its like."""
    pairs: list[tuple[FieldInfo, FieldInfo]] = [*_names(a_fields, b_fields)]
    pairs += _addresses(a_fields, b_fields)
    for kind in (FieldKind.COMPANY, FieldKind.ADDRESS):
        pairs += zip(_of_kind(a_fields, kind)[:1], _of_kind(b_fields, kind)[:1], strict=False)
    pairs += _numbers(a_fields, b_fields)
    return tuple(_row(a, b) for a, b in pairs if not (a.read_only and b.read_only))


def mirrored(row: MappingRow) -> MappingRow:
    """The row with its sides swapped: it does the same."""
    return replace(
        row,
        a=row.b,
        b=row.a,
        direction=_TURNED.get(row.direction, row.direction),
        options=options_of(row),
        conflict=_TURNED_CONFLICTS.get(row.conflict, row.conflict) if row.conflict else None,
    )


def described(rows: Sequence[MappingRow], a_fields: Fields, b_fields: Fields) -> tuple[dict[str, str], ...]:
    """The rows for people, on the command line and on pages.

    Each has `from`, `to`, `direction` (both, to, from), `transform` and `sentence`.
    """
    return tuple(
        {
            "from": row.a,
            "to": row.b,
            "direction": _WORDS[row.direction],
            "transform": row.transform,
            "sentence": _sentence(row, _label(a_fields, row.a), _label(b_fields, row.b)),
        }
        for row in rows
    )


def _sentence(row: MappingRow, a: str, b: str) -> str:
    goes = {
        Direction.BOTH: f"Both ways between {a} and {b}",
        Direction.TO_B: f"From {a} to {b}",
        Direction.TO_A: f"From {b} to {a}",
    }[row.direction]
    transform = TRANSFORMS.get(row.transform)
    # What is told in code style in the docs is plain text here.
    says = transform.sentence.replace("`", '"') if transform is not None else "No such transform."
    return f"{goes}. {says}"


def _label(fields: Fields, name: str) -> str:
    try:
        return field_of(fields, name).label
    except KeyError:
        return name


def _of_kind(fields: Fields, kind: FieldKind) -> list[FieldInfo]:
    """Fields of a kind that hold one value; the app's own before a customer's."""
    found = [info for info in fields.values() if info.kind is kind and not info.many]
    return sorted(found, key=lambda info: info.custom)


def _names(a_fields: Fields, b_fields: Fields) -> Iterator[tuple[FieldInfo, FieldInfo]]:
    """A full name to its like, or to first and family name together; two of these each to its own."""
    a_full, b_full = _full_name(a_fields), _full_name(b_fields)
    a_parts, b_parts = _name_parts(a_fields), _name_parts(b_fields)
    if a_full is None and b_full is None and a_parts and b_parts:
        yield from zip(a_parts, b_parts, strict=True)
        return
    a = a_full or _together(a_fields, a_parts)
    b = b_full or _together(b_fields, b_parts)
    if a is not None and b is not None:
        yield a, b


def _full_name(fields: Fields) -> FieldInfo | None:
    return next((info for info in _of_kind(fields, FieldKind.NAME) if not is_name_part(info.name)), None)


def _name_parts(fields: Fields) -> list[FieldInfo]:
    """First and family name, in this order; empty unless there are both."""
    kinds = (FieldKind.NAME, FieldKind.TEXT)
    parts = [info for info in fields.values() if info.kind in kinds and is_name_part(info.name)]
    first = next((info for info in parts if not is_family(info.name)), None)
    family = next((info for info in parts if is_family(info.name)), None)
    return [first, family] if first is not None and family is not None else []


def _together(fields: Fields, parts: Sequence[FieldInfo]) -> FieldInfo | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return field_of(fields, "+".join(info.name for info in parts))


def _addresses(a_fields: Fields, b_fields: Fields) -> Iterator[tuple[FieldInfo, FieldInfo]]:
    """The one e-mail to the one; to a list where there is only that."""
    a, b = _emails(a_fields), _emails(b_fields)
    yield from zip(a[:1], b[:1], strict=False)


def _emails(fields: Fields) -> list[FieldInfo]:
    many = [info for info in fields.values() if info.kind is FieldKind.EMAIL and info.many]
    return [*_of_kind(fields, FieldKind.EMAIL), *many]


def _numbers(a_fields: Fields, b_fields: Fields) -> Iterator[tuple[FieldInfo, FieldInfo]]:
    """Two lists of all numbers where a side has a list; else each field of one number to one of the other."""
    a, b = _number_fields(a_fields), _number_fields(b_fields)
    if not any(info.many for info in (*a, *b)):
        yield from _one_by_one(a, b)
        return
    one, other = (
        _together(fields, sorted(each, key=_place)) for fields, each in ((a_fields, a), (b_fields, b))
    )
    if one is not None and other is not None:
        yield one, other


def _number_fields(fields: Fields) -> list[FieldInfo]:
    """Fields of numbers, the app's own first; of a side that has a list of them none that is only read."""
    found = [info for info in fields.values() if info.kind is FieldKind.PHONE]
    if any(info.many for info in found):
        found = [info for info in found if not info.read_only] or found
    return sorted(found, key=lambda info: info.custom)


def _one_by_one(
    left: Sequence[FieldInfo], right: Sequence[FieldInfo]
) -> Iterator[tuple[FieldInfo, FieldInfo]]:
    """First the fields whose names mean the same, then the rest in order while slots are free."""
    free = {info.name: info for info in right if not info.read_only}
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


def _place(info: FieldInfo) -> tuple[bool, bool, int]:
    """In this order a list fills its places; of two that a number suits as well the first gets it."""
    return info.many, info.custom, _rank(info.name)


def _rank(name: str) -> int:
    return _SLOTS.index(name) if name in _SLOTS else len(_SLOTS)


def _row(a: FieldInfo, b: FieldInfo) -> MappingRow:
    transform = {FieldKind.PHONE: "number", FieldKind.NAME: "name"}.get(a.kind, "same")
    if transform == "same" and a.many is not b.many:
        transform = "first"
    direction = Direction.BOTH
    if a.read_only or b.read_only:
        direction = Direction.TO_B if a.read_only else Direction.TO_A
    return MappingRow(a.name, b.name, direction, transform)
