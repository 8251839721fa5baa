"""Runs connections when they are due. The times are in the database, so a restart forgets none.

A connection that fails waits longer each time, and changes nothing for the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy import Connection as SqlConnection

from linedesk.clock import Clock
from linedesk.errors import LinedeskError, SyncBusy
from linedesk.store import connections
from linedesk.store.connections import Scheduled
from linedesk.store.database import Database
from linedesk.sync.engine import SCHEDULE, Ask, Engine
from linedesk.sync.model import Connection, RunState

log = structlog.get_logger(__name__)

_LOOK_S = 1.0
_BUSY_S = 30
_LONGEST_S = 3600


class Scheduler:
    """`await run()` in a task of the service's; it ends when it is cancelled, and its runs with it."""

    def __init__(self, books: Database, clock: Clock, engine: Engine) -> None:
        self._books = books
        self._clock = clock
        self._engine = engine
        self._running: set[str] = set()
        self._nudged: set[str] = set()
        self._failures: dict[str, int] = {}

    async def run(self) -> None:
        """Start what is due, every second."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self.look(group)
                await self._clock.sleep(_LOOK_S)

    def nudge(self, name: str) -> None:
        """Run the connection at once, whatever its time says; a hint came, or a person asked."""
        self._nudged.add(name)

    async def look(self, group: asyncio.TaskGroup) -> None:
        """Start what is due now, each as a task of `group`; one that is running already is let be."""
        try:
            scheduled = await self._books.read(connections.all_scheduled, snapshot=False)
        except LinedeskError as error:
            log.warning("schedule_unreadable", reason=error.message)
            return
        for each in scheduled:
            name = each.connection.name
            if self._is_due(each):
                self._running.add(name)
                self._nudged.discard(name)
                group.create_task(self._one(each.connection), name=f"sync:{name}")

    def _is_due(self, each: Scheduled) -> bool:
        connection = each.connection
        if not connection.enabled or connection.paused or connection.name in self._running:
            return False
        if connection.name in self._nudged:
            return True
        return connection.every_s > 0 and (each.due_ms is None or each.due_ms <= self._clock.now_ms())

    async def _one(self, connection: Connection) -> None:
        name = connection.name
        try:
            wait_s = await self._wait_after(connection)
            due_ms = self._clock.now_ms() + wait_s * 1000
            await self._books.write(_setter(name, due_ms))
        except LinedeskError as error:
            # Its time stays as it was, so it is tried again; the others go on.
            log.warning("schedule_not_stored", connection=name, reason=error.message)
        finally:
            self._running.discard(name)

    async def _wait_after(self, connection: Connection) -> int:
        """Run it; answers how many seconds to the next run."""
        name = connection.name
        try:
            report = await self._engine.run(name, Ask(actor=SCHEDULE))
        except SyncBusy:
            return min(connection.every_s or _BUSY_S, _BUSY_S)
        except LinedeskError as error:
            log.warning("sync_not_run", connection=name, reason=error.message, code=error.code)
        except Exception:
            # A defect in one connection must not stop the schedule of the others.
            log.exception("sync_defect", connection=name)
        else:
            if report.state is not RunState.FAILED:
                self._failures.pop(name, None)
                return connection.every_s
        failures = self._failures[name] = self._failures.get(name, 0) + 1
        longest_s = max(_LONGEST_S, connection.every_s)
        return int(min((connection.every_s or _BUSY_S) * 2 ** min(failures, 16), longest_s))


def _setter(name: str, due_ms: int) -> Callable[[SqlConnection], None]:
    return lambda c: connections.set_due(c, name, due_ms)
