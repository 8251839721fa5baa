"""How many requests an account may make: never above its rate over any window, people first."""

from __future__ import annotations

import asyncio

from aiolimiter import AsyncLimiter


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

    async def _for_a_person(self) -> None:
        self._people += 1
        self._nobody.clear()
        try:
            await self._limiter.acquire()
        finally:
            self._people -= 1
            if not self._people:
                self._nobody.set()
