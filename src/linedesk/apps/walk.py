"""Walks over pages that can be trusted: they end at the end, or in `ListingBroken`.

A list may repeat a page, lead in a circle, hold an empty page in the middle, or change while it is read.
Whether what changed did any harm is for the app to judge, by `Walked.moved` and its own feed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from linedesk.errors import ListingBroken

Row = TypeVar("Row")

_MOST_PAGES = 50_000


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page: rows with their ids, and where the next one is. `ceiling`: the app shows no further page."""

    rows: tuple[tuple[str, Row], ...]
    next: str | None
    ceiling: bool = False


@dataclass(frozen=True, slots=True)
class Walked(Generic[Row]):
    """Every row by id, in the order of the list; of a row that came twice the later one.

    `moved`: ids that stood on more than one page, so the list changed meanwhile; `altered`: those of them
    whose row had changed, too, while the others were only pushed on. `ceiling`: it was cut off.
    """

    rows: dict[str, Row]
    moved: frozenset[str]
    altered: frozenset[str]
    pages: int
    ceiling: bool


async def walk(
    who: str,
    first: str,
    fetch: Callable[[str], Awaitable[Page[Row]]],
    *,
    told: Callable[[int], None],
    most_pages: int = _MOST_PAGES,
) -> Walked[Row]:
    """All pages from `first` on; `told` gets the number of rows so far. Raises `ListingBroken`."""
    rows: dict[str, Row] = {}
    moved: set[str] = set()
    altered: set[str] = set()
    places = {first}
    seen_pages: set[frozenset[str]] = set()
    place: str | None = first
    ceiling = False
    while place is not None:
        page = await fetch(place)
        ids = frozenset(row_id for row_id, _ in page.rows)
        _check(who, page, ids, places, seen_pages)
        moved |= ids & rows.keys()
        altered |= {row_id for row_id, row in page.rows if row_id in rows and rows[row_id] != row}
        rows.update(page.rows)
        told(len(rows))
        ceiling = page.ceiling
        seen_pages.add(ids)
        place = page.next
        if place is not None:
            places.add(place)
        if len(places) > most_pages:
            raise ListingBroken(f"{who} gives more than {most_pages} pages of one list.")
    return Walked(rows, frozenset(moved), frozenset(altered), len(places), ceiling)


async def tried_again(times: int, attempt: Callable[[], Awaitable[Walked[Row]]]) -> Walked[Row]:
    """A walk that starts anew when it breaks; the last `ListingBroken` is raised."""
    for _ in range(times - 1):
        try:
            return await attempt()
        except ListingBroken:
            # A change at the wrong moment looks like a broken list; one that stays broken is told below.
            continue
    return await attempt()


def _check(
    who: str, page: Page[Row], ids: frozenset[str], places: set[str], seen_pages: set[frozenset[str]]
) -> None:
    if page.next is not None and not ids:
        raise ListingBroken(f"{who} gave an empty page in the middle of a list.")
    if ids and ids in seen_pages:
        raise ListingBroken(f"{who} gave the same page of a list twice.")
    if page.next in places:
        raise ListingBroken(f"{who} gave a list whose pages lead in a circle.")
