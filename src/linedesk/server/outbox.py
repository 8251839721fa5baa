"""Frames that wait for one socket: bounded, and a superseded state gives way to the newest.

Pure. A `call` frame holds the whole of its call, so an older one of the same call that still waits is
worthless; the same is true of `opener` and `me`.
"""

from __future__ import annotations

from collections.abc import Hashable

from linedesk.bus.base import Frame


class Outbox:
    """A queue of at most `limit` frames. One reader."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._frames: dict[Hashable, Frame] = {}
        self._serial = 0

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, frame: Frame) -> bool:
        """Queue `frame` in the place of the one it supersedes, else last; False when there is no room."""
        key = self._key(frame)
        if key not in self._frames and len(self._frames) >= self._limit:
            return False
        self._frames[key] = frame
        return True

    def take(self) -> Frame:
        """The frame that waited longest. Raises `IndexError` when none waits."""
        for key in self._frames:
            return self._frames.pop(key)
        raise IndexError("no frame waits")

    def _key(self, frame: Frame) -> Hashable:
        kind = frame.get("type")
        if kind == "call":
            return ("call", str(frame["call"]["id"]))
        if kind in {"opener", "me"}:
            return str(kind)
        self._serial += 1
        return (kind, self._serial)
