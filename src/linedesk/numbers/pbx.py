"""What one PBX adds to numbers: prefix rules for reading, an outside line to take off, rules for dialling.

Nothing here asks whether a text is a number at all. `read.py` says in which order these apply.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from linedesk.numbers.digits import Digits
from linedesk.numbers.model import PrefixRule
from linedesk.numbers.public import Reading

LEAST_BEHIND_LINE = 7
"""So many digits must follow an outside line: with fewer, its digit is part of an internal number."""

_NOT_DIGIT = re.compile(r"\D+")


def ruled(number: Digits, rules: Sequence[PrefixRule]) -> Digits:
    """`number` after the first of the PBX's prefix rules that fits; `number` itself if none changes it.

    A number with a plus has no prefix.
    """
    if number.plus or not rules:
        return number
    replaced = _replaced(number.text, rules)
    digits = _NOT_DIGIT.sub("", replaced)
    if not digits or replaced == number.text:
        return number
    return Digits(digits, plus=replaced.startswith("+"), lone=number.lone)


def dialled_by(text: str, rules: Sequence[PrefixRule]) -> str:
    """What is dialled, after the first rule for dialling that fits. A prefix may begin with `+` here."""
    replaced = _replaced(text, rules)
    return replaced if _NOT_DIGIT.sub("", replaced) else text


def without_line(
    number: Digits,
    written: str,
    line: str,
    whole: Sequence[Reading],
    read_one: Callable[[Digits], Sequence[Reading]],
) -> Sequence[Reading]:
    """The readings of a number that may begin with the digits of the PBX's outside line; `whole` are those
    of all its digits.

    A number that exists is never shortened, so a real `02…` keeps its zero where 0 is the outside line. It
    only gets a second reading that is never sure if what is behind the line exists too and nothing in how
    it is written (an area code in brackets, a hyphen) speaks against that.
    """
    if number.plus or not number.text.startswith(line) or len(number.text) < len(line) + LEAST_BEHIND_LINE:
        return whole
    behind = [each for each in read_one(Digits(number.text[len(line) :])) if each.exists]
    if not behind:
        return whole
    if not any(each.exists for each in whole):
        return behind
    if not number.lone or not _stands_apart(written, line):
        return whole
    known = {each.value for each in whole}
    return (*whole, *(Reading(each.value, sure=False) for each in behind if each.value not in known))


def _stands_apart(written: str, line: str) -> bool:
    """Whether nothing groups the line's digits with those that follow: written alone, or no groups at all."""
    return " " not in written or written.startswith(line + " ")


def rule_for(text: str, rules: Sequence[PrefixRule]) -> PrefixRule | None:
    """The first rule whose prefix and length fit `text`, digits with or without a plus."""
    digits = len(text.removeprefix("+"))
    for rule in rules:
        if text.startswith(rule.prefix) and rule.min_digits <= digits <= rule.max_digits:
            return rule
    return None


def _replaced(text: str, rules: Sequence[PrefixRule]) -> str:
    rule = rule_for(text, rules)
    return text if rule is None else rule.replace + text[len(rule.prefix) :]
