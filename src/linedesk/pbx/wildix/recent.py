"""The rows of a book that changed lately: the newest first, until the walk comes to older ones.

Stamps are only a hint: a row whose stamp can't be read counts as changed, and where the rows do not come
in the order of their stamps, the whole book is walked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from linedesk.errors import ListingBroken
from linedesk.pbx.wildix.scan import Fetch, Moved, Page, Row, id_of, until_still

StampOf = Callable[[Row], int | None]


async def recent(fetch: Fetch, who: str, since_ms: int, stamp_of: StampOf) -> tuple[Row, ...]:
    """Rows stamped `since_ms` or later, or unreadably, of a listing sorted by stamp, newest first.

    Raises `ListingBroken`.
    """

    async def walk() -> tuple[Row, ...]:
        walked = _Newest(who, since_ms, stamp_of)
        while not walked.complete:
            walked.add(await fetch(walked.next_start))
        return tuple(walked.rows.values())

    return await until_still(walk, who)


@dataclass(slots=True)
class _Newest:
    who: str
    since_ms: int
    stamp_of: StampOf
    rows: dict[str, Row] = field(default_factory=dict)
    complete: bool = False
    next_start: int = 0
    _seen: set[str] = field(default_factory=set)
    _last_ms: int | None = None
    _sorted: bool = True

    def add(self, page: Page) -> None:
        """Take one answer, to the question for `next_start`."""
        if page.total is None:
            raise ListingBroken(f"{self.who} doesn't say how many rows its listing has.")
        ids = [id_of(row, self.who) for row in page.rows]
        if self._seen and (not ids or ids[0] not in self._seen):
            # It has to begin with a row that is known, or some may have slipped by in between.
            raise Moved
        older = False
        for row_id, row in zip(ids, page.rows, strict=True):
            older = self._take(row_id, row)
        end = self.next_start + len(ids)
        fresh = not self._seen.issuperset(ids)
        self._seen.update(ids)
        self.complete = end >= page.total or (older and self._sorted)
        if end > page.total or not (fresh or self.complete):
            raise Moved
        self.next_start = max(end - 1, 0)

    def _take(self, row_id: str, row: Row) -> bool:
        """Whether the row is older than asked for."""
        stamp_ms = self.stamp_of(row)
        if stamp_ms is None or stamp_ms >= self.since_ms:
            self.rows[row_id] = row
        if stamp_ms is None:
            return False
        if row_id not in self._seen:
            self._sorted &= self._last_ms is None or stamp_ms <= self._last_ms
            self._last_ms = stamp_ms
        return stamp_ms < self.since_ms
