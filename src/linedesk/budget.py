"""How many requests an account may make: never above its rate over any window, people first.

`Budget` is for a rate that is known; `budget_learned` is for one that the answers tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import Protocol

from linedesk.budget_use import Use, present_use, share_of

_LONGEST_S = 86_400.0
_TICK_S = 1e-6  # less than this is a rounding error, and no wait
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
        self._bucket = _Bucket(burst, per_s / (requests - burst))
        self._left_to_people = 1 if burst > 1 else 0
        self._people = 0
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._person = asyncio.Lock()
        self._background = asyncio.Lock()
        self._paces = {use: _Pace(per_s / share_of(use, requests)) for use in _PACED}

    @property
    def background_per_s(self) -> float:
        """What background work of the present use gets in the long run."""
        pace = self._paces.get(present_use())
        return 1 / (self._bucket.leak_s if pace is None else max(self._bucket.leak_s, pace.every_s))

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
        async with self._background:
            while True:
                await self._nobody.wait()
                left_s = self._bucket.full_s(leaving=self._left_to_people)
                if left_s <= 0:
                    self._bucket.take()
                    return
                # Who comes meanwhile goes first.
                await asyncio.sleep(left_s)

    async def _for_a_person(self) -> None:
        self._people += 1
        self._nobody.clear()
        try:
            async with self._person:
                await asyncio.sleep(self._bucket.full_s())
                self._bucket.take()
        finally:
            self._people -= 1
            if not self._people:
                self._nobody.set()


class _Bucket:
    """Holds `size` requests, and loses one every `leak_s`."""

    def __init__(self, size: int, leak_s: float) -> None:
        self.leak_s = leak_s
        self._size = size
        self._empty_s = 0.0  # when it will have lost all that it holds

    def full_s(self, *, leaving: int = 0) -> float:
        """How long there is no room for one more, with room left for `leaving` others; 0: there is now."""
        held_s = self._empty_s - asyncio.get_running_loop().time()
        left_s = held_s - (self._size - 1 - leaving) * self.leak_s
        return left_s if left_s > _TICK_S else 0.0

    def take(self) -> None:
        self._empty_s = max(self._empty_s, asyncio.get_running_loop().time()) + self.leak_s


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
