"""Dates and times of day. Their digits may be a number of some plan, but nobody writes a number so."""

from __future__ import annotations

import re

_YEAR = r"(?:19|20)\d\d"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_HOUR = r"(?:[01]?\d|2[0-4])[.:][0-5]\d"
_MOMENT = re.compile(
    rf"{_YEAR}([-./])(?:0?[1-9]|1[0-2])\1{_DAY}"
    rf"|{_DAY}([-./]){_DAY}\2{_YEAR}(?:[\s,]+{_HOUR}(?::\d\d)?)?"
    rf"|{_HOUR}(?:\s*[-/]\s*{_HOUR})+"
)
_LONGEST = 32


def is_moment(text: str) -> bool:
    """Whether a cleaned text is a date with its year, a date and time, or hours (`09.00 - 18.00`)."""
    return len(text) <= _LONGEST and _MOMENT.fullmatch(text) is not None
