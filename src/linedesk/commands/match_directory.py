"""`linedesk match NUMBER`: asks the directory as the service does, and prints what a person understands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from linedesk.accounts.service import Accounts
from linedesk.agents.model import Agent, Role
from linedesk.agents.roster import Roster
from linedesk.apps.registry import REGISTRY
from linedesk.calls.picks import Picks
from linedesk.clock import SystemClock
from linedesk.commands.apply import open_vault
from linedesk.commands.books import with_books
from linedesk.commands.json_lines import print_json, shown
from linedesk.contacts.directory import Directory
from linedesk.contacts.people import People
from linedesk.errors import UserError
from linedesk.messages import Catalogue
from linedesk.numbers import NumberPlan, read
from linedesk.settings import Settings
from linedesk.store.database import Database

_HEADS = {
    "sure": "Sure",
    "possible": "Possible",
    "hidden": "Hidden from this agent",
    "rejected": "Not the caller's",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed."""

    number: str
    explain: bool
    account: str | None
    agent: str | None
    as_json: bool


def match_in_directory(config: Path | None, wanted: Wanted) -> None:
    """Look `wanted.number` up and print the answer."""

    async def run(settings: Settings, books: Database) -> dict[str, Any]:
        accounts = Accounts(books, open_vault(settings), SystemClock())
        roster = Roster(books)
        await accounts.refresh()
        await roster.refresh()
        return await _answer(books, accounts, roster, wanted)

    answer = with_books(config, run)
    if wanted.as_json:
        print_json(answer if wanted.explain else {k: v for k, v in answer.items() if k != "explain"})
    else:
        click.echo("\n".join(_sentences(answer, wanted)))


async def _answer(books: Database, accounts: Accounts, roster: Roster, wanted: Wanted) -> dict[str, Any]:
    who = _asking(accounts, roster, wanted)
    people = People(
        Directory(books),
        accounts,
        REGISTRY,
        accounts.plan_of,
        Catalogue.load("en").text,
        matching=accounts.matching,
        colleague=roster.by_extension,
        book_plan=lambda book: _book_plan(accounts, book),
    )
    pick = None
    if wanted.agent is not None:
        picks = Picks(books, SystemClock())
        await picks.load()
        pick = picks.chosen(who.id, read(wanted.number, accounts.plan_of(who.account)))
    answer = await people.lookup(who, wanted.number)
    explained = await people.explain(who, wanted.number, pick=pick, everything=True)
    return {**answer, "picked": pick, "explain": explained}


def _book_plan(accounts: Accounts, book: str) -> NumberPlan:
    """How a book's numbers are written: as on the PBX that it is tied to, else as on the first."""
    account = accounts.app(book)
    key = REGISTRY[account.app].pbx_key if account is not None and account.app in REGISTRY else None
    return accounts.plan_of(account.config.get(key) if account is not None and key is not None else None)


def _asking(accounts: Accounts, roster: Roster, wanted: Wanted) -> Agent:
    """The agent to look as; without one, somebody who sees every book."""
    names = [each.name for each in accounts.all_pbx()]
    if wanted.account is not None and wanted.account not in names:
        known = ", ".join(names) or "none yet"
        raise UserError(
            f"There is no PBX account {shown(wanted.account)}, or it is switched off.",
            remedy=f"PBX accounts are: {known}.",
        )
    if wanted.agent is None:
        account = wanted.account or next(iter(names), None)
        return Agent("", "", "", Role.AGENT, account)
    found = roster.by_login(wanted.agent)
    if found is None:
        raise UserError(
            f"There is no agent {shown(wanted.agent)}.", remedy="`linedesk export` shows the agents."
        )
    if wanted.account not in {None, found.account}:
        raise UserError(
            f"{found.login} is not an agent of {wanted.account}.", remedy="Leave --account or --agent out."
        )
    return found


def _sentences(answer: dict[str, Any], wanted: Wanted) -> Iterator[str]:
    explain = answer["explain"]
    yield f"{shown(wanted.number)}: {answer['display']}"
    if wanted.explain:
        yield from (f"  {note}" for note in explain["notes"])
        keys = ", ".join(f"{each['key']} ({each['certainty']})" for each in explain["keys"])
        if keys:
            yield f"  Looked up by {keys}."
        if explain["switchboards"]:
            yield f"  Switchboards tried, among companies: {', '.join(explain['switchboards'])}."
    if answer["colleague"] is not None:
        yield f"  A colleague: {shown(answer['colleague']['name'])}, {answer['colleague']['extension']}."
    if not answer["sure"] and not answer["possible"]:
        yield "Nobody in the directory matches."
    for verdict, head in _HEADS.items():
        found = [each for each in explain["candidates"] if each["verdict"] == verdict]
        if found and (wanted.explain or verdict in {"sure", "possible"}):
            yield head
            for each in found:
                yield from _candidate(each, wanted.explain)
    if answer["company"] is not None:
        yield f"All sure contacts are of {shown(answer['company']['name'])}."


def _candidate(each: dict[str, Any], explain: bool) -> Iterator[str]:
    place = f"{each['place']}." if each["place"] is not None else "-"
    number = shown(each["number"]) if each["number"] else "no number"
    label = f" ({shown(each['label'])})" if each["label"] else ""
    yield (
        f"  {place} {shown(each['name'])}, {each['type']} in {each['app_title']} ({shown(each['account'])}): "
        f"{number}{label}"
    )
    if explain:
        yield from (f"     {shown(reason)}" for reason in each["reasons"])
