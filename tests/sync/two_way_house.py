"""An engine between two simulated apps that may die at any of its awaits, as a process does, and come again.

A dead process does nothing any more: what it still tries at the books or at an app raises `Crash` too, so
its lease is not given back and its intents stay open. The two systems and the books outlive it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar, cast

from sqlalchemy import Connection as Books

from contract.memory import MemoryServer
from linedesk.clock import ManualClock
from linedesk.contacts.directory import Directory
from linedesk.errors import SyncImpossible
from linedesk.store import connections, decisions, journal, links, sync_tables
from linedesk.store.database import Database
from linedesk.store.journal import Entry
from linedesk.sync import holding
from linedesk.sync.engine import Ask, Engine
from linedesk.sync.lease import LEASE_S
from linedesk.sync.model import Connection, Decision, Link, RunReport, Side, Waiting
from linedesk.sync.undoing import UndoAsk
from sync.engine_house import KIND, PLAN
from sync.memory_stores import MemoryBooks
from sync.two_way_apps import SCAN_S, Traits, TwoWayApp

T = TypeVar("T")
NAMES = {Side.A: "crm", Side.B: "book"}
OFFICE = "office"


class Crash(BaseException):
    """The process has ended here."""


class Life:
    """Counts what a process awaits; `left` None: it lives on.

    At its await of the number `pause_at` somebody pauses the connection by `pause`; a second later no write
    may begin any more, and those that do are in `late`.
    """

    def __init__(self, left: int | None = None) -> None:
        self.left = left
        self.taken = 0
        self.is_over = False
        self.pause_at: int | None = None
        self.pause: Callable[[], object] = lambda: None
        self.pass_a_second: Callable[[], object] = lambda: None
        self.late: list[str] = []
        self._is_late = False

    def step(self) -> None:
        self.taken += 1
        if self.taken == self.pause_at:
            self.pause()
        if self.left is not None and self.taken >= self.left:
            self.is_over = True
        if self.is_over:
            raise Crash

    async def checkpoint(self, _: str) -> None:
        self.step()

    async def before(self, call: str) -> None:
        """A request is about to begin."""
        self.step()
        if self.pause_at is None or self.taken < self.pause_at:
            return
        if not self._is_late:
            self._is_late = True
            self.pass_a_second()
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        if call in _WRITES:
            self.late.append(call)


class MortalBooks:
    """The books as one process uses them: it may die before a piece of work, or right after it."""

    def __init__(self, books: MemoryBooks, life: Life) -> None:
        self._books = books
        self._life = life

    async def read(self, work: Callable[[Books], T], *, snapshot: bool = True) -> T:
        self._life.step()
        return await self._books.read(work, snapshot=snapshot)

    async def write(self, work: Callable[[Books], T]) -> T:
        self._life.step()
        result = await self._books.write(work)
        self._life.step()
        return result


class MortalApp:
    """An app as one process uses it: it may die before a request, between its rows, or before the answer."""

    def __init__(self, app: TwoWayApp, life: Life) -> None:
        self._app = app
        self._life = life

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._app, name)
        if name not in _AWAITED:
            return found

        async def call(*given: Any, **named: Any) -> Any:
            await self._life.before(name)
            answer = await found(*given, **named)
            self._life.step()
            return answer

        return call


_WRITES = frozenset(("create", "update", "delete"))
_AWAITED = _WRITES | {"fields", "read", "get_many", "find_by_phone", "find_by_external_id"}
_TURNS = 20  # of the loop, in which whoever watches for a pause is woken and ends the run


class TwoWayHouse:
    """`servers` are the two systems: what their users see and edit. `connection` is how it is set up now."""

    def __init__(self, traits: Mapping[Side, Traits], connection: Connection) -> None:
        self.traits = traits
        self.clock = ManualClock()
        self.servers = {side: MemoryServer(self.clock, page_size=2) for side in Side}
        self.books = MemoryBooks()
        self.connection = connection
        self.life = Life()
        self.engine = self._born()

    async def set_up(self, connection: Connection) -> None:
        """A person changes the connection."""
        self.connection = connection
        now_ms = self.clock.now_ms()
        await self.books.write(lambda c: connections.put(c, connection, now_ms))
        await self.books.write(lambda c: connections.set_paused(c, OFFICE, connection.paused))

    def be_born(self, left: int | None = None) -> None:
        """A new process takes over from one that is gone; it dies at its await of the number `left`."""
        self.life = Life(left)
        self.engine = self._born()

    async def sync(self, **asked: Any) -> RunReport:
        """One run; the clock moves on before it, past the lag where a write is in doubt."""
        self.clock.advance(60 + (self.lag_s if await self.open_entries() else 0))
        return await self.engine.run(OFFICE, Ask(**{"actor": "test", **asked}))

    async def pausing_sync(self, at: int) -> list[str]:
        """A run during which the connection is paused, a second before the rest; answers the late writes."""
        self.be_born()
        life = self.life
        life.pause_at = at
        life.pause = lambda: self.books.write_now(lambda c: connections.set_paused(c, OFFICE, True))
        life.pass_a_second = lambda: self.clock.advance(1)
        try:
            await self.sync()
        except SyncImpossible:
            pass
        finally:
            self.be_born()
        await self.books.write(lambda c: connections.set_paused(c, OFFICE, self.connection.paused))
        return life.late

    async def undo(self, run: int, record: str | None) -> RunReport:
        """Take back a run, or what it wrote to one record."""
        self.clock.advance(60 + (self.lag_s if await self.open_entries() else 0))
        return await self.engine.undo(run, UndoAsk(actor="test", record=record))

    async def release(self) -> None:
        now_ms = self.clock.now_ms()
        await self.books.write(lambda c: holding.release(c, OFFICE, None, now_ms))

    async def crashing_sync(self, left: int) -> bool:
        """A run in a process that dies at its await of the number `left`; answers whether it did."""
        self.be_born(left)
        for server in self.servers.values():
            server.on_request = lambda _: self.life.step()
        try:
            await self.sync()
        except BaseException as error:
            if not _is_crash(error):
                raise
        finally:
            for server in self.servers.values():
                server.on_request = None
            died = self.life.is_over
            self.be_born()
        if died:
            self.clock.advance(LEASE_S + 1)
        return died

    def let_time_pass(self) -> None:
        """All lags are over, and what is listed whole only now and then is due to be."""
        self.clock.advance(SCAN_S + self.lag_s + 1)

    @property
    def lag_s(self) -> float:
        return max(each.lag_s for each in self.traits.values())

    async def links(self) -> list[Link]:
        return await self.books.read(lambda c: links.page(c, OFFICE, "", 10_000))

    async def open_entries(self) -> list[Entry]:
        return await self.books.read(lambda c: journal.open_entries(c, OFFICE))

    async def entries(self) -> list[Entry]:
        """The whole journal, in order."""
        return await self.books.read(
            lambda c: journal.entries_of(c, sync_tables.journal.c.connection == OFFICE)
        )

    async def waiting(self) -> list[Waiting]:
        """The questions that nobody answered yet."""
        rows = await self.books.read(lambda c: decisions.all_of(c, OFFICE))
        return [row.waiting for row in rows if row.answer is None]

    async def decide(self, decision: Decision) -> None:
        now_ms = self.clock.now_ms()
        assert await self.books.write(lambda c: decisions.decide(c, OFFICE, decision, now_ms))

    async def close(self) -> None:
        await self.books.close()

    def _born(self) -> Engine:
        life = self.life
        apps = {
            NAMES[side]: MortalApp(TwoWayApp(self.clock, NAMES[side], self.traits[side], server), life)
            for side, server in self.servers.items()
        }
        books = cast(Database, MortalBooks(self.books, life))
        return Engine(
            books,
            self.clock,
            Directory(books),
            connection_of=lambda _: replace(self.connection),
            app_of=cast(Any, apps.__getitem__),
            kind_of=lambda _: KIND,
            plan_of=lambda _: PLAN,
            checkpoint=life.checkpoint,
        )


def _is_crash(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return any(map(_is_crash, error.exceptions))
    return isinstance(error, Crash) or (error.__cause__ is not None and _is_crash(error.__cause__))
