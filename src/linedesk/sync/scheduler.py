"""Runs connections when they are due. The times are in the database, so a restart forgets none.

A connection is due so many seconds after its last run began, however long that took, but never while it
runs. One that fails waits longer each time, and changes nothing for the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import structlog
from sqlalchemy import Connection as SqlConnection

from linedesk.clock import Clock
from linedesk.errors import LinedeskError, SyncBusy
from linedesk.store import connections
from linedesk.store.connections import Scheduled
from linedesk.store.database import Database
from linedesk.sync.engine import SCHEDULE, Ask, Engine
from linedesk.sync.model import Connection, RunState
from linedesk.sync.report import contents
from linedesk.sync.slices import drain

log = structlog.get_logger(__name__)

_LOOK_S = 1.0
_BUSY_S = 30
_LONGEST_S = 3600
_GAP_S = 3  # between the end of a run and the next one that nobody asked for


class Scheduler:
    """`await run()` in a task of the service's; it ends when it is cancelled, and its runs with it.

    `nudge` and `nudge_account` may be called from anywhere on the loop, as often as one likes: a connection
    never runs twice at once, and what came while it ran is one run more afterwards.
    """

    def __init__(self, books: Database, clock: Clock, engine: Engine) -> None:
        self._books = books
        self._clock = clock
        self._engine = engine
        self._running: set[str] = set()
        self._nudged: set[str] = set()
        self._hinted: set[str] = set()
        self._accounts: set[str] = set()
        self._failures: dict[str, int] = {}
        self._ended_ms: dict[str, int] = {}
        self._woken = asyncio.Event()
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Start what is due, every second and at each nudge."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_when_woken(group), name="schedule nudges")
            while True:
                await self.look(group)
                await self._clock.sleep(_LOOK_S)

    def nudge(self, name: str) -> None:
        """Run the connection at once, whatever its time says; a person asked."""
        self._nudged.add(name)
        self._woken.set()

    def nudge_account(self, account: str) -> None:
        """Something changed in the account: run soon every connection of it that runs by itself.

        Such hints may come in floods, and from a system that is in trouble: a connection waits a few
        seconds after a run before it follows one, and after a failure as long as without.
        """
        self._accounts.add(account)
        self._woken.set()

    async def look(self, group: asyncio.TaskGroup) -> None:
        """Start what is due now, each as a task of `group`; one that is running already is let be."""
        async with self._looking:
            # What ends while the times are read would be judged by the time before its run.
            busy = frozenset(self._running)
            try:
                scheduled = await self._books.read(connections.all_scheduled, snapshot=False)
            except LinedeskError as error:
                log.warning("schedule_unreadable", reason=error.message)
                return
            self._spread_hints(each.connection for each in scheduled)
            for each in scheduled:
                name = each.connection.name
                if name not in busy and self._is_due(each):
                    self._running.add(name)
                    self._nudged.discard(name)
                    self._hinted.discard(name)
                    group.create_task(self._one(each.connection), name=f"sync:{name}")

    async def _look_when_woken(self, group: asyncio.TaskGroup) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            await self.look(group)

    def _spread_hints(self, known: Iterable[Connection]) -> None:
        for each in known:
            if each.every_s and not self._accounts.isdisjoint((each.a, each.b)):
                self._hinted.add(each.name)
        self._accounts.clear()

    def _is_due(self, each: Scheduled) -> bool:
        connection = each.connection
        name, now_ms = connection.name, self._clock.now_ms()
        if not connection.enabled or connection.paused or name in self._running:
            return False
        if name in self._nudged:
            return True
        if name in self._hinted and name not in self._failures and not self._just_ran(name, now_ms):
            return True
        if connection.every_s == 0:
            return False
        # A time further ahead than any wait was set before the clock was set back.
        longest_ms = max(_LONGEST_S, connection.every_s) * 1000
        return each.due_ms is None or not now_ms < each.due_ms <= now_ms + longest_ms

    def _just_ran(self, name: str, now_ms: int) -> bool:
        ended_ms = self._ended_ms.get(name)
        return ended_ms is not None and 0 <= now_ms - ended_ms < _GAP_S * 1000

    async def _one(self, connection: Connection) -> None:
        name = connection.name
        try:
            due_ms = await self._due_after_run(connection)
            await self._books.write(_setter(name, due_ms))
        except LinedeskError as error:
            # Its time stays as it was, so it is tried again; the others go on.
            log.warning("schedule_not_stored", connection=name, reason=error.message)
        finally:
            self._running.discard(name)
            self._ended_ms[name] = self._clock.now_ms()
            if name in self._nudged:
                self._woken.set()

    async def _due_after_run(self, connection: Connection) -> int:
        """Run it; answers when the next run is due."""
        name, began_ms = connection.name, self._clock.now_ms()
        try:
            report = await self._engine.run(name, Ask(actor=SCHEDULE))
        except SyncBusy:
            return self._after(min(connection.every_s or _BUSY_S, _BUSY_S))
        except LinedeskError as error:
            log.warning("sync_not_run", connection=name, reason=error.message, code=error.code)
        except Exception:
            # A defect in one connection must not stop the schedule of the others.
            log.exception("sync_defect", connection=name)
        else:
            state, held = report.state, contents(report)
            del report
            await drain(held)
            if state is not RunState.FAILED:
                self._failures.pop(name, None)
                return self._next_ms(connection.every_s, began_ms)
        failures = self._failures[name] = self._failures.get(name, 0) + 1
        longest_s = max(_LONGEST_S, connection.every_s)
        return self._after(min((connection.every_s or _BUSY_S) * 2 ** min(failures, 16), longest_s))

    def _next_ms(self, every_s: int, began_ms: int) -> int:
        """From the beginning of the run, so that a change waits for no more than one interval.

        A run that took longer lets others have a few seconds. A beginning that lies ahead was read before the
        clock was set back.
        """
        began_ms = min(began_ms, self._clock.now_ms())
        return max(began_ms + every_s * 1000, self._after(min(_GAP_S, every_s)))

    def _after(self, seconds: float) -> int:
        return self._clock.now_ms() + round(seconds * 1000)


def _setter(name: str, due_ms: int) -> Callable[[SqlConnection], None]:
    return lambda c: connections.set_due(c, name, due_ms)
