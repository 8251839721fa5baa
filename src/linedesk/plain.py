"""Text from outside as one plain line, wherever it comes in. Pure."""

from __future__ import annotations

import unicodedata

_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_UNSEEN = frozenset({"Cf", "Cs", "Co", "Cn"})
_JOINERS = frozenset("\u200c\u200d")  # needed inside words of some scripts and inside emoji


def plain_line(text: str) -> str:
    """The text without what can't be seen, with single spaces for every break."""
    spaced = "".join(" " if unicodedata.category(each) in _BREAKS else each for each in text)
    seen = "".join(each for each in spaced if each in _JOINERS or unicodedata.category(each) not in _UNSEEN)
    return " ".join(seen.split())
