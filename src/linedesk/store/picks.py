"""Rows of the contacts that agents chose for numbers. When a pick counts is `calls.popup`'s business."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from linedesk.store.tables import agents, picks


@dataclass(frozen=True, slots=True)
class PickRow:
    """`agent_id` chose `contact_id` for the numbers that share `key`, at this time (epoch ms)."""

    agent_id: str
    key: str
    contact_id: str
    at_ms: int


def put(c: Connection, row: PickRow) -> bool:
    """Store the pick in place of an older one for the same key; answers False when the agent is gone."""
    if c.execute(select(agents.c.id).where(agents.c.id == row.agent_id)).first() is None:
        return False
    remove(c, row.agent_id, row.key)
    c.execute(insert(picks).values(asdict(row)))
    return True


def remove(c: Connection, agent_id: str, key: str) -> bool:
    """Forget the pick; answers whether there was one."""
    return c.execute(delete(picks).where(_same(agent_id, key))).rowcount == 1


def all_picks(c: Connection) -> list[PickRow]:
    """Every pick of every agent."""
    return [PickRow(**row) for row in c.execute(select(picks)).mappings()]


def _same(agent_id: str, key: str) -> ColumnElement[bool]:
    return (picks.c.agent_id == agent_id) & (picks.c.key == key)
