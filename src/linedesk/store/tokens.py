"""Rows of tokens and one-time codes, by the hash of the secret. The secret itself is never here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Delete, delete, insert, select

from linedesk.store.tables import tokens


@dataclass(frozen=True, slots=True)
class TokenRow:
    """`session_hash` names the browser session that the token belongs to and ends with.

    Of a one-time code it may also name the bearer token that asked for it.
    """

    hash: str = field(repr=False)
    agent_id: str
    purpose: str
    session_hash: str | None = field(repr=False)
    created_ms: int
    expires_ms: int


_ROW = (
    tokens.c.hash,
    tokens.c.agent_id,
    tokens.c.purpose,
    tokens.c.session_hash,
    tokens.c.created_ms,
    tokens.c.expires_ms,
)


def add(c: Connection, row: TokenRow) -> None:
    """Store a new token."""
    c.execute(
        insert(tokens).values(
            hash=row.hash,
            agent_id=row.agent_id,
            purpose=row.purpose,
            session_hash=row.session_hash,
            created_ms=row.created_ms,
            expires_ms=row.expires_ms,
        )
    )


def get(c: Connection, token_hash: str) -> TokenRow | None:
    """The token of this hash, expired or not."""
    row = c.execute(select(*_ROW).where(tokens.c.hash == token_hash)).mappings().one_or_none()
    return None if row is None else TokenRow(**row)


def existing(c: Connection, hashes: list[str]) -> set[str]:
    """Which of `hashes` are still stored."""
    found: set[str] = set()
    for start in range(0, len(hashes), 500):
        part = hashes[start : start + 500]
        found.update(c.execute(select(tokens.c.hash).where(tokens.c.hash.in_(part))).scalars())
    return found


def take(c: Connection, token_hash: str, purpose: str) -> TokenRow | None:
    """Remove the token and answer it: of two takers only one gets it."""
    taken = _delete(c, delete(tokens).where(tokens.c.hash == token_hash, tokens.c.purpose == purpose))
    return taken[0] if taken else None


def remove(c: Connection, token_hash: str) -> list[TokenRow]:
    """Remove one token; answers what was removed."""
    return _delete(c, delete(tokens).where(tokens.c.hash == token_hash))


def remove_agent(c: Connection, agent_id: str) -> list[TokenRow]:
    """Remove every token of an agent."""
    return _delete(c, delete(tokens).where(tokens.c.agent_id == agent_id))


def remove_session(c: Connection, session_hash: str) -> list[TokenRow]:
    """Remove every token of a browser session."""
    return _delete(c, delete(tokens).where(tokens.c.session_hash == session_hash))


def purge(c: Connection, now_ms: int) -> int:
    """Remove what has expired; answers how many."""
    return c.execute(delete(tokens).where(tokens.c.expires_ms <= now_ms)).rowcount


def _delete(c: Connection, statement: Delete) -> list[TokenRow]:
    rows: Any = c.execute(statement.returning(*_ROW)).mappings()
    return [TokenRow(**row) for row in rows]
