"""Search as you type in a large book, beside a bare FTS5 query of the same words in the same file.

What is typed: the most frequent beginnings of the book's names (the worst case), rare ones, two words, words
with a mistake, digits, digits with letters. Each is typed letter by letter, from 2 to 12 letters.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.people import person
from bench.table import Row
from linedesk.contacts.directory import Directory
from linedesk.contacts.search import folded
from linedesk.numbers import NumberPlan
from linedesk.store.contacts_sqlite import fetch
from linedesk.store.database import Database
from linedesk.store.migrate import open_stores

PLAN = NumberPlan("IT")
TARGET_S = 0.050
_SAMPLE = 20_000
_WORST = 12
_RARE = ("zq", "xaver", "qu", "ypsilon")
_TWO = ("mario rossi", "rossi mar", "gi mul", "ma co", "anna s", "thomas mull")
_MISTAKES = ("rosis", "mulelr", "garibladi", "schmitd", "ferarri", "lopzez", "kowalksi", "marai rossi")
_DIGITS = (
    "347",
    "3471",
    "34712",
    "+39 02 12",
    "030 12",
    "0171 234",
    "1234567",
    "rossi 34",
    "ma 347",
    "müller 017",
)
_FLOOR = "SELECT rowid FROM contact_find WHERE contact_find MATCH ? LIMIT 1001"


async def measure(counts: tuple[int, ...]) -> list[Row]:
    """One row for each size of the book, in seconds."""
    return [await _measure(count) for count in counts]


async def measure_in(books: Database, count: int) -> Row:
    """The row for a book that is there already."""
    directory = Directory(books)
    samples, floor = [], []
    for text in sorted(set(typed())):
        began = time.perf_counter()
        await directory.search(text, None, 20, PLAN)
        samples.append(time.perf_counter() - began)
        match = " AND ".join(f'"{word}" *' for word in folded([text]).split())
        began = time.perf_counter()
        await books.read(lambda c, match=match: fetch(c, _FLOOR, [match]), snapshot=False)  # type: ignore[misc]
        floor.append(time.perf_counter() - began)
    worst = sorted(samples)[int(0.99 * len(samples))]
    return Row(
        f"search as you type, {count:,} contacts",
        samples,
        "FTS5 MATCH without rank",
        floor,
        target="p99 <= 50 ms",
        met=worst <= TARGET_S,
    )


def typed() -> Iterator[str]:
    """Every text that is searched."""
    begun: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for at in range(_SAMPLE):
        for word in folded([person(at).name]).split():
            words[word] += 1
            begun.update(word[:size] for size in (2, 3, 4) if len(word) >= size)
    for size in (2, 3, 4):
        yield from [text for text, _ in begun.most_common() if len(text) == size][:_WORST]
    for word, _ in words.most_common(_WORST):
        yield from _letters(word)
    for text in (*_RARE, *_TWO, *_MISTAKES, *_DIGITS):
        yield from _letters(text)


def _letters(text: str) -> Iterator[str]:
    for size in range(2, min(len(text), 12) + 1):
        yield text[:size]


async def _measure(count: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        stores = await open_stores(Path(folder))
        try:
            await Directory(stores.books).put((person(at) for at in range(count)), PLAN)
            return await measure_in(stores.books, count)
        finally:
            await stores.close()


if __name__ == "__main__":
    from bench.table import show

    show("Linedesk", asyncio.run(measure((20_000,))))
