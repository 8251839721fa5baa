"""How many requests an account may make: never above its rate over any window, people first.

`Budget` is for a rate that is known; `budget_learned` is for one that the answers tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Protocol

from aiolimiter import AsyncLimiter

_LONGEST_S = 86_400.0


class Gate(Protocol):
    """What a request passes before it is sent; every attempt passes anew."""

    async def wait(self, *, interactive: bool) -> None:
        """Return when the next request may go. With `interactive` a person is waiting for it."""
        ...

    def note(self, status: int, headers: Mapping[str, str]) -> None:
        """What the answer said of the budget; header names are lower case."""
        ...


class Budget:
    """At most `requests` in any `per_s` seconds.

    A bucket lets its whole size through at once and leaks meanwhile, so size and leak share the number:
    a quarter may come as a burst, the rest flows evenly.
    """

    def __init__(self, requests: int, per_s: float) -> None:
        if requests < 2:
            raise ValueError("a budget needs at least 2 requests")
        burst = max(1, requests // 4)
        self._limiter = AsyncLimiter(burst, per_s * burst / (requests - burst))
        self._people = 0
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._background = asyncio.Lock()

    async def wait(self, *, interactive: bool) -> None:
        """Return when the next request may go. With `interactive` a person is waiting for it."""
        if interactive:
            await self._for_a_person()
            return
        # One background request at a time stands at the limiter; the others can't be in a person's way.
        async with self._background:
            await self._nobody.wait()
            await self._limiter.acquire()

    def note(self, status: int, headers: Mapping[str, str]) -> None:
        """A fixed budget learns nothing."""

    async def _for_a_person(self) -> None:
        self._people += 1
        self._nobody.clear()
        try:
            await self._limiter.acquire()
        finally:
            self._people -= 1
            if not self._people:
                self._nobody.set()


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
