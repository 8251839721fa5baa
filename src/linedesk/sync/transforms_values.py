"""Transforms of one value into another: `constant`, `choices` and `date`. Pure.

What they can't turn is left out with a note: nothing is written, and nothing is emptied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date as Date  # noqa: N812 - `date` is the transform's name
from typing import Any

from linedesk.apps.records import FieldInfo, FieldKind
from linedesk.sync.fitting import Made, fit
from linedesk.sync.model import MappingRow
from linedesk.sync.texts import plain
from linedesk.sync.transform_words import REVERSED, Given
from linedesk.sync.values import as_text, is_blank

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?=$|[T ])")
_PLACES: Mapping[str, str] = {"%d": r"(?P<d>\d{1,2})", "%m": r"(?P<m>\d{1,2})", "%Y": r"(?P<y>\d{4})"}
_MOST_CHOICES = 1000
_TEXTS = frozenset({FieldKind.TEXT, FieldKind.LONG_TEXT})
_DATES = _TEXTS | {FieldKind.DATE}
_CHOSEN = _TEXTS | {FieldKind.CHOICE, FieldKind.CHECKBOX, FieldKind.COMPANY}


def constant(given: Given) -> Made:
    """The value; a list gets it beside what it has."""
    value = given.options["value"]
    if not given.target.many:
        return Made(value)
    held = (
        tuple(item for item in given.held if isinstance(item, str)) if isinstance(given.held, tuple) else ()
    )
    known = {_word(item) for item in held}
    return Made(held if _word(as_text(value)) in known else (*held, as_text(value)))


def choice(given: Given) -> Made:
    found = _table(given.options).get(_word(as_text(given.value)))
    if found is None:
        return _left_out(given, f"{given.source.label} holds a value that is not in the table of choices")
    return Made(found[1])


def choice_back(given: Given) -> Made:
    """The only value that stands for it; of several the one that the target holds already."""
    table = _table(given.options)
    wanted = _word(as_text(given.value))
    fitting = [source for source, target in table.values() if _word(target) == wanted]
    if len(fitting) == 1:
        return Made(fitting[0])
    if not fitting:
        return _left_out(given, f"{given.source.label} holds a value that is not in the table of choices")
    held = as_text(given.held)
    if any(_word(source) == _word(held) for source in fitting):
        return Made(given.held)
    return _left_out(given, f"{', '.join(fitting)} all stand for what {given.source.label} holds")


def date(given: Given) -> Made:
    """Towards B: ISO 8601 between two texts comes out in the form of `format`."""
    if given.source.kind is not FieldKind.DATE and given.target.kind is not FieldKind.DATE:
        return _dated(given, source_format="", target_format=_format(given))
    return _between_fields(given)


def date_back(given: Given) -> Made:
    if given.source.kind is not FieldKind.DATE and given.target.kind is not FieldKind.DATE:
        return _dated(given, source_format=_format(given), target_format="")
    return _between_fields(given)


def any_fits(source: FieldInfo, target: FieldInfo) -> bool:
    """A constant: `fitting` judges it against the target when it is checked."""
    return True


def choices_fit(source: FieldInfo, target: FieldInfo) -> bool:
    return source.kind in _CHOSEN and target.kind in _CHOSEN and not (source.many or target.many)


def date_fits(source: FieldInfo, target: FieldInfo) -> bool:
    return source.kind in _DATES and target.kind in _DATES and not (source.many or target.many)


def check_constant(row: MappingRow, a: FieldInfo, b: FieldInfo) -> Iterator[str]:
    value = row.options.get("value")
    if value is None or not isinstance(value, str | int | float):
        yield f"The row {row.key} needs the option `value`, a text, a number or true or false."
        return
    target = a if row.options.get(REVERSED) is True else b
    if is_blank(value) or (not target.many and fit(value, target).left_out):
        yield f'The `value` of the row {row.key} does not fit "{target.label}".'


def check_choices(row: MappingRow, a: FieldInfo, b: FieldInfo) -> Iterator[str]:
    table = row.options.get("table")
    if not isinstance(table, Mapping) or not table or len(table) > _MOST_CHOICES:
        yield (
            f"The row {row.key} needs the option `table` with 1 to {_MOST_CHOICES} choices, "
            'as in {"Customer" = "client"}.'
        )
        return
    if not all(isinstance(each, str) and each.strip() for pair in table.items() for each in pair):
        yield f"The table of the row {row.key} must give a text for each text."
    elif len(_table(row.options)) < len(table):
        yield f"The table of the row {row.key} names one value twice."


def check_date(row: MappingRow, a: FieldInfo, b: FieldInfo) -> Iterator[str]:
    form = row.options.get("format", "")
    if not isinstance(form, str) or (form and _pattern(form) is None):
        yield (
            f"The option `format` of the row {row.key} must hold %d, %m and %Y once each, with signs between "
            'them, as in "%d/%m/%Y".'
        )


def _between_fields(given: Given) -> Made:
    """A date field is always ISO 8601; `format` is that of the text on the other side."""
    source, target = (
        "" if info.kind is FieldKind.DATE else _format(given) for info in (given.source, given.target)
    )
    return _dated(given, source_format=source, target_format=target)


def _dated(given: Given, *, source_format: str, target_format: str) -> Made:
    found = _read(as_text(given.value), source_format)
    if found is None:
        return _left_out(given, f"{given.source.label} holds no date that can be read")
    if not target_format:
        return Made(found.isoformat())
    written = target_format.replace("%d", f"{found.day:02}").replace("%m", f"{found.month:02}")
    return Made(written.replace("%Y", f"{found.year:04}"))


def _read(text: str, form: str) -> Date | None:
    """The day as it is written; a time and its zone behind it say nothing about the day (no clock moves)."""
    pattern = _pattern(form) if form else None
    found = pattern.fullmatch(plain(text)) if pattern is not None else None
    if found is not None:
        year, month, day = found["y"], found["m"], found["d"]
    else:
        iso = _ISO.match(plain(text))
        if iso is None:
            return None
        year, month, day = iso.groups()
    try:
        return Date(int(year), int(month), int(day))
    except ValueError:
        return None


def _pattern(form: str) -> re.Pattern[str] | None:
    """How a date in this form is read; None for a form that does not tell its three parts apart."""
    pieces = re.split(r"(%[a-zA-Z%])", form)
    marks = pieces[1::2]
    if sorted(marks) != sorted(_PLACES) or any(re.search(r"\d", piece) for piece in pieces[::2]):
        return None
    if not all(pieces[2:-1:2]) or len(form) > 50:
        return None
    return re.compile("".join(_PLACES.get(piece) or re.escape(piece) for piece in pieces))


def _format(given: Given) -> str:
    return str(given.options.get("format", ""))


def _table(options: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Compared form of a source's value -> it and what it becomes."""
    return {_word(str(source)): (str(source), str(target)) for source, target in options["table"].items()}


def _word(text: str) -> str:
    return plain(text).casefold()


def _left_out(given: Given, sentence: str) -> Made:
    return Made(None, (f"{sentence}; {given.target.label} is left as it is.",), left_out=True)
