"""How the text of a condition is compared with what a field holds, by the field's kind. Pure.

Text is compared in NFC, without case and outer white space (S24), a number by its keys, a day as UTC (I06).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial

from linedesk.apps.records import FieldInfo, FieldKind, Value
from linedesk.numbers import NumberPlan, lookup_keys, read
from linedesk.sync.instants import instant_ms, instant_text, is_day
from linedesk.sync.memberships import folded
from linedesk.sync.texts import plain
from linedesk.sync.values import is_blank, texts_of

Says = Callable[[Value], bool]
"""Whether a value of the field is what the condition asks for."""

_YES, _NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


def equals(info: FieldInfo, wanted: Sequence[str], plan: NumberPlan) -> Says:
    """Whether the field holds one of `wanted`; of many values one is enough. A blank text asks for none."""
    blank = any(not text.strip() for text in wanted)
    texts = [text for text in wanted if text.strip()]
    one = _one_equals(info, texts, plan)

    def says(value: Value) -> bool:
        if is_blank(value):
            return blank or (info.kind is FieldKind.CHECKBOX and bool(_NO & set(map(folded, texts))))
        return any(one(text) for text in texts_of(value))

    return says


def contains(info: FieldInfo, wanted: Sequence[str], plan: NumberPlan) -> Says:
    """Whether the field's text has one of `wanted` in it; a number also as it is written internationally."""
    texts = [folded(text) for text in wanted if text.strip()]
    bare = [_bare(text) for text in texts] if info.kind is FieldKind.PHONE else []
    labels = _labels(info)

    def says(value: Value) -> bool:
        for text in texts_of(value):
            held = folded(text)
            if any(part in held or part in labels.get(held, "") for part in texts):
                return True
            if bare and any(part and part in form for part in bare for form in _written(text, plan)):
                return True
        return False

    return says


def _one_equals(info: FieldInfo, wanted: Sequence[str], plan: NumberPlan) -> Callable[[str], bool]:
    match info.kind:
        case FieldKind.PHONE:
            return partial(_shares_number, _numbers(wanted, plan), frozenset(map(folded, wanted)), plan)
        case FieldKind.DATE:
            return partial(_is_in, _moment, frozenset(map(_moment, wanted)), _days(wanted))
        case FieldKind.NUMBER:
            return partial(_is_in, _amount, frozenset(map(_amount, wanted)), frozenset())
        case FieldKind.CHECKBOX:
            return partial(_is_in, _truth, frozenset(map(_truth, wanted)), frozenset())
        case FieldKind.CHOICE:
            return partial(_is_in, folded, _choices(info, wanted), frozenset())
        case _:
            return partial(_is_in, folded, frozenset(map(folded, wanted)), frozenset())


def _is_in(form: Callable[[str], str], wanted: frozenset[str], days: frozenset[str], text: str) -> bool:
    """`days`: dates that were asked for without a time; any moment of theirs counts."""
    made = form(text)
    return made in wanted or (bool(days) and made[:10] in days)


def _numbers(wanted: Sequence[str], plan: NumberPlan) -> frozenset[str]:
    return frozenset(key for text in wanted for key in _keys(text, plan))


def _keys(text: str, plan: NumberPlan) -> set[str]:
    """The keys of a text's numbers, with the extension, so that two desks of a house are two numbers."""
    number = read(text, plan)
    return {f"{key.text};{number.ext or ''}" for key in lookup_keys(number)}


def _shares_number(keys: frozenset[str], texts: frozenset[str], plan: NumberPlan, text: str) -> bool:
    return folded(text) in texts or not keys.isdisjoint(_keys(text, plan))


def _written(text: str, plan: NumberPlan) -> tuple[str, ...]:
    """A number without its spaces and brackets: as it is stored, and with its country."""
    return (_bare(text), *(key.text for key in lookup_keys(read(text, plan))))


def _bare(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit() or letter == "+")


def _labels(info: FieldInfo) -> dict[str, str]:
    """What people read for the values of a choice."""
    return {folded(choice.value): folded(choice.label) for choice in info.choices}


def _choices(info: FieldInfo, wanted: Sequence[str]) -> frozenset[str]:
    """The texts that a choice may hold for `wanted`: its value, whichever of value and label was given."""
    forms = set(map(folded, wanted))
    by_label = {value for value, label in _labels(info).items() if label in forms}
    return frozenset(forms | by_label)


def _moment(text: str) -> str:
    """An instant in one form that begins with its UTC day; a text that is no date as it is."""
    try:
        return instant_text(instant_ms(text))
    except ValueError:
        return folded(text)


def _days(wanted: Sequence[str]) -> frozenset[str]:
    """Those texts that name a day without a time."""
    return frozenset(_moment(text)[:10] for text in wanted if is_day(text))


def _amount(text: str) -> str:
    try:
        amount = Decimal(plain(text))
    except InvalidOperation:
        return folded(text)
    return str(amount.normalize()) if amount.is_finite() else folded(text)


def _truth(text: str) -> str:
    word = folded(text)
    return "yes" if word in _YES else "no" if word in _NO else word
