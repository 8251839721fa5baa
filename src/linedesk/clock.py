"""Time, passed in. Nothing else in Linedesk asks the machine what time it is."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Wall time for records and a monotonic sleep for timers."""

    def now_ms(self) -> int:
        """Epoch milliseconds, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of this clock."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that only moves when told to: for tests and for `linedesk replay`."""

    def __init__(self, now_ms: int = 1_764_000_000_000) -> None:
        self._now_ms = now_ms
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []

    def now_ms(self) -> int:
        return self._now_ms

    async def sleep(self, seconds: float) -> None:
        due_ms = self._now_ms + round(seconds * 1000)
        if due_ms <= self._now_ms:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((due_ms, future))
        await future

    @property
    def sleeping(self) -> int:
        """How many wait for this clock to move."""
        return sum(not future.done() for _, future in self._sleepers)

    def advance(self, seconds: float) -> None:
        """Move forward and wake every sleeper that is due."""
        self._now_ms += round(seconds * 1000)
        due = [future for due_ms, future in self._sleepers if due_ms <= self._now_ms]
        self._sleepers = [(at, future) for at, future in self._sleepers if at > self._now_ms]
        for future in due:
            if not future.done():
                future.set_result(None)
