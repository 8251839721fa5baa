"""A directory that answers when the test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from calls.desk_house import House


class SlowPeople:
    """Stands before the house's people: each question waits for `answer`, the oldest first."""

    def __init__(self, house: House) -> None:
        self._real = house.people.known
        self.waiting: list[asyncio.Future[None]] = []
        self.asked = 0

    async def known(self, *args: Any, **more: Any) -> Any:
        self.asked += 1
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(gate)
        await gate
        return await self._real(*args, **more)

    def answer(self, count: int | None = None) -> None:
        for gate in self.waiting[:count]:
            gate.set_result(None)
        self.waiting = self.waiting[len(self.waiting[:count]) :]

    def fail(self, error: Exception) -> None:
        for gate in self.waiting:
            gate.set_exception(error)
        self.waiting = []


async def until(condition: Callable[[], Any]) -> None:
    """Let the loop run until it is so; 5 s at most."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - nobody tells when the last task is done
            await asyncio.sleep(0)


async def work_without_answer(house: House) -> None:
    """Hand the waiting bodies to the desk, and let its patience end."""
    task = asyncio.create_task(house.work())
    while not task.done():
        if house.clock.sleeping:
            house.clock.advance(0.05)
        await asyncio.sleep(0)
    await task
