"""What is known of a connection's accounts and links, loaded from the store in slices."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from linedesk.apps.records import Record
from linedesk.store import journal, links, records
from linedesk.store.database import Database
from linedesk.store.records import Copy
from linedesk.sync.model import Link
from linedesk.sync.parts import LIGHT, in_parts
from linedesk.sync.slices import set_aside

_LOAD_SLICE = 150
_IDS_SLICE = 2000


@dataclass
class Book:
    """What is known of an account: copies by record id, those that are gone included."""

    account: str
    copies: dict[str, Copy] = field(default_factory=dict)
    whole: bool = False

    def view_in_slices(self) -> Generator[None, None, View]:
        """The copies as plans take them, with a pause after every few: all at once takes 0.1 s of 100,000."""
        view = View(self.whole)

        def look(item: tuple[str, Copy]) -> None:
            record_id, copy = item
            (view.last if copy.gone else view.present)[record_id] = copy.record
            if copy.gone and copy.merged_into is not None:
                view.merged[record_id] = copy.merged_into

        yield from in_parts(self.copies.items(), look, LIGHT)
        return view


@dataclass(frozen=True, slots=True)
class View:
    """What a plan sees of an account: the records that are `present`, and how those were that are gone.

    `merged`: ids that were merged away, with the ones that took them over (S23).
    """

    whole: bool = False
    present: dict[str, Record] = field(default_factory=dict)
    last: dict[str, Record] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)


async def load_copies(books: Database, account: str) -> dict[str, Copy]:
    """Every copy of an account by record id, read in slices."""
    copies: dict[str, Copy] = {}
    after = ""
    while True:
        part = await books.read(_copies_page(account, after), snapshot=False)
        copies.update({copy.record.id: copy for copy in part})
        set_aside()
        if len(part) < _LOAD_SLICE:
            return copies
        after = part[-1].record.id


async def load_links(books: Database, connection: str) -> dict[str, Link]:
    """Every link of a connection by id, read in slices."""
    found: dict[str, Link] = {}
    after = ""
    while True:
        part = await books.read(_links_page(connection, after), snapshot=False)
        found.update({link.id: link for link in part})
        set_aside()
        if len(part) < _LOAD_SLICE:
            return found
        after = part[-1].id


async def load_foreign(books: Database, account: str, connection: str) -> frozenset[str]:
    """Ids of the account's records that another connection made, read in slices (G04)."""
    found: set[str] = set()
    after = ""
    while True:
        part = await books.read(_made_page(account, connection, after), snapshot=False)
        found.update(part)
        if len(part) < _IDS_SLICE:
            return frozenset(found)
        after = part[-1]


def _copies_page(account: str, after: str) -> Callable[..., list[Copy]]:
    return lambda c: records.page(c, account, after, _LOAD_SLICE)


def _made_page(account: str, connection: str, after: str) -> Callable[..., list[str]]:
    return lambda c: journal.made_by_others(c, account, connection, after, _IDS_SLICE)


def _links_page(connection: str, after: str) -> Callable[..., list[Link]]:
    return lambda c: links.page(c, connection, after, _LOAD_SLICE)
