"""Rows of links: which two records are the same person, with what both sides last agreed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select
from sqlalchemy.dialects.sqlite import insert

from linedesk.store.sync_tables import connections, links
from linedesk.sync.documents import (
    applied_from_document,
    applied_to_document,
    base_from_document,
    base_to_document,
)
from linedesk.sync.model import Link, LinkState

_IN_STEP = (LinkState.ACTIVE.value, LinkState.HELD.value)

_NEW = insert(links)
_PUT = _NEW.on_conflict_do_update(
    index_elements=["connection", "id"],
    set_={name: _NEW.excluded[name] for name in ("a_id", "b_id", "base", "state", "applied", "updated_ms")},
)


def page(c: Connection, connection: str, after: str, limit: int) -> list[Link]:
    """Links by id, beginning behind `after`."""
    query = select(links).where(links.c.connection == connection, links.c.id > after)
    return [_link(row) for row in c.execute(query.order_by(links.c.id).limit(limit)).mappings()]


def put(c: Connection, connection: str, rows: Sequence[Link], now_ms: int) -> None:
    """Insert or replace links by id; a record that another link holds is an `IntegrityError`."""
    if not rows:
        return
    values = [
        {
            "connection": connection,
            "id": link.id,
            "a_id": link.a_id,
            "b_id": link.b_id,
            "base": base_to_document(link.base),
            "state": link.state.value,
            "applied": applied_to_document(link.applied),
            "updated_ms": now_ms,
        }
        for link in rows
    ]
    c.execute(_PUT, values)


def touching(c: Connection, connection: str, a_ids: Sequence[str], b_ids: Sequence[str]) -> list[Link]:
    """Links that hold one of these records."""
    held = or_(links.c.a_id.in_(a_ids), links.c.b_id.in_(b_ids))
    rows = c.execute(select(links).where(links.c.connection == connection, held)).mappings()
    return [_link(row) for row in rows]


def sources_of(c: Connection, account: str, b_ids: Sequence[str]) -> list[tuple[str, str, str]]:
    """Of records that stand on side B of any connection: (id, the other account, its record)."""
    query = (
        select(links.c.b_id, connections.c.a, links.c.a_id)
        .join(connections, connections.c.name == links.c.connection)
        .where(links.c.state == LinkState.ACTIVE.value, connections.c.b == account, links.c.b_id.in_(b_ids))
    )
    return [(b_id, a, a_id) for b_id, a, a_id in c.execute(query)]


def targets_of(c: Connection, account: str, a_ids: Sequence[str]) -> list[tuple[str, str, str]]:
    """Of records that stand on side A of any connection: (id, the other account, its record)."""
    query = (
        select(links.c.a_id, connections.c.b, links.c.b_id)
        .join(connections, connections.c.name == links.c.connection)
        .where(links.c.state == LinkState.ACTIVE.value, connections.c.a == account, links.c.a_id.in_(a_ids))
    )
    return [(a_id, b, b_id) for a_id, b, b_id in c.execute(query)]


def of_record(c: Connection, account: str, record_id: str) -> list[tuple[str, Link]]:
    """The links of one record, with the connections that they are in."""
    mine = or_(
        and_(connections.c.a == account, links.c.a_id == record_id),
        and_(connections.c.b == account, links.c.b_id == record_id),
    )
    query = select(links).join(connections, connections.c.name == links.c.connection).where(mine)
    rows = c.execute(query.order_by(links.c.connection)).mappings()
    return [(row["connection"], _link(row)) for row in rows]


def kept_by_others(c: Connection, account: str, connection: str, ids: Sequence[str]) -> dict[str, str]:
    """Of these records of an account those that another connection keeps in step, with its name."""
    found: dict[str, str] = {}
    for stands_on, its_id in ((connections.c.a, links.c.a_id), (connections.c.b, links.c.b_id)):
        query = (
            select(its_id, links.c.connection)
            .join(connections, connections.c.name == links.c.connection)
            .where(stands_on == account, links.c.connection != connection)
            .where(its_id.in_(ids), links.c.state.in_(_IN_STEP))
        )
        found.update((record_id, name) for record_id, name in c.execute(query))
    return found


def held(c: Connection, connection: str, record_id: str | None) -> list[Link]:
    """Links that an undo holds: all of a connection, or those of one record on either side."""
    query = select(links).where(links.c.connection == connection, links.c.state == LinkState.HELD.value)
    if record_id is not None:
        query = query.where(or_(links.c.a_id == record_id, links.c.b_id == record_id))
    return [_link(row) for row in c.execute(query.order_by(links.c.id)).mappings()]


def remove(c: Connection, connection: str, ids: Sequence[str]) -> None:
    """Forget these links: their records are as if they had never met."""
    if ids:
        c.execute(delete(links).where(links.c.connection == connection, links.c.id.in_(ids)))


def _link(row: Mapping[Any, Any]) -> Link:
    return Link(
        id=row["id"],
        a_id=row["a_id"],
        b_id=row["b_id"],
        base=base_from_document(row["base"]),
        state=LinkState(row["state"]),
        applied={
            key: each for key, each in applied_from_document(row["applied"]).items() if each is not None
        },
    )
