"""Group commit, pieces that fail alone, durability, and clear errors of a file in trouble."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from linedesk.errors import StoreError
from linedesk.store.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "t.db", durability="NORMAL")
    await database.write(lambda c: c.execute(text("CREATE TABLE t(n INTEGER PRIMARY KEY)")).close())
    yield database
    await database.close()


def add(c: Connection, n: int) -> int:
    c.execute(text("INSERT INTO t VALUES (:n)"), {"n": n})
    return n


def commits_seen(c: Connection) -> int:
    """Moves once for each commit of another connection: the readers' view of the writer."""
    return c.execute(text("PRAGMA data_version")).scalar_one()  # type: ignore[no-any-return]


def numbers(c: Connection) -> list[int]:
    return list(c.execute(text("SELECT n FROM t ORDER BY n")).scalars())


async def test_writes_that_wait_together_share_one_commit(database: Database) -> None:
    seen = {await database.read(commits_seen, snapshot=False)}
    results = await asyncio.gather(*(database.write(lambda c, n=n: add(c, n)) for n in range(200)))  # type: ignore[misc]
    seen.add(await database.read(commits_seen, snapshot=False))
    commits = max(seen) - min(seen)
    assert results == list(range(200))
    assert 1 <= commits <= 3


async def test_a_failing_piece_fails_alone(database: Database) -> None:
    def broken(c: Connection) -> None:
        add(c, 50)
        raise LookupError("mine")

    answers = await asyncio.gather(
        database.write(lambda c: add(c, 1)),
        database.write(broken),
        database.write(lambda c: add(c, 1)),
        database.write(lambda c: add(c, 2)),
        return_exceptions=True,
    )
    assert answers[0] == 1
    assert isinstance(answers[1], LookupError)
    assert isinstance(answers[2], IntegrityError)
    assert answers[3] == 2
    assert await database.read(numbers) == [1, 2]


async def test_a_single_failing_piece_leaves_nothing_behind(database: Database) -> None:
    def broken(c: Connection) -> None:
        add(c, 50)
        raise LookupError("mine")

    with pytest.raises(LookupError):
        await database.write(broken)
    await database.write(lambda c: add(c, 1))
    assert await database.read(numbers) == [1]


async def test_close_commits_what_is_queued_and_refuses_the_rest(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "t.db", durability="FULL")
    await database.write(lambda c: c.execute(text("CREATE TABLE t(n INTEGER PRIMARY KEY)")).close())
    pending = [asyncio.ensure_future(database.write(lambda c, n=n: add(c, n))) for n in range(30)]  # type: ignore[misc]
    await asyncio.sleep(0)
    await database.close()
    await database.close()
    assert await asyncio.gather(*pending) == list(range(30))
    with pytest.raises(StoreError, match="is closed"):
        await database.write(lambda c: add(c, 99))
    with pytest.raises(StoreError, match="is closed"):
        await database.read(numbers)
    again = await Database.open(tmp_path / "t.db", durability="FULL")
    assert await again.read(numbers) == list(range(30))
    await again.close()


