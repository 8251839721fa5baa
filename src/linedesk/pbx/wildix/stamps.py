"""Reading `last_update`, whose format and time zone the PBX's maker does not tell. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

_FIRST_MS = 100_000_000_000  # below it a whole number means seconds; as seconds this is the year 5138
_LAST_MS = 253_402_300_799_999  # the end of the year 9999
_TEXT_MAX = 64
_NUMBER = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,9})?")


def parse_stamp(value: object, zone: tzinfo = UTC) -> int | None:
    """Epoch ms from epoch seconds or ms (number or text), `YYYY-MM-DD HH:MM:SS` or ISO 8601.

    `zone` is that of a text without one. None when it can't be read, and for zero dates.
    """
    if isinstance(value, bool):
        return None
    text = str(value).strip() if isinstance(value, int | float | str) else ""
    if not text or len(text) > _TEXT_MAX:
        return None
    return _number(text) if _NUMBER.fullmatch(text) and len(text) != 8 else _date(text, zone)


def _number(text: str) -> int | None:
    number = float(text)
    ms = round(number if number >= _FIRST_MS else number * 1000)
    return ms if 0 < ms <= _LAST_MS else None


def _date(text: str, zone: tzinfo) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        ms = round(moment.timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return None
    return ms if ms > 0 else None
