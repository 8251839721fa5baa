"""What a file of `linedesk apply` makes of the present setup. Pure: setup and file in, setup out.

Things that the file does not name stay; `remove = true` removes. A list (`origins`, `books`,
`prefix_rules`, `countries` …) is one value and replaces the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from linedesk.accounts.addresses import check_account_url
from linedesk.accounts.edge import AccountTable, AgentTable, SetupFile
from linedesk.accounts.model import DEFAULT_INTERNAL_PATTERN, PBX_APP, TokenKind
from linedesk.accounts.setup import SECRET_FIELDS, AccountSetup, Setup
from linedesk.agents.model import Agent
from linedesk.agents.rules import settle
from linedesk.apps.registry import REGISTRY
from linedesk.calls.dial_policy import DialPolicy
from linedesk.errors import ApplyError, UserError

_APP_FIELDS = frozenset({"app", "url", "enabled"})


def wanted(before: Setup, file: SetupFile, new_id: Callable[[], str]) -> Setup:
    """The setup after the file; raises `ApplyError`. `new_id` gives an id for each new agent."""
    accounts = _accounts(before.accounts, file.accounts)
    agents = _agents(before.agents, file.agents, new_id)
    _check_books(agents, accounts, file)
    agents = _without_books(agents, before.accounts.keys() - accounts.keys())
    try:
        agents = settle(agents, [name for name, account in accounts.items() if account.is_pbx])
    except UserError as error:
        raise ApplyError(error.message, remedy=error.remedy) from None
    origins = before.origins if file.origins is None else frozenset(file.origins)
    dialling = DialPolicy.from_document({**before.dialling.to_document(), **file.dialling.given()})
    return Setup(accounts, agents, origins, dialling)


def _accounts(
    before: Mapping[str, AccountSetup], tables: Mapping[str, AccountTable]
) -> dict[str, AccountSetup]:
    after = dict(before)
    for name, table in tables.items():
        if table.remove:
            after.pop(name, None)
        else:
            after[name] = _account(name, before.get(name), table)
    return after


def _account(name: str, before: AccountSetup | None, table: AccountTable) -> AccountSetup:
    given = table.given()
    app = before.app if before is not None else given.get("app", "")
    path = f"accounts.{name}"
    if before is None and app not in {PBX_APP, *REGISTRY}:
        known = ", ".join(sorted({PBX_APP, *REGISTRY}))
        wrong = (
            f"`{path}.app`: {app!r} is no app that Linedesk knows." if app else f"`{path}.app` is missing."
        )
        raise ApplyError(wrong, remedy=f"Apps are: {known}.")
    if given.get("app", app) != app:
        raise ApplyError(
            f"`{path}.app` can't change from {app!r} to {given['app']!r}.",
            remedy="Remove the account and add the other under a name of its own.",
        )
    is_pbx = app == PBX_APP
    _check_fields(path, app, given, is_pbx)
    secrets = dict(before.secrets) if before is not None else {}
    for field in SECRET_FIELDS:
        if field in given:
            secrets[field] = given.pop(field)
    config = dict(before.config) if before is not None else _defaults(is_pbx)
    config.update({key: _stored(value) for key, value in given.items() if key != "app"})
    for field in _needed(app):
        if not config.get(field):
            raise ApplyError(f"`{path}.{field}` is missing.")
    return AccountSetup(name, app, config, {key: value for key, value in secrets.items() if value})


def _needed(app: str) -> tuple[str, ...]:
    if app == PBX_APP:
        return ("url", "region")
    # An app whose pages all stand at one address (Google) or that has none (a CSV file) needs no address.
    info = REGISTRY[app]
    return ("url",) if info.pages and not info.base else ()


def _check_fields(path: str, app: str, given: Mapping[str, Any], is_pbx: bool) -> None:
    if is_pbx:
        if given.get("url"):
            try:
                check_account_url(given["url"], path_allowed=False)
            except ValueError as error:
                raise ApplyError(f"`{path}.url`: {error}.") from None
        return
    for field in given:
        if field not in _APP_FIELDS:
            raise ApplyError(f"`{path}.{field}` is a key of PBX accounts; `{path}` is a {app} account.")


def _defaults(is_pbx: bool) -> dict[str, Any]:
    if not is_pbx:
        return {"url": "", "enabled": True}
    return {
        "internal_pattern": DEFAULT_INTERNAL_PATTERN,
        "outside_line": "",
        "prefix_rules": [],
        "token_kind": TokenKind.SIMPLE.value,
        "private": False,
        "enabled": True,
    }


def _stored(value: Any) -> Any:
    """The JSON form of a value of the file."""
    if isinstance(value, TokenKind):
        return value.value
    if isinstance(value, list):
        return [rule.model_dump() for rule in value]
    return value


def _agents(
    before: Mapping[str, Agent], tables: Mapping[str, AgentTable], new_id: Callable[[], str]
) -> dict[str, Agent]:
    after = dict(before)
    for login, table in tables.items():
        if table.remove:
            after.pop(login, None)
            continue
        given = table.given()
        agent = before.get(login)
        if agent is None:
            if "role" not in given:
                raise ApplyError(
                    f"`agents.{login}.role` is missing.",
                    remedy="Roles are agent, viewer, operator and owner.",
                )
            agent = Agent(id=new_id(), login=login, name=login, role=given["role"])
        for field in ("account", "extension", "email", "user_id"):
            if field in given:
                given[field] = given[field] or None
        if "books" in given:
            given["books"] = None if given["books"] == "all" else frozenset(given["books"])
        after[login] = replace(agent, **given)
    return after


def _check_books(agents: Mapping[str, Agent], accounts: Mapping[str, AccountSetup], file: SetupFile) -> None:
    for login, table in file.agents.items():
        if "books" not in table.model_fields_set or login not in agents:
            continue
        unknown = sorted((agents[login].books or frozenset()) - accounts.keys())
        if unknown:
            raise ApplyError(
                f"`agents.{login}.books` names `{unknown[0]}`, which is no account.",
                remedy="Books are accounts: add the account in the same file, or correct the name.",
            )


def _without_books(agents: Mapping[str, Agent], removed: Collection[str]) -> dict[str, Agent]:
    """A removed book leaves every agent's list: an account made later under its name is another book."""
    return {
        login: agent if agent.books is None else replace(agent, books=agent.books.difference(removed))
        for login, agent in agents.items()
    }
