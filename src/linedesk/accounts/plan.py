"""What a file of `linedesk apply` makes of the present setup. Pure: setup and file in, setup out.

Things that the file does not name stay; `remove = true` removes. A list (`origins`, `books`,
`prefix_rules`, `open_first` …) is one value and replaces the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from linedesk.accounts.account_plan import wanted_accounts
from linedesk.accounts.connection_plan import wanted_connections
from linedesk.accounts.edge import AgentTable, SetupFile
from linedesk.accounts.matching_plan import settled_tag_rules, wanted_matching
from linedesk.accounts.setup import AccountSetup, Setup
from linedesk.agents.model import Agent
from linedesk.agents.rules import settle
from linedesk.calls.dial_policy import DialPolicy
from linedesk.errors import ApplyError, UserError


def wanted(before: Setup, file: SetupFile, new_id: Callable[[], str]) -> Setup:
    """The setup after the file; raises `ApplyError`. `new_id` gives an id for each new agent."""
    accounts = wanted_accounts(before.accounts, file.accounts)
    connections = wanted_connections(before.connections, file.connections, accounts)
    agents = _agents(before.agents, file.agents, new_id)
    _check_books(agents, accounts, file)
    removed = before.accounts.keys() - accounts.keys()
    agents = _without_books(agents, removed)
    accounts = settled_tag_rules(accounts, file.accounts, removed)
    matching = wanted_matching(before.matching, file.matching, accounts)
    try:
        agents = settle(agents, [name for name, account in accounts.items() if account.is_pbx])
    except UserError as error:
        raise ApplyError(error.message, remedy=error.remedy) from None
    origins = before.origins if file.origins is None else frozenset(file.origins)
    dialling = DialPolicy.from_document({**before.dialling.to_document(), **file.dialling.given()})
    return Setup(accounts, agents, origins, dialling, connections, matching)


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
