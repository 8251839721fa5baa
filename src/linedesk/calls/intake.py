"""The durable door of events: stored first, processed once, in order, also after a crash.

`accept` returns when the body is committed. One worker hands stored bodies to a handler in groups; the
handler gives back the database work that makes their effects durable, which is committed together with
the mark "processed". A crash in between leaves the bodies waiting, and they are handed out again: the
handler must not mind a repeat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
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


Write = Callable[[Connection], None]
Chore = Callable[[], Awaitable[Write | None]]
"""Other work on the calls (the sweep), done between two groups; what it gives back is committed."""


class Handler(Protocol):
    """Processes a group of bodies; must tolerate bodies that it has seen before."""

    async def handle(self, group: list[Stored]) -> Write:
        """Do the work in memory; answer what to commit with the group."""
        ...


class Intake:
    """Use `start` before the first `accept`, `run` as an owned task, `close` at the end."""

    def __init__(self, calls: Database, clock: Clock, handler: Handler) -> None:
        self._calls = calls
        self._clock = clock
        self._handler = handler
        self._queue: asyncio.Queue[Stored | Chore] = asyncio.Queue()
        self._storing: set[asyncio.Task[bool]] = set()
        self.healthy = True

    @property
    def waiting(self) -> int:
        """Bodies and chores that are not done yet."""
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
        """Store `body` durably; False if exactly these bytes were stored for this account before.

        A caller that is cancelled meanwhile changes nothing: what is stored is also queued.
        """
        task = asyncio.create_task(self._store(account, source, body), name="store")
        self._storing.add(task)
        task.add_done_callback(self._stored)
        return await asyncio.shield(task)

    def submit(self, chore: Chore) -> None:
        """Have `chore` done in turn, so that its commit can't overtake an earlier one."""
        self._queue.put_nowait(chore)

    async def run(self) -> None:
        """Process for ever. A database that fails is retried; nothing leaves the inbox unprocessed."""
        while True:
            await self._work(await self._queue.get())

    async def work_off(self) -> None:
        """Process what is waiting now, and return."""
        while not self._queue.empty():
            await self._work(self._queue.get_nowait())

    async def close(self) -> None:
        """Wait for bodies that are being stored."""
        await asyncio.gather(*self._storing, return_exceptions=True)

    async def _store(self, account: str, source: str, body: bytes) -> bool:
        now_ms = self._clock.now_ms()
        row_id = await self._calls.write(lambda c: inbox.add(c, account, source, body, now_ms))
        if row_id is None:
            return False
        self._queue.put_nowait(Stored(row_id, account, source, body, now_ms))
        return True

    def _stored(self, task: asyncio.Task[bool]) -> None:
        self._storing.discard(task)
        if not task.cancelled():
            task.exception()  # the caller heard of it, unless it went away before

    async def _work(self, first: Stored | Chore) -> None:
        group: list[Stored] = []
        item: Stored | Chore | None = first
        while isinstance(item, Stored):
            group.append(item)
            more = len(group) < _GROUP_MAX and not self._queue.empty()
            item = self._queue.get_nowait() if more else None
        if group:
            await self._process(group)
        if item is not None:
            await self._do(item)

    async def _process(self, group: list[Stored]) -> None:
        try:
            await self._until_stored(await self._handler.handle(group))
        except Exception as error:
            # A defect: these bodies must not stop the service now and again at each start. They stay in
            # the inbox with the failure, for `linedesk replay`.
            log.exception("events_failed", ids=[stored.id for stored in group])
            reason, now_ms = f"{type(error).__name__} in the service", self._clock.now_ms()
            failed = [inbox.Finished(stored.id, stored.account, failure=reason) for stored in group]
            await self._until_stored(lambda c: inbox.finish_group(c, failed, now_ms))

    async def _do(self, chore: Chore) -> None:
        try:
            commit = await chore()
            if commit is not None:
                await self._until_stored(commit)
        except Exception:
            log.exception("chore_failed")

    async def _until_stored(self, commit: Write) -> None:
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
