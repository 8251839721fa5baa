"""Brings the directory's index up to this version of Linedesk, once, in the background of the service.

Where an older version has read numbers or folded words in another way, every book is read anew; where only
the index has another form, it is made anew from what is stored. A document says what was done last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog
from sqlalchemy import Connection

from linedesk.contacts.directory import Directory
from linedesk.numbers import NumberPlan
from linedesk.store import documents, search_refill
from linedesk.store.database import Database

log = structlog.get_logger(__name__)

READING = 1
"""Raised when numbers are read, or words folded, in another way."""
INDEX = 1
"""Raised when the index has another form for the same stored readings and words."""

_DOCUMENT = "contact_index"


class Upkeep:
    """`plan_of`: how the numbers of a book are read."""

    def __init__(self, books: Database, directory: Directory, plan_of: Callable[[str], NumberPlan]) -> None:
        self._books = books
        self._directory = directory
        self._plan_of = plan_of

    async def run_once(self) -> tuple[str, ...]:
        """Do what is to be done; answers what was: "reread" (every book), "rebuild". A repeat goes on."""
        last = await self._books.read(lambda c: documents.get(c, _DOCUMENT)) or {}
        done: list[str] = []
        books = await self._directory.books()
        if books and last.get("reading") != READING:
            log.info("contact_index_reread", books=len(books))
            for book in books:
                await self._directory.reread(book, await self.plan(book))
            done.append("reread")
        if books and (last.get("index", INDEX) != INDEX or await self._books.read(search_refill.unfinished)):
            log.info("contact_index_rebuilt")
            await self._directory.rebuild()
            done.append("rebuild")
        now = {"reading": READING, "index": INDEX}
        if last != now:
            await self._books.write(lambda c: documents.put(c, _DOCUMENT, now))
        return tuple(done)

    async def plan(self, book: str) -> NumberPlan:
        """How the numbers of a book are read: as its account says, in the region that its import named."""
        named = await self._books.read(lambda c: documents.get(c, _read_as(book)))
        plan = self._plan_of(book)
        return plan if named is None else replace(plan, region=named["region"])


def name_region(c: Connection, book: str, region: str) -> None:
    """Keep in which region a file's local numbers are at home, for when they are read again."""
    documents.put(c, _read_as(book), {"region": region})


def _read_as(book: str) -> str:
    return f"read_as:{book}"
