"""Plain characters out of any text: what a number is written in, before anyone asks what it means.

Digits of every script become ASCII, all dashes one dash, all white space and pictures a blank (a line
break stays, it separates numbers); invisible and direction marks and the quotes of spreadsheets go.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# characters that category and decimal value say nothing of
_LOOKS_LIKE = {
    **dict.fromkeys("\n\r\u0085\u2028\u2029", "\n"),
    **dict.fromkeys("\u2212\u30fc\u2043", "-"),
    **dict.fromkeys("\u2044\u2215\u29f8", "/"),
    **dict.fromkeys("\u00b7\u2022\u2219\u22c5\u30fb\uff65\u3002", "."),
    **dict.fromkeys("\u207a\ufe62\u2795", "+"),
    "\u2800": " ",
    "\u00b0": "\u00b0",  # n°
    **dict.fromkeys("\u00a6\u2502\u2503", "|"),
}
_BY_CATEGORY = {"Pd": "-", "Zs": " ", "So": " ", "Cf": "", "Cc": "", "Cs": ""}
# shown as nothing, though not of category Cf
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u20e3\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
_ASCII_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_QUOTES = "'\"`\u00b4\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"
_FLOAT = re.compile(r"([1-9]\d{6,14})\.0")


def clean(text: str) -> str:
    """`text` in plain characters, without quotes and blanks around it. Any text goes in."""
    if not text.isascii():
        text = "".join(map(_plain, text))
    if not text.isprintable():
        text = _ASCII_CONTROLS.sub(_control, text)
    text = text.strip()
    if text and (text[0] in _QUOTES or text[0] == "=" or text[-1] in _QUOTES):
        text = text.lstrip("=").strip(_QUOTES + " ")
    if text.endswith(".0") and (number := _FLOAT.fullmatch(text)):
        return number[1]  # a spreadsheet's column of digits, saved as floating-point numbers
    return text


def _control(match: re.Match[str]) -> str:
    return {"\r": "\n", "\t": " ", "\x0b": "\n", "\x0c": "\n"}.get(match[0], "")


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """One character in its plain form; "" for one that is not seen."""
    if char.isascii():
        return char
    if (plain := _LOOKS_LIKE.get(char)) is not None:
        return plain
    if (digit := unicodedata.decimal(char, None)) is not None:
        return str(digit)
    if _INVISIBLE.match(char):
        return ""
    if "\uff01" <= char <= "\uff5e":
        return unicodedata.normalize("NFKC", char)
    return _BY_CATEGORY.get(unicodedata.category(char), char)
