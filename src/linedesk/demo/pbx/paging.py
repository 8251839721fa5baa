"""What goes wrong while somebody walks through a list: pages that repeat or lie about the total, and
contacts that are edited between two pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from linedesk.demo.pbx.books import Books, Row
from linedesk.demo.pbx.listing import Listing
from linedesk.demo.switches import PbxSwitches


@dataclass(frozen=True, slots=True)
class Edit:
    """One change by another hand. `contact` is the id for `update` and `delete`."""

    op: Literal["insert", "update", "delete"]
    values: Mapping[str, str] = field(default_factory=dict)
    contact: int = 0


@dataclass(slots=True)
class Ambush:
    """`edits` of a book that happen once `pages` more of its pages have been served."""

    book_id: int
    pages: int
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Page:
    total: int
    rows: list[Row]


class Pages:
    """The ambushes that are laid. They do not outlive the process."""

    def __init__(self) -> None:
        self._ambushes: list[Ambush] = []

    def lay(self, ambush: Ambush) -> None:
        self._ambushes.append(ambush)

    def served(self, book_id: int, books: Books, at_s: int) -> None:
        """A page of this book has just been read."""
        for ambush in [each for each in self._ambushes if each.book_id == book_id]:
            ambush.pages -= 1
            if ambush.pages <= 0:
                self._ambushes.remove(ambush)
                for edit in ambush.edits:
                    _do(edit, book_id, books, at_s)

    def spoil(self, listing: Listing, total: int, rows: list[Row], sw: PbxSwitches) -> Page:
        """The page as the faults of the switches leave it."""
        match sw.page_fault:
            case "skip-row":
                return Page(total, rows[1:] if listing.start else rows)
            case "empty":
                return Page(total, [] if listing.start else rows)
            case "total-low":
                return Page(min(total, len(rows)), rows)
            case "total-high":
                return Page(total + 100, rows)
            case _:
                return Page(total, rows)


def for_page(listing: Listing, sw: PbxSwitches) -> Listing:
    """What the PBX makes of the page that was asked for: its own cap, and the same page for ever."""
    if sw.count_max is not None:
        listing = replace(listing, count=min(listing.count, sw.count_max))
    return replace(listing, start=0) if sw.page_fault == "repeat" else listing


def _do(edit: Edit, book_id: int, books: Books, at_s: int) -> None:
    match edit.op:
        case "insert":
            books.add(book_id, edit.values, at_s)
        case "update":
            books.update(edit.contact, edit.values, at_s)
        case "delete":
            books.delete(edit.contact)
