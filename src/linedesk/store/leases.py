"""Leases: who may do a thing that only one may do at a time, and until when."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from linedesk.store.sync_tables import leases


def take(
    c: Connection, name: str, owner: str, *, now_ms: int, until_ms: int, is_dead: Callable[[str], bool]
) -> str | None:
    """Take the lease; answers who holds it instead, None when it is taken.

    It is free when nobody holds it, its time is over, or `is_dead` says that its owner is no more. A time
    further ahead than any lease reaches was written before the clock was set back: it is over.
    """
    row = c.execute(select(leases).where(leases.c.name == name)).first()
    if row is not None and row.owner != owner and not is_dead(row.owner):
        length_ms = until_ms - now_ms
        if now_ms < row.until_ms <= now_ms + 2 * length_ms:
            return str(row.owner)
    statement = insert(leases).values(name=name, owner=owner, until_ms=until_ms)
    changed = {"owner": statement.excluded.owner, "until_ms": statement.excluded.until_ms}
    c.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))
    return None


def holder(c: Connection, name: str) -> str | None:
    """Who holds the lease, whether its time is over or not; None: nobody."""
    owner: str | None = c.execute(select(leases.c.owner).where(leases.c.name == name)).scalar_one_or_none()
    return owner


def extend(c: Connection, name: str, owner: str, until_ms: int) -> bool:
    """Hold the lease for longer; False: another has it now."""
    mine = (leases.c.name == name) & (leases.c.owner == owner)
    return c.execute(update(leases).where(mine).values(until_ms=until_ms)).rowcount > 0


def give_back(c: Connection, name: str, owner: str) -> None:
    """Let the next one have it; another's lease is left alone."""
    c.execute(delete(leases).where(leases.c.name == name, leases.c.owner == owner))
