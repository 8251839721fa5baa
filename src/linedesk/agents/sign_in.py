"""Login and password to agent. It makes no token and no cookie; `tokens` and `sessions` do."""

from __future__ import annotations

import structlog

from linedesk.agents.model import Agent
from linedesk.agents.passwords import Passwords
from linedesk.agents.throttle import SignInThrottle
from linedesk.errors import LinedeskError, NotSignedIn, TooMany
from linedesk.store import agents
from linedesk.store.database import Database

log = structlog.get_logger(__name__)

_LOGIN_MAX = 128


class SignIn:
    """One per service, so that the throttle sees every attempt."""

    def __init__(self, books: Database, passwords: Passwords, throttle: SignInThrottle) -> None:
        self._books = books
        self._passwords = passwords
        self._throttle = throttle

    async def check(self, user: str, password: str, address: str) -> Agent:
        """The agent of this login and password; `address` is the client's.

        Raises `NotSignedIn` with one sentence whatever was wrong (login, password, agent switched
        off), and `TooMany` after repeated failures or when too many sign in at this moment.
        """
        login = user.strip().lower()[:_LOGIN_MAX]
        self._throttle.start(login, address)
        try:
            found = await self._books.read(lambda c: agents.by_login(c, login))
            stored_hash = found.password_hash if found is not None else None
            fits = await self._passwords.verify(stored_hash, password)
        except LinedeskError:
            # Overload or a store that is out: nothing was said about this password.
            self._throttle.take_back(login, address)
            raise
        if found is None or stored_hash is None or not fits or not found.agent.active:
            log.info("sign_in_refused", address=address)
            raise NotSignedIn(
                "The user name or the password is wrong.",
                remedy="Check both, or ask an owner of Linedesk for a new password.",
            )
        self._throttle.succeeded(login, address)
        if self._passwords.outdated(stored_hash):
            await self._upgrade(found.agent.id, stored_hash, password)
        return found.agent

    async def _upgrade(self, agent_id: str, old_hash: str, password: str) -> None:
        try:
            new_hash = await self._passwords.hash(password)
        except TooMany:
            return  # the old hash is good too, and the next sign-in tries again
        await self._books.write(lambda c: agents.upgrade_hash(c, agent_id, old_hash, new_hash))
