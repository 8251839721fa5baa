"""Reading a listing page by page so that what comes is whole: no row lost, none twice, or `ListingBroken`.

Every page after the first begins with the last row of the page before. Where it does not, rows before it
were deleted meanwhile, and the walk steps back to the rows it knows. It asks nothing by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

from linedesk.errors import ListingBroken

PAGE = 100
"""Rows asked for at once: the PBX's own default, and as much as it is known to give."""

_WALKS = 4
_CAP_LEAST = 10  # no PBX gives fewer rows a page than this while it has more
_MOST = 2_000_000

Row = Mapping[str, Any]
Watch = Callable[[int, int | None], None]
Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its rows, and how many there are in all (None: not told)."""

    rows: tuple[Row, ...]
    total: int | None


Fetch = Callable[[int], Awaitable[Page]]
"""Asks for the rows from `start` on, at most `PAGE`."""


class Moved(Exception):
    """No error of the tree: the pages don't fit together, so the walk starts anew."""


async def scan(fetch: Fetch, who: str, watch: Watch) -> tuple[Row, ...]:
    """All rows of a listing that is sorted by id; raises `ListingBroken` when it can't be read whole."""

    async def walk() -> tuple[Row, ...]:
        walked = _Walked(who)
        while not walked.complete:
            walked.add(await fetch(walked.next_start))
            watch(len(walked.rows), walked.total)
        return tuple(walked.rows)

    return await until_still(walk, who)


async def until_still(walk: Callable[[], Awaitable[Outcome]], who: str) -> Outcome:
    """Walk until nothing moved meanwhile, a few times at most; raises `ListingBroken`."""
    for _ in range(_WALKS):
        try:
            return await walk()
        except Moved:
            continue
    raise ListingBroken(
        f"{who} gave pages that don't fit together, {_WALKS} times in a row.",
        remedy="Run the sync again when nobody edits this phonebook; if it stays, its paging is broken.",
    )


def id_of(row: Row, who: str) -> str:
    """The row's id as a text; raises `ListingBroken` for a row without one."""
    value = row.get("id")
    if isinstance(value, int | str) and not isinstance(value, bool) and str(value).strip():
        return str(value).strip()
    raise ListingBroken(f"{who} listed a row without an id.")


@dataclass(slots=True)
class _Walked:
    """The pages so far. `_end`: where the last one ended, as the other side counted then. `_back`: how many
    known rows more than one the next page is asked to begin with."""

    who: str
    rows: list[Row] = field(default_factory=list)
    total: int | None = None
    complete: bool = False
    _ids: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _before: tuple[str, ...] = ()
    _end: int = 0
    _largest: int = 0
    _back: int = 0
    _stirred: bool = False

    @property
    def next_start(self) -> int:
        return max(self._end - 1 - self._back, 0)

    def add(self, page: Page) -> None:
        """Take one answer, to the question for `next_start`."""
        start = self.next_start
        if page.total is None:
            raise ListingBroken(f"{self.who} doesn't say how many rows its listing has.")
        ids = tuple(id_of(row, self.who) for row in page.rows)
        if len(set(ids)) < len(ids):
            raise ListingBroken(f"{self.who} lists one row twice on a page.")
        if len(ids) > 1 and ids == self._before:
            raise ListingBroken(f"{self.who} sends the same page again and again.")
        self._stirred |= self.total not in {None, page.total}
        self._before, self.total = ids, page.total
        if start and not (ids and ids[0] in self._seen):
            self._step_back(ids)
        else:
            self._take(page, ids, start + len(ids))

    def _step_back(self, ids: tuple[str, ...]) -> None:
        """The page does not begin with a row that is known, so some may be missing in between."""
        if self._back or not ids:
            raise Moved
        self._back = len(ids) * 3 // 4
        self._stirred = True

    def _take(self, page: Page, ids: tuple[str, ...], end: int) -> None:
        known = next((n for n, each in enumerate(ids) if each not in self._seen), len(ids))
        fresh = ids[known:]
        if not self._seen.isdisjoint(fresh):
            raise Moved
        self._back, self._end = 0, end
        self._ids += fresh
        self._seen.update(fresh)
        self.rows += page.rows[known:]
        if len(self._ids) > _MOST:
            raise ListingBroken(f"{self.who} lists more than {_MOST} rows.")
        # By the place in this very answer: rows that were deleted after they were read still count in ours.
        self.complete = end >= (page.total or 0)
        if end > (page.total or 0) or not (fresh or self.complete):
            raise Moved
        self._largest = max(self._largest, len(ids))
        if fresh and len(ids) == self._largest >= _CAP_LEAST:
            # A full page may be the last, or its total counts the page alone: only the next one shows it.
            self.complete = False
        if self.complete and self._stirred and not self._in_order():
            # Only in the order of ids do rows keep their places when others change.
            raise Moved

    def _in_order(self) -> bool:
        if all(each.isascii() and each.isdigit() for each in self._ids) and all(
            int(one) < int(other) for one, other in pairwise(self._ids)
        ):
            return True
        return all(one < other for one, other in pairwise(self._ids))
