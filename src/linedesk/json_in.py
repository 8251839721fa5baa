"""JSON from outside, read in one way wherever it comes in: whole characters, real numbers, no bombs. Pure."""

from __future__ import annotations

import json
import re

# Half a character: as an escape, as bytes that no UTF-8 has, or in a body that is UTF-16.
_MAY_HOLD_HALVES = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]|\x00")


def read_json(raw: bytes) -> object:
    """The value; raises `ValueError` for anything that is no JSON, or nested too deep.

    `NaN` is no JSON, and as a value it would differ from itself in every comparison. Half a character
    (a lone surrogate) becomes a replacement mark: no form, database or answer can hold it.
    """
    try:
        value: object = json.loads(raw, parse_constant=_no_number)
        return _whole(value) if _MAY_HOLD_HALVES.search(raw) else value
    except RecursionError:
        raise ValueError("nested too deep") from None


def _no_number(text: str) -> object:
    raise ValueError(text)


def _whole(value: object) -> object:
    """The same value with whole characters only; halves that belong together are joined."""
    if isinstance(value, str):
        if value.isascii():
            return value
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {_whole(name): _whole(each) for name, each in value.items()}
    return value
