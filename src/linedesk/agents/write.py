"""Writing of agents that change: places that change hands, sign-ins that end. Rules are in `rules`."""

from __future__ import annotations

import secrets
from collections.abc import Collection

from sqlalchemy import Connection

from linedesk.agents.model import Agent
from linedesk.agents.rules import must_sign_in_again
from linedesk.store import agents, grants, sessions, tokens


def new_agent_id() -> str:
    """A fresh opaque id for an agent."""
    return f"a{secrets.token_hex(8)}"


def sign_out(c: Connection, agent_id: str) -> None:
    """End the agent's tokens, sessions and grants; a running service cuts the sockets when it sees it."""
    tokens.remove_agent(c, agent_id)
    sessions.remove_agent(c, agent_id)
    grants.remove_agent(c, agent_id)


def write_changes(c: Connection, pairs: Collection[tuple[Agent, Agent]]) -> None:
    """Write existing agents, each with its form before; extensions may change hands among them."""
    changed = [(before, after) for before, after in pairs if before != after]
    for before, after in changed:
        if (before.account, before.extension) != (after.account, after.extension):
            # First free all places: two agents may swap theirs.
            agents.release_extension(c, before.id)
    for before, after in changed:
        agents.change(c, after)
        if must_sign_in_again(before, after):
            sign_out(c, after.id)
