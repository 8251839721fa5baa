"""A first sync of two apps that have no budget, a second run, and what runs with few changes ask of the apps.

Beside the first sync its floor: the same records put into the app, with the commits that a write needs to be
safe (an intent before it, its outcome behind it) on the same disk.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from bench.plain_app import FIELDS, PlainApp
from bench.stage import PLAN, number_of
from bench.table import Row
from linedesk.apps.info import AppInfo
from linedesk.apps.kind import AppKind
from linedesk.apps.records import Draft, Value
from linedesk.clock import SystemClock
from linedesk.contacts.directory import Directory
from linedesk.numbers import load_plans
from linedesk.store import connections
from linedesk.store.migrate import open_stores
from linedesk.sync.engine import Ask, Engine
from linedesk.sync.model import Connection, Direction, RunReport, RunState
from linedesk.sync.policies import Brakes

_NAME = "customers"
_KIND = AppKind(AppInfo("plain", "Plain"))
_LONGEST_FIRST_S, _LONGEST_SECOND_S, _MOST_REQUESTS = 20.0, 2.0, 1.2
_CHANGES = (1, 10, 100)


async def measure(contact_count: int) -> list[Row]:
    """Rows for the first run, the second, and the requests of runs with a few changes."""
    load_plans()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        a, b = PlainApp("crm"), PlainApp("book")
        for number in range(contact_count):
            a.put(str(number), _person(number))
        async with _engine(folder, a, b) as engine:
            first_s, first = await _timed(engine)
            if first.writes != contact_count or b.writes != contact_count:
                raise RuntimeError(f"the first run wrote {first.writes} and not {contact_count}")
            second_s, second = await _timed(engine)
            if second.writes or a.writes + b.writes != contact_count:
                raise RuntimeError("the second run wrote")
            asked = [await _changed(engine, a, b, count) for count in _CHANGES]
        floor_s = await _floor(folder, a)
    compared_s = _compared(a, b)
    return [
        Row(
            f"first sync of {contact_count:,}, two ways, no budget",
            [first_s],
            "the same writes, each with its two commits",
            [floor_s],
            f"<= {_LONGEST_FIRST_S:.0f} s",
            first_s <= _LONGEST_FIRST_S,
        ),
        Row(
            f"second run of {contact_count:,}",
            [second_s],
            "one comparison of the same records",
            [compared_s],
            f"0 writes, <= {_LONGEST_SECOND_S:.0f} s",
            second_s <= _LONGEST_SECOND_S,
        ),
        Row(
            f"requests of a run with {', '.join(map(str, _CHANGES))} changed a side, plain apps",
            [made for made, _ in asked],
            "the least the apps allow",
            [least for _, least in asked],
            f"<= {_MOST_REQUESTS} x the least",
            all(made <= _MOST_REQUESTS * least for made, least in asked),
            unit="requests",
        ),
    ]


@asynccontextmanager
async def _engine(folder: Path, a: PlainApp, b: PlainApp) -> AsyncIterator[Engine]:
    """An engine on a store of its own on disk."""
    apps = {a.account: a, b.account: b}
    connection = Connection(_NAME, a.account, b.account, Direction.BOTH, brakes=Brakes(0, 0, 0, 0))
    stores = await open_stores(folder / "data")
    try:
        await stores.books.write(lambda c: connections.put(c, connection, 0))
        yield Engine(
            stores.books,
            SystemClock(),
            Directory(stores.books),
            connection_of=lambda _: connection,
            app_of=apps.__getitem__,
            kind_of=lambda _: _KIND,
            plan_of=lambda _: PLAN,
        )
    finally:
        await stores.close()


async def _timed(engine: Engine) -> tuple[float, RunReport]:
    started = time.perf_counter()
    report = await engine.run(_NAME, Ask(actor="bench"))
    if report.state is not RunState.DONE:
        raise RuntimeError(report.sentence)
    return time.perf_counter() - started, report


async def _changed(engine: Engine, a: PlainApp, b: PlainApp, count: int) -> tuple[float, float]:
    """Requests of a run after `count` edits on each side, and the least: fields, readings, each write."""
    await engine.run(_NAME, Ask(actor="bench"))
    for number, app in enumerate((a, b)):
        ids = list(app.records)[number * count : number * count + count]
        for each in ids:
            app.put(each, {**app.records[each].fields, "address": f"{count} Example Street"})
    before = a.requests + b.requests
    report = await engine.run(_NAME, Ask(actor="bench"))
    if report.writes != 2 * count:
        raise RuntimeError(f"{2 * count} records were changed and {report.writes} written")
    least = 2 * len(("fields", "read")) + 2 * count
    return float(a.requests + b.requests - before), float(least)


async def _floor(folder: Path, a: PlainApp) -> float:
    target = PlainApp("floor")
    with closing(sqlite3.connect(folder / "floor.db", isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("PRAGMA synchronous=NORMAL")
        file.execute("CREATE TABLE writes (id INTEGER PRIMARY KEY, text TEXT)")
        started = time.perf_counter()
        for record in a.records.values():
            file.execute("INSERT INTO writes (text) VALUES (?)", (str(record.fields),))
            await target.create([Draft(record.fields, record.text("external_id"))])
            file.execute("INSERT INTO writes (text) VALUES (?)", (record.id,))
        return time.perf_counter() - started


def _compared(a: PlainApp, b: PlainApp) -> float:
    names = [info.name for info in FIELDS if not info.read_only]
    started = time.perf_counter()
    held = {tuple(each.text(name) for name in names) for each in b.records.values()}
    sum(tuple(each.text(name) for name in names) in held for each in a.records.values())
    return time.perf_counter() - started


def _person(number: int) -> dict[str, Value]:
    return {
        "name": f"Person {number} Example",
        "email": f"person{number}@example.com",
        "phone": number_of(number),
        "mobile": f"+447911{100_000 + number:06d}",
        "company": f"Company {number % 500}",
        "address": f"{number} Example Road",
    }
