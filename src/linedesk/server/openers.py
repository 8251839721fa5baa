"""Which socket of an agent may open pages by itself: exactly one, as long as there is one.

Pure. The last focused socket wins; without a focus the last that came visible; without either the last
that came. When it goes, the next in this order takes over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

S = TypeVar("S")


@dataclass(slots=True)
class _Seat(Generic[S]):
    socket: S
    joined: int
    visible: bool
    focused: int = 0

    def rank(self) -> tuple[int, bool, int]:
        return (self.focused, self.visible, self.joined)


@dataclass(slots=True)
class Openers(Generic[S]):
    """The sockets of one agent. Each change answers the sockets whose part in it changed."""

    _seats: list[_Seat[S]] = field(default_factory=list)
    _serial: int = 0

    def __len__(self) -> int:
        return len(self._seats)

    def sockets(self) -> tuple[S, ...]:
        """All of them, in the order in which they came."""
        return tuple(seat.socket for seat in self._seats)

    @property
    def opener(self) -> S | None:
        """The one that opens pages; None when there is no socket."""
        return max(self._seats, key=_Seat.rank).socket if self._seats else None

    def join(self, socket: S, *, visible: bool) -> dict[S, bool]:
        """Add a socket; answers socket -> is it the opener, for those that changed and the new one."""
        before = self.opener
        self._seats.append(_Seat(socket, self._next(), visible))
        return {socket: self.opener is socket, **self._moved(before)}

    def focus(self, socket: S) -> dict[S, bool]:
        """The person looks at this one now."""
        before = self.opener
        for seat in self._seats:
            if seat.socket is socket:
                seat.focused = self._next()
        return self._moved(before)

    def leave(self, socket: S) -> dict[S, bool]:
        """Remove a socket; answers who takes over, if anything changed."""
        before = self.opener
        self._seats = [seat for seat in self._seats if seat.socket is not socket]
        moved = self._moved(before)
        moved.pop(socket, None)
        return moved

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _moved(self, before: S | None) -> dict[S, bool]:
        after = self.opener
        if after is before:
            return {}
        moved: dict[S, bool] = {}
        if before is not None:
            moved[before] = False
        if after is not None:
            moved[after] = True
        return moved
