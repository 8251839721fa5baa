"""The local index of all contacts: lookup by number, search by text. It waits for no app.

`filling` says how a large book comes in without a call that waits for it, `rebuild` how the index is made
anew.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from linedesk.contacts import finding
from linedesk.contacts.filling import Pace, slices
from linedesk.contacts.finding import SearchPage
from linedesk.contacts.index import Indexed
from linedesk.contacts.model import Contact
from linedesk.contacts.rebuild import REST_SHARE, rebuild
from linedesk.contacts.search import folded
from linedesk.numbers import Certainty, Number, NumberPlan, lookup_keys, switchboard_keys
from linedesk.store import contact_lookup, contact_near, contact_rows
from linedesk.store import contacts as rows
from linedesk.store.contact_rows import Held
from linedesk.store.database import Database

_LOOKUP_MAX = 30  # a number on more contacts than this says nothing about the caller
_REMOVE_SLICE = 250
_PAGE = 250
_ID_PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Found:
    """A contact that may be the caller.

    `label` and `raw` (as the app stores it) are of its number that matched, under `key`.
    """

    contact: Contact
    certainty: Certainty
    label: str
    raw: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Best first; archived contacts last. A contact is in one of the two at most."""

    sure: tuple[Found, ...]
    possible: tuple[Found, ...]


class Directory:
    """Contacts of every book in books.db. All methods raise `StoreError` when the file is in trouble."""

    def __init__(self, books: Database) -> None:
        self._books = books

    async def put(self, contacts: Iterable[Contact], plan: NumberPlan) -> int:
        """Store contacts, replacing those whose (book, record_id) is there; answers how many were given."""
        written, pace = 0, Pace()
        async for entries in slices(contacts, plan, pace):
            await self._write(rows.put, entries, pace)
            written += len(entries)
        return written

    async def replace_book(self, book: str, contacts: Iterable[Contact], plan: NumberPlan) -> int:
        """Make the book hold exactly `contacts`; answers how many others were removed.

        The removal comes last: cut in the middle, nothing is lost and a repeat completes it.
        """
        kept: set[str] = set()
        pace = Pace()
        async for entries in slices(contacts, plan, pace):
            if any(entry.contact.book != book for entry in entries):
                raise ValueError(f"a contact of another book was given for {book}")
            await self._write(rows.put, entries, pace)
            kept.update(entry.contact.record_id for entry in entries)
        removed = 0
        async for ids in self._id_pages(book):
            removed += await self.remove(book, [each for each in ids if each not in kept])
        return removed

    async def remove(self, book: str, record_ids: Sequence[str]) -> int:
        """Remove records of a book; answers how many there were."""
        removed = 0
        for start in range(0, len(record_ids), _REMOVE_SLICE):
            removed += await self._books.write(_remover(book, record_ids[start : start + _REMOVE_SLICE]))
        return removed

    async def reread(self, book: str, plan: NumberPlan) -> int:
        """Read every stored number of the book anew, as `plan` says; answers how many entries changed.

        In slices: calls are matched meanwhile, each contact by its old or by its new reading. What is put
        or removed meanwhile stays so. Cut in the middle, a repeat completes it.
        """
        changed, after, pace = 0, None, Pace()
        while page := await self._books.read(_pager(book, after)):
            after = page[-1].contact.record_id
            async for entries in slices([each.contact for each in page], plan, pace):
                # Most are read as before, and then nobody has to wait for this to be written.
                if others := rows.differing(page, entries):
                    changed += await self._write(rows.reread, others, pace)
        return changed

    async def rebuild(self, *, rest_share: float = REST_SHARE) -> int:
        """Make the index of keys and of words anew from what is stored; answers how many contacts there are.

        No number is read. In slices, each followed by a rest of `rest_share` of its time: lookups and
        searches answer from the old index until the new one is whole. Cut in the middle, a repeat starts
        again. Two at a time work on the same index.
        """
        return await rebuild(self._books, rest_share)

    async def contacts(self, book: str) -> AsyncIterator[Contact]:
        """Every contact of the book, in the order of its record ids; what changes meanwhile may be missed."""
        after: str | None = None
        while page := await self._books.read(_pager(book, after), snapshot=False):
            for each in page:
                yield each.contact
            after = page[-1].contact.record_id

    async def record_ids(self, book: str) -> frozenset[str]:
        """Every record id that is stored of a book."""
        found: set[str] = set()
        async for ids in self._id_pages(book):
            found.update(ids)
        return frozenset(found)

    async def books(self) -> tuple[str, ...]:
        """Every book that has contacts."""
        return tuple(await self._books.read(contact_rows.all_books))

    async def lookup(self, number: Number, books: frozenset[str] | None) -> Lookup:
        """Who owns `number`, among the books that may be seen (None: all).

        A withheld or unreadable number has no key and matches nothing (C5).
        """
        keys = lookup_keys(number)
        if not keys:
            return Lookup((), ())
        boards = switchboard_keys(number)
        hits = await self._books.read(
            lambda c: contact_lookup.find(c, keys, boards, books, _LOOKUP_MAX), snapshot=False
        )
        found = [Found(hit.contact, hit.certainty, hit.label, hit.raw, hit.key) for hit in hits]
        return Lookup(
            sure=tuple(each for each in found if each.certainty is Certainty.SURE),
            possible=tuple(each for each in found if each.certainty is not Certainty.SURE),
        )

    async def records(
        self, record_ids: Sequence[str], books: frozenset[str] | None, limit: int = 20
    ) -> tuple[Contact, ...]:
        """Contacts by the ids of their records in their apps, among the books that may be seen."""
        return tuple(await self._books.read(lambda c: contact_rows.by_record(c, record_ids, books, limit)))

    async def companies(self, name: str, books: frozenset[str] | None, limit: int = 5) -> tuple[Contact, ...]:
        """Company records that are called `name`, but for case, accents and signs."""
        words = folded([name])
        return tuple(await self._books.read(lambda c: contact_rows.companies(c, words, books, limit)))

    async def near(
        self, number: Number, books: frozenset[str] | None, limit: int = 10
    ) -> tuple[Contact, ...]:
        """Contacts that share the last seven digits with `number` and no key: to explain, never to match."""
        return tuple(await self._books.read(lambda c: contact_near.find(c, number, books, limit)))

    async def search(
        self, text: str, books: frozenset[str] | None, limit: int, plan: NumberPlan
    ) -> SearchPage:
        """Contacts that fit what a person typed, best first: see `contacts.finding`."""
        return await finding.search(self._books, text, books, limit, plan)

    async def _write(
        self, work: Callable[[Connection, Sequence[Indexed]], int], entries: Sequence[Indexed], pace: Pace
    ) -> int:
        with pace.write():
            return await self._books.write(lambda c: work(c, entries))

    async def _id_pages(self, book: str) -> AsyncIterator[list[str]]:
        after: str | None = None
        while ids := await self._books.read(_ids_after(book, after), snapshot=False):
            yield ids
            after = ids[-1]

    async def count(self, book: str | None = None) -> int:
        """How many contacts are stored, in one book or in all."""
        return await self._books.read(lambda c: rows.count(c, book), snapshot=False)


def _pager(book: str, after: str | None) -> Callable[[Connection], list[Held]]:
    return lambda c: rows.page(c, book, after, _PAGE)


def _remover(book: str, record_ids: Sequence[str]) -> Callable[[Connection], int]:
    return lambda c: rows.remove(c, book, record_ids)


def _ids_after(book: str, after: str | None) -> Callable[[Connection], list[str]]:
    return lambda c: rows.record_ids(c, book, after, _ID_PAGE)
