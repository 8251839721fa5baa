"""`make bench`: every figure beside its floor, in one table. `--quick` for a short look.

`python -m bench NAME…` measures only some groups, by the names in `GROUPS`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType

from bench import directory, first_sync, planning, popup, pure, requests, searching, syncing
from bench.bookshelf import Book, bookshelf
from bench.table import Row, show
from linedesk.store.migrate import open_stores

Group = Callable[[bool], Awaitable[list[Row]]]


async def _popup(quick: bool) -> list[Row]:
    agents, count, rounds = (50, 5_000, 100) if quick else (500, 100_000, 2_000)
    return [await popup.measure(agents=agents, contact_count=count, rounds=rounds, rate=50)]


async def _sync(quick: bool) -> list[Row]:
    agents, count, synced, rounds, rate = (
        (20, 5_000, 1_000, 100, 20) if quick else (100, 20_000, 10_000, 1_500, 25)
    )
    return [
        await syncing.measure(agents, count, synced, rounds, rate, rebuilding=rebuilding)
        for rebuilding in (False, True)
    ]


async def _directory(quick: bool) -> list[Row]:
    return await _books(quick, searched=False)


async def _search(quick: bool) -> list[Row]:
    return await _books(quick, looked_up=False)


async def _books(quick: bool, *, looked_up: bool = True, searched: bool = True) -> list[Row]:
    rows: list[Row] = []
    async with bookshelf() as shelf:
        for count in (20_000,) if quick else (500_000, 1_000_000):
            book = await shelf.book(count)
            if searched:
                rows.append(await _searched(book))
            if looked_up:
                rows += await directory.measure(book)
    return rows


async def _searched(book: Book) -> Row:
    stores = await open_stores(book.folder / "data")
    try:
        return await searching.measure_in(stores.books, book.count)
    finally:
        await stores.close()


async def _planning(quick: bool) -> list[Row]:
    return list(planning.measure(5_000 if quick else 100_000, 3))


async def _first_sync(quick: bool) -> list[Row]:
    return await first_sync.measure(500 if quick else 10_000)


async def _large_sync(quick: bool) -> list[Row]:
    agents, count, synced, rounds, rate = (
        (20, 5_000, 5_000, 100, 20) if quick else (100, 20_000, 100_000, 1_500, 25)
    )
    return await syncing.measure_stages(agents, count, synced, rounds, rate)


async def _requests(quick: bool) -> list[Row]:
    return await requests.measure((0, 1, 10) if quick else (0, 1, 10, 100))


async def _pure(quick: bool) -> list[Row]:
    return list(pure.measure(100 if quick else 2_000))


GROUPS: Mapping[str, Group] = MappingProxyType(
    {
        "popup": _popup,
        "sync": _sync,
        "large-sync": _large_sync,
        "first-sync": _first_sync,
        "requests": _requests,
        "directory": _directory,
        "search": _search,
        "planning": _planning,
        "pure": _pure,
    }
)


async def measured(names: Sequence[str], *, quick: bool) -> list[Row]:
    """The rows of these groups, one after the other: nothing else is to run meanwhile."""
    rows: list[Row] = []
    for name in GROUPS:
        if name not in names or (name == "search" and "directory" in names):
            continue
        # Both look at the same books, whose making takes most of the time.
        both = name == "directory" and "search" in names
        rows += await (_books(quick) if both else GROUPS[name](quick))
    return rows


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    names = [each for each in arguments if each != "--quick"]
    if unknown := [name for name in names if name not in GROUPS]:
        sys.exit(f"bench: {', '.join(unknown)}: no such group. There are: {', '.join(GROUPS)}.")
    show("Linedesk", asyncio.run(measured(names or list(GROUPS), quick="--quick" in arguments)))


if __name__ == "__main__":
    main(sys.argv[1:])
