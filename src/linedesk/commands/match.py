"""`linedesk match`: whom a caller matches, of contacts that are given or of the service's own directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from linedesk.commands.books import config_option, json_option
from linedesk.commands.json_lines import JSONL_REMEDY, json_lines, plan_of, print_json, text_of
from linedesk.commands.match_directory import Wanted, match_in_directory
from linedesk.contacts.explain import Words
from linedesk.contacts.explain_stored import explain_stored
from linedesk.contacts.match import Stored
from linedesk.contacts.match import match as match_contacts
from linedesk.contacts.model import ContactType
from linedesk.errors import UserError
from linedesk.messages import Catalogue
from linedesk.numbers import NumberPlan, read

_REGION = "IT"


@click.command("match")
@click.argument("number", required=False)
@config_option
@click.option("--region", help=f"With --jsonl: the PBX's country, ISO 3166.  [default: {_REGION}]")
@click.option("--jsonl", is_flag=True, help="Read JSON lines from standard input, write JSON lines.")
@click.option("--explain", is_flag=True, help="Also say how the number was read and why each won or lost.")
@click.option(
    "--account", help="The PBX account that reads NUMBER; without it, the agent's or the first one."
)
@click.option("--agent", help="The login of an agent: as this one sees it. Without it, every book.")
@json_option
def match(
    *,
    number: str | None,
    config: Path | None,
    region: str | None,
    jsonl: bool,
    explain: bool,
    account: str | None,
    agent: str | None,
    as_json: bool,
) -> None:
    """Show which contacts a caller belongs to.

    With NUMBER, in the directory of the service (config.toml says where it is); nothing is changed.

    With --jsonl, each line of standard input is {"stored": [{"contact", "phone", "type"?}], "caller",
    "region"} and gives {"sure": [...], "possible": [...]}; type is "person" (the default) or "company".
    --explain adds "explain".
    """
    if jsonl == (number is not None):
        raise click.UsageError("Give a NUMBER, or --jsonl to read contacts from standard input.")
    if number is not None:
        if region is not None:
            raise click.UsageError("--region goes with --jsonl; NUMBER is read as the PBX account does.")
        match_in_directory(config, Wanted(number, explain, account, agent, as_json))
        return
    if account is not None or agent is not None:
        raise click.UsageError("--account and --agent go with a NUMBER.")
    words = Catalogue.load("en").text
    for place, line in json_lines():
        print_json(_answer(line, place, region or _REGION, words if explain else None))


def _answer(line: dict[str, Any], place: int, region: str, words: Words | None) -> dict[str, Any]:
    """The answer to one line; with `words`, explained."""
    plan = plan_of(line.get("region", region), place)
    entries = line.get("stored")
    if not isinstance(entries, list):
        raise UserError(f"Line {place}: `stored` must be a list of contacts.", remedy=JSONL_REMEDY)
    stored = [_stored(each, plan, place) for each in entries]
    caller = read(text_of(line, "caller", place), plan)
    found = match_contacts(stored, caller)
    answer: dict[str, Any] = {"sure": list(found.sure), "possible": list(found.possible)}
    if words is not None:
        answer["explain"] = explain_stored(stored, caller, plan, found, words)
    return answer


def _stored(entry: Any, plan: NumberPlan, place: int) -> Stored:
    if not isinstance(entry, dict) or not isinstance(entry.get("contact"), str):
        raise UserError(
            f'Line {place}: each of `stored` must be {{"contact", "phone"}}.', remedy=JSONL_REMEDY
        )
    kind = entry.get("type", ContactType.PERSON.value)
    if kind not in list(ContactType):
        raise UserError(f"Line {place}: `type` is person or company.", remedy=JSONL_REMEDY)
    return Stored(entry["contact"], read(text_of(entry, "phone", place), plan), ContactType(kind))
