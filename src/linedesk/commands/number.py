"""`linedesk number` and `linedesk match`: try how a number is read, and whom a caller matches."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from linedesk.contacts.match import Stored
from linedesk.contacts.match import match as match_contacts
from linedesk.contacts.model import ContactType
from linedesk.errors import UserError
from linedesk.numbers import (
    Kind,
    Number,
    NumberPlan,
    country,
    international,
    is_region,
    lookup_keys,
    national,
    price_class,
    read,
)

_KIND_WORDS = {
    Kind.E164: "public number",
    Kind.EXTENSION: "internal number",
    Kind.SHORT: "short or feature code, dialled as it is",
    Kind.EMERGENCY: "emergency number, dialled as it is",
    Kind.ANONYMOUS: "no caller id",
    Kind.INVALID: "cannot be read as a number",
}
_CONFIG = click.option(
    "--config", type=click.Path(path_type=Path), help="Accepted by every command; this one needs no settings."
)
_REGION = click.option("--region", default="IT", show_default=True, help="The PBX's country, ISO 3166.")
_JSONL_REMEDY = "Write one JSON object a line, as the command's help shows."


@click.command("number")
@_CONFIG
@_REGION
@click.option("--jsonl", is_flag=True, help="Read JSON lines from standard input, write JSON lines.")
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
def number(config: Path | None, region: str, jsonl: bool, texts: tuple[str, ...]) -> None:
    """Show how each TEXT is read as a phone number.

    With --jsonl, each line of standard input is {"input", "region"} and gives
    {"kind", "value", "ext", "candidates"}.
    """
    if jsonl == bool(texts):
        raise click.UsageError("Give the numbers as arguments, or --jsonl to read them from standard input.")
    if jsonl:
        for place, line in _json_lines():
            plan = _plan(line.get("region", region), place)
            _print_json(_as_json(read(_text(line, "input", place), plan)))
        return
    plan = _plan(region)
    for text in texts:
        click.echo(_for_people(text, read(text, plan), plan))


@click.command("match")
@_CONFIG
@_REGION
@click.option(
    "--jsonl", is_flag=True, required=True, help="Read JSON lines from standard input, write JSON lines."
)
def match(config: Path | None, region: str, jsonl: bool) -> None:
    """Show which stored contacts a caller belongs to.

    Each line of standard input is {"stored": [{"contact", "phone", "type"?}], "caller", "region"} and gives
    {"sure": [...], "possible": [...]}; type is "person" (the default) or "company".
    """
    for place, line in _json_lines():
        plan = _plan(line.get("region", region), place)
        stored = line.get("stored")
        if not isinstance(stored, list):
            raise UserError(f"Line {place}: `stored` must be a list of contacts.", remedy=_JSONL_REMEDY)
        found = match_contacts(
            [_stored(each, plan, place) for each in stored], read(_text(line, "caller", place), plan)
        )
        _print_json({"sure": list(found.sure), "possible": list(found.possible)})


def _as_json(number: Number) -> dict[str, Any]:
    return {
        "kind": number.kind.value,
        "value": number.value,
        "ext": number.ext,
        "candidates": list(number.candidates),
    }


def _for_people(text: str, number: Number, plan: NumberPlan) -> str:
    lines = [f"{_shown(text)}: {_KIND_WORDS[number.kind]}"]
    if number.kind is Kind.E164 and number.value is not None:
        lines.append(f"  number     {number.value} ({country(number.value) or 'no country'})")
        shown = dict.fromkeys([national(number.value, plan.region), international(number.value)])
        lines.append(f"  shown as   {' or '.join(shown)}")
        lines.append(f"  price      {price_class(number.value).value.replace('_', ' ')}")
    elif number.value is not None:
        lines.append(f"  dialled    {number.value}")
    if number.ext:
        lines.append(f"  extension  {number.ext}, sent after the answer")
    for candidate in number.candidates[1:]:
        also = "perhaps" if candidate in number.possible else "also"
        lines.append(f"  {also:<10} {candidate}")
    keys = ", ".join(f"{key.text} ({key.certainty.value})" for key in lookup_keys(number))
    lines.append(f"  looked up  {keys or 'never: it matches nobody'}")
    return "\n".join(lines)


def _shown(text: str) -> str:
    """The text with everything that could steer a terminal or turn its direction made visible."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text) or "(empty)"


def _json_lines() -> Iterator[tuple[int, dict[str, Any]]]:
    for place, line in enumerate(sys.stdin.buffer, 1):  # bytes: JSON lines are UTF-8 in any locale
        text = line.decode("utf-8", "replace").removeprefix("\ufeff").strip()
        if not text:
            continue
        try:
            document = json.loads(text)
        except ValueError:
            raise UserError(f"Line {place} is not JSON.", remedy=_JSONL_REMEDY) from None
        if not isinstance(document, dict):
            raise UserError(f"Line {place} is not a JSON object.", remedy=_JSONL_REMEDY)
        yield place, document


def _text(line: dict[str, Any], name: str, place: int) -> str | None:
    """A number's text; null and a missing name are no caller id, a bare JSON integer is its digits."""
    value = line.get(name)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise UserError(f"Line {place}: `{name}` must be a text.", remedy=_JSONL_REMEDY)


def _stored(entry: Any, plan: NumberPlan, place: int) -> Stored:
    if not isinstance(entry, dict) or not isinstance(entry.get("contact"), str):
        raise UserError(
            f'Line {place}: each of `stored` must be {{"contact", "phone"}}.', remedy=_JSONL_REMEDY
        )
    kind = entry.get("type", ContactType.PERSON.value)
    if kind not in list(ContactType):
        raise UserError(f"Line {place}: `type` is person or company.", remedy=_JSONL_REMEDY)
    return Stored(entry["contact"], read(_text(entry, "phone", place), plan), ContactType(kind))


def _plan(region: Any, place: int | None = None) -> NumberPlan:
    if not isinstance(region, str) or not is_region(region):
        where = f"Line {place}: " if place is not None else ""
        raise UserError(
            f"{where}{_shown(str(region))} is not a region.", remedy="Use an ISO 3166 code such as IT."
        )
    return NumberPlan(region.upper())


def _print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document))
