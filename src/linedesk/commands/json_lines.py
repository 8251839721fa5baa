"""What `linedesk number` and `linedesk match` share: JSON lines, and text that is safe to print."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from linedesk.errors import UserError
from linedesk.numbers import NumberPlan, is_region

JSONL_REMEDY = "Write one JSON object a line, as the command's help shows."


def json_lines() -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects on standard input, each with the place of its line; raises `UserError` for another line."""
    for place, line in enumerate(sys.stdin.buffer, 1):  # bytes: JSON lines are UTF-8 in any locale
        text = line.decode("utf-8", "replace").removeprefix("\ufeff").strip()
        if not text:
            continue
        try:
            document = json.loads(text)
        except ValueError:
            raise UserError(f"Line {place} is not JSON.", remedy=JSONL_REMEDY) from None
        if not isinstance(document, dict):
            raise UserError(f"Line {place} is not a JSON object.", remedy=JSONL_REMEDY)
        yield place, document


def text_of(line: dict[str, Any], name: str, place: int) -> str | None:
    """A number's text; null and a missing name are no caller id, a bare JSON integer is its digits."""
    value = line.get(name)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise UserError(f"Line {place}: `{name}` must be a text.", remedy=JSONL_REMEDY)


def plan_of(region: Any, place: int | None = None) -> NumberPlan:
    """A plan of the region alone; raises `UserError` for what is no region."""
    if not isinstance(region, str) or not is_region(region):
        where = f"Line {place}: " if place is not None else ""
        raise UserError(
            f"{where}{shown(str(region))} is not a region.", remedy="Use an ISO 3166 code such as IT."
        )
    return NumberPlan(region.upper())


def shown(text: str) -> str:
    """The text with everything that could steer a terminal or turn its direction made visible."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text) or "(empty)"


def print_json(document: dict[str, Any]) -> None:
    """One document on one line of standard output."""
    click.echo(json.dumps(document))
