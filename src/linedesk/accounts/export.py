"""The present setup as TOML that `linedesk apply` takes again with no change. Secrets are left out."""

from __future__ import annotations

from typing import Any

import tomli_w

from linedesk.accounts.connection_table import connection_table
from linedesk.accounts.keys import secret_keys
from linedesk.accounts.setup import AccountSetup, Setup, stored_matching
from linedesk.agents.model import Agent

_HEAD = """\
# Linedesk's accounts, connections, agents, origins, rules for dialling and matching, as `linedesk export`
# wrote them. Change what you need and give the file to `linedesk apply`. Secrets and passwords are left out:
# a key that is not here keeps its value. Nothing is removed by leaving it out; `remove = true` in a table
# does. A secret can be a text, { env = "NAME" } or { file = "/path" }.
"""


def as_document(setup: Setup) -> dict[str, Any]:
    """The setup in the shape of the file, without secrets."""
    document: dict[str, Any] = {
        "origins": sorted(setup.origins),
        "accounts": {name: account_table(setup.accounts[name]) for name in sorted(setup.accounts)},
        "connections": {
            name: connection_table(setup.connections[name]) for name in sorted(setup.connections)
        },
        "agents": {login: agent_table(setup.agents[login]) for login in sorted(setup.agents)},
        "dialling": setup.dialling.to_document(),
        "matching": stored_matching(setup.matching),
    }
    return document


def as_toml(setup: Setup, base_url: str) -> str:
    """The file's text; `base_url` is the service's public address, for the hook addresses."""
    document = as_document(setup)
    parts = [_HEAD, tomli_w.dumps({"origins": document["origins"]}, multiline_strings=False)]
    for name, table in document["accounts"].items():
        account = setup.accounts[name]
        parts.append(_comments(account, base_url) + tomli_w.dumps({"accounts": {name: table}}))
    for name, table in document["connections"].items():
        parts.append(tomli_w.dumps({"connections": {name: table}}))
    for login, table in document["agents"].items():
        parts.append(tomli_w.dumps({"agents": {login: table}}))
    parts += [tomli_w.dumps({name: document[name]}) for name in ("dialling", "matching")]
    return "\n".join(parts)


def account_table(account: AccountSetup) -> dict[str, Any]:
    """One account's table; a key without a value is left out."""
    held = {key: value for key, value in account.config.items() if value is not None}
    return {"app": account.app, **held}


def agent_table(agent: Agent) -> dict[str, Any]:
    """One agent's table; what the agent does not have is left out."""
    table: dict[str, Any] = {"name": agent.name, "role": agent.role.value}
    for field in ("account", "extension", "email", "user_id"):
        value = getattr(agent, field)
        if value is not None:
            table[field] = value
    table["books"] = "all" if agent.books is None else sorted(agent.books)
    table["open_page"] = agent.open_page.value
    table["active"] = agent.active
    return table


def _comments(account: AccountSetup, base_url: str) -> str:
    hook = f"# Webhook address for WMS: {base_url}/hooks/wildix/{account.name}\n" if account.is_pbx else ""
    lines = [
        f"# {key}: {_again(account.name, key)}\n" if key in account.secrets else f"# {key}: not set\n"
        for key in secret_keys(account.app)
    ]
    return hook + "".join(lines)


def _again(account: str, key: str) -> str:
    """How a secret that is set gets into another data folder."""
    if key == "oauth_refresh_token":
        return f"set, left out here; elsewhere: linedesk connect {account}"
    variable = f"{account}_{key}".replace("-", "_").upper()
    return f'set, left out here; elsewhere: {key} = {{ env = "{variable}" }}'
