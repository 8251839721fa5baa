"""`linedesk number`: try how a number is read and dialled, by a country alone or by a PBX's settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linedesk.commands.json_lines import json_lines, plan_of, print_json, shown, text_of
from linedesk.commands.number_trial import document, sentences, trial
from linedesk.errors import UserError
from linedesk.numbers import Number, NumberPlan, read

if TYPE_CHECKING:
    from linedesk.settings import Settings
    from linedesk.store.database import Database

_REGION = "IT"


@click.command("number")
@click.option("--config", type=click.Path(path_type=Path), help="config.toml, which --account needs.")
@click.option("--region", help=f"The PBX's country, ISO 3166.  [default: {_REGION}]")
@click.option("--account", help="A PBX account: its country, internal numbers, rules and outside line.")
@click.option("--jsonl", is_flag=True, help="Read JSON lines from standard input, write JSON lines.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of sentences.")
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
def number(
    *,
    config: Path | None,
    region: str | None,
    account: str | None,
    jsonl: bool,
    as_json: bool,
    texts: tuple[str, ...],
) -> None:
    """Show how each TEXT is read as a phone number, what it is looked up by, and what would be dialled.

    With --account as that PBX does it, and which of its rules made a difference. With --jsonl, each line
    of standard input is {"input", "region"} and gives {"kind", "value", "ext", "candidates"}.
    """
    if jsonl == bool(texts):
        raise click.UsageError("Give the numbers as arguments, or --jsonl to read them from standard input.")
    if account is not None and (region is not None or jsonl):
        raise click.UsageError("--account brings its own country: it goes with neither --region nor --jsonl.")
    if jsonl and as_json:
        raise click.UsageError("--jsonl writes JSON already.")
    if jsonl:
        for place, line in json_lines():
            plan = plan_of(line.get("region", region or _REGION), place)
            print_json(_as_json(read(text_of(line, "input", place), plan)))
        return
    plan = plan_of(region or _REGION) if account is None else _plan_of_account(config, account)
    tried = [trial(text, plan) for text in texts]
    if as_json:
        found = {"account": account, "region": plan.region, "numbers": [document(each) for each in tried]}
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for each in tried:
        click.echo("\n".join(sentences(each, plan)))


def _as_json(number: Number) -> dict[str, Any]:
    return {
        "kind": number.kind.value,
        "value": number.value,
        "ext": number.ext,
        "candidates": list(number.candidates),
    }


def _plan_of_account(config: Path | None, account: str) -> NumberPlan:
    """The plan of a PBX account in the database, switched off or not; no secret is read."""
    from linedesk.accounts.setup import account_setup, pbx_account
    from linedesk.commands.books import with_books
    from linedesk.store import accounts

    async def run(_settings: Settings, books: Database) -> NumberPlan:
        rows = await books.read(accounts.all_accounts)
        setups = [account_setup(row.name, row.app, row.config, {}) for row in rows]
        plans = {each.name: pbx_account(each).plan for each in setups if each.is_pbx}
        if account not in plans:
            names = ", ".join(sorted(plans)) or "none yet"
            raise UserError(
                f"There is no PBX account {shown(account)}.", remedy=f"PBX accounts are: {names}."
            )
        return plans[account]

    return with_books(config, run)
