"""The directory with a great many contacts: lookup, building its index, memory of the service on it."""

from __future__ import annotations

import random
import sqlite3
import time
from pathlib import Path

import httpx

from bench.bookshelf import PLAN, Book
from bench.people import person
from bench.stage import serving
from bench.table import Row, quantile
from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact
from linedesk.numbers import Number, lookup_keys, read
from linedesk.store.migrate import open_stores

_LOOKUPS = 3_000
_ASKED = 250
_BARE = (
    "SELECT c.*, n.raw, n.label FROM contact_keys k JOIN contacts c ON c.rowid_ = k.contact_rowid "
    "JOIN contact_numbers n ON n.contact_rowid = c.rowid_ WHERE k.key = ? LIMIT 20"
)
_RAW_RATE, _KEYS_RATE, _MEMORY_MB = 4_000, 20_000, 600


async def measure(book: Book) -> list[Row]:
    """Rows for a book that nobody else has open."""
    bare = _bare_inserts(book.folder.parent, min(book.count, 20_000))
    return [_from_raw(book, bare), await _lookup(book), await _from_keys(book, bare), await _memory(book)]


def _from_raw(book: Book, bare: list[float]) -> Row:
    rate = len(book.built_cpu_s) / sum(book.built_cpu_s)
    return Row(
        f"index a contact from raw numbers, up to {book.count:,}",
        book.built_s,
        "insert its row and keys, bare SQLite",
        bare,
        f"{rate:,.0f} >= {_RAW_RATE:,} a second of one core",
        rate >= _RAW_RATE,
    )


async def _from_keys(book: Book, bare: list[float]) -> Row:
    stores = await open_stores(book.folder / "data")
    try:
        await stores.books.write(lambda c: c.exec_driver_sql("DELETE FROM contact_keys").rowcount)
        began, began_cpu = time.perf_counter(), time.process_time()
        done = await Directory(stores.books).rebuild(rest_share=0)
        took, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    finally:
        await stores.close()
    if done != book.count:
        raise RuntimeError("the index was not rebuilt whole")
    return Row(
        f"index a contact from stored keys and words, {book.count:,}",
        [took / book.count],
        "insert its row and keys, bare SQLite",
        bare,
        f"{book.count / cpu:,.0f} >= {_KEYS_RATE:,} a second of one core",
        book.count / cpu >= _KEYS_RATE,
    )


async def _lookup(book: Book) -> Row:
    numbers = _some_numbers(book.count)
    seen = frozenset({"crm"})
    samples, floor = [], []
    stores = await open_stores(book.folder / "data")
    bare = sqlite3.connect(book.folder / "data" / "books.db")
    try:
        directory = Directory(stores.books)
        for number in numbers:
            began = time.perf_counter()
            found = await directory.lookup(number, seen)
            samples.append(time.perf_counter() - began)
            key = lookup_keys(number)[0].text
            began = time.perf_counter()
            rows = bare.execute(_BARE, (key,)).fetchall()
            floor.append(time.perf_counter() - began)
            if not rows or not found.sure + found.possible:
                raise RuntimeError("a stored number was not found")
    finally:
        bare.close()
        await stores.close()
    return Row(
        f"lookup, {book.count:,} contacts",
        samples,
        "bare indexed SQLite query",
        floor,
        "p99 <= 2 ms",
        quantile(samples, 0.99) <= 0.002,
    )


def _some_numbers(count: int) -> list[Number]:
    """Numbers of people from all over the book, as they are stored."""
    dice = random.Random(4)
    numbers: list[Number] = []
    while len(numbers) < _LOOKUPS:
        raw = dice.choice(person(dice.randrange(count)).numbers).raw
        number = read(raw, PLAN)
        if lookup_keys(number):
            numbers.append(number)
    return numbers


async def _memory(book: Book) -> Row:
    """Resident memory of a real service after lookups and searches all over the book."""
    async with serving(book.folder) as (url, pid):
        at_start = _resident_mb(pid)
        headers = {"authorization": f"Bearer {book.token}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
            for at in range(_ASKED):
                await _ask(client, person(at * 7919 % book.count))
        samples = [_resident_mb(pid)]
    return Row(
        f"resident memory of the service, {book.count:,} contacts",
        samples,
        "the same, just started",
        [at_start],
        f"<= {_MEMORY_MB} MB",
        samples[0] <= _MEMORY_MB,
        unit="MB",
    )


async def _ask(client: httpx.AsyncClient, contact: Contact) -> None:
    asked = [("/api/lookup", {"number": contact.numbers[0].raw})]
    asked += [("/api/contacts", {"q": contact.name[:size]}) for size in (2, 4, 40)]
    answers = [await client.get(path, params=values) for path, values in asked]
    for answer in answers:
        answer.raise_for_status()


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this system does not tell how much memory a process has")


def _bare_inserts(folder: Path, count: int) -> list[float]:
    """Seconds a contact for plain inserts of one row and two indexed keys, committed each 1,000."""
    path = folder / "bare.db"
    path.unlink(missing_ok=True)
    bare = sqlite3.connect(path, isolation_level=None)
    samples = []
    try:
        bare.execute("PRAGMA journal_mode=WAL")
        bare.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name, company, page)")
        bare.execute("CREATE TABLE keys (key, id, PRIMARY KEY (key, id)) WITHOUT ROWID")
        for start in range(0, count, 1_000):
            people = [(i, person(i)) for i in range(start, start + 1_000)]
            began = time.perf_counter()
            bare.execute("BEGIN")
            rows = [(i, each.name, each.company, each.page_url) for i, each in people]
            bare.executemany("INSERT INTO people VALUES (?,?,?,?)", rows)
            keys = [(number.raw, i) for i, each in people for number in each.numbers]
            bare.executemany("INSERT OR IGNORE INTO keys VALUES (?,?)", keys)
            bare.execute("COMMIT")
            samples.append((time.perf_counter() - began) / len(people))
    finally:
        bare.close()
    return samples
