"""Text as the sync compares, cuts and folds it. Pure; what a field's kind adds to that is in `values`.

Comparison is in NFC without outer white space. A folded name is only for finding pairs, never for writing.
"""

from __future__ import annotations

import re
import unicodedata

_ZERO_WIDTH_JOINER = "\u200d"
_NAME_MAX = 120
"""So many characters of a name are compared: an app may have cut the rest."""

_ACCENT = 200
"""Combining classes from here on are accents and dots; lower ones are letters of their scripts."""

_LEFT_OUT = re.compile(r"['’ʼ`´]")
_BETWEEN = re.compile(r"[\s!-/:-@\[-`{-~\u00a0-\u00bf\u2000-\u206f\u3000-\u3003\ufeff]+")


def plain(text: str) -> str:
    """The form in which two texts are compared: NFC, line ends as LF, trimmed."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", text).strip()


def says_something(text: str) -> bool:
    """Whether a text holds a letter, a digit or a symbol: "-", "." and invisible signs are no name."""
    return text[:1].isalnum() or any(unicodedata.category(letter)[0] in "LNS" for letter in text)


def cut(text: str, length: int) -> str:
    """At most `length` characters, never through an accent, an emoji of several parts or a flag.

    A text that is one single such character may end up empty.
    """
    if len(text) <= length:
        return text
    end = max(length, 0)
    while end > 0 and _continues(text, end):
        end -= 1
    return text[:end].rstrip()


def folded_name(text: str) -> tuple[str, ...]:
    """The words of a name without case, accents, punctuation and order; empty when it has none."""
    letters = unicodedata.normalize("NFD", plain(text)[:_NAME_MAX].casefold())
    bare = "".join(letter for letter in letters if unicodedata.combining(letter) < _ACCENT)
    words = _BETWEEN.split(_LEFT_OUT.sub("", unicodedata.normalize("NFC", bare)))
    return tuple(sorted(word for word in words if word))


def _continues(text: str, end: int) -> bool:
    """Whether the character at `end` belongs to the one before it."""
    letter, before = text[end], text[end - 1]
    if unicodedata.category(letter)[0] == "M" or _ZERO_WIDTH_JOINER in {letter, before}:
        return True
    if _is_skin_tone(letter) or 0xE0020 <= ord(letter) <= 0xE007F or (before, letter) == ("\r", "\n"):
        return True
    return _is_flag_part(letter) and _flag_parts_before(text, end) % 2 == 1


def _is_skin_tone(letter: str) -> bool:
    return 0x1F3FB <= ord(letter) <= 0x1F3FF


def _is_flag_part(letter: str) -> bool:
    """Two regional indicators make one flag."""
    return 0x1F1E6 <= ord(letter) <= 0x1F1FF


def _flag_parts_before(text: str, end: int) -> int:
    start = end
    while start > 0 and _is_flag_part(text[start - 1]):
        start -= 1
    return end - start
