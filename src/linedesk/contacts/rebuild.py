"""Makes the index of contacts anew while it is in use. No number is read and no word folded here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from linedesk.store import contact_index_sqlite as index
from linedesk.store import contacts as rows
from linedesk.store import search_refill
from linedesk.store.database import Database

T = TypeVar("T")

REST_SHARE = 0.5
"""How long to rest after a slice, as a share of the time it took: calls are to go first."""

_SLICE = 250
_KEYS = 1_000
_PAGES = 300
_REST_MOST_S = 0.05


async def rebuild(books: Database, rest_share: float) -> int:
    """See `Directory.rebuild`."""
    work = _Work(books, rest_share)
    after: int | None = 0
    while after is not None:
        after = await work.write(_keys_behind(after))
    place: index.Place | None = index.FIRST
    while place is not None:
        place = await work.write(_strays(place))
    await work.write(search_refill.start)
    while await work.write(_fill):
        continue
    while await work.write(lambda c: search_refill.shrink_old(c, _PAGES)):
        continue
    await work.write(search_refill.clean_up)
    return await books.read(rows.count, snapshot=False)


class _Work:
    """Pieces of work with rests between them, so that others get their turn at the file and the machine."""

    def __init__(self, books: Database, rest_share: float) -> None:
        self._books = books
        self._rest_share = rest_share
        self._loop = asyncio.get_running_loop()

    async def write(self, piece: Callable[[Connection], T]) -> T:
        """One piece in one commit, and a rest."""
        began = self._loop.time()
        result = await self._books.write(piece)
        await asyncio.sleep(min((self._loop.time() - began) * self._rest_share, _REST_MOST_S))
        return result


def _keys_behind(after: int) -> Callable[[Connection], int | None]:
    def work(c: Connection) -> int | None:
        last = index.next_rowid(c, after, _KEYS)
        if last is not None:
            index.add_keys(c, after, last)
        return last

    return work


def _strays(place: index.Place) -> Callable[[Connection], index.Place | None]:
    return lambda c: index.drop_strays(c, place, _KEYS)


def _fill(c: Connection) -> bool:
    # Two may work on one index; the other of them may just have finished it.
    return search_refill.unfinished(c) and search_refill.fill(c, _SLICE)
