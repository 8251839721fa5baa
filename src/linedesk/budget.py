"""How many requests an account may make: never above its rate over any window, people first.

`Budget` is for a rate that is known; `budget_learned` is for one that the answers tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import Protocol

from aiolimiter import AsyncLimiter

from linedesk.budget_use import Use, present_use, share_of

_LONGEST_S = 86_400.0
_PACED = (Use.SCHEDULE, Use.SCAN, Use.DETAILS)


class Gate(Protocol):
    """What a request passes before it is sent; every attempt passes anew."""

    async def wait(self, *, interactive: bool) -> None:
        """Return when the next request may go. With `interactive` a person is waiting for it."""
        ...

    def note(self, status: int, headers: Mapping[str, str]) -> None:
        """What the answer said of the budget; header names are lower case."""
        ...


class SharedGate(Gate, Protocol):
    """A gate for requests that hold a place of few while they pass it."""

    async def until_due(self) -> None:
        """Return when the share of the present use has room. Takes nothing: `wait` comes behind it."""
        ...


class Budget:
    """At most `requests` in any `per_s` seconds, and of each use its share of them, evenly.

    A bucket lets its whole size through at once and leaks meanwhile, so size and leak share the number:
    a quarter may come as a burst, the rest flows evenly. Where the burst has room for two, one is left to
    people.
    """

    def __init__(self, requests: int, per_s: float) -> None:
        if requests < 2:
            raise ValueError("a budget needs at least 2 requests")
        burst = max(1, requests // 4)
        leak_s = per_s / (requests - burst)
        self._limiter = AsyncLimiter(burst, leak_s * burst)
        self._behind = AsyncLimiter(burst - 1, leak_s * (burst - 1)) if burst > 1 else None
        self._people = 0
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._background = asyncio.Lock()
        self._paces = {use: _Pace(per_s / share_of(use, requests)) for use in _PACED}
        self._every_s = leak_s

    @property
    def background_per_s(self) -> float:
        """What background work of the present use gets in the long run."""
        pace = self._paces.get(present_use())
        return 1 / (self._every_s if pace is None else max(self._every_s, pace.every_s))

    async def wait(self, *, interactive: bool) -> None:
        """Return when the next request may go. With `interactive` a person is waiting for it."""
        if interactive:
            await self._for_a_person()
            return
        pace = self._paces.get(present_use())
        if pace is None:
            await self._behind_people()
            return
        # Each use waits for its share in a line of its own, so that none holds up another.
        async with pace.turn():
            await self._behind_people()

    async def until_due(self) -> None:
        """Return when the share of the present use has room. Takes nothing: `wait` comes behind it."""
        pace = self._paces.get(present_use())
        if pace is not None:
            await pace.until_free()

    def note(self, status: int, headers: Mapping[str, str]) -> None:
        """A fixed budget learns nothing."""

    async def _behind_people(self) -> None:
        # One background request at a time stands at the limiter; the others can't be in a person's way.
        async with self._background:
            if self._behind is not None:
                await self._behind.acquire()
            await self._nobody.wait()
            await self._limiter.acquire()

    async def _for_a_person(self) -> None:
        self._people += 1
        self._nobody.clear()
        try:
            await self._limiter.acquire()
        finally:
            self._people -= 1
            if not self._people:
                self._nobody.set()


class _Pace:
    """Requests of one use, one after the other and at least `every_s` apart when they go."""

    def __init__(self, every_s: float) -> None:
        self.every_s = every_s
        self._line = asyncio.Lock()
        self._free_s = 0.0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold the turn while the request waits for its place; it counts from the moment it has one."""
        async with self._line:
            await self.until_free()
            yield
            self._free_s = asyncio.get_running_loop().time() + self.every_s

    async def until_free(self) -> None:
        """Return when the next one may go, if none goes before it."""
        left_s = self._free_s - asyncio.get_running_loop().time()
        if left_s > 0:
            await asyncio.sleep(left_s)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """`Retry-After` in seconds, None without one that can be read; header names are lower case.

    A day at most: a number that means something else (an epoch) must not shut an account for ever. A date
    in it is set against the answer's own `Date`, not against our clock.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_S)
    try:
        asked, said = parsedate_to_datetime(text), parsedate_to_datetime(headers.get("date", ""))
        return min(max((asked - said).total_seconds(), 0.0), _LONGEST_S)
    except (TypeError, ValueError, OverflowError):
        return None
