"""One written number as a plus and digits: separators, brackets, vanity letters."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONGEST = 24
"""More digits than any prefix and number together: such a text is no number."""

_PURE = re.compile(r"(\+?)(\d+)")
_WRITTEN = re.compile(r"[\s(\[]*(\+*)[\s(\[]*(?=\d)([\d\s().\[\]/\\_~-]*)")
_BRACKET = re.compile(r"[(\[]\s*(\d{1,3})\s*[)\]]")
_WITHOUT_SIGNS = str.maketrans("", "", " \t\n\r\x0b\x0c().[]/\\_~-")
_VANITY = re.compile(r"[\s(]*\+?[\d\s().-]*\d[\d\s().-]*[A-Za-z][\dA-Za-z\s().-]*")
_LETTER_GROUP = re.compile(r"[A-Za-z]+")
_LONGEST_VANITY = 48
"""Characters: the pattern goes back over the text, which takes long for a long one."""

_LEAST_VANITY_DIGITS = 3
_LEAST_VANITY_LETTERS = 3
_KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")


@dataclass(frozen=True, slots=True)
class Digits:
    """`text` are ASCII digits; `plus` says that they begin with a calling code.

    `bracket` are digits written in brackets behind others (`+49 (0)30`), and `bracket_at` where they
    begin in `text`: a trunk prefix that may have to go. `lone` says that nothing but digits and blanks was
    written.
    """

    text: str
    plus: bool = False
    bracket: str = ""
    bracket_at: int = 0
    lone: bool = True


def digits_of(text: str) -> Digits | None:
    """A cleaned text as digits, or None when it is not written as one number."""
    if pure := _PURE.fullmatch(text):
        return _checked(Digits(pure[2], plus=bool(pure[1])))
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return None
    body = written[2]
    plus = bool(written[1])
    digits = body.translate(_WITHOUT_SIGNS)
    for bracket in _BRACKET.finditer(body) if ")" in body or "]" in body else ():
        if at := len(body[: bracket.start()].translate(_WITHOUT_SIGNS)):
            return _checked(Digits(digits, plus, bracket[1], at, lone=False))
    return _checked(Digits(digits, plus, lone=body.replace(" ", "").isdecimal()))


def vanity(text: str) -> tuple[Digits, Digits] | None:
    """A number with letters (`1-800-FLOWERS`) dialled on the keypad, and the same without its letters.

    None when the text has another shape. Three digits and three letters at least: less is a word.
    """
    if len(text) > _LONGEST_VANITY or not text.isascii() or not _VANITY.fullmatch(text):
        return None
    letters = "".join(_LETTER_GROUP.findall(text))
    before = sum(map(str.isdecimal, text[: text.index(letters[0])]))
    if len(letters) < _LEAST_VANITY_LETTERS or before < _LEAST_VANITY_DIGITS:
        return None
    dialled = digits_of(text.lower().translate(_KEYPAD))
    bare = digits_of(_LETTER_GROUP.sub(" ", text).strip())
    return None if dialled is None or bare is None else (dialled, bare)


def _checked(number: Digits) -> Digits | None:
    return number if len(number.text) <= _LONGEST else None
