"""One SQLite file with one writer task that commits in groups.

A read runs on a warm connection of its own and sees the last commit. A write is queued; the writer takes
all that waits and commits it together, so that one fsync serves many events. A group runs without
savepoints first; only if a piece fails is it run again, each piece in its savepoint, so that the bad one
fails alone. `write` returns after the commit.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import URL, Connection, event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from linedesk.errors import StoreError

T = TypeVar("T")
Durability = Literal["NORMAL", "FULL"]
Work = Callable[[Connection], Any]
Piece = tuple[Work, asyncio.Future[Any]]

_GROUP_MAX = 256
_READERS = 4
_BUSY_MS = 5_000
# What SQLite says of a file that is damaged or was never its own.
_DAMAGED = ("malformed", "not a database")


class Database:
    """Open with `await Database.open(...)`, close with `await close()`. For one event loop."""

    def __init__(self, path: Path, engine: AsyncEngine, group_s: float) -> None:
        self.path = path
        self._engine = engine
        self._group_s = group_s
        self._queue: asyncio.Queue[Piece | None] = asyncio.Queue()
        self._readers: asyncio.LifoQueue[AsyncConnection | None] = asyncio.LifoQueue()
        for _ in range(_READERS):
            self._readers.put_nowait(None)
        self._writer: asyncio.Task[None] | None = None
        self._writing: AsyncConnection | None = None
        self._taken: list[Piece] = []
        self._closed = False

    @classmethod
    async def open(cls, path: Path, *, durability: Durability, group_s: float = 0.0) -> Database:
        """Open `path` in WAL mode; raises `StoreError`.

        `durability` is SQLite's `synchronous`. `group_s` makes a group wait for company; without it a
        group is what came while the last one was committed.
        """
        database = cls(path, _engine(path, durability), group_s)
        try:
            await asyncio.to_thread(_probe, path)
            database._writing = await database._connect()
        except (DBAPIError, sqlite3.Error) as error:
            raise file_error(path, "opened", error) from error
        database._writer = asyncio.create_task(database._write_loop(), name=f"writer:{path.name}")
        return database

    async def read(self, work: Callable[[Connection], T], *, snapshot: bool = True) -> T:
        """Run `work` on a read connection; it must not write.

        All statements of `work` see one state of the database. `snapshot=False` is faster, for work of
        one statement. Raises `StoreError` when the file can't be read.
        """
        self._check_open()
        try:
            async with self._reader() as connection:
                if not snapshot:
                    return await connection.run_sync(work)
                await connection.exec_driver_sql("BEGIN")
                result = await connection.run_sync(work)
                await connection.exec_driver_sql("COMMIT")
                return result
        except DBAPIError as error:
            raise self._translate(error, "read") from error

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the next group commit and return its result once it is committed.

        An exception of `work` undoes only that piece and comes out here; a broken constraint does as
        SQLAlchemy's `IntegrityError`, trouble of the file as `StoreError`. `work` may be run more than
        once before it is committed, so it must do nothing but use its connection.
        """
        self._check_open()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((work, future))
        return await future

    async def close(self) -> None:
        """Commit what is queued, then close every connection. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._queue.put_nowait(None)
        if self._writer is not None:
            await self._writer
        for _ in range(_READERS):
            reader = await self._readers.get()
            if reader is not None:
                await reader.close()
        await self._engine.dispose()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError(f"The database {self.path.name} is closed.", remedy="Start the service again.")

    async def _connect(self) -> AsyncConnection:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _BUSY_MS / 1000
        while True:
            try:
                connection = await _finished(asyncio.ensure_future(self._engine.connect()))
            except DBAPIError as error:
                # While another process closes the file, SQLite refuses at once instead of waiting.
                if not _is_locked(error) or loop.time() > deadline:
                    raise
                await asyncio.sleep(0.02)
            else:
                # AUTOCOMMIT leaves BEGIN and COMMIT to this module, which knows when they are worth it.
                return await connection.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[AsyncConnection]:
        connection = await self._readers.get()
        healthy = False
        try:
            if connection is None:
                connection = await self._connect()
            yield connection
            healthy = True
        finally:
            # After an error or a cancelled read its transaction may be open: a new connection is surest.
            self._readers.put_nowait(connection if healthy else None)
            if connection is not None and not healthy:
                await _drop(connection)

    async def _write_loop(self) -> None:
        try:
            last = False
            while not last:
                last = await self._next_group()
                await self._serve(self._taken)
                self._taken = []
        finally:
            # However the loop ends, nobody waits for ever.
            self._closed = True
            queued = [self._queue.get_nowait() for _ in range(self._queue.qsize())]
            for piece in (*self._taken, *queued):
                if piece is not None:
                    _fail(piece[1], StoreError(f"The database {self.path.name} is closed."))
            if self._writing is not None:
                await self._writing.close()

    async def _next_group(self) -> bool:
        """Take what waits; answers whether the database is to be closed after it."""
        item = await self._queue.get()
        if item is None:
            return True
        self._taken.append(item)
        if self._group_s:
            await asyncio.sleep(self._group_s)
        while len(self._taken) < _GROUP_MAX and not self._queue.empty():
            item = self._queue.get_nowait()
            if item is None:
                return True
            self._taken.append(item)
        return False

    async def _serve(self, group: list[Piece]) -> None:
        if not group:
            return
        try:
            if self._writing is None:
                self._writing = await self._connect()
        except Exception as error:  # noqa: BLE001 - this group hears of it, the next one tries again
            _fail_all(group, self._translate(error, "opened"))
            return
        await self._commit_group(self._writing, group)

    async def _commit_group(self, connection: AsyncConnection, group: list[Piece]) -> None:
        try:
            results = await connection.run_sync(_run_together, group)
        except Exception as error:  # noqa: BLE001 - it belongs to the caller whose piece it was
            if not await self._undone(connection, group):
                return
            if len(group) == 1:
                _fail(group[0][1], self._translate(error, "written"))
            else:
                await self._commit_apart(connection, group)
            return
        for (_, future), result in zip(group, results, strict=True):
            _succeed(future, result)

    async def _commit_apart(self, connection: AsyncConnection, group: list[Piece]) -> None:
        try:
            outcomes = await connection.run_sync(_run_apart, group)
        except Exception as error:  # noqa: BLE001 - the file itself is in trouble
            if not await self._undone(connection, group):
                return
            if _is_locked(error):
                # Each would wait as long again: everyone hears of it now.
                _fail_all(group, self._translate(error, "written"))
                return
            for piece in group:
                # SQLite gave the whole transaction up, for one piece that was too large maybe.
                await self._serve([piece])
            return
        for (_, future), (result, failure) in zip(group, outcomes, strict=True):
            if failure is None:
                _succeed(future, result)
            else:
                _fail(future, self._translate(failure, "written"))

    async def _undone(self, connection: AsyncConnection, group: list[Piece]) -> bool:
        """Roll back. If even that fails, `group` and the connection are given up; the next gets a new one."""
        try:
            await connection.run_sync(_roll_back)
        except Exception as error:  # noqa: BLE001 - whatever it is, the group hears of it
            self._writing = None
            # Nobody can tell what of the group is stored, so no piece of it is tried again.
            _fail_all(group, self._translate(error, "written"))
            await _drop(connection)
            return False
        return True

    def _translate(self, error: Exception, doing: str) -> Exception:
        if not isinstance(error, DBAPIError) or isinstance(error, IntegrityError):
            return error
        return file_error(self.path, doing, error)


def file_error(path: Path, doing: str, error: DBAPIError | sqlite3.Error) -> StoreError:
    """What a person is told when the file at `path` can't be `doing` ("opened", "read" …)."""
    reason, remedy = str(error.orig if isinstance(error, DBAPIError) else error), None
    if _is_locked(error):
        reason = "another program has been writing to it for too long"
        remedy = "Wait until the other Linedesk command has finished, then try again."
    elif any(words in reason for words in _DAMAGED):
        remedy = (
            f"Stop Linedesk and restore {path.name} from the backup; or move it, {path.name}-wal and "
            f"{path.name}-shm away, and Linedesk starts with an empty one."
        )
    translated = StoreError(f"The database {path} can't be {doing}: {reason}.", remedy=remedy)
    translated.__cause__ = error
    return translated


