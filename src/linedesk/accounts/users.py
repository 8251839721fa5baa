"""Making, changing and switching off agents one by one, each change with its audit row in one transaction.

Whole files of agents are `apply`'s business; both follow `agents.rules`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from linedesk.accounts.export import agent_table
from linedesk.accounts.model import PBX_APP
from linedesk.agents.model import Agent, Role
from linedesk.agents.rules import settle
from linedesk.agents.write import new_agent_id, sign_out, write_changes
from linedesk.errors import UserError
from linedesk.store import accounts, agents, audit, generation


@dataclass(frozen=True, slots=True)
class NewAgent:
    """What a person gives to make an agent; the texts are checked by `agents.rules`."""

    login: str
    role: Role
    name: str = ""
    account: str | None = None
    extension: str | None = None
    email: str | None = None


def check_new(c: Connection, wanted: NewAgent) -> Agent:
    """The agent as it would be made; `UserError` if the login or extension is taken. Writes nothing."""
    return _settled(c, wanted)[wanted.login]


def add(c: Connection, wanted: NewAgent, password_hash: str, actor: str, now_ms: int) -> Agent:
    """Make the agent; an extension of someone who is switched off changes hands."""
    before = {agent.login: agent for agent in agents.all_agents(c)}
    settled = _settled(c, wanted)
    agent = settled.pop(wanted.login)
    pairs = [(before[login], each) for login, each in settled.items() if before[login] != each]
    write_changes(c, pairs)
    agents.add(c, agent, password_hash, now_ms)
    for old, new in pairs:
        _audit(c, "user.change", old, new, actor=actor, now_ms=now_ms)
    _audit(c, "user.add", None, agent, actor=actor, now_ms=now_ms)
    generation.bump(c)
    return agent


def set_password(c: Connection, login: str, password_hash: str, actor: str, now_ms: int) -> Agent:
    """Store the hash and end every sign-in made with the old password."""
    agent = find(c, login)
    agents.set_password(c, agent.id, password_hash)
    sign_out(c, agent.id)
    audit.add(c, at_ms=now_ms, actor=actor, action="user.password", target=f"agents.{login}")
    generation.bump(c)
    return agent


def set_active(c: Connection, login: str, active: bool, actor: str, now_ms: int) -> tuple[Agent, bool]:
    """Switch an agent on or off; answers the agent and whether that changed anything."""
    agent = find(c, login)
    everyone = {each.login: each for each in agents.all_agents(c)}
    settled = settle({**everyone, login: replace(agent, active=active)}, _pbx_names(c))
    pairs = [(everyone[each], settled[each]) for each in settled if settled[each] != everyone[each]]
    if not pairs:
        return agent, False
    write_changes(c, pairs)
    for old, new in pairs:
        _audit(c, "user.change", old, new, actor=actor, now_ms=now_ms)
    generation.bump(c)
    return settled[login], True


def find(c: Connection, login: str) -> Agent:
    """The agent of this login, or `UserError`."""
    found = agents.by_login(c, login)
    if found is None:
        raise UserError(f"There is no user `{login}`.", remedy="`linedesk user list` shows all users.")
    return found.agent


def _settled(c: Connection, wanted: NewAgent) -> dict[str, Agent]:
    everyone = {agent.login: agent for agent in agents.all_agents(c)}
    if wanted.login in everyone:
        raise UserError(
            f"The user `{wanted.login}` exists already.",
            remedy=f"Change the password with `linedesk user password {wanted.login}`, and everything else "
            "with `linedesk apply`.",
        )
    pbx = _pbx_names(c)
    if wanted.extension is not None and wanted.account is None and len(pbx) > 1:
        raise UserError(
            f"Extension {wanted.extension} of which PBX? There are {', '.join(pbx)}.",
            remedy="Name one of them with --account.",
        )
    agent = Agent(
        id=new_agent_id(),
        login=wanted.login,
        name=wanted.name or wanted.login,
        role=wanted.role,
        account=wanted.account,
        extension=wanted.extension,
        email=wanted.email,
    )
    return settle({**everyone, wanted.login: agent}, pbx)


def _pbx_names(c: Connection) -> list[str]:
    return [row.name for row in accounts.all_accounts(c) if row.app == PBX_APP]


def _audit(
    c: Connection, action: str, before: Agent | None, after: Agent, *, actor: str, now_ms: int
) -> None:
    def table(agent: Agent | None) -> dict[str, Any] | None:
        return None if agent is None else agent_table(agent)

    audit.add(
        c,
        at_ms=now_ms,
        actor=actor,
        action=action,
        target=f"agents.{after.login}",
        before=table(before),
        after=table(after),
    )
