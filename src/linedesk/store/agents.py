"""Rows of agents. Rules about who may exist are in `agents.rules`; this only reads and writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from linedesk.agents.model import Agent, OpenPage, Role
from linedesk.store.tables import agents


@dataclass(frozen=True, slots=True)
class Credentials:
    """An agent with the hash of the password; None: no password was ever set."""

    agent: Agent
    password_hash: str | None = field(repr=False)


def all_agents(c: Connection) -> list[Agent]:
    """Every agent, inactive ones too, by login."""
    return [_agent(row) for row in c.execute(select(agents).order_by(agents.c.login)).mappings()]


def by_login(c: Connection, login: str) -> Credentials | None:
    """The agent of this login with the password's hash."""
    row = c.execute(select(agents).where(agents.c.login == login)).mappings().one_or_none()
    return None if row is None else Credentials(_agent(row), row["password_hash"])


def is_active(c: Connection, agent_id: str) -> bool:
    """Whether the agent exists and may sign in."""
    return bool(c.execute(select(agents.c.active).where(agents.c.id == agent_id)).scalar_one_or_none())


def add(c: Connection, agent: Agent, password_hash: str | None, now_ms: int) -> None:
    """A new row; a login or extension that is taken breaks a constraint."""
    c.execute(insert(agents).values(**_values(agent), password_hash=password_hash, created_ms=now_ms))


def change(c: Connection, agent: Agent) -> None:
    """Write everything but the password."""
    values = _values(agent)
    c.execute(update(agents).where(agents.c.id == values.pop("id")).values(**values))


def release_extension(c: Connection, agent_id: str) -> None:
    """Take the extension away, so that another agent can have it in the same transaction."""
    c.execute(update(agents).where(agents.c.id == agent_id).values(extension=None))


def set_password(c: Connection, agent_id: str, password_hash: str) -> None:
    """Store a new hash."""
    c.execute(update(agents).where(agents.c.id == agent_id).values(password_hash=password_hash))


def upgrade_hash(c: Connection, agent_id: str, old_hash: str, new_hash: str) -> None:
    """Replace the hash of the same password, unless the password was changed meanwhile."""
    c.execute(
        update(agents)
        .where(agents.c.id == agent_id, agents.c.password_hash == old_hash)
        .values(password_hash=new_hash)
    )


def set_open_page(c: Connection, agent_id: str, open_page: OpenPage) -> None:
    """The agent's own setting: when the contact's page opens."""
    c.execute(update(agents).where(agents.c.id == agent_id).values(open_page=open_page.value))


def remove(c: Connection, agent_id: str) -> None:
    """Delete the agent; tokens and sessions go with the row."""
    c.execute(delete(agents).where(agents.c.id == agent_id))


def _values(agent: Agent) -> dict[str, Any]:
    return {
        "id": agent.id,
        "login": agent.login,
        "name": agent.name,
        "role": agent.role.value,
        "account": agent.account,
        "extension": agent.extension,
        "email": agent.email,
        "user_id": agent.user_id,
        "books": None if agent.books is None else sorted(agent.books),
        "open_page": agent.open_page.value,
        "active": agent.active,
    }


def _agent(row: RowMapping) -> Agent:
    return Agent(
        id=row["id"],
        login=row["login"],
        name=row["name"],
        role=Role(row["role"]),
        account=row["account"],
        extension=row["extension"],
        email=row["email"],
        user_id=row["user_id"],
        books=None if row["books"] is None else frozenset(row["books"]),
        open_page=OpenPage(row["open_page"]),
        active=row["active"],
    )
