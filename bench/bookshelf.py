"""Data folders with a great many people in them, each built once in a run and used by all who measure."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.people import person
from bench.stage import prepare
from linedesk.contacts.directory import Directory
from linedesk.numbers import NumberPlan, load_plans
from linedesk.store.migrate import open_stores

PLAN = NumberPlan(region="IT", internal_pattern=r"\d{5}")
"""Where the people of `bench.people` are at home."""

_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Book:
    """A data folder with people 0 to `count` of `bench.people`, and an agent who may see them.

    `built_s`: how long a contact took to come in, for each part of the book; `built_cpu_s` in time of the
    processor, which is what counts on a machine that others use too.
    """

    folder: Path
    count: int
    token: str
    built_s: tuple[float, ...]
    built_cpu_s: tuple[float, ...]


class Bookshelf:
    """The folders of one run; a larger book begins as a copy of the largest smaller one."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._books: dict[int, Book] = {}

    async def book(self, count: int) -> Book:
        """The folder with `count` people; nobody else has it open."""
        if count not in self._books:
            self._books[count] = await self._build(count)
        return self._books[count]

    async def _build(self, count: int) -> Book:
        folder = self._root / str(count)
        below = max((each for each in self._books if each < count), default=None)
        if below is None:
            folder.mkdir()
            first, (token,) = 0, (await prepare(folder, 1, 0, plan=PLAN)).values()
        else:
            shutil.copytree(self._books[below].folder, folder)
            first, token = below, self._books[below].token
        built_s, built_cpu_s = await _fill(folder, first, count)
        return Book(folder, count, token, tuple(built_s), tuple(built_cpu_s))


async def _fill(folder: Path, first: int, count: int) -> tuple[list[float], list[float]]:
    load_plans()
    built_s, built_cpu_s = [], []
    stores = await open_stores(folder / "data")
    try:
        directory = Directory(stores.books)
        for start in range(first, count, _CHUNK):
            people = [person(i) for i in range(start, min(start + _CHUNK, count))]
            began, began_cpu = time.perf_counter(), time.process_time()
            await directory.put(people, PLAN)
            built_s.append((time.perf_counter() - began) / len(people))
            built_cpu_s.append((time.process_time() - began_cpu) / len(people))
    finally:
        await stores.close()
    return built_s, built_cpu_s


@asynccontextmanager
async def bookshelf() -> AsyncIterator[Bookshelf]:
    """An empty shelf; all its folders are removed at the end."""
    with tempfile.TemporaryDirectory() as root:
        yield Bookshelf(Path(root))
