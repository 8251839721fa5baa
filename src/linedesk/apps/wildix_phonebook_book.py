"""Which phonebook an account means, and whether Linedesk may write there: found anew for every reading.

A book that an import fills, that belongs to one user or that can't be told from another is refused with a
sentence that says why and what to do.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable, Sequence

from linedesk.errors import VendorNotFound, VendorRefused
from linedesk.pbx.wildix.phonebooks import Phonebook, Phonebooks

_WMS = "WMS → Users → Phonebooks"


class BookFinder:
    """Finds the phonebook `wanted` (a name or an id); `who` begins the sentences.

    `filled_type`: the type of books that the PBX fills from LDAP or its colleagues.
    """

    def __init__(
        self, books: Callable[[], Phonebooks], wanted: str, who: str, *, filled_type: int, make: bool
    ) -> None:
        self._books = books
        self._wanted = wanted.strip()
        self._who = who
        self._filled_type = str(filled_type)
        self._may_make = make
        self._making = asyncio.Lock()
        self._known_id: str | None = None

    async def find(self) -> Phonebook | None:
        """The book, fit to be written; None when it is missing and may be made.

        Raises `VendorNotFound` when it is gone or never was, `VendorRefused` when it is not fit.
        """
        found = _named(self._wanted, await self._books().list())
        if len(found) > 1:
            ids = ", ".join(each.id for each in found)
            raise VendorRefused(
                f"{self._who}: the PBX has {len(found)} phonebooks “{self._wanted}” (ids {ids}).",
                remedy=f"Rename one of them under {_WMS}, or put the id of the right one into the account.",
            )
        if not found:
            self._check_missing()
            return None
        book = found[0]
        self._judge(book)
        self._same(book)
        return book

    async def find_or_make(self) -> Phonebook:
        """The book; a missing one is made where the account allows it."""
        async with self._making:
            book = await self.find()
            if book is None:
                book = await self._books().create(self._wanted)
                self._judge(book)
                self._same(book)
        return book

    def recall(self, book_id: str) -> None:
        """The book of an earlier reading, by another finder perhaps: from now on it alone is this one."""
        if self._known_id is None:
            self._known_id = book_id

    def same_as(self, book: Phonebook, book_id: str) -> bool:
        """Whether `book` is the one of an earlier reading; raises `VendorRefused` when that is not clear.

        Whoever puts an id into the account has chosen that very book; behind a name another may stand now.
        """
        if book.id == book_id:
            return True
        if book.id == self._wanted:
            return False
        raise self._another(book, book_id)

    def _same(self, book: Phonebook) -> None:
        if self._known_id not in {None, book.id} and book.id != self._wanted:
            raise self._another(book, self._known_id)
        self._known_id = book.id

    def _another(self, book: Phonebook, before: str) -> VendorRefused:
        return VendorRefused(
            f"{self._who}: the phonebook “{self._wanted}” is another one now: "
            f"its id was {before} and is {book.id}.",
            remedy=f"If the new one is right, put its id ({book.id}) into the account as `phonebook`.",
        )

    def _check_missing(self) -> None:
        """Raise, unless the book never was and may be made."""
        if self._known_id is not None:
            raise VendorNotFound(
                f"{self._who}: the phonebook “{self._wanted}” is gone or was renamed.",
                remedy=f"Look under {_WMS}, and put the name or id of the right one into the account. "
                "To begin anew, give a name that no phonebook had, and set `create_phonebook`.",
            )
        if not self._may_make or self._wanted.isdecimal():
            raise VendorNotFound(
                f"{self._who}: the PBX shows no phonebook “{self._wanted}” to this credential.",
                remedy=f"Make a shared phonebook of this name under {_WMS}, or set `create_phonebook`.",
            )

    def _judge(self, book: Phonebook) -> None:
        what = f"{self._who}: the phonebook “{book.name}”"
        own = "Make a shared phonebook only for Linedesk, and put its name into the account."
        if book.type == self._filled_type:
            raise VendorRefused(
                f"{what} is filled by the PBX itself from LDAP or its colleagues, and takes no contacts.",
                remedy=own,
            )
        if book.sync_interval > 0:
            raise VendorRefused(
                f"{what} has an import job of its own, which would overwrite what Linedesk writes.",
                remedy=f"{own} Or take the import job away under {_WMS} → Import.",
            )
        if not book.shared:
            raise VendorRefused(
                f"{what} is the personal phonebook of one user; the other agents would not see it.",
                remedy=own,
            )


def _named(wanted: str, books: Sequence[Phonebook]) -> tuple[Phonebook, ...]:
    """The book with this id, else those of this name, else those whose name differs in case alone."""
    plain = _plain(wanted)
    ways: tuple[Callable[[Phonebook], bool], ...] = (
        lambda book: book.id == wanted,
        lambda book: _plain(book.name) == plain,
        lambda book: _plain(book.name).casefold() == plain.casefold(),
    )
    for fits in ways:
        if found := tuple(filter(fits, books)):
            return found
    return ()


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()
