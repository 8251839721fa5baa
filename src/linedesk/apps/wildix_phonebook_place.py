"""Where a reading of a phonebook stopped, and up to which time of change it is known. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from linedesk.apps.records import Cursor
from linedesk.errors import CursorLost

# A stamp without a zone may be this far ahead; one beyond it comes from a wrong clock and marks nothing.
_AHEAD_MS = 26 * 3_600_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reading stopped: in which book ("": it did not exist), and the newest time of change."""

    book: str
    mark_ms: int | None

    def cursor(self) -> Cursor:
        return Cursor(json.dumps({"book": self.book, "mark_ms": self.mark_ms}))

    @classmethod
    def of(cls, cursor: Cursor, who: str) -> Place:
        try:
            document = json.loads(cursor.text)
            book, mark_ms = document["book"], document["mark_ms"]
        except (ValueError, KeyError, TypeError):
            book, mark_ms = None, None
        if not isinstance(book, str) or not isinstance(mark_ms, int | None) or isinstance(mark_ms, bool):
            raise CursorLost(f"{who}: the place where the last reading stopped can't be read.")
        return cls(book, mark_ms)


def newest_ms(stamps: Sequence[int | None], now_ms: int) -> int | None:
    """The newest time of change; None when not every row has a readable one, or there is no row."""
    readable = [each for each in stamps if each is not None]
    if len(readable) < len(stamps):
        return None
    return max((each for each in readable if each <= now_ms + _AHEAD_MS), default=None)
