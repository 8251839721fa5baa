"""`linedesk contacts reread` and `rebuild`: the directory's index made anew beside a running service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import click
from sqlalchemy import Connection

from linedesk.clock import SystemClock
from linedesk.commands.books import config_option, json_option, quiet_settings, with_books
from linedesk.contacts.directory import Directory
from linedesk.contacts.readings import plan_of_file
from linedesk.errors import UserError
from linedesk.numbers import NumberPlan
from linedesk.parts import opened_parts
from linedesk.settings import Settings
from linedesk.store.database import Database


@click.command(name="reread")
@click.option("--book", help="Only this book: the name of an app account, or of an imported file's book.")
@config_option
@json_option
def reread(*, book: str | None, config: Path | None, as_json: bool) -> None:
    """Read the stored numbers anew, as the accounts now say; calls are matched meanwhile."""
    changed = asyncio.run(_reread(quiet_settings(config), book))
    if as_json:
        click.echo(json.dumps({"changed": changed}, ensure_ascii=False))
        return
    for name, count in changed.items():
        click.echo(f"{name}: {count:,} contacts are read in another way now.")
    if not changed:
        click.echo("There are no contacts yet.")


@click.command(name="rebuild")
@config_option
@json_option
def rebuild(*, config: Path | None, as_json: bool) -> None:
    """Make the index of numbers and words anew from what is stored; lookups and searches go on meanwhile."""

    async def run(_settings: Settings, books: Database) -> int:
        return await Directory(books).rebuild()

    count = with_books(config, run)
    click.echo(
        json.dumps({"contacts": count})
        if as_json
        else f"The index of {count:,} contacts is made anew; nothing else was changed."
    )


async def _reread(settings: Settings, book: str | None) -> dict[str, int]:
    async with opened_parts(settings, SystemClock()) as parts:
        there = await parts.directory.books()
        if book is not None and book not in there:
            raise UserError(
                f"There are no contacts in a book {book!r}.",
                remedy=f"Those with contacts are: {', '.join(there) or 'none'}.",
            )
        changed = {}
        for name in there if book is None else (book,):
            plan = await parts.stores.books.read(_plan(name, parts.apps.plan_of(name)))
            changed[name] = await parts.directory.reread(name, plan)
        return changed


def _plan(book: str, plan: NumberPlan) -> Callable[[Connection], NumberPlan]:
    return lambda c: plan_of_file(c, book, plan)