def _probe(path: Path) -> None:
    """Fail here if the file can't be opened: the async driver's thread would outlive the failure a while."""
    sqlite3.connect(path).close()


def _engine(path: Path, durability: Durability) -> AsyncEngine:
    url = URL.create("sqlite+aiosqlite", database=str(path))
    engine = create_async_engine(
        url, poolclass=NullPool, hide_parameters=True, connect_args={"isolation_level": None}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(raw: Any, _record: Any) -> None:
        cursor = raw.cursor()
        for pragma in (
            f"busy_timeout={_BUSY_MS}",
            "journal_mode=WAL",
            f"synchronous={durability}",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            # No mapped memory: it would count anew for each connection, up to the size of the file.
            "cache_size=-65536",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


async def _finished(opening: asyncio.Future[AsyncConnection]) -> AsyncConnection:
    """Wait for `opening`. Cancelled, close what it opens first: a thread of its own is behind it."""
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        with suppress(DBAPIError):
            await _drop(await opening)
        raise


async def _drop(connection: AsyncConnection) -> None:
    try:
        await connection.invalidate()
    finally:
        await connection.close()


def _run_together(connection: Connection, group: list[Piece]) -> list[Any]:
    # IMMEDIATE: a command beside the service waits for its turn instead of failing half-way.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    results = [work(connection) for work, _ in group]
    connection.exec_driver_sql("COMMIT")
    return results


def _run_apart(connection: Connection, group: list[Piece]) -> list[tuple[Any, Exception | None]]:
    outcomes: list[tuple[Any, Exception | None]] = []
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    for work, _ in group:
        connection.exec_driver_sql("SAVEPOINT piece")
        try:
            outcomes.append((work(connection), None))
        except Exception as error:  # noqa: BLE001 - handed to its caller
            try:
                connection.exec_driver_sql("ROLLBACK TO piece")
            except DBAPIError:
                raise error from None
            outcomes.append((None, error))
        connection.exec_driver_sql("RELEASE piece")
    connection.exec_driver_sql("COMMIT")
    return outcomes


def _roll_back(connection: Connection) -> None:
    try:
        connection.exec_driver_sql("ROLLBACK")
    except DBAPIError as error:
        # "no transaction is active": SQLite has rolled back by itself, or BEGIN never came through.
        if "no transaction" not in str(error):
            raise


def _is_locked(error: Exception) -> bool:
    return isinstance(error, OperationalError) and "locked" in str(error.orig)


def _succeed(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if future.done():
        return
    if isinstance(error, StopIteration):
        # A future refuses to carry one.
        error = RuntimeError("the work raised StopIteration")
    future.set_exception(error)


def _fail_all(group: list[Piece], error: Exception) -> None:
    for _, future in group:
        _fail(future, error)
