"""The transforms of a mapping by name: what a value becomes before it goes to the other side. Pure.

A transform has two halves. Its reading says what the source record gives for the field (a record without a
name gives its company); its making turns that into what is sent. `fitting` then makes it fit the target.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from linedesk.apps.records import FieldInfo, FieldKind, Record, Value
from linedesk.numbers import NumberPlan
from linedesk.sync.fitting import Made, fit
from linedesk.sync.number_texts import public_form
from linedesk.sync.texts import says_something
from linedesk.sync.values import as_text, is_blank, texts_of

Fields = Mapping[str, FieldInfo]


@dataclass(frozen=True, slots=True)
class Told:
    """What a record gives for a field. `stands_in`: the label of another field that gave it instead."""

    value: Value
    stands_in: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What a transform works on. `plan` is how the source account writes numbers."""

    value: Value
    source: FieldInfo
    target: FieldInfo
    plan: NumberPlan
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Transform:
    """One transform. `sentence` tells an administrator what it does; `one`: many values become one."""

    name: str
    sentence: str
    make: Callable[[Given], Made]
    tell: Callable[[Record, FieldInfo, Fields], Told]
    one: bool = False


def _tell_plain(record: Record, field: FieldInfo, fields: Fields) -> Told:
    return Told(record.fields.get(field.name))


def _tell_name(record: Record, field: FieldInfo, fields: Fields) -> Told:
    """The name, else the company, the e-mail or a number: whatever people would know the record by."""
    value = record.fields.get(field.name)
    if says_something(as_text(value)):
        return Told(value)
    for kind in (FieldKind.COMPANY, FieldKind.EMAIL, FieldKind.PHONE):
        for other in fields.values():
            text = as_text(record.fields.get(other.name)) if other.kind is kind else ""
            if says_something(text):
                return Told(text, other.label)
    return Told(None)


def _same(given: Given) -> Made:
    return _first(given) if isinstance(given.value, tuple) and not given.target.many else Made(given.value)


def _first(given: Given) -> Made:
    texts = texts_of(given.value)
    if len(texts) < 2:
        return Made(as_text(given.value))
    return Made(texts[0], (f"{given.source.label} holds {len(texts)} values; only the first one is taken.",))


def _join(given: Given) -> Made:
    return Made(str(given.options.get("between", ", ")).join(texts_of(given.value)))


def _number(given: Given) -> Made:
    first = _first(given)
    made = public_form(as_text(first.value), given.plan, given.source.label)
    return Made(made.value, first.notes + made.notes)


TRANSFORMS: Mapping[str, Transform] = MappingProxyType(
    {
        each.name: each
        for each in (
            Transform("same", "The value as it is.", _same, _tell_plain),
            Transform(
                "name",
                "The name; a record without one takes its company, else its e-mail, else its number.",
                _first,
                _tell_name,
                one=True,
            ),
            Transform(
                "number",
                "A public number in its international form (+39 …); anything else as it is written.",
                _number,
                _tell_plain,
                one=True,
            ),
            Transform("first", "The first of many values.", _first, _tell_plain, one=True),
            Transform(
                "join", "All values in one text, with `between` between.", _join, _tell_plain, one=True
            ),
        )
    }
)


def transform_for(name: str, target: FieldInfo) -> Transform:
    """The transform called `name`; raises `KeyError` for none.

    "same" into a name that the app insists on is "name": a record is not left behind for want of one.
    """
    if name == "same" and target.kind is FieldKind.NAME and target.required:
        return TRANSFORMS["name"]
    return TRANSFORMS[name]


def made_of(transform: Transform, given: Given) -> Made:
    """What is sent for a value: made, and made to fit. A blank one is blank."""
    if is_blank(given.value):
        return Made(None)
    made = transform.make(given)
    fitted = fit(made.value, given.target)
    return Made(fitted.value, made.notes + fitted.notes, fitted.left_out)
