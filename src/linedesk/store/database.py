"""One SQLite file with one writer task that commits in groups.

A read runs on a pooled connection and sees the last commit. A write is queued; the writer takes what
is waiting (for at most `group_s`), runs each piece in its own savepoint and commits them together, so
that one fsync serves many events and one bad piece fails alone. `write` returns after the commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from linedesk.errors import StoreError

T = TypeVar("T")
Durability = Literal["NORMAL", "FULL"]
Work = Callable[[Connection], Any]

_GROUP_MAX = 256


class Database:
    """Open with `await Database.open(...)`, close with `await close()`. Safe for one process."""

    def __init__(self, path: Path, engine: AsyncEngine, group_s: float) -> None:
        self.path = path
        self._engine = engine
        self._group_s = group_s
        self._queue: asyncio.Queue[tuple[Work, asyncio.Future[Any]] | None] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def open(cls, path: Path, *, durability: Durability, group_s: float = 0.0) -> Database:
        """Open `path` in WAL mode. `durability` is SQLite's `synchronous`; raises `StoreError`."""
        engine = create_async_engine(f"sqlite+aiosqlite:///{path}", pool_size=4, max_overflow=4)

        @event.listens_for(engine.sync_engine, "connect")
        def _prepare(raw: Any, _record: Any) -> None:
            # The driver's own BEGIN comes too late for savepoints; SQLAlchemy's event below begins.
            raw.isolation_level = None
            cursor = raw.cursor()
            for pragma in (
                "journal_mode=WAL",
                f"synchronous={durability}",
                "foreign_keys=ON",
                "busy_timeout=5000",
                "temp_store=MEMORY",
                "mmap_size=268435456",
                "cache_size=-65536",
            ):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Connection) -> None:
            writes = connection.get_execution_options().get("linedesk_writer", False)
            # IMMEDIATE: a command beside the service waits for its turn instead of failing half-way.
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        database = cls(path, engine, group_s)
        try:
            connection = await (await engine.connect()).execution_options(linedesk_writer=True)
        except DBAPIError as error:
            await engine.dispose()
            raise StoreError(f"The database {path} can't be opened: {error.orig}.") from error
        database._writer = asyncio.create_task(database._write_loop(connection), name=f"writer:{path.name}")
        return database

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a read connection; it must not write."""
        try:
            async with self._engine.connect() as connection:
                return await connection.run_sync(work)
        except DBAPIError as error:
            raise StoreError(f"The database {self.path.name} can't be read: {error.orig}.") from error

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the next group commit and return its result once it is durable.

        An exception of `work` undoes only that piece and comes out here.
        """
        if self._closed:
            raise StoreError(f"The database {self.path.name} is closed.")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((work, future))
        return await future

    async def close(self) -> None:
        """Commit what is queued, then close every connection."""
        self._closed = True
        self._queue.put_nowait(None)
        if self._writer is not None:
            with suppress(asyncio.CancelledError):
                await self._writer
        await self._engine.dispose()

    async def _write_loop(self, connection: AsyncConnection) -> None:
        last = False
        while not last:
            group, last = await self._next_group()
            if group:
                await self._commit_group(connection, group)
        await connection.close()

    async def _next_group(self) -> tuple[list[tuple[Work, asyncio.Future[Any]]], bool]:
        item = await self._queue.get()
        if item is None:
            return [], True
        if self._group_s:
            await asyncio.sleep(self._group_s)
        group = [item]
        while len(group) < _GROUP_MAX and not self._queue.empty():
            item = self._queue.get_nowait()
            if item is None:
                return group, True
            group.append(item)
        return group, False

    async def _commit_group(
        self, connection: AsyncConnection, group: list[tuple[Work, asyncio.Future[Any]]]
    ) -> None:
        done: list[tuple[asyncio.Future[Any], Any]] = []
        try:
            for work, future in group:
                try:
                    async with connection.begin_nested():
                        done.append((future, await connection.run_sync(work)))
                except DBAPIError:
                    raise
                except Exception as error:  # noqa: BLE001 - the piece's own failure belongs to its caller
                    _fail(future, error)
            await connection.commit()
        except Exception as error:  # noqa: BLE001 - every waiting caller must hear of it
            await connection.rollback()
            if len(group) > 1:
                # One piece broke the group at the database's level: each gets its own try.
                for piece in group:
                    if not piece[1].done():
                        await self._commit_group(connection, [piece])
                return
            _fail(group[0][1], self._translate(error))
            return
        for future, result in done:
            if not future.done():
                future.set_result(result)

    def _translate(self, error: Exception) -> Exception:
        if isinstance(error, DBAPIError) and not _is_constraint(error):
            translated = StoreError(f"The database {self.path.name} can't be written: {error.orig}.")
            translated.__cause__ = error
            return translated
        return error


def _is_constraint(error: DBAPIError) -> bool:
    return "constraint" in str(error.orig).lower()


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
