"""Whether a regular expression for tags may be used: it must end soon on every text. Pure.

Python's expressions try one way after another, and some need more ways than there are seconds. Only plain
features are let through, no repeat within a repeat, and only so many ways in all.
"""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import dataclass

from linedesk.contacts.policy import TAG_MAX

_MOST_WAYS = 6_000_000  # a few tenths of a second at the very worst
_QUANTIFIER = re.compile(r"(?:[*+?]|\{\d*,?\d*\})[?+]?")
_COUNTS = re.compile(r"\{(\d*)(,?)(\d*)\}")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_GROUP = re.compile(r"\((?:\?:|\?P<\w+>|(?!\?))")
_FLAG = re.compile(r"\(\?i\)")


@dataclass(frozen=True, slots=True)
class _Ways:
    """`open`: repeats without a small end. `ways`: how often the rest can be read differently."""

    open: int = 0
    ways: int = 1

    def then(self, other: _Ways) -> _Ways:
        return _Ways(self.open + other.open, self.ways * other.ways)

    @property
    def varies(self) -> bool:
        return self.open > 0 or self.ways > 1


def check_tag_pattern(text: str) -> str:
    """The pattern itself; raises `ValueError` with what is wrong with it."""
    try:
        with warnings.catch_warnings():
            # What Python warns of may mean something else in its next version.
            warnings.simplefilter("error", FutureWarning)
            re.compile(text)
    except (re.error, OverflowError, RecursionError, FutureWarning) as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    flag = _FLAG.match(text)
    ways, _ = _either(text, flag.end() if flag else 0)
    if math.comb(TAG_MAX + ways.open, ways.open) * ways.ways > _MOST_WAYS:
        raise ValueError(f"{text!r} can be tried in too many ways; use fewer of * + ? {{ }} and |")
    return text


def _either(text: str, at: int) -> tuple[_Ways, int]:
    """The ways of alternatives up to the end of their group, and where that is."""
    branches = [_Ways()]
    while at < len(text) and text[at] != ")":
        if text[at] == "|":
            branches.append(_Ways())
            at += 1
            continue
        atom, at = _atom(text, at)
        quantifier = _QUANTIFIER.match(text, at)
        if quantifier is not None and _counts(quantifier[0]) is not None:
            atom, at = _repeated(text, atom, quantifier[0]), quantifier.end()
        branches[-1] = branches[-1].then(atom)
    most = max(each.open for each in branches)
    return _Ways(most, sum(each.ways for each in branches)), at


def _atom(text: str, at: int) -> tuple[_Ways, int]:
    if text[at] == "[":
        found = _CLASS.match(text, at)
        return _Ways(), found.end() if found is not None else at + 1
    if text[at] == "\\":
        if text[at + 1].isdecimal() and text[at + 1] != "0":
            raise ValueError(f"{text!r} refers back to a group, which a tag's pattern may not")
        return _Ways(), at + 2
    if text[at] != "(":
        return _Ways(), at + 1
    group = _GROUP.match(text, at)
    if group is None:
        raise ValueError(f"{text!r} uses (?…) for more than a group, which a tag's pattern may not")
    inner, end = _either(text, group.end())
    return inner, end + 1


def _repeated(text: str, atom: _Ways, quantifier: str) -> _Ways:
    least, most = _counts(quantifier) or (1, 1)
    if most > 1 and atom.varies:
        raise ValueError(f"{text!r} repeats what repeats or varies itself, which may take for ever")
    if most > TAG_MAX:
        return _Ways(open=1)
    return _Ways(atom.open, atom.ways * (most - least + 1) if least != most else atom.ways)


def _counts(quantifier: str) -> tuple[int, int] | None:
    """Least and most times; None for braces that are no quantifier (`{}`, `{,}` repeats for ever)."""
    match quantifier[0]:
        case "*":
            return 0, TAG_MAX + 1
        case "+":
            return 1, TAG_MAX + 1
        case "?":
            return 0, 1
    found = _COUNTS.match(quantifier)
    if found is None or not (found[1] or found[2]):
        return None
    least = int(found[1] or 0)
    if not found[2]:
        return least, least
    return least, int(found[3]) if found[3] else TAG_MAX + 1
