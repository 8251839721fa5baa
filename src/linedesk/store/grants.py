"""Rows of agents' own grants of a PBX, sealed. What is in them, and who may use them, is `agents.grants`."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from linedesk.store.sync_tables import agent_grants


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One agent's grant of one PBX account."""

    agent_id: str
    account: str
    sealed: bytes = field(repr=False)


def put(c: Connection, row: GrantRow, now_ms: int) -> None:
    """Store the grant in place of an older one."""
    values = {"sealed": row.sealed, "updated_ms": now_ms}
    statement = insert(agent_grants).values(agent_id=row.agent_id, account=row.account, **values)
    c.execute(statement.on_conflict_do_update(index_elements=["agent_id", "account"], set_=values))


def replace(c: Connection, before: GrantRow, sealed: bytes, now_ms: int) -> bool:
    """Store what became of `before`; False, and nothing stored, when that is no longer the grant."""
    changed = update(agent_grants).where(*_same(before)).values(sealed=sealed, updated_ms=now_ms)
    return c.execute(changed).rowcount == 1


def get(c: Connection, agent_id: str, account: str) -> bytes | None:
    """The sealed grant, None if there is none."""
    key = (agent_grants.c.agent_id == agent_id, agent_grants.c.account == account)
    sealed: bytes | None = c.execute(select(agent_grants.c.sealed).where(*key)).scalar_one_or_none()
    return sealed


def all_grants(c: Connection) -> list[GrantRow]:
    """Every grant."""
    columns = (agent_grants.c.agent_id, agent_grants.c.account, agent_grants.c.sealed)
    return [GrantRow(**row) for row in c.execute(select(*columns)).mappings()]


def all_keys(c: Connection) -> list[tuple[str, str]]:
    """Agent and account of every grant."""
    found = c.execute(select(agent_grants.c.agent_id, agent_grants.c.account))
    return [(row.agent_id, row.account) for row in found]


def remove(c: Connection, row: GrantRow) -> bool:
    """Forget exactly this grant, not a newer one; answers whether it was there."""
    return c.execute(delete(agent_grants).where(*_same(row))).rowcount == 1


def remove_agent(c: Connection, agent_id: str) -> None:
    """Forget every grant of an agent."""
    c.execute(delete(agent_grants).where(agent_grants.c.agent_id == agent_id))


def _same(row: GrantRow) -> tuple[ColumnElement[bool], ...]:
    return (
        agent_grants.c.agent_id == row.agent_id,
        agent_grants.c.account == row.account,
        agent_grants.c.sealed == row.sealed,
    )
