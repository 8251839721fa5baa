"""One written number as a plus and digits: separators, brackets, vanity letters, a PBX's prefix rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from linedesk.numbers.model import PrefixRule

_LONGEST = 24
"""More digits than any prefix and number together: such a text is no number."""

_PURE = re.compile(r"(\+?)(\d+)")
_WRITTEN = re.compile(r"[\s(\[]*(\+*)[\s(\[]*(?=\d)([\d\s().\[\]/\\_~-]*)")
_BRACKET = re.compile(r"[(\[]\s*(\d{1,3})\s*[)\]]")
_SEPARATORS = re.compile(r"\D+")
_VANITY = re.compile(r"[\s(]*\+?[\d\s().-]*\d[\d\s().-]*[A-Za-z][\dA-Za-z\s().-]*")
_LETTER_GROUP = re.compile(r"[A-Za-z]+")
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
    bracket = next(
        (each for each in _BRACKET.finditer(body) if _SEPARATORS.sub("", body[: each.start()])), None
    )
    digits = _SEPARATORS.sub("", body)
    lone = body.replace(" ", "").isdecimal()
    if bracket is None:
        return _checked(Digits(digits, plus, lone=lone))
    at = len(_SEPARATORS.sub("", body[: bracket.start()]))
    return _checked(Digits(digits, plus, bracket[1], at, lone))


def vanity(text: str) -> tuple[Digits, Digits] | None:
    """A number with letters (`1-800-FLOWERS`) dialled on the keypad, and the same without its letters.

    None when the text has another shape. Three digits and three letters at least: less is a word.
    """
    if not text.isascii() or not _VANITY.fullmatch(text):
        return None
    letters = "".join(_LETTER_GROUP.findall(text))
    before = sum(map(str.isdecimal, text[: text.index(letters[0])]))
    if len(letters) < _LEAST_VANITY_LETTERS or before < _LEAST_VANITY_DIGITS:
        return None
    dialled = digits_of(text.lower().translate(_KEYPAD))
    bare = digits_of(_LETTER_GROUP.sub(" ", text).strip())
    return None if dialled is None or bare is None else (dialled, bare)


def ruled(number: Digits, rules: Sequence[PrefixRule]) -> Digits:
    """`number` after the first of the PBX's prefix rules that fits. A number with a plus has no prefix."""
    if number.plus:
        return number
    for rule in rules:
        if rule.prefix and number.text.startswith(rule.prefix) and len(number.text) >= rule.min_digits:
            replaced = rule.replace + number.text[len(rule.prefix) :]
            digits = _SEPARATORS.sub("", replaced)
            if not digits:
                return number
            return Digits(digits, plus=replaced.startswith("+"), lone=number.lone)
    return number


def _checked(number: Digits) -> Digits | None:
    return number if len(number.text) <= _LONGEST else None
