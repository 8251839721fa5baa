"""When two values of a field are the same, by the field's kind (S14, S24). Pure.

A vendor may store a number, an address or the case of an e-mail in its own way; that is no edit by a person.
"""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal, InvalidOperation

from linedesk.apps.records import Entry, FieldKind, Value
from linedesk.numbers import Number, NumberPlan, lookup_keys, read
from linedesk.sync.labels import canonical
from linedesk.sync.texts import plain


def is_blank(value: Value) -> bool:
    """Empty: None, white space only, or a list of nothing else. False and 0 are values."""
    if isinstance(value, tuple):
        return all(is_blank(_text_of(each)) for each in value)
    return value is None or (isinstance(value, str) and not value.strip())


def texts_of(value: Value) -> tuple[str, ...]:
    """The value's texts that are not blank, in order: one for a plain value, many for a list."""
    if isinstance(value, tuple):
        return tuple(text for text in map(_text_of, value) if text.strip())
    return () if is_blank(value) else (as_text(value),)


def as_text(value: Value) -> str:
    """The value as one text: the first of many, "" when empty, `true` and `false` for a checkbox."""
    if isinstance(value, tuple):
        return next(iter(texts_of(value)), "")
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def same(left: Value, right: Value, kind: FieldKind, plan: NumberPlan) -> bool:
    """Whether two values of a field of `kind` say the same; `plan` reads its numbers."""
    if type(left) is type(right) and left == right:
        return True
    if is_blank(left) or is_blank(right):
        return is_blank(left) and is_blank(right)
    if isinstance(left, tuple) or isinstance(right, tuple):
        return _set_of(left, kind, plan) == _set_of(right, kind, plan)
    one, other = as_text(left), as_text(right)
    return plain(one) == plain(other) or _form(one, kind, plan) == _form(other, kind, plan)


def _set_of(value: Value, kind: FieldKind, plan: NumberPlan) -> frozenset[Hashable]:
    """Lists are compared as sets, an `Entry` together with what its label means (G18)."""
    return frozenset(
        (key, canonical(item.label) if isinstance(item, Entry) else "")
        for key, item in elements(value, kind, plan)
    )


def elements(value: Value, kind: FieldKind, plan: NumberPlan) -> tuple[tuple[Hashable, Entry | str], ...]:
    """The elements of a many-valued field in order, each with its canonical key; blank ones are left out.

    Equal keys are one element, however it is spelt and labelled. A plain value is a list of one.
    """
    items = value if isinstance(value, tuple) else (as_text(value),)
    return tuple((_form(text, kind, plan), item) for item in items if (text := _text_of(item)).strip())


def _form(text: str, kind: FieldKind, plan: NumberPlan) -> Hashable:
    """What is equal for two spellings of one value."""
    match kind:
        case FieldKind.PHONE:
            return number_form(text, plan)
        case FieldKind.EMAIL | FieldKind.TAGS | FieldKind.CHECKBOX:
            return plain(text).casefold()
        case FieldKind.NUMBER:
            return _amount(plain(text))
        case _:
            return plain(text)


def number_form(text: str, plan: NumberPlan) -> Hashable:
    """The keys and the extension of a number; the text itself where it is none, or holds more digits."""
    number = read(text, plan)
    keys = tuple(key.text for key in lookup_keys(number))
    if not keys or number.partial or not unambiguous(number):
        return plain(text)
    return keys, number.ext


def unambiguous(number: Number) -> bool:
    """Whether the text has one reading only, or several numbers that are each written out."""
    return number.certain and not number.possible


def _amount(text: str) -> Hashable:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return text
    return amount if amount.is_finite() else text


def _text_of(item: str | Entry) -> str:
    return item.value if isinstance(item, Entry) else item
