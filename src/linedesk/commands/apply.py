"""`linedesk apply` and `linedesk export`: accounts, connections, agents and dialling rules as text."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import click

from linedesk.accounts.advice import advice
from linedesk.accounts.apply import Applier, ApplyPlan
from linedesk.accounts.connection_advice import field_advice
from linedesk.accounts.edge import parse
from linedesk.accounts.export import as_document, as_toml
from linedesk.accounts.keys import every_secret_key
from linedesk.accounts.references import plain
from linedesk.accounts.setup import Setup, read_setup
from linedesk.accounts.vault import Vault
from linedesk.clock import SystemClock
from linedesk.commands.books import actor, config_option, json_option, with_books
from linedesk.errors import ApplyError
from linedesk.settings import Settings
from linedesk.store.database import Database
from linedesk.sync.known_fields import recalled


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Write without asking.")
@config_option
@json_option
def apply(file: Path, yes: bool, config: Path | None, as_json: bool) -> None:
    """Show what FILE changes, ask, and write it. With --json and without --yes it only shows."""
    text = _read(file)
    wanted = parse(text, str(file), file.parent)

    async def run(settings: Settings, books: Database) -> tuple[ApplyPlan, bool, list[str]]:
        applier = Applier(books, open_vault(settings), SystemClock())
        plan = await applier.plan(wanted)
        if not as_json:
            click.echo("\n".join(plan.lines()) or "Nothing to change.")
        agreed = bool(plan.changes) and (yes or (not as_json and click.confirm("Write this?")))
        if agreed:
            await applier.write(wanted, plan, actor())
        return plan, agreed, await _misfits(books, plan.after)

    plan, written, misfits = with_books(config, run)
    sentences = advice(plan.after) + misfits + _readable_secrets(file, text)
    if as_json:
        document = {
            "changes": [change.as_json() for change in plan.changes],
            "applied": written,
            "advice": sentences,
        }
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    if plan.changes:
        click.echo("Written." if written else "Nothing was written.")
    if plan.changes and not written:
        return  # what is missing in a setup that was not written is nobody's business
    for sentence in sentences:
        click.echo(sentence, err=True)


@click.command()
@config_option
@json_option
def export(config: Path | None, as_json: bool) -> None:
    """Print the present setup as a file for `linedesk apply`; secrets are left out."""

    async def run(settings: Settings, books: Database) -> tuple[Settings, Setup]:
        vault = open_vault(settings)
        return settings, await books.read(lambda c: read_setup(c, vault))

    settings, setup = with_books(config, run)
    document: dict[str, Any] = as_document(setup)
    text = json.dumps(document, ensure_ascii=False) if as_json else as_toml(setup, settings.base_url)
    click.echo(text, nl=as_json)


async def _misfits(books: Database, setup: Setup) -> list[str]:
    """What the fields that the accounts told last make impossible; nobody is asked."""
    connections = list(setup.connections.values())
    names = {name for each in connections for name in (each.a, each.b)}
    told = await books.read(lambda c: {name: recalled(c, name) for name in sorted(names)})
    return field_advice(connections, setup.accounts, told)


def open_vault(settings: Settings) -> Vault:
    """The vault of a configured service."""
    key = settings.secret_key
    return Vault.open(None if key is None else key.get_secret_value(), settings.data_dir)


def _readable_secrets(file: Path, text: str) -> list[str]:
    """A warning if the file holds secrets and other users of this machine may read them."""
    found = plain(tomllib.loads(text), every_secret_key())
    if not found or not file.stat().st_mode & 0o044:
        return []
    return [
        f"Other users of this machine can read {file}, and it holds secrets (`{found[0]}`): run "
        f'`chmod 600 {file}`, or write {{ env = "NAME" }} or {{ file = "/path" }} in their place.'
    ]


def _read(file: Path) -> str:
    try:
        # Windows editors begin a file with a mark of its encoding.
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ApplyError(
            f"{file} can't be read: {reason}.", remedy="Check the file's name and rights."
        ) from None
