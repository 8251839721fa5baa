"""What a `SET` action sends, and what a field of groups holds with a group more or less. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from linedesk.apps.records import Entry, FieldInfo, FieldKind, Value
from linedesk.sync.fitting import Made, fit
from linedesk.sync.instants import instant_ms
from linedesk.sync.memberships import Word, folded, named, text_of, words_of
from linedesk.sync.model import Applied
from linedesk.sync.values import is_blank


def left_by(did: Applied) -> Value:
    """What an action left on the record, as the app spells it."""
    return did.after if did.read_back is None else did.read_back


def fitted(text: str, info: FieldInfo) -> Made:
    """The text of an action as the field holds it; left out, with a note, where it can't."""
    if is_blank(text):
        return Made(None)
    if info.kind is FieldKind.NUMBER and not info.many:
        amount = _amount(text)
        return Made(amount) if amount is not None else _left_out(info, "a number")
    if info.kind is FieldKind.DATE and not _is_date(text):
        return _left_out(info, "a date")
    return fit(text.strip(), info)


def joined(value: Value, name: str, info: FieldInfo) -> tuple[Value, tuple[Word, ...], tuple[Word, ...]]:
    """The field with the group `name`, the words that gave way, and those that came."""
    words = words_of(value)
    word: Word = Entry(name) if any(isinstance(each, Entry) for each in words) else name
    if info.many:
        return _field((*words, word), info), (), (word,)
    return _field((word,), info), words, (word,)


def left(value: Value, name: str, info: FieldInfo) -> tuple[Value, tuple[Word, ...], tuple[Word, ...]]:
    """The field without the group `name`, the words that went, and those that came (none)."""
    gone = named(value, name)
    return _field(tuple(word for word in words_of(value) if word not in gone), info), gone, ()


def taken_back(value: Value, before: Value, after: Value, info: FieldInfo) -> Value:
    """The field with `before` in place of `after`, the words of an action, if it is still as that left it."""
    words, old, new = words_of(value), words_of(before), words_of(after)
    there = _names(words)
    came, only = _names(new) <= there and not _names(old) & there, there == _names(new)
    if not (came if info.many else only):
        return value
    return _field((*(word for word in words if folded(text_of(word)) not in _names(new)), *old), info)


def _names(words: Sequence[Word]) -> frozenset[str]:
    return frozenset(folded(text_of(word)) for word in words)


def _field(words: Sequence[Word], info: FieldInfo) -> Value:
    if not info.many:
        return text_of(words[0]) if words else None
    if any(isinstance(word, Entry) for word in words):
        return tuple(word if isinstance(word, Entry) else Entry(word) for word in words)
    return tuple(text_of(word) for word in words)


def _amount(text: str) -> int | float | None:
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not amount.is_finite():
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _is_date(text: str) -> bool:
    try:
        instant_ms(text)
    except ValueError:
        return False
    return True


def _left_out(info: FieldInfo, what: str) -> Made:
    return Made(None, (f"The value is not {what}; {info.label} is left as it is.",), left_out=True)
