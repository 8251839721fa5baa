"""Long work on the event loop in slices of a few milliseconds, so that no popup waits for it."""

from __future__ import annotations

import asyncio

SLICE_S = 0.004


class Breather:
    """Ask it between steps: it lets others run once its slice is used up."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._until = self._loop.time() + SLICE_S

    @property
    def due(self) -> bool:
        """Whether the slice is used up."""
        return self._loop.time() >= self._until

    async def rest(self) -> None:
        """Let others run if it is time."""
        if self.due:
            await asyncio.sleep(0)
            self._until = self._loop.time() + SLICE_S