async def test_an_acknowledged_write_survives_sigkill(tmp_path: Path) -> None:
    script = """
import asyncio, os, signal, sys
from pathlib import Path
from sqlalchemy import text
from linedesk.store.database import Database

async def main():
    database = await Database.open(Path(sys.argv[1]), durability="NORMAL")
    await database.write(lambda c: c.execute(text("CREATE TABLE t(n INTEGER PRIMARY KEY)")).close())
    await database.write(lambda c: c.execute(text("INSERT INTO t VALUES (7)")).close())
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
    path = tmp_path / "t.db"
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script, str(path)], check=False)
    assert done.returncode == -9
    database = await Database.open(path, durability="NORMAL")
    assert await database.read(numbers) == [7]
    await database.close()


async def test_a_read_sees_one_state_over_several_statements(database: Database) -> None:
    await database.write(lambda c: add(c, 1))

    def twice(c: Connection) -> tuple[list[int], list[int]]:
        before = numbers(c)
        with sqlite3.connect(database.path) as other:
            other.execute("INSERT INTO t VALUES (2)")
        other.close()
        return before, numbers(c)

    assert await database.read(twice) == ([1], [1])
    assert await database.read(numbers) == [1, 2]


async def test_reads_run_beside_each_other_and_beside_a_writer(database: Database) -> None:
    async def writes() -> None:
        for n in range(50):
            await database.write(lambda c, n=n: add(c, n))  # type: ignore[misc]

    async def reads() -> None:
        last = 0
        for _ in range(30):
            found = await database.read(numbers)
            assert found == list(range(len(found)))
            assert len(found) >= last
            last = len(found)

    await asyncio.gather(writes(), *(reads() for _ in range(6)))


async def test_a_cancelled_read_hurts_no_later_one(database: Database) -> None:
    await database.write(lambda c: add(c, 1))
    for _ in range(10):
        task = asyncio.ensure_future(database.read(numbers))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await asyncio.gather(*(database.read(numbers) for _ in range(8))) == [[1]] * 8


async def test_a_cancelled_writer_takes_nobody_along(database: Database) -> None:
    first = asyncio.ensure_future(database.write(lambda c: add(c, 1)))
    second = asyncio.ensure_future(database.write(lambda c: add(c, 2)))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 2


async def test_a_broken_file_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(StoreError, match=r"t\.db can't be opened: file is not a database"):
        await Database.open(path, durability="NORMAL")


async def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="can't be opened: unable to open database file"):
        await Database.open(tmp_path / "none" / "t.db", durability="NORMAL")


async def test_a_full_disk_fails_the_write_and_nothing_else(database: Database) -> None:
    def fill(c: Connection) -> None:
        c.execute(text("CREATE TABLE IF NOT EXISTS big(b BLOB)"))
        c.execute(text("INSERT INTO big VALUES (zeroblob(4000000))"))

    await database.write(lambda c: add(c, 1))
    await database.write(lambda c: c.execute(text("PRAGMA max_page_count=50")).close())
    answers = await asyncio.gather(
        database.write(fill),
        database.write(fill),
        database.write(lambda c: add(c, 2)),
        return_exceptions=True,
    )
    assert isinstance(answers[0], StoreError)
    assert "database or disk is full" in answers[0].message
    assert "disk" in answers[0].remedy
    assert isinstance(answers[1], StoreError)
    assert answers[2] == 2, "a small piece beside a too large one gets through"
    assert await database.read(numbers) == [1, 2]
    await database.write(lambda c: c.execute(text("PRAGMA max_page_count=100000")).close())
    await database.write(lambda c: add(c, 3))
    assert 3 in await database.read(numbers)


async def test_a_write_to_a_read_only_file_is_a_clear_error(database: Database) -> None:
    await database.write(lambda c: c.execute(text("PRAGMA query_only=ON")).close())
    with pytest.raises(StoreError, match="can't be written: attempt to write a readonly database"):
        await database.write(lambda c: add(c, 1))


async def test_another_process_is_waited_for(database: Database) -> None:
    other = sqlite3.connect(database.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO t VALUES (100)")
    waiting = asyncio.ensure_future(database.write(lambda c: add(c, 1)))
    done, _ = await asyncio.wait({waiting}, timeout=0.2)
    assert not done
    assert await database.read(numbers) == []
    other.execute("COMMIT")
    other.close()
    assert await waiting == 1
    assert await database.read(numbers) == [1, 100]


async def test_another_process_that_never_ends_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linedesk.store.database._BUSY_MS", 50)
    database = await Database.open(tmp_path / "t.db", durability="NORMAL")
    await database.write(lambda c: c.execute(text("CREATE TABLE t(n INTEGER PRIMARY KEY)")).close())
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another program has been writing") as caught:
        await database.write(lambda c: add(c, 1))
    assert "Wait until the other Linedesk command has finished" in caught.value.remedy
    other.execute("ROLLBACK")
    other.close()
    assert await database.write(lambda c: add(c, 1)) == 1
    await database.close()


async def test_a_broken_statement_in_a_read_is_a_clear_error(database: Database) -> None:
    with pytest.raises(StoreError, match="can't be read: no such table: missing"):
        await database.read(lambda c: c.execute(text("SELECT * FROM missing")).all())
    assert await database.read(numbers) == []


@pytest.mark.parametrize("durability", ["NORMAL", "FULL"])
async def test_the_durability_asked_for_is_the_one_in_force(tmp_path: Path, durability: str) -> None:
    database = await Database.open(tmp_path / "t.db", durability=durability)  # type: ignore[arg-type]
    code = {"NORMAL": 1, "FULL": 2}[durability]
    assert await database.write(lambda c: c.execute(text("PRAGMA synchronous")).scalar_one()) == code
    assert await database.write(lambda c: c.execute(text("PRAGMA journal_mode")).scalar_one()) == "wal"
    assert await database.write(lambda c: c.execute(text("PRAGMA foreign_keys")).scalar_one()) == 1
    await database.close()


async def test_group_s_makes_a_lone_write_wait_for_company(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "t.db", durability="NORMAL", group_s=1.0)
    await database.write(lambda c: c.execute(text("CREATE TABLE t(n INTEGER PRIMARY KEY)")).close())
    before = await database.read(commits_seen, snapshot=False)
    first = asyncio.ensure_future(database.write(lambda c: add(c, 1)))
    await asyncio.sleep(0.01)
    second = asyncio.ensure_future(database.write(lambda c: add(c, 2)))
    await asyncio.gather(first, second)
    assert await database.read(commits_seen, snapshot=False) == before + 1, "both went in one group"
    await database.close()
