"""Short-lived bearer tokens and one-time codes: 256 random bits, stored as SHA-256, revocable at once.

Checked tokens are kept in memory, so that a request or a socket needs no database. Browser cookies
are in `sessions`; who may sign in at all is in `sign_in`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from linedesk.clock import Clock
from linedesk.errors import NotSignedIn
from linedesk.store import agents, generation, sessions
from linedesk.store import tokens as rows
from linedesk.store.database import Database
from linedesk.store.tokens import TokenRow

API = "api"
LINK = "link"
CODE = "code"
CODE_LIFE_S = 60
FAR_FUTURE_MS = 253_402_300_799_000
"""The last second of the year 9999: the end of a token without an end."""

# Good for one thing only; as a bearer token they are worth nothing.
_NARROW = frozenset({LINK, CODE})
_CACHE_MAX = 50_000

Listener = Callable[[str, str | None], None]
"""Called with an agent's id and the hash of the revoked token, or None when all of the agent's are."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A token that is good now. `expires_ms` is epoch ms; the hashes name it without giving it away."""

    agent_id: str
    expires_ms: int
    token_hash: str = field(repr=False)
    purpose: str
    session_hash: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class TakenCode:
    """Whose a one-time code was. `source_hash` names the session or token that asked for it, if one did."""

    agent_id: str
    source_hash: str | None = field(repr=False)


