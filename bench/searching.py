"""Search as you type in a large book, beside a bare FTS5 query of the same text in the same file.

What is typed: of every length from 2 to 12 letters the most frequent beginnings of the words of names,
companies and addresses (the worst case); rare ones, several words, words with a mistake, digits, digits with
letters, each letter by letter. All of it by one who sees every book and by one who sees some.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator

from bench.bookshelf import bookshelf
from bench.people import BOOK, person
from bench.table import Row, quantile
from linedesk.contacts.directory import Directory
from linedesk.contacts.search import folded, parse
from linedesk.numbers import NumberPlan
from linedesk.store import search_match
from linedesk.store.contacts_sqlite import fetch
from linedesk.store.database import Database
from linedesk.store.migrate import open_stores

PLAN = NumberPlan("IT")
TARGET_S = 0.050
_LEAST, _MOST = 2, 12
_SAMPLE = 20_000
_WORST = 12
_SEEN = (None, frozenset({BOOK, "others"}))
_RARE = ("zq", "xaver", "qu", "ypsilon")
_SEVERAL = (
    *(
        "mario rossi",
        "rossi mar",
        "gi mul",
        "ma co",
        "anna s",
        "thomas mull",
        "srl gmbh",
        "m r",
        "zq example",
    ),
    *("rossi srl", "example com", "rossi exam", "info@example", "a e i o"),
)
_MISTAKES = ("rosis", "mulelr", "garibladi", "schmitd", "ferarri", "lopzez", "kowalksi", "marai rossi")
_DIGITS = (
    *("347", "3471", "34712", "+39 02 12", "030 12", "0171 234", "1234567", "rossi 34", "ma 347"),
    *("müller 017", "+39 3", "0039 347", "39390"),
)
_FLOOR = "SELECT rowid FROM contact_find WHERE contact_find MATCH ? LIMIT 1001"


async def measure_in(books: Database, count: int) -> Row:
    """One row, in seconds, for a file with `count` people of `bench.people`."""
    directory = Directory(books)
    samples, floor = [], []
    for text in sorted(set(typed())):
        for seen in _SEEN:
            began = time.perf_counter()
            await directory.search(text, seen, 20, PLAN)
            samples.append(time.perf_counter() - began)
            match = search_match.everywhere(parse(text, PLAN), seen)
            began = time.perf_counter()
            await books.read(lambda c, match=match: fetch(c, _FLOOR, [match]), snapshot=False)  # type: ignore[misc]
            floor.append(time.perf_counter() - began)
    return Row(
        f"search as you type, {count:,} contacts",
        samples,
        "FTS5 MATCH without rank",
        floor,
        target="p99 <= 50 ms",
        met=quantile(samples, 0.99) <= TARGET_S,
    )


def typed() -> Iterator[str]:
    """Every text that is searched."""
    begun: Counter[str] = Counter()
    for at in range(_SAMPLE):
        who = person(at)
        for word in folded([who.name, who.company, *who.emails]).split():
            begun.update(word[:size] for size in range(_LEAST, min(len(word), _MOST) + 1))
    for size in range(_LEAST, _MOST + 1):
        yield from [text for text, _ in begun.most_common() if len(text) == size][:_WORST]
    for text in (*_RARE, *_SEVERAL, *_MISTAKES, *_DIGITS):
        yield from (text[:size] for size in range(_LEAST, min(len(text), _MOST) + 1))


async def _measure(count: int) -> Row:
    async with bookshelf() as shelf:
        book = await shelf.book(count)
        stores = await open_stores(book.folder / "data")
        try:
            return await measure_in(stores.books, count)
        finally:
            await stores.close()


if __name__ == "__main__":
    from bench.table import show

    show("Linedesk", [asyncio.run(_measure(20_000))])
