"""Browser sessions behind the cookies: server-side, with an idle and an absolute end, revocable.

Purpose `browser` is the session cookie, `frame:SLOT` a widget frame's. A session is no bearer token:
it only serves plain navigations and mints short tokens.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from sqlalchemy import Connection

from linedesk.agents.tokens import Tokens, is_alive, secret_hash
from linedesk.clock import Clock
from linedesk.errors import NotSignedIn
from linedesk.store import agents
from linedesk.store import sessions as rows
from linedesk.store.database import Database
from linedesk.store.sessions import SessionRow

BROWSER = "browser"
_TOUCH_MS = 30_000


def frame(slot: str) -> str:
    """The purpose of the frame cookie of one slot."""
    return f"frame:{slot}"


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is good now. `hash` is what tokens of the session are minted with."""

    agent_id: str
    purpose: str
    expires_ms: int
    hash: str = field(repr=False)


class Sessions:
    """Start, check, end. `idle_minutes` and `hours` are `session_idle_minutes` and `session_hours`."""

    def __init__(
        self, books: Database, tokens: Tokens, clock: Clock, *, idle_minutes: int, hours: int
    ) -> None:
        self._books = books
        self._tokens = tokens
        self._clock = clock
        self._idle_ms = idle_minutes * 60_000
        self._life_ms = hours * 3_600_000

    async def start(
        self, agent_id: str, purpose: str, *, replaces: str | None = None, source_hash: str | None = None
    ) -> tuple[str, int]:
        """A new session's cookie value and its absolute end (epoch ms).

        `replaces` is the cookie value the browser came with: it ends, so that nobody who planted or
        saw it gets in (session fixation). `source_hash` is of the session or token whose one-time code
        begins this session: it ends when that one is ended. Raises `NotSignedIn` if the agent is off or
        the source has ended meanwhile.
        """
        if replaces is not None:
            await self._end(secret_hash(replaces), following=False)
        now_ms = self._clock.now_ms()
        value = secrets.token_urlsafe(32)
        end_ms = now_ms + self._life_ms
        row = SessionRow(secret_hash(value), agent_id, purpose, now_ms, now_ms, end_ms, source_hash)

        def work(c: Connection) -> None:
            if not agents.is_active(c, agent_id):
                raise NotSignedIn("This agent is switched off.")
            if source_hash is not None and not is_alive(c, source_hash):
                raise NotSignedIn("What this sign-in came from has ended.")
            rows.add(c, row)

        await self._books.write(work)
        return value, row.expires_ms

    async def check(self, value: str, purpose: str) -> Session:
        """The session of a cookie value, noted as used now; `NotSignedIn` if it has ended."""
        session_hash, now_ms = secret_hash(value), self._clock.now_ms()
        row = await self._books.read(lambda c: rows.get(c, session_hash))
        if row is None or row.purpose != purpose:
            raise NotSignedIn("The browser session has ended.")
        if row.expires_ms <= now_ms or row.seen_ms + self._idle_ms <= now_ms:
            # A widget in use lives on when the window that it was signed in with is long closed.
            await self._end(session_hash, following=False)
            raise NotSignedIn("The browser session was unused for too long or has reached its end.")
        if now_ms - row.seen_ms >= min(_TOUCH_MS, self._idle_ms // 4):
            await self._books.write(lambda c: rows.touch(c, session_hash, now_ms))
        return Session(row.agent_id, row.purpose, row.expires_ms, row.hash)

    async def end(self, value: str) -> None:
        """End the session with its tokens, and the sessions begun with its one-time codes with theirs."""
        await self._end(secret_hash(value), following=True)

    async def _end(self, session_hash: str, *, following: bool) -> None:
        await self._books.write(lambda c: rows.remove(c, session_hash))
        await self._tokens.revoke_session(session_hash, following=following)

    async def purge(self) -> int:
        """Remove sessions that have ended by time; answers how many. Call it now and then."""
        now_ms = self._clock.now_ms()
        return await self._books.write(lambda c: rows.purge(c, now_ms, self._idle_ms))
