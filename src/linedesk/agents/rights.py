"""What each role may do, as data, and whose contacts an agent may see. No database, no requests."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from linedesk.agents.model import Agent, Role
from linedesk.errors import Forbidden


class Right(StrEnum):
    """One thing an agent may do. A right of a role is a right of every higher role."""

    SEE_OWN_CALLS = "see_own_calls"
    READ_OWN_HISTORY = "read_own_history"
    SEARCH_CONTACTS = "search_contacts"
    DIAL = "dial"
    CHANGE_OWN_SETTINGS = "change_own_settings"
    SEE_SETUP = "see_setup"
    SEE_AUDIT = "see_audit"
    STOP_DIALLING = "stop_dialling"
    RUN_SYNC = "run_sync"
    CHANGE_SETUP = "change_setup"
    CHANGE_AGENTS = "change_agents"


RISING: tuple[Role, ...] = (Role.AGENT, Role.VIEWER, Role.OPERATOR, Role.OWNER)

LEAST_ROLE = MappingProxyType(
    {
        Right.SEE_OWN_CALLS: Role.AGENT,
        Right.READ_OWN_HISTORY: Role.AGENT,
        Right.SEARCH_CONTACTS: Role.AGENT,
        Right.DIAL: Role.AGENT,
        Right.CHANGE_OWN_SETTINGS: Role.AGENT,
        Right.SEE_SETUP: Role.VIEWER,
        Right.SEE_AUDIT: Role.VIEWER,
        Right.STOP_DIALLING: Role.OPERATOR,
        Right.RUN_SYNC: Role.OPERATOR,
        Right.CHANGE_SETUP: Role.OWNER,
        Right.CHANGE_AGENTS: Role.OWNER,
    }
)


def may(agent: Agent, right: Right) -> bool:
    """Whether the agent has the right now; an inactive agent has none."""
    return agent.active and RISING.index(agent.role) >= RISING.index(LEAST_ROLE[right])


def require(agent: Agent, right: Right) -> None:
    """Raise `Forbidden` unless the agent has the right."""
    if not may(agent, right):
        needed = LEAST_ROLE[right].value
        raise Forbidden(f"This needs the role {needed}; you are signed in as {agent.role.value}.")


def visible_books(agent: Agent) -> frozenset[str] | None:
    """The books whose contacts the agent may see; None means all of them."""
    return agent.books if agent.active else frozenset()
