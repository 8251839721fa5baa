"""Which changes share one intent and one settlement: as many of one kind as are written in half a second.

Each group costs two waits for the disk and one refresh of the directory, however small it is; but what a
crash leaves in doubt is a group too, so it stays small, and one write long where an app is slow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from linedesk.clock import Clock
from linedesk.sync.model import Change, Side
from linedesk.sync.writing_parts import Target, batch_size

MOST = 50
"""Changes of a group; more only where an app takes more in one call."""

SLICE_MS = 500


class Pace:
    """How many calls a group has: it begins with one, grows while groups are quick and shrinks when slow."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since_ms = clock.now_ms()
        self.calls = 1

    def begin(self) -> None:
        """A group begins, or goes on after what was done of it is settled."""
        self._since_ms = self._clock.now_ms()

    @property
    def is_over(self) -> bool:
        """Whether the half second is used up; after a jump of the clock nobody knows, so it is."""
        return not 0 <= self._clock.now_ms() - self._since_ms < SLICE_MS

    def end(self, *, was_cut: bool) -> None:
        """A group has ended. `was_cut`: it was not written in one half second."""
        if was_cut or self.is_over:
            self.calls = max(1, self.calls // 2)
        elif self._clock.now_ms() - self._since_ms < SLICE_MS // 2:
            self.calls = min(MOST, self.calls * 2)


def groups(
    changes: Sequence[Change],
    targets: Mapping[Side, Target],
    pace: Pace,
    looked_at: Callable[[Change], bool],
) -> Iterator[Sequence[Change]]:
    """The plan's changes in its order, as many of one kind at once as `pace` says by then.

    A change that is `looked_at` right before its write goes call by call: the look would be old by the end.
    """
    start = 0
    while start < len(changes):
        first = changes[start]
        at_once = batch_size(first, targets)
        calls = 1 if looked_at(first) else pace.calls
        most = max(at_once, min(MOST, calls * at_once) // at_once * at_once)
        end = start + 1
        while end < len(changes) and end - start < most and _alike(first, changes[end]):
            if calls > 1 and looked_at(changes[end]):
                break
            end += 1
        yield changes[start:end]
        start = end


def _alike(first: Change, other: Change) -> bool:
    return first.side is other.side and first.op is other.op
