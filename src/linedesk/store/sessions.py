"""Rows of browser sessions, by the hash of the cookie's value."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, or_, select, update

from linedesk.store.tables import sessions


@dataclass(frozen=True, slots=True)
class SessionRow:
    """`seen_ms` is the last use, `expires_ms` the absolute end; both epoch ms.

    `source_hash` names the session or token whose one-time code began this one; it ends with it.
    """

    hash: str = field(repr=False)
    agent_id: str
    purpose: str
    created_ms: int
    seen_ms: int
    expires_ms: int
    source_hash: str | None = field(default=None, repr=False)


def add(c: Connection, row: SessionRow) -> None:
    """Store a new session."""
    c.execute(
        insert(sessions).values(
            hash=row.hash,
            agent_id=row.agent_id,
            purpose=row.purpose,
            source_hash=row.source_hash,
            created_ms=row.created_ms,
            seen_ms=row.seen_ms,
            expires_ms=row.expires_ms,
        )
    )


def get(c: Connection, session_hash: str) -> SessionRow | None:
    """The session of this hash, ended by time or not."""
    row = c.execute(select(sessions).where(sessions.c.hash == session_hash)).mappings().one_or_none()
    return None if row is None else SessionRow(**row)


def touch(c: Connection, session_hash: str, now_ms: int) -> None:
    """Note that the session was used."""
    c.execute(update(sessions).where(sessions.c.hash == session_hash).values(seen_ms=now_ms))


def remove(c: Connection, session_hash: str) -> None:
    """End one session."""
    c.execute(delete(sessions).where(sessions.c.hash == session_hash))


def remove_started_from(c: Connection, source_hash: str) -> list[str]:
    """End every session that a code of this session or token began, and what those began in turn.

    Answers the hashes of what was ended.
    """
    ended: list[str] = []
    sources = [source_hash]
    while sources:
        gone = delete(sessions).where(sessions.c.source_hash.in_(sources)).returning(sessions.c.hash)
        sources = list(c.execute(gone).scalars())
        ended += sources
    return ended


def remove_agent(c: Connection, agent_id: str) -> None:
    """End every session of an agent."""
    c.execute(delete(sessions).where(sessions.c.agent_id == agent_id))


def purge(c: Connection, now_ms: int, idle_ms: int) -> int:
    """Remove sessions past their end or unused for `idle_ms`; answers how many."""
    old = or_(sessions.c.expires_ms <= now_ms, sessions.c.seen_ms <= now_ms - idle_ms)
    return c.execute(delete(sessions).where(old)).rowcount
