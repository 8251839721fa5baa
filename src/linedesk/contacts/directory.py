"""The local index of all contacts: lookup by number, search by text. It waits for no app.

Numbers are read in slices of a few milliseconds and written fifty contacts at once, so that neither the
event loop nor the writer is held while a large book comes in.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from linedesk.contacts.index import Indexed, indexed
from linedesk.contacts.model import Contact
from linedesk.contacts.search import Query, may_be_typo, one_typo_away, parse, ranked
from linedesk.numbers import Certainty, Number, NumberPlan, lookup_keys, switchboard_keys
from linedesk.store import contacts as rows
from linedesk.store import search_sqlite
from linedesk.store.database import Database

_LOOKUP_MAX = 100  # a number on more contacts than this says nothing about the caller
_TOTAL_MAX = 1_000
_WRITE_SLICE = 50
_REMOVE_SLICE = 250
_READ_SLICE_S = 0.002


@dataclass(frozen=True, slots=True)
class Found:
    """A contact that may be the caller; `label` is the label of its number that matched."""

    contact: Contact
    certainty: Certainty
    label: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """Best first; archived contacts last. A contact is in one of the two at most."""

    sure: tuple[Found, ...]
    possible: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The best hits. `total` is exact up to 1,000 and stays there; `more`: there are hits beyond `items`."""

    items: tuple[Contact, ...]
    total: int
    more: bool


class Directory:
    """Contacts of every book in books.db. All methods raise `StoreError` when the file is in trouble."""

    def __init__(self, books: Database) -> None:
        self._books = books

    async def put(self, contacts: Iterable[Contact], plan: NumberPlan) -> int:
        """Store contacts, replacing those whose (book, record_id) is there; answers how many were written."""
        written = 0
        async for entries in _slices(contacts, plan):
            await self._books.write(_putter(entries))
            written += len(entries)
        return written

    async def replace_book(self, book: str, contacts: Iterable[Contact], plan: NumberPlan) -> int:
        """Make the book hold exactly `contacts`; answers how many others were removed.

        The removal comes last: cut in the middle, nothing is lost and a repeat completes it.
        """
        kept: set[str] = set()
        async for entries in _slices(contacts, plan):
            if any(entry.contact.book != book for entry in entries):
                raise ValueError(f"a contact of another book was given for {book}")
            await self._books.write(_putter(entries))
            kept.update(entry.contact.record_id for entry in entries)
        return await self.remove(book, sorted(await self.record_ids(book) - kept))

    async def remove(self, book: str, record_ids: Sequence[str]) -> int:
        """Remove records of a book; answers how many there were."""
        removed = 0
        for start in range(0, len(record_ids), _REMOVE_SLICE):
            removed += await self._books.write(_remover(book, record_ids[start : start + _REMOVE_SLICE]))
        return removed

    async def record_ids(self, book: str) -> frozenset[str]:
        """Every record id that is stored of a book."""
        return frozenset(await self._books.read(lambda c: rows.record_ids(c, book), snapshot=False))

    async def lookup(self, number: Number, books: frozenset[str] | None) -> Lookup:
        """Who owns `number`, among the books that may be seen (None: all).

        A withheld or unreadable number has no key and matches nothing (C5).
        """
        keys = lookup_keys(number)
        if not keys:
            return Lookup((), ())
        boards = switchboard_keys(number)
        hits = await self._books.read(
            lambda c: rows.find(c, keys, boards, books, _LOOKUP_MAX), snapshot=False
        )
        found = [Found(hit.contact, hit.certainty, hit.label) for hit in hits]
        return Lookup(
            sure=tuple(each for each in found if each.certainty is Certainty.SURE),
            possible=tuple(each for each in found if each.certainty is not Certainty.SURE),
        )

    async def search(
        self, text: str, books: frozenset[str] | None, limit: int, plan: NumberPlan
    ) -> SearchPage:
        """Contacts whose words begin with all words of `text`, or whose number holds its digits.

        Without any hit, words of five letters and more are searched with one typing mistake.
        """
        query = parse(text, plan)
        return await self._books.read(lambda c: _search(c, query, books, limit))

    async def count(self, book: str | None = None) -> int:
        """How many contacts are stored, in one book or in all."""
        return await self._books.read(lambda c: rows.count(c, book), snapshot=False)


async def _slices(contacts: Iterable[Contact], plan: NumberPlan) -> AsyncIterator[list[Indexed]]:
    loop = asyncio.get_running_loop()
    entries: list[Indexed] = []
    pause_at = loop.time() + _READ_SLICE_S
    for contact in contacts:
        entries.append(indexed(contact, plan))
        if len(entries) == _WRITE_SLICE:
            yield entries
            entries = []
        elif loop.time() < pause_at:
            continue
        await asyncio.sleep(0)
        pause_at = loop.time() + _READ_SLICE_S
    if entries:
        yield entries


def _putter(entries: Sequence[Indexed]) -> Callable[[Connection], None]:
    return lambda c: rows.put(c, entries)


def _remover(book: str, record_ids: Sequence[str]) -> Callable[[Connection], int]:
    return lambda c: rows.remove(c, book, record_ids)


def _search(c: Connection, query: Query, books: frozenset[str] | None, limit: int) -> SearchPage:
    candidates = search_sqlite.search(c, query, books, _TOTAL_MAX + 1)
    if not candidates and query.letters:
        query = _with_typos(c, query)
        candidates = search_sqlite.search(c, query, books, _TOTAL_MAX + 1)
    best = ranked(query, candidates)[:limit]
    return SearchPage(
        items=tuple(rows.by_rowid(c, [candidate.rowid for candidate in best])),
        total=min(len(candidates), _TOTAL_MAX),
        more=len(candidates) > limit,
    )


def _with_typos(c: Connection, query: Query) -> Query:
    near = {
        forms: (*forms, *one_typo_away(forms[0], search_sqlite.terms_like(c, forms[0])))
        for forms in query.letters
        if may_be_typo(forms[0])
    }
    return replace(
        query,
        words=tuple(near.get(forms, forms) for forms in query.words),
        letters=tuple(near.get(forms, forms) for forms in query.letters),
    )
