"""The transforms of a mapping by name: what a value becomes before it goes to the other side. Pure.

A transform has two halves. Its reading says what the source record gives for the field (a record without a
name gives its company); its making turns that into what is sent, one way towards B and one way back.
`fitting` then makes it fit the target. What each does is in `transforms_lists` and `transforms_values`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from linedesk.apps.records import FieldInfo, FieldKind, Record
from linedesk.sync import transforms_lists as lists
from linedesk.sync import transforms_values as values
from linedesk.sync.composite import value_of
from linedesk.sync.fitting import Made, fit
from linedesk.sync.model import MappingRow, Side
from linedesk.sync.texts import says_something
from linedesk.sync.transform_words import REVERSED, Fields, Given, Option, Told, Transform
from linedesk.sync.values import as_text, is_blank

__all__ = [
    "TRANSFORMS",
    "Fields",
    "Given",
    "Made",
    "Told",
    "Transform",
    "made_of",
    "options_of",
    "transform_for",
    "ways_of",
]


def _tell_plain(record: Record, field: FieldInfo, fields: Fields) -> Told:
    return Told(value_of(record, field))


def _tell_name(record: Record, field: FieldInfo, fields: Fields) -> Told:
    """The name, else the company, the e-mail or a number: whatever people would know the record by."""
    value = value_of(record, field)
    if says_something(as_text(value)):
        return Told(value)
    for kind in (FieldKind.COMPANY, FieldKind.EMAIL, FieldKind.PHONE):
        for other in fields.values():
            text = as_text(record.fields.get(other.name)) if other.kind is kind else ""
            if says_something(text):
                return Told(text, other.label)
    return Told(None)


_TURNED = Option(REVERSED, "`true`: the transform is read from `to` to `from`.", required=False)
"""Every transform that tells its two sides apart has it; a mapping that is mirrored sets it."""

_EACH: tuple[Transform, ...] = (
    Transform("same", "The value as it is.", lists.same, _tell_plain),
    Transform(
        "name",
        "The name; a record without one takes its company, else its e-mail, else its number.",
        lists.first,
        _tell_name,
        one=True,
        keeps=True,
    ),
    Transform(
        "number",
        "A public number in its international form (+39 …); anything else as it is written.",
        lists.number,
        _tell_plain,
        one=True,
        keeps=True,
    ),
    Transform(
        "national",
        "A public number as people write it in the country of the account it comes from; "
        "in its international form on the way back.",
        lists.national,
        _tell_plain,
        back=lists.number,
        one=True,
        keeps=True,
        oriented=True,
        options=(_TURNED,),
    ),
    Transform(
        "first",
        "The first of many values; on the way back it takes the place of the first, and the others stay.",
        lists.first,
        _tell_plain,
        one=True,
        keeps=True,
    ),
    Transform(
        "join",
        "All values in one text, with `between` between them; on the way back the text is split there.",
        lists.join,
        _tell_plain,
        one=True,
        keeps=True,
        fits=lists.join_fits,
        options=(Option("between", 'What stands between two values; ", " when not given.', required=False),),
        check=lists.check_join,
    ),
    Transform(
        "constant",
        "Always `value`, wherever the source holds something.",
        values.constant,
        _tell_plain,
        ways=frozenset({Side.B}),
        one=True,
        oriented=True,
        fits=values.any_fits,
        options=(Option("value", "The text, number or truth value that is written."), _TURNED),
        check=values.check_constant,
    ),
    Transform(
        "choices",
        "The value that `table` gives for it; on the way back the one that it stands for.",
        values.choice,
        _tell_plain,
        back=values.choice_back,
        oriented=True,
        fits=values.choices_fit,
        options=(Option("table", "A table of values: the source's to the target's."), _TURNED),
        check=values.check_choices,
    ),
    Transform(
        "date",
        "A date, in a text field as `format` says; never moved by a time zone.",
        values.date,
        _tell_plain,
        back=values.date_back,
        oriented=True,
        fits=values.date_fits,
        options=(
            Option("format", 'Day, month and year of a text, as in "%d/%m/%Y"; ISO 8601 when not given.',
                   required=False),
            _TURNED,
        ),
        check=values.check_date,
    ),
)  # fmt: skip

TRANSFORMS: Mapping[str, Transform] = MappingProxyType({each.name: each for each in _EACH})


def transform_for(name: str, target: FieldInfo) -> Transform:
    """The transform called `name`; raises `KeyError` for none.

    "same" into a name that the app insists on is "name": a record is not left behind for want of one.
    """
    if name == "same" and target.kind is FieldKind.NAME and target.required:
        return TRANSFORMS["name"]
    return TRANSFORMS[name]


def made_of(transform: Transform, given: Given, to: Side = Side.B) -> Made:
    """What is sent to side `to` for a value: made, and made to fit.

    A blank one is blank; where `held` has further values that no source tells of, they are kept.
    """
    is_kept = transform.keeps and given.target.many and not given.source.many
    if is_blank(given.value) and not (is_kept and not is_blank(given.held)):
        return Made(None)
    is_back = (to is Side.A) is not _is_reversed(given.options)
    made = transform.half(back=is_back)(given)
    if made.left_out or is_blank(made.value):
        return replace(made, value=() if isinstance(given.held, tuple) else None)
    fitted = fit(made.value, given.target)
    return Made(fitted.value, made.notes + fitted.notes, fitted.left_out)


def ways_of(row: MappingRow) -> frozenset[Side]:
    """The sides that the row's transform can write; raises `KeyError` for a transform that is none."""
    ways = TRANSFORMS[row.transform].ways
    return frozenset(side.other for side in ways) if _is_reversed(row.options) else ways


def options_of(row: MappingRow) -> Mapping[str, object]:
    """The row's options as they are once both its fields are swapped."""
    if not TRANSFORMS[row.transform].oriented:
        return row.options
    return {**row.options, REVERSED: not _is_reversed(row.options)}


def _is_reversed(options: Mapping[str, object]) -> bool:
    return options.get(REVERSED) is True