def secret_hash(secret: str) -> str:
    """How a token, code or cookie is known to the database: SHA-256 in hex."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class Tokens:
    """One per service. Listeners hear of every revocation, also of one made by a command."""

    def __init__(self, books: Database, clock: Clock) -> None:
        self._books = books
        self._clock = clock
        self._cache: dict[str, Verified] = {}
        self._listeners: list[Listener] = []
        self._revocations = 0
        self._generation = -1

    def on_revoked(self, listener: Listener) -> None:
        """Call `listener` whenever tokens end before their time. It must neither block nor raise."""
        self._listeners.append(listener)

    async def mint(
        self, agent_id: str, purpose: str, life_s: float | None, session_hash: str | None = None
    ) -> tuple[str, int]:
        """A new token and its end (epoch ms). `life_s` None: it lasts (for the demo).

        With `session_hash` it ends with that session at the latest. Raises `NotSignedIn` if the agent
        is off or the session has ended meanwhile.
        """
        now_ms = self._clock.now_ms()
        end_ms = FAR_FUTURE_MS if life_s is None else now_ms + round(life_s * 1000)
        token = secrets.token_urlsafe(32)
        row = TokenRow(secret_hash(token), agent_id, purpose, session_hash, now_ms, end_ms)
        stored = await self._books.write(lambda c: _store(c, row))
        return token, stored.expires_ms

    async def verify(self, token: str, purpose: str | None = None) -> Verified:
        """The token's agent and end, or `NotSignedIn`.

        Without `purpose` any bearer token will do, but no code and no link token.
        """
        token_hash = secret_hash(token)
        known = self._cache.get(token_hash) or await self._load(token_hash)
        wanted = known is not None and (
            known.purpose not in _NARROW if purpose is None else known.purpose == purpose
        )
        if known is None or not wanted or known.expires_ms <= self._clock.now_ms():
            self._cache.pop(token_hash, None)
            raise NotSignedIn("The token is unknown, has expired or was revoked.")
        return known

    async def mint_code(self, agent_id: str, source_hash: str | None = None) -> tuple[str, int]:
        """A one-time code that lives 60 s, and its end (epoch ms).

        `source_hash` is of the session or bearer token that asks for it: with that one the code ends,
        and so does the session that the code begins. Raises `NotSignedIn` as `mint` does.
        """
        now_ms = self._clock.now_ms()
        code, end_ms = secrets.token_urlsafe(32), now_ms + CODE_LIFE_S * 1000
        row = TokenRow(secret_hash(code), agent_id, CODE, source_hash, now_ms, end_ms)
        await self._books.write(lambda c: _store_code(c, row))
        return code, end_ms

    async def take_code(self, code: str) -> TakenCode:
        """Whose the code is; it is used up. Raises `NotSignedIn` for a used or expired one."""
        code_hash = secret_hash(code)
        row = await self._books.write(lambda c: _take(c, code_hash))
        if row is None or row.expires_ms <= self._clock.now_ms():
            raise NotSignedIn("The sign-in code was used already or is older than a minute.")
        return TakenCode(row.agent_id, row.session_hash)

    async def revoke(self, token: str) -> None:
        """End one token and the sessions begun with its codes; one that is unknown is ended already."""
        token_hash = secret_hash(token)

        def work(c: Connection) -> list[TokenRow]:
            return rows.remove(c, token_hash) + _remove_following(c, token_hash)

        self._forget(await self._books.write(work))

    async def revoke_session(self, session_hash: str, *, following: bool) -> None:
        """End every token of a browser session; with `following`, the sessions begun with its codes too."""

        def work(c: Connection) -> list[TokenRow]:
            return (_remove_following if following else rows.remove_session)(c, session_hash)

        self._forget(await self._books.write(work))

    async def revoke_agent(self, agent_id: str) -> None:
        """End every token, code and browser session of an agent."""

        def work(c: Connection) -> None:
            rows.remove_agent(c, agent_id)
            sessions.remove_agent(c, agent_id)

        await self._books.write(work)
        self._revocations += 1
        self._cache = {key: each for key, each in self._cache.items() if each.agent_id != agent_id}
        self._tell(agent_id, None)

    async def recheck(self) -> int:
        """Drop what another process revoked (`linedesk user off`); answers how many tokens ended so.

        Cheap while the generation stands still: commands raise it with every revocation.
        """
        held, seen = list(self._cache), self._generation
        now, still = await self._books.read(lambda c: _still(c, held, seen))
        if still is None:
            return 0
        self._generation = now
        now_ms = self._clock.now_ms()
        gone = [self._cache[each] for each in held if each not in still and each in self._cache]
        self._revocations += 1
        for each in gone:
            del self._cache[each.token_hash]
            if each.expires_ms > now_ms:
                self._tell(each.agent_id, each.token_hash)
        return len(gone)

    async def purge(self) -> int:
        """Remove expired tokens; answers how many. Call it now and then."""
        now_ms = self._clock.now_ms()
        self._cache = {key: each for key, each in self._cache.items() if each.expires_ms > now_ms}
        return await self._books.write(lambda c: rows.purge(c, now_ms))

    async def _load(self, token_hash: str) -> Verified | None:
        while True:
            before = self._revocations
            row = await self._books.read(lambda c: rows.get(c, token_hash))
            # A revocation between the read and here must not be undone by the cache.
            if before == self._revocations:
                break
        if row is None:
            return None
        known = Verified(row.agent_id, row.expires_ms, row.hash, row.purpose, row.session_hash)
        if row.purpose != CODE:
            self._keep(known)
        return known

    def _keep(self, known: Verified) -> None:
        while len(self._cache) >= _CACHE_MAX:
            del self._cache[next(iter(self._cache))]
        self._cache[known.token_hash] = known

    def _forget(self, removed: list[TokenRow]) -> None:
        self._revocations += 1
        for row in removed:
            self._cache.pop(row.hash, None)
            self._tell(row.agent_id, row.hash)

    def _tell(self, agent_id: str, token_hash: str | None) -> None:
        for listener in self._listeners:
            listener(agent_id, token_hash)


def _store(c: Connection, row: TokenRow) -> TokenRow:
    # In one transaction with the checks: an agent or session that ends now leaves no token behind.
    if not agents.is_active(c, row.agent_id):
        raise NotSignedIn("This agent is switched off.")
    end_ms = row.expires_ms
    if row.session_hash is not None:
        session = sessions.get(c, row.session_hash)
        if session is None or session.agent_id != row.agent_id:
            raise NotSignedIn("The browser session has ended.")
        end_ms = min(end_ms, session.expires_ms)
    stored = TokenRow(row.hash, row.agent_id, row.purpose, row.session_hash, row.created_ms, end_ms)
    rows.add(c, stored)
    return stored


def _store_code(c: Connection, row: TokenRow) -> None:
    if not agents.is_active(c, row.agent_id):
        raise NotSignedIn("This agent is switched off.")
    if row.session_hash is not None and not is_alive(c, row.session_hash):
        raise NotSignedIn("The browser session or token has ended.")
    rows.add(c, row)


def is_alive(c: Connection, source_hash: str) -> bool:
    """Whether the session or token of this hash has not been ended."""
    return sessions.get(c, source_hash) is not None or rows.get(c, source_hash) is not None


def _remove_following(c: Connection, source_hash: str) -> list[TokenRow]:
    ended = [source_hash, *sessions.remove_started_from(c, source_hash)]
    return [token for each in ended for token in rows.remove_session(c, each)]


def _still(c: Connection, held: list[str], seen: int) -> tuple[int, set[str] | None]:
    now = generation.read(c)
    return now, None if now == seen else rows.existing(c, held)


def _take(c: Connection, code_hash: str) -> TokenRow | None:
    row = rows.take(c, code_hash, CODE)
    return row if row is not None and agents.is_active(c, row.agent_id) else None
