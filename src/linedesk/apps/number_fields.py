"""Which fields of a record hold a person's numbers, for every app alike (`number_fields`). Pure.

It concerns who is found by a number and what can be dialled; what is synced is a matter of the mapping.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from linedesk.apps.base import Finding, Level
from linedesk.apps.records import Entry, FieldInfo, FieldKind, Record, Value
from linedesk.contacts.model import ContactNumber

_MOST_NUMBERS = 50
_LEAST_DIGITS = 2
_LINES = re.compile(r"[\r\n;|]+")
_MAY_HOLD = frozenset({FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.NUMBER})
_PHONE_WORDS = re.compile(
    r"phone|telefon|téléphone|teléfono|whats\s?app|viber|mobil|móvil|handy|cellulare|\bcell|\btel\b|\bfax\b|\bsms\b",
    re.IGNORECASE,
)


def number_infos(infos: Sequence[FieldInfo], wanted: Sequence[str]) -> tuple[FieldInfo, ...]:
    """The fields that are read for numbers: those of `wanted` in its order, else every phone field.

    A wanted field that is not among `infos` is taken all the same: an app may not be allowed to tell it.
    """
    if not wanted:
        return tuple(info for info in infos if info.kind is FieldKind.PHONE)
    known = {info.name: info for info in infos}
    return tuple(known.get(name) or FieldInfo(name, name, FieldKind.TEXT) for name in wanted)


def contact_numbers(
    record: Record,
    infos: Sequence[FieldInfo],
    wanted: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
) -> tuple[ContactNumber, ...]:
    """The record's numbers, each with its own label, else that of its field.

    `labels`: field name -> label, where the app's own would say nothing to people. A phone field's text is
    one number as it stands; in other fields each line or part between `;` and `|` with digits is one.
    """
    found: dict[str, ContactNumber] = {}
    for info in number_infos(infos, wanted):
        usual = (labels or {}).get(info.name, info.label)
        for text, label in _texts(record.fields.get(info.name)):
            for raw in [text] if info.kind is FieldKind.PHONE else _LINES.split(text):
                if _holds_digits(raw, info.kind):
                    found.setdefault(raw.strip(), ContactNumber(raw.strip(), label or usual))
    return tuple(found.values())[:_MOST_NUMBERS]


def check_number_fields(
    who: str, infos: Sequence[FieldInfo], wanted: Sequence[str], *, told: bool = True
) -> list[Finding]:
    """For `linedesk check`: names that are no fields, and text fields that look as if they held numbers.

    `told` False: `infos` are only the usual fields, so nothing can be said of others.
    """
    known = {info.name: info for info in infos}
    if not told:
        return []
    unknown = [name for name in wanted if name not in known]
    if unknown:
        there = ", ".join(sorted(name for name, info in known.items() if info.kind is not FieldKind.ID))
        return [
            Finding(
                Level.MISSING,
                f"{who} has no field {name:.80}, which `number_fields` names{_meant(name, known)}.",
                f"Fields are: {there}.",
            )
            for name in unknown
        ]
    likely = [
        info for info in infos if not wanted and info.kind in _MAY_HOLD and _PHONE_WORDS.search(info.label)
    ]
    if not likely:
        return []
    names = [*(info.name for info in number_infos(infos, ())), *(info.name for info in likely)]
    quoted = ", ".join(f'"{name}"' for name in names)
    return [
        Finding(
            Level.HINT,
            f"{who}: nobody is found by a number in {', '.join(info.label for info in likely)}.",
            f"If numbers stand there, write `number_fields = [{quoted}]` into the account.",
        )
    ]


def _texts(value: Value) -> Iterator[tuple[str, str]]:
    """Each text of a field with its own label."""
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, Entry):
            yield each.value, each.label
        elif isinstance(each, float) and each.is_integer():
            yield str(int(each)), ""
        elif each is not None and not isinstance(each, bool):
            yield str(each), ""


def _holds_digits(raw: str, kind: FieldKind) -> bool:
    least = 0 if kind is FieldKind.PHONE else _LEAST_DIGITS
    return bool(raw.strip()) and sum(letter.isdecimal() for letter in raw) >= least


def _meant(name: str, known: Mapping[str, FieldInfo]) -> str:
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""
