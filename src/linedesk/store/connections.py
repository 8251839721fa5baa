"""Rows of connections: which two accounts are kept in step, how, and when the schedule runs them next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from linedesk.store.sync_tables import connections
from linedesk.sync import model
from linedesk.sync.definition import connection_from_document, connection_to_document


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A connection and its next time; `due_ms` None: at once."""

    connection: model.Connection
    due_ms: int | None


def all_connections(c: Connection) -> list[model.Connection]:
    """Every connection, by name."""
    return [each.connection for each in all_scheduled(c)]


def all_scheduled(c: Connection) -> list[Scheduled]:
    """Every connection with its next time, by name."""
    rows = c.execute(select(connections).order_by(connections.c.name)).mappings()
    return [Scheduled(_connection(row), row["due_ms"]) for row in rows]


def find(c: Connection, name: str) -> model.Connection | None:
    """One connection; None if there is none of that name."""
    row = c.execute(select(connections).where(connections.c.name == name)).mappings().first()
    return None if row is None else _connection(row)


def put(c: Connection, connection: model.Connection, now_ms: int) -> None:
    """Write how the connection is set up; it is due at once. Whether it is paused stays as it is.

    With another account on one of its sides it is another connection: links, decisions and problems of
    the old one go, its runs and journal stay.
    """
    stored = find(c, connection.name)
    if stored is not None and (stored.a, stored.b) != (connection.a, connection.b):
        remove(c, connection.name)
    statement = insert(connections).values(
        name=connection.name,
        a=connection.a,
        b=connection.b,
        config=connection_to_document(connection),
        paused=connection.paused,
        due_ms=None,
        updated_ms=now_ms,
    )
    changed = {name: statement.excluded[name] for name in ("config", "due_ms", "updated_ms")}
    c.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))


def set_paused(c: Connection, name: str, paused: bool) -> bool:
    """Pause, or resume and be due at once; answers whether there is such a connection.

    Each call moves the row's time on by at least a millisecond, so that an undo that goes on although the
    connection is paused sees that it was told to stop (`touched_ms`).
    """
    values: dict[str, Any] = {"paused": paused, "updated_ms": connections.c.updated_ms + 1}
    if not paused:
        values["due_ms"] = None
    return c.execute(update(connections).where(connections.c.name == name).values(values)).rowcount > 0


def touched_ms(c: Connection, name: str) -> int:
    """Changes whenever the connection is set up, paused or resumed; 0: there is none of that name."""
    query = select(connections.c.updated_ms).where(connections.c.name == name)
    return c.execute(query).scalar() or 0


def set_due(c: Connection, name: str, due_ms: int | None) -> None:
    """When the schedule runs it next; None: at once."""
    c.execute(update(connections).where(connections.c.name == name).values(due_ms=due_ms))


def remove(c: Connection, name: str) -> None:
    """Forget the connection with its links, decisions and problems."""
    c.execute(delete(connections).where(connections.c.name == name))


def _connection(row: Mapping[Any, Any]) -> model.Connection:
    return connection_from_document(row["name"], row["a"], row["b"], row["config"], row["paused"])
