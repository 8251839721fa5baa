"""Text in the cells of Linedesk's own contacts files: no program that opens them computes it. Pure.

A spreadsheet takes a cell for a formula or a quantity, and a formula from a contact's name may run programs.
Such a cell gets an apostrophe in front, which `restored` takes off again (J01, J03).
"""

from __future__ import annotations

import re

# Wide forms of the signs work in East Asian spreadsheets; LibreOffice skips blanks before a sign.
_COMPUTED = re.compile(r"[\s\x00-\x1f]*[=+\-@|%＝＋－＠]|[\t\r\n]")
_QUANTITY = re.compile(r"\s*[0-9][0-9.,:/\-\s]*(?:e[+-]?[0-9]+)?\s*", re.IGNORECASE)
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_MARK = "'"


def neutral(text: str) -> str:
    """`text` as a cell that stays text. NUL and half surrogate pairs, which no file holds, become U+FFFD."""
    writable = _UNWRITABLE.sub("\ufffd", text)
    if writable.startswith(_MARK) or _COMPUTED.match(writable) or _QUANTITY.fullmatch(writable):
        return _MARK + writable
    return writable


def restored(cell: str) -> str:
    """The text of a cell that `neutral` made."""
    return cell.removeprefix(_MARK)
