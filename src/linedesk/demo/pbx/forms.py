"""Forms and query strings as PHP reads them: bracketed names become nested maps, `+` becomes a space.

Pure. Not for JSON bodies, whose names mean what they say.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

Nested = dict[str, Any]

_NAME = re.compile(r"(?P<head>[^\[]+)(?P<rest>(?:\[[^\]]*\])*)")
_STEP = re.compile(r"\[([^\]]*)\]")
_FIELDS_MAX = 1000


def nested(text: str) -> Nested:
    """`data[name]=Ada&filter[a][from]=1&l[]=x` as maps; a later value of the same name wins.

    Raises `ValueError` for a form of more than a thousand fields.
    """
    found: Nested = {}
    for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS_MAX):
        if not name:
            continue  # a value without a name is nothing to PHP
        match = _NAME.fullmatch(name)
        steps = [match["head"], *_STEP.findall(match["rest"])] if match else [name]
        _put(found, steps, value)
    return found


def _put(into: Nested, steps: list[str], value: str) -> None:
    for step in steps[:-1]:
        inner = into.get(key := _key(into, step))
        if not isinstance(inner, dict):
            inner = into[key] = {}
        into = inner
    into[_key(into, steps[-1])] = value


def _key(into: Nested, step: str) -> str:
    """`[]` takes the next number, as an appended element does."""
    if step:
        return step
    return str(1 + max((int(key) for key in into if key.isdecimal()), default=-1))
