"""Makes a value fit the field it goes to: its type, its choices, its length. Pure.

Free text is cut; what would be something else when cut (a number, an address) is left out, with a note.
"""

from __future__ import annotations

from dataclasses import dataclass

from linedesk.apps.records import Entry, FieldInfo, FieldKind, Value
from linedesk.sync.texts import cut, plain
from linedesk.sync.values import as_text, is_blank, texts_of

_MAY_BE_CUT = frozenset(
    {FieldKind.NAME, FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.ADDRESS, FieldKind.COMPANY}
)
_SHOWN = 40
"""So many characters of what is left out are told."""
_YES, _NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


@dataclass(frozen=True, slots=True)
class Made:
    """What is sent, with sentences on what was left out or cut.

    `left_out`: there is a value, but the field can't hold it; nothing is sent, and nothing is cleared.
    """

    value: Value
    notes: tuple[str, ...] = ()
    left_out: bool = False


def fit(value: Value, target: FieldInfo) -> Made:
    """`value` as `target` can hold it."""
    if target.many:
        return _list(value, target)
    if target.kind is FieldKind.CHECKBOX:
        return _checkbox(value, target)
    if target.kind is FieldKind.NUMBER and isinstance(value, int | float):
        return Made(value)
    if target.kind is FieldKind.CHOICE and target.choices:
        return _choice(as_text(value), target)
    return _text(as_text(value), target)


def _list(value: Value, target: FieldInfo) -> Made:
    """Each element is judged by itself; one that is too long is left out."""
    if not isinstance(value, tuple):
        value = texts_of(value)
    most = target.max_length
    if most is None or all(len(text) <= most for text in texts_of(value)):
        return Made(value)
    entries = tuple(item for item in value if isinstance(item, Entry) and len(item.value) <= most)
    texts = tuple(item for item in value if isinstance(item, str) and len(item) <= most)
    lost = ", ".join(cut(text, _SHOWN) for text in texts_of(value) if len(text) > most)
    note = f"{target.label} takes {most} characters in each value. Left out: {lost}."
    return Made(entries or texts, (note,))


def _text(text: str, target: FieldInfo) -> Made:
    most = target.max_length
    if most is None or len(text) <= most:
        return Made(text)
    if target.kind not in _MAY_BE_CUT:
        return _left_out(f"{target.label} takes {most} characters, and the value has {len(text)}", target)
    shorter = cut(text, most)
    if is_blank(shorter):
        return _left_out(f"The value can't be cut to {most} characters", target)
    return Made(shorter, (f"{target.label} takes {most} characters; the rest of {len(text)} is cut.",))


def _choice(text: str, target: FieldInfo) -> Made:
    for choice in target.choices:
        if plain(choice.value) == plain(text):
            return Made(choice.value)
    for choice in target.choices:
        if plain(choice.label).casefold() == plain(text).casefold():
            return Made(choice.value)
    return _left_out("The value is none of the choices of " + target.label, target)


def _checkbox(value: Value, target: FieldInfo) -> Made:
    if isinstance(value, bool):
        return Made(value)
    word = plain(as_text(value)).casefold()
    if word in _YES | _NO:
        return Made(word in _YES)
    return _left_out(f"The value is neither yes nor no, and {target.label} takes nothing else", target)


def _left_out(sentence: str, target: FieldInfo) -> Made:
    return Made(None, (f"{sentence}; {target.label} is left as it is.",), left_out=True)
