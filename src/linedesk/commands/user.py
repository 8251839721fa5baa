"""`linedesk user`: local accounts one by one. A running service sees the change within a second or two."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from linedesk.accounts import users
from linedesk.accounts.export import agent_table
from linedesk.agents.model import Agent, Role
from linedesk.agents.passwords import Passwords, check_rules
from linedesk.agents.rules import check_email, check_extension, check_login, check_name
from linedesk.clock import SystemClock
from linedesk.commands.books import actor, config_option, json_option, with_books
from linedesk.errors import UserError
from linedesk.settings import Settings
from linedesk.store import agents
from linedesk.store.database import Database

T = TypeVar("T")


@click.group()
def user() -> None:
    """People who sign in: add, list, password, on and off."""


@user.command()
@click.argument("name")
@click.option(
    "--role", required=True, type=click.Choice([role.value for role in Role]), help="What the user may do."
)
@click.option("--extension", help="The user's extension on the PBX.")
@click.option("--account", help="The PBX account of the extension; left out when there is only one.")
@click.option("--name", "full_name", help="The full name colleagues see.")
@click.option("--email", help="The e-mail address the PBX knows.")
@config_option
@json_option
def add(
    *,
    name: str,
    role: str,
    extension: str | None,
    account: str | None,
    full_name: str | None,
    email: str | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """Add a user who signs in as NAME; the password is asked for, or read from standard input."""
    wanted = users.NewAgent(
        login=_checked("NAME", check_login, name.lower()),
        role=Role(role),
        name=_checked("--name", check_name, full_name) if full_name else "",
        account=account or None,
        extension=_checked("--extension", check_extension, extension) if extension else None,
        email=_checked("--email", check_email, email) if email else None,
    )

    async def run(_settings: Settings, books: Database) -> Agent:
        # Before anyone is asked for a password.
        await books.read(lambda c: users.check_new(c, wanted))
        password_hash = await _hash(_ask_password(wanted.login))
        now_ms = SystemClock().now_ms()
        return await books.write(lambda c: users.add(c, wanted, password_hash, actor(), now_ms))

    agent = with_books(config, run)
    _say(as_json, _as_json(agent), f"Added {agent.login} ({agent.role.value}{_place(agent)}).")
    if agent.extension is not None and agent.account is None:
        click.echo("The extension starts to work when `linedesk apply` adds the PBX account.", err=True)
    elif agent.role is Role.AGENT and agent.extension is None:
        click.echo("Without an extension this agent sees no calls.", err=True)


@user.command(name="list")
@config_option
@json_option
def list_(config: Path | None, as_json: bool) -> None:
    """Show every user."""

    async def run(_settings: Settings, books: Database) -> list[Agent]:
        return await books.read(agents.all_agents)

    everyone = with_books(config, run)
    lines = [
        f"{agent.login}  {agent.name}  {agent.role.value}{_place(agent)}{'' if agent.active else '  (off)'}"
        for agent in everyone
    ]
    text = "\n".join(lines) or "There is no user yet; `linedesk user add NAME --role owner` makes the first."
    _say(as_json, {"users": [_as_json(agent) for agent in everyone]}, text)


@user.command()
@click.argument("name")
@config_option
@json_option
def password(name: str, config: Path | None, as_json: bool) -> None:
    """Give NAME a new password; every sign-in made with the old one ends."""
    login = name.lower()

    async def run(_settings: Settings, books: Database) -> Agent:
        await books.read(lambda c: users.find(c, login))
        password_hash = await _hash(_ask_password(login))
        now_ms = SystemClock().now_ms()
        return await books.write(lambda c: users.set_password(c, login, password_hash, actor(), now_ms))

    agent = with_books(config, run)
    _say(
        as_json, _as_json(agent), f"{agent.login} has a new password and must sign in again on every device."
    )


@user.command()
@click.argument("name")
@config_option
@json_option
def off(name: str, config: Path | None, as_json: bool) -> None:
    """Switch NAME off: no sign-in, and what is open now is cut."""
    _switch(name, False, config, as_json)


@user.command()
@click.argument("name")
@config_option
@json_option
def on(name: str, config: Path | None, as_json: bool) -> None:
    """Let NAME sign in again."""
    _switch(name, True, config, as_json)


def _switch(name: str, active: bool, config: Path | None, as_json: bool) -> None:
    async def run(_settings: Settings, books: Database) -> tuple[Agent, bool]:
        now_ms = SystemClock().now_ms()
        return await books.write(lambda c: users.set_active(c, name.lower(), active, actor(), now_ms))

    agent, changed = with_books(config, run)
    word = "on" if active else "off"
    _say(
        as_json,
        _as_json(agent),
        f"{agent.login} is {word} now." if changed else f"{agent.login} was {word} already.",
    )


def _checked(option: str, check: Callable[[str], str], text: str) -> str:
    try:
        return check(text)
    except ValueError as error:
        raise UserError(f"{option}: {error}.") from None


def _ask_password(login: str) -> str:
    if sys.stdin.isatty():
        text: str = click.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True)
    else:
        text = sys.stdin.readline().rstrip("\r\n")
        if not text:
            raise UserError(
                "There is no password on standard input.",
                remedy="Write it as the first line, or use a terminal.",
            )
    check_rules(text, login)
    return text


async def _hash(text: str) -> str:
    passwords = Passwords()
    try:
        return await passwords.hash(text)
    finally:
        passwords.close()


def _as_json(agent: Agent) -> dict[str, Any]:
    return {"id": agent.id, "login": agent.login, **agent_table(agent)}


def _place(agent: Agent) -> str:
    if agent.extension is None:
        return ""
    return f", extension {agent.extension}" + (f" of {agent.account}" if agent.account else "")


def _say(as_json: bool, document: dict[str, Any], text: str) -> None:
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else text)
