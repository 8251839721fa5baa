"""One request to a plane of the PBX and its meaning: signed in, within the budget, few at once.

People go first: background work never takes the last of the places, and waits as long as the PBX asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from linedesk.budget import Budget, SharedGate
from linedesk.clock import Clock
from linedesk.errors import VendorAuth, VendorBusy, VendorUnreachable
from linedesk.net import HttpClient, Reply
from linedesk.pbx.wildix.auth import Auth, Outgoing
from linedesk.pbx.wildix.envelope import payload

AT_ONCE = 2
"""Requests that a PBX gets at once."""

_BUSY_TRIES = 4
_PAUSE_MAX_S = 120.0


class Traffic:
    """The budget and the places of one PBX account, shared by all clients that act on it."""

    def __init__(self, requests_per_s: int) -> None:
        # The smallest budget is two requests in a window, so one a second is two in two seconds.
        size = max(2, requests_per_s)
        self._budget = Budget(size, size / max(1, requests_per_s))
        self.gate: SharedGate = self._budget
        self.pbx = Places()
        self.cloud = Places()

    @property
    def background_per_s(self) -> float:
        """What background work of the present use gets in the long run."""
        return self._budget.background_per_s


class Places:
    """At most `AT_ONCE` requests at once, of background work one fewer, and of looks for calls one.

    A look has no page of a sync before it, since a popup waits for it.
    """

    def __init__(self) -> None:
        self._all = asyncio.Semaphore(AT_ONCE)
        self._background = asyncio.Semaphore(AT_ONCE - 1)
        self._looks = asyncio.Semaphore(1)

    @asynccontextmanager
    async def take(
        self, who: str, *, interactive: bool, timeout_s: float, look: bool = False
    ) -> AsyncIterator[None]:
        """Hold a place. A person waits `timeout_s` for it at most, then it is a `VendorBusy`."""
        behind = self._looks if look else self._background
        wanted = (self._all,) if interactive else (behind, self._all)
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(timeout_s if interactive else None):
                    for each in wanted:
                        await held.enter_async_context(each)
            except TimeoutError:
                raise VendorBusy(f"{who} is still busy with earlier requests; nothing was sent.") from None
            yield


class Exchange:
    """Sends requests over one HTTP client with one credential; `timeout_s` bounds a person's waiting."""

    def __init__(
        self,
        http: HttpClient,
        auth: Auth,
        *,
        gate: SharedGate,
        places: Places,
        clock: Clock,
        timeout_s: float,
    ) -> None:
        self.who = http.who
        self._http = http
        self._auth = auth
        self._gate = gate
        self._places = places
        self._clock = clock
        self._timeout_s = timeout_s
        self._closed = False

    async def ask(
        self,
        request: Outgoing,
        *,
        interactive: bool = True,
        idempotent: bool | None = None,
        look: bool = False,
    ) -> Mapping[str, Any]:
        """The JSON object that a good answer holds; raises `VendorError`s.

        Only `idempotent` requests (by default GET) are repeated when an answer is lost. In the background
        a request that the PBX put off (429) goes again after the wait it asks for; nobody else waits for
        that. `look`: it looks for calls, see `Places`.
        """
        left = 1 if interactive else _BUSY_TRIES
        while True:
            left -= 1
            if not interactive:
                # A run that has used up its share waits here and keeps nobody from a place.
                await self._gate.until_due()
            async with self._places.take(
                self.who, interactive=interactive, timeout_s=self._timeout_s, look=look
            ):
                headers, reply = await self._send(request, interactive, idempotent)
                if reply.status != 429 or not left:
                    return await self._meant(request, headers, reply, interactive, idempotent)
            await self._clock.sleep(_pause_s(reply, _BUSY_TRIES - left))

    async def _meant(
        self,
        request: Outgoing,
        headers: Mapping[str, str],
        reply: Reply,
        interactive: bool,
        idempotent: bool | None,
    ) -> Mapping[str, Any]:
        """What the answer holds, or that of a second try with a newer credential."""
        try:
            return payload(reply)
        except VendorAuth:
            # Refused before it had any effect, so it may go again with a newer credential.
            if not await self._auth.renew(headers):
                raise
        _, reply = await self._send(request, interactive, idempotent)
        return payload(reply)

    async def get(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        interactive: bool = True,
        look: bool = False,
    ) -> Mapping[str, Any]:
        """`ask` with a GET."""
        return await self.ask(Outgoing("GET", path, query or {}), interactive=interactive, look=look)

    async def close(self) -> None:
        """Close every connection; what is asked afterwards is refused."""
        self._closed = True
        await self._auth.close()
        await self._http.close()

    async def _send(
        self, request: Outgoing, interactive: bool, idempotent: bool | None
    ) -> tuple[Mapping[str, str], Reply]:
        if self._closed:
            raise VendorUnreachable(
                f"The account of {self.who} was changed or removed meanwhile.",
                remedy="Try again: Linedesk then uses the account as it is now.",
            )
        headers = await self._auth.headers(request)
        body = request.body
        form = {name: str(value) for name, value in (body or {}).items()} if request.form else None
        reply = await self._http.send(
            request.method,
            request.path,
            query=request.query or None,
            json=None if request.form else body,
            form=form,
            headers=headers,
            idempotent=idempotent,
            interactive=interactive,
            gate=self._gate,
        )
        return headers, reply


def _pause_s(reply: Reply, turn: int) -> float:
    asked_s = reply.retry_after_s
    return min(asked_s if asked_s is not None else 2.0 ** (turn - 1), _PAUSE_MAX_S)
