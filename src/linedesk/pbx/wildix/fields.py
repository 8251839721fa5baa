"""Reading fields of the PBX's JSON, where anything may be null, missing or of another type.

Pure, and never raises: what cannot be read as asked is absent. It also makes text from outside harmless.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from linedesk.plain import plain_line

NAME_MAX = 200
TEXT_MAX = 120
_TIME_MAX_MS = 1 << 53  # what JSON numbers carry exactly


def mapping(value: Any) -> Mapping[str, Any]:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """A list, or an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any, limit: int = TEXT_MAX) -> str | None:
    """One line of text without control and direction characters; None where nothing is left.

    Whole numbers count as text (ids and extensions come either way). The word `null` is a text.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to print huge numbers; no id or extension has that many digits.
        value = str(value) if abs(value) < _TIME_MAX_MS else None
    if not isinstance(value, str):
        return None
    return plain_line(value[: limit * 4])[:limit].strip() or None


def clean_name(value: Any) -> str:
    """A name as it may appear on screen: plain text, markup left as harmless text; empty if there is none."""
    return text(value, NAME_MAX) or ""


def whole(value: Any) -> int | None:
    """A whole number from a number or its text (`"12"`), else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,16}", value.strip(), re.ASCII):
        value = int(value)
    if isinstance(value, float):
        value = round(value) if math.isfinite(value) else None
    if not isinstance(value, int):
        return None
    return value if abs(value) <= _TIME_MAX_MS else None


def time_ms(value: Any) -> int | None:
    """Epoch ms from a positive number, or from an ISO 8601 text with its zone."""
    number = whole(value)
    if number is not None:
        return number if number > 0 else None
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return round(moment.timestamp() * 1000) if moment.tzinfo is not None else None
    except (ValueError, OverflowError, OSError):
        return None
