"""Long work on the event loop in slices of a few milliseconds, so that no popup waits for it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from linedesk.sync.parts import let_go

SLICE_S = 0.002
"""Long enough to get on, short enough to be nothing to a call that is waiting."""

_REST_SHARE = 0.5
_REST_MOST_S = 0.02

_FAR = 500_000_000


class Breather:
    """Ask it between steps: it lets others run once its slice is used up.

    A call takes a dozen turns of the loop and of the database's threads to become a popup. Were each of them
    followed by a slice at once, the popup would wait for a dozen slices; so the work really rests, for half
    the time that it took.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()

    @property
    def due(self) -> bool:
        """Whether the slice is used up."""
        return self._loop.time() >= self._since + SLICE_S

    async def rest(self) -> None:
        """Let others run if it is time."""
        if self.due:
            took_s = self._loop.time() - self._since
            await asyncio.sleep(min(took_s * _REST_SHARE, _REST_MOST_S))
            self._since = self._loop.time()


async def drain(*held: dict[Any, Any] | list[Any]) -> None:
    """Empty these in slices: 100,000 records that nobody else refers to take 0.1 s to go."""
    breather = Breather()
    for each in held:
        for _ in let_go(each):
            await breather.rest()


@contextmanager
def undisturbed() -> Iterator[None]:
    """For a minute of work that makes a great many objects: Python looks for no cycles meanwhile.

    Each of its looks stops everything, for 0.1 s a million objects. At the end `set_aside` is called. Works
    of this kind may overlap, so thresholds are added to and not replaced.
    """
    young, middle, old = gc.get_threshold()
    gc.set_threshold(young + _FAR, middle, old)
    try:
        yield
    finally:
        young, middle, old = gc.get_threshold()
        gc.set_threshold(young - _FAR, middle, old)
        set_aside()


def set_aside() -> None:
    """Spare what is in memory now from further looks for cycles, until `take_back`.

    It takes no time, and what nobody refers to any more is freed as ever.
    """
    gc.freeze()


def take_back() -> None:
    """At the end of a run: have cycles looked for among everything again."""
    gc.unfreeze()
