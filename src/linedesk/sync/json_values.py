"""Values of fields as JSON and back, exactly. Pure.

A tuple is a list, of texts or of `{"value", "label"}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern
from typing import Any

from linedesk.apps.records import Entry, Value

Json = Any


def value_to_json(value: Value) -> Json:
    """`None`, a text, a number or a truth value as it is; a tuple as a list."""
    if not isinstance(value, tuple):
        return value
    return [{"value": item.value, "label": item.label} if isinstance(item, Entry) else item for item in value]


def value_from_json(body: Json) -> Value:
    """What `value_to_json` wrote. Raises `KeyError` or `TypeError` for anything else."""
    if isinstance(body, list):
        return tuple(Entry(item["value"], item["label"]) if isinstance(item, dict) else item for item in body)
    if body is None or isinstance(body, str | int | float):
        return body
    raise TypeError(f"no value of a field: {type(body).__name__}")


def fields_to_json(fields: Mapping[str, Value]) -> dict[str, Json]:
    """Field name -> value."""
    return {name: value_to_json(value) for name, value in fields.items()}


def fields_from_json(body: Mapping[str, Json]) -> dict[str, Value]:
    """What `fields_to_json` wrote. A name is one object for all records, or it takes as much as values."""
    return {intern(name): value_from_json(value) for name, value in body.items()}
