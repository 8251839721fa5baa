"""What is known of a connection's accounts and links, loaded from the store in slices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from linedesk.apps.records import Record
from linedesk.store import journal, links, records
from linedesk.store.database import Database
from linedesk.store.records import Copy
from linedesk.sync.model import Link
from linedesk.sync.slices import set_aside

_LOAD_SLICE = 150
_IDS_SLICE = 2000


@dataclass
class Book:
    """What is known of an account: copies by record id, those that are gone included."""

    account: str
    copies: dict[str, Copy] = field(default_factory=dict)
    whole: bool = False

    def present(self) -> dict[str, Record]:
        """The records that are there."""
        return {record_id: copy.record for record_id, copy in self.copies.items() if not copy.gone}

    def gone(self) -> frozenset[str]:
        """Ids of records that were there once."""
        return frozenset(record_id for record_id, copy in self.copies.items() if copy.gone)

    def last(self) -> dict[str, Record]:
        """The records that are gone, as they were."""
        return {record_id: copy.record for record_id, copy in self.copies.items() if copy.gone}

    def merged(self) -> dict[str, str]:
        """Ids that were merged away, with the ones that took them over (S23)."""
        return {
            record_id: copy.merged_into
            for record_id, copy in self.copies.items()
            if copy.gone and copy.merged_into is not None
        }


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
            return found
        after = part[-1]


def _copies_page(account: str, after: str) -> Callable[..., list[Copy]]:
    return lambda c: records.page(c, account, after, _LOAD_SLICE)


def _made_page(account: str, connection: str, after: str) -> Callable[..., list[str]]:
    return lambda c: journal.made_by_others(c, account, connection, after, _IDS_SLICE)


def _links_page(connection: str, after: str) -> Callable[..., list[Link]]:
    return lambda c: links.page(c, connection, after, _LOAD_SLICE)
