"""How a large book comes into the directory: numbers read in short slices, rows written in few commits.

A slice that is written costs a wait for the disk however small it is, and holds up who writes next however
urgent that is. So it grows while it is quick and shrinks when it is slow.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager

from linedesk.contacts.index import Indexed, indexed
from linedesk.contacts.model import Contact
from linedesk.numbers import NumberPlan

READ_SLICE_S = 0.002
"""Reading numbers holds the event loop no longer than this at a time."""

_FIRST, _LEAST, _MOST = 50, 25, 1_000
_QUICK_S, _SLOW_S = 0.075, 0.150


class Pace:
    """How many contacts are written at once."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.size = _FIRST

    @contextmanager
    def write(self) -> Iterator[None]:
        """Take the time of a write, for the size of the next."""
        began = self._loop.time()
        yield
        took_s = self._loop.time() - began
        if took_s < _QUICK_S:
            self.size = min(self.size * 2, _MOST)
        elif took_s > _SLOW_S:
            self.size = max(self.size // 2, _LEAST)


async def slices(contacts: Iterable[Contact], plan: NumberPlan, pace: Pace) -> AsyncIterator[list[Indexed]]:
    """The contacts with their numbers read, as many at a time as `pace` says; others run in between."""
    loop = asyncio.get_running_loop()
    entries: list[Indexed] = []
    pause_at = loop.time() + READ_SLICE_S
    for contact in contacts:
        entries.append(indexed(contact, plan))
        if len(entries) >= pace.size:
            yield entries
            entries = []
        elif loop.time() < pause_at:
            continue
        await asyncio.sleep(0)
        pause_at = loop.time() + READ_SLICE_S
    if entries:
        yield entries
