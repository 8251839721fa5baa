"""A writer whose connection breaks, files that are damaged, and threads that must not outlive their loop."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiosqlite
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from linedesk.errors import StoreError
from linedesk.store.database import Database
from linedesk.store.migrate import open_stores


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "t.db", durability="NORMAL")
    await database.write(lambda c: c.execute(text("CREATE TABLE t(n INTEGER PRIMARY KEY)")).close())
    yield database
    await database.close()


def add(c: Connection, n: int) -> int:
    c.execute(text("INSERT INTO t VALUES (:n)"), {"n": n})
    return n


def numbers(c: Connection) -> list[int]:
    return list(c.execute(text("SELECT n FROM t ORDER BY n")).scalars())


def threads() -> set[threading.Thread]:
    """The threads behind open connections."""
    return {each for each in threading.enumerate() if "_connection_worker_thread" in each.name}


def disconnect(c: Connection) -> None:
    """Close the file under the writer, as an error of the disk can."""
    add(c, 50)
    raw = c.connection.driver_connection
    assert raw is not None
    raw._conn.close()
    raise LookupError("mine")


async def test_B9_a_rollback_that_fails_takes_only_its_own_group_along(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_c: Connection) -> None:
        raise OperationalError("ROLLBACK", None, sqlite3.OperationalError("disk I/O error"))

    def broken(c: Connection) -> None:
        add(c, 50)
        raise LookupError("mine")

    before = threads()
    with monkeypatch.context() as patch:
        patch.setattr("linedesk.store.database._roll_back", refuse)
        async with asyncio.timeout(5):
            answers = await asyncio.gather(
                database.write(lambda c: add(c, 1)), database.write(broken), return_exceptions=True
            )
    assert [type(each) for each in answers] == [StoreError, StoreError]
    async with asyncio.timeout(5):
        assert await database.write(lambda c: add(c, 2)) == 2
    assert await database.read(numbers) == [2], "nothing of the group is stored"
    assert len(threads()) <= len(before) + 1, "the connection that was given up is closed"


async def test_B9_a_writer_whose_connection_is_gone_gets_a_new_one(database: Database) -> None:
    async with asyncio.timeout(5):
        with pytest.raises((StoreError, LookupError)):
            await database.write(disconnect)
        assert await database.write(lambda c: add(c, 1)) == 1
    assert await database.read(numbers) == [1]


async def test_B9_a_writer_that_can_not_connect_again_fails_each_group_and_tries_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_self: Database) -> object:
        raise OperationalError("", None, sqlite3.OperationalError("unable to open database file"))

    with monkeypatch.context() as patch:
        patch.setattr(Database, "_connect", refuse)
        async with asyncio.timeout(5):
            with pytest.raises((StoreError, LookupError)):
                await database.write(disconnect)
            for _ in range(2):
                with pytest.raises(StoreError, match="can't be opened: unable to open"):
                    await database.write(lambda c: add(c, 1))
    assert await database.write(lambda c: add(c, 1)) == 1


async def test_B9_a_writer_that_is_cancelled_leaves_nobody_waiting(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "t.db", durability="NORMAL", group_s=10.0)
    writes = [asyncio.ensure_future(database.write(lambda c: add(c, 1))) for _ in range(3)]
    await asyncio.sleep(0.05)
    assert database._writer is not None
    database._writer.cancel()
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(each) for each in answers] == [StoreError] * 3
    with suppress(asyncio.CancelledError):
        await database._writer
    await database._engine.dispose()


async def test_an_error_that_no_future_may_carry_is_told_all_the_same(database: Database) -> None:
    def stops(_c: Connection) -> None:
        next(iter(()))

    async with asyncio.timeout(5):
        answers = await asyncio.gather(
            database.write(stops), database.write(lambda c: add(c, 1)), return_exceptions=True
        )
    assert isinstance(answers[0], RuntimeError)
    assert answers[1] == 1


@pytest.mark.parametrize("name", ["calls.db", "books.db"])
async def test_C4_a_damaged_file_says_to_restore_the_backup(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    database = await Database.open(path, durability="NORMAL")
    await database.write(lambda c: c.execute(text("CREATE TABLE t(n INTEGER PRIMARY KEY)")).close())
    await database.write(lambda c: [add(c, n) for n in range(3000)])
    await database.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\x99" * (len(whole) - 4096))
    database = await Database.open(path, durability="NORMAL")
    with pytest.raises(StoreError, match="malformed") as caught:
        await database.read(numbers)
    await database.close()
    assert f"restore {name} from the backup" in caught.value.remedy
    assert "away" in caught.value.remedy
    assert "space" not in caught.value.remedy


async def test_C4_a_file_that_is_no_database_says_to_restore_the_backup(tmp_path: Path) -> None:
    (tmp_path / "calls.db").write_bytes(b"this is no database" * 1000)
    with pytest.raises(StoreError, match="not a database") as caught:
        await open_stores(tmp_path)
    assert "restore calls.db from the backup" in caught.value.remedy


@pytest.fixture
def abandoned(monkeypatch: pytest.MonkeyPatch) -> list[aiosqlite.Connection]:
    """Connections whose thread was told to stop and not waited for: it may outlive the event loop."""
    found: list[aiosqlite.Connection] = []
    closing: set[int] = set()
    close, stop = aiosqlite.Connection.close, aiosqlite.Connection.stop

    async def closed(self: aiosqlite.Connection) -> None:
        closing.add(id(self))
        try:
            await close(self)
        finally:
            closing.discard(id(self))

    def stopped(self: aiosqlite.Connection) -> asyncio.Future[None] | None:
        if id(self) not in closing:
            found.append(self)
        return stop(self)

    monkeypatch.setattr(aiosqlite.Connection, "close", closed)
    monkeypatch.setattr(aiosqlite.Connection, "stop", stopped)
    return found


@pytest.mark.parametrize("name", ["none/t.db", "t.db"])
def test_a_file_that_can_not_be_opened_leaves_no_thread_behind(
    tmp_path: Path, name: str, abandoned: list[aiosqlite.Connection]
) -> None:
    before = threads()
    (tmp_path / "t.db").write_bytes(b"this is no database" * 1000)
    with pytest.raises(StoreError):
        asyncio.run(Database.open(tmp_path / name, durability="NORMAL"))
    gc.collect()
    assert abandoned == []
    _ended(before)


def test_a_read_cancelled_while_it_connects_leaves_no_thread_behind(
    tmp_path: Path, abandoned: list[aiosqlite.Connection]
) -> None:
    before = threads()

    async def cancelled(turns: int) -> None:
        database = await Database.open(tmp_path / "t.db", durability="NORMAL")
        task = asyncio.ensure_future(database.read(lambda c: c.execute(text("SELECT 1")).scalar_one()))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await database.close()

    for turns in range(12):
        asyncio.run(cancelled(turns))
    assert abandoned == []
    _ended(before)


def _ended(before: set[threading.Thread]) -> None:
    # A thread that has answered its last question may take a moment to end.
    for each in threads() - before:
        each.join(0.2)
    assert threads() <= before, "a connection outlives its event loop"
