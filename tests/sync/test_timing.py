"""How soon a change is written and how soon a run stops, by the injected clock; what requests are for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from contract.memory import FIELDS, MemoryApp
from linedesk.apps.base import Outcome, Watch
from linedesk.apps.records import Cursor, Draft, Reading, Record
from linedesk.budget_learned import LearnedBudget
from linedesk.budget_use import Use, present_use
from linedesk.errors import SyncImpossible
from linedesk.store import connections
from linedesk.sync.details import Details
from linedesk.sync.engine import SCHEDULE, Ask
from linedesk.sync.scheduler import Scheduler
from sync.engine_house import OFFICE, SOURCE, House, house

EVERY_S = 60
STEP_S = 0.5


class Times:
    """When runs began and ended, by the clock; each takes `takes_s` of it."""

    def __init__(self, takes_s: float = 0) -> None:
        self.takes_s = takes_s
        self.began_ms: list[int] = []
        self.ended_ms: list[int] = []
        self.home: House | None = None
        self.is_resting = False

    async def __call__(self, step: str) -> None:
        if step != "planned" or self.home is None:
            return
        clock = self.home.clock
        assert len(self.began_ms) == len(self.ended_ms)
        self.began_ms.append(clock.now_ms())
        self.is_resting = True
        await clock.sleep(self.takes_s)
        self.is_resting = False
        self.ended_ms.append(clock.now_ms())


class Going:
    """A schedule that goes on, whose clock moves only when nothing is left to do at its time."""

    def __init__(self, home: House, times: Times) -> None:
        self.home = home
        self.times = times
        self.scheduler = Scheduler(home.stores.books, home.clock, home.engine)

    async def settle(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0.002)
            while self._is_busy():  # noqa: ASYNC110 - a run does not say when it only waits
                await asyncio.sleep(0.002)

    def _is_busy(self) -> bool:
        runs = bool(self.home.engine.in_use()) and not self.times.is_resting
        return runs or not self.home.clock.sleeping

    async def go(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            await self.settle()
            self.home.clock.advance(STEP_S)
        await self.settle()

    async def until_written(self, name: str, most_s: float) -> float:
        """How long until the other side has this name."""
        passed_s = 0.0
        while not any(each.text("name") == name for each in self.home.b.records.values()):
            assert passed_s < most_s, "not written in time"
            await self.go(STEP_S)
            passed_s += STEP_S
        return passed_s


@asynccontextmanager
async def going(folder: Path, takes_s: float = 0) -> AsyncIterator[Going]:
    times = Times(takes_s)
    connection = replace(OFFICE, every_s=EVERY_S)
    async with house(folder, connection=connection, checkpoint=times) as home:
        times.home = home
        each = Going(home, times)
        task = asyncio.create_task(each.scheduler.run())
        try:
            await each.settle()
            yield each
        finally:
            task.cancel()
            await asyncio.wait({task})


async def test_a_change_is_written_within_one_interval_and_two_seconds(tmp_path: Path) -> None:
    async with going(tmp_path) as each:
        for number in range(2):
            each.home.a.seed(name=f"Person {number}")  # right after a run, so that it waits longest
            assert await each.until_written(f"Person {number}", EVERY_S + 2) > EVERY_S / 2


async def test_a_run_is_due_from_the_beginning_of_the_last_one(tmp_path: Path) -> None:
    async with going(tmp_path, takes_s=40) as each:
        await each.go(4 * EVERY_S)
        began = each.times.began_ms
        gaps = [(late - early) / 1000 for early, late in pairwise(began)]
        assert len(gaps) >= 3
        assert all(EVERY_S <= gap <= EVERY_S + 1 for gap in gaps)


async def test_runs_longer_than_the_interval_follow_each_other_and_never_overlap(tmp_path: Path) -> None:
    async with going(tmp_path, takes_s=90) as each:
        await each.go(300)
        rests = [
            (began - ended) / 1000
            for ended, began in zip(each.times.ended_ms, each.times.began_ms[1:], strict=False)
        ]
        assert len(rests) >= 2
        assert all(3 <= rest <= 4 for rest in rests)


@pytest.mark.parametrize("after_s", [0, 1, 30])
async def test_a_hint_of_a_webhook_is_written_within_five_seconds(tmp_path: Path, after_s: int) -> None:
    async with going(tmp_path) as each:
        await each.go(after_s)
        each.home.a.seed(name="Ada Example")
        each.scheduler.nudge_account("crm")
        assert await each.until_written("Ada Example", 5) <= 5


class Gated(MemoryApp):
    """An app whose every request passes a budget."""

    gate: LearnedBudget
    waits_in = ""

    async def read(self, since: Cursor | None, watch: Watch) -> Reading:
        if self.waits_in == "read":
            await self.gate.wait(interactive=False)
        return await super().read(since, watch)

    async def create(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        if self.waits_in == "create":
            await self.gate.wait(interactive=False)
        return await super().create(drafts)


@pytest.mark.parametrize("waits_in", ["read", "create"])
async def test_S20_a_pause_stops_a_run_within_a_second_while_a_request_waits_for_the_budget(
    tmp_path: Path, waits_in: str
) -> None:
    async with house(tmp_path) as home:
        app = Gated(home.clock, account="book", capabilities=home.apps["book"].capabilities, fields=FIELDS,
                    server=home.b)  # fmt: skip
        app.gate, app.waits_in = LearnedBudget(home.clock, "The book", limit=2), waits_in
        home.apps["book"] = app
        home.a.seed(name="Ada Example")
        await app.gate.wait(interactive=True)
        run = asyncio.create_task(home.engine.run("office", Ask(actor=SCHEDULE)))
        async with asyncio.timeout(10):
            # The request at its budget, and the look for a pause.
            while home.clock.sleeping < 2:  # noqa: ASYNC110 - only the clock knows who sleeps by it
                await asyncio.sleep(0.01)
        await home.stores.books.write(partial(connections.set_paused, name="office", paused=True))
        assert not run.done()
        for _ in range(2):
            home.clock.advance(0.5)
            await asyncio.sleep(0.1)
        with pytest.raises(SyncImpossible, match="paused"):
            await asyncio.wait_for(run, 10)
        assert home.b.records == {}


class Telling(MemoryApp):
    """Notes what its requests are for."""

    def noted(self) -> list[tuple[str, Use]]:
        noted: list[tuple[str, Use]] = self.__dict__.setdefault("_noted", [])
        return noted

    async def read(self, since: Cursor | None, watch: Watch) -> Reading:
        self.noted().append(("all" if since is None else "changes", present_use()))
        return await super().read(since, watch)

    async def get_many(self, ids: Sequence[str]) -> tuple[Record, ...]:
        self.noted().append(("get", present_use()))
        return await super().get_many(ids)


async def test_S22_each_request_of_a_run_is_for_what_the_run_is_for(tmp_path: Path) -> None:
    capabilities = replace(SOURCE, complete_scan_s=3600.0, list_omits=frozenset({"tags"}))
    async with house(tmp_path, source=capabilities) as home:
        app = Telling(home.clock, account="crm", capabilities=capabilities, fields=FIELDS, server=home.a)
        home.apps["crm"] = app
        home.a.seed(name="Ada Example")
        await home.sync(actor="Anna")
        await home.sync(actor=SCHEDULE)
        home.clock.advance(3600)
        await home.sync(actor=SCHEDULE)
        home.clock.advance(3600)
        await home.sync(actor="Anna")
        await Details(home.stores.books, home.clock, home.engine, home.apps.__getitem__).step()
        assert app.noted() == [
            ("all", Use.WORK),
            ("changes", Use.SCHEDULE),
            ("all", Use.SCAN),
            ("all", Use.WORK),
            ("get", Use.DETAILS),
        ]


async def test_S22_details_wait_for_their_share_without_holding_the_account(tmp_path: Path) -> None:
    capabilities = replace(SOURCE, list_omits=frozenset({"tags"}))

    class Room(Telling):
        left = 0

        def room(self) -> int:
            return self.left

    async with house(tmp_path, source=capabilities) as home:
        app = Room(home.clock, account="crm", capabilities=capabilities, fields=FIELDS, server=home.a)
        home.apps["crm"] = app
        for number in range(5):
            home.a.seed(name=f"Person {number}")
        await home.sync()
        details = Details(home.stores.books, home.clock, home.engine, home.apps.__getitem__)
        assert not await details.step()
        app.left = 2
        assert await details.step()
        assert await details.counts("crm") == (2, 5)
