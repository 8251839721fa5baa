"""The durable door of events: stored first, processed once, in order, also after a crash.

`accept` returns when the body is committed. One worker hands stored bodies to a handler in groups; the
handler gives back the database work that makes their effects durable, which is committed together with
the mark "processed". A crash in between leaves the bodies waiting, and they are handed out again: the
handler must not mind a repeat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog
from sqlalchemy import Connection

from linedesk.clock import Clock
from linedesk.errors import StoreError
from linedesk.store import inbox
from linedesk.store.database import Database

log = structlog.get_logger(__name__)

_GROUP_MAX = 64
_RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class Stored:
    """One body in the inbox. `received_ms` is our clock's."""

    id: int
    account: str
    source: str
    body: bytes
    received_ms: int


class Handler(Protocol):
    """Processes a group of bodies; must tolerate bodies that it has seen before."""

    async def handle(self, group: list[Stored]) -> Callable[[Connection], None]:
        """Do the work in memory; answer what to commit with the group."""
        ...


class Intake:
    """Use `start` before the first `accept`, `run` as an owned task, `close` at the end."""

    def __init__(self, calls: Database, clock: Clock, handler: Handler) -> None:
        self._calls = calls
        self._clock = clock
        self._handler = handler
        self._queue: asyncio.Queue[Stored] = asyncio.Queue()
        self.healthy = True

    @property
    def waiting(self) -> int:
        """Bodies that are stored and not yet processed."""
        return self._queue.qsize()

    async def start(self) -> int:
        """Queue what an earlier process stored and did not finish; answers how many."""
        after, count = 0, 0
        while rows := await self._calls.read(lambda c, after=after: inbox.waiting(c, after, 500)):  # type: ignore[misc]
            for row in rows:
                self._queue.put_nowait(Stored(row.id, row.account, row.source, row.body, row.received_ms))
            after, count = rows[-1].id, count + len(rows)
        return count

    async def accept(self, account: str, source: str, body: bytes) -> bool:
        """Store `body` durably; False if exactly these bytes were stored for this account before."""
        now_ms = self._clock.now_ms()
        row_id = await self._calls.write(lambda c: inbox.add(c, account, source, body, now_ms))
        if row_id is None:
            return False
        self._queue.put_nowait(Stored(row_id, account, source, body, now_ms))
        return True

    async def run(self) -> None:
        """Process for ever. A database that fails is retried; nothing leaves the inbox unprocessed."""
        while True:
            await self._work(await self._queue.get())

    async def work_off(self) -> None:
        """Process what is waiting now, and return."""
        while not self._queue.empty():
            await self._work(self._queue.get_nowait())

    async def _work(self, first: Stored) -> None:
        group = [first]
        while len(group) < _GROUP_MAX and not self._queue.empty():
            group.append(self._queue.get_nowait())
        commit = await self._handler.handle(group)
        await self._until_stored(commit)

    async def _until_stored(self, commit: Callable[[Connection], None]) -> None:
        while True:
            try:
                await self._calls.write(commit)
            except StoreError as error:
                # The popup is out already; only the record waits. It is said once, and once when it is over.
                if self.healthy:
                    log.error("calls_not_stored", reason=error.message)  # noqa: TRY400 - the sentence is enough
                self.healthy = False
                await self._clock.sleep(_RETRY_S)
            else:
                if not self.healthy:
                    log.info("calls_stored_again")
                self.healthy = True
                return
