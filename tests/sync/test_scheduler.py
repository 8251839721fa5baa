"""When connections run by themselves: due times, back-off, pauses; one does not hold another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from contract.memory import Fault
from linedesk.store import connections, runs
from linedesk.store.runs import RunRow
from linedesk.sync.model import RunState
from linedesk.sync.scheduler import Scheduler
from sync.engine_house import OFFICE, House, house

Setup = Callable[[House], Awaitable[None]]


class Rounds:
    """A scheduler that looks when the test says so, and whose runs have then come to their end."""

    def __init__(self, home: House) -> None:
        self.home = home
        self.scheduler = Scheduler(home.stores.books, home.clock, home.engine)

    async def after(self, seconds: float) -> int:
        """Let time pass, look once; answers how many runs there have been."""
        self.home.clock.advance(seconds)
        async with asyncio.TaskGroup() as group:
            await self.scheduler.look(group)
        return len(await self.runs())

    async def runs(self) -> list[RunRow]:
        return await self.home.stores.books.read(lambda c: runs.latest(c, "office", 99))

    async def put(self, **changed: object) -> None:
        """Apply another setting of the connection."""
        connection = replace(self.home.connections["office"], **changed)  # type: ignore[arg-type]
        self.home.connections["office"] = connection
        await self.home.stores.books.write(lambda c: connections.put(c, connection, 0))
        await self.home.stores.books.write(lambda c: connections.set_paused(c, "office", connection.paused))


@asynccontextmanager
async def rounds(folder: Path, **connection: object) -> AsyncIterator[Rounds]:
    async with house(folder, connection=replace(OFFICE, **connection)) as home:  # type: ignore[arg-type]
        yield Rounds(home)


async def test_a_new_connection_runs_at_once_and_then_as_often_as_it_says(tmp_path: Path) -> None:
    async with rounds(tmp_path, every_s=300) as each:
        assert [await each.after(seconds) for seconds in (0, 1, 298, 1, 1, 299)] == [1, 1, 1, 2, 2, 3]


async def test_the_times_outlive_a_restart(tmp_path: Path) -> None:
    async with rounds(tmp_path, every_s=300) as each:
        await each.after(0)
        each.scheduler = Rounds(each.home).scheduler
        assert [await each.after(seconds) for seconds in (10, 290)] == [1, 2]


@pytest.mark.parametrize("changed", [{"paused": True}, {"enabled": False}, {"every_s": 0}], ids=str)
async def test_paused_switched_off_and_on_command_only_do_not_run(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    async with rounds(tmp_path) as each:
        await each.put(**changed)
        assert await each.after(100_000) == 0
        await each.put(paused=False, enabled=True, every_s=300)
        assert await each.after(1) == 1


async def test_a_nudge_runs_it_once_before_its_time(tmp_path: Path) -> None:
    async with rounds(tmp_path, every_s=0) as each:
        each.scheduler.nudge("office")
        assert [await each.after(1), await each.after(1)] == [1, 1]


async def test_nudges_while_it_runs_are_one_run_more_and_never_two_at_once(tmp_path: Path) -> None:
    begun, going = asyncio.Queue[None](), asyncio.Semaphore(0)
    at_once = most = 0

    async def stay(step: str) -> None:
        nonlocal at_once, most
        if step == "planned":
            at_once += 1
            most = max(most, at_once)
            begun.put_nowait(None)
            await going.acquire()
            at_once -= 1

    async with rounds(tmp_path, every_s=0) as each:
        scheduler = Scheduler(each.home.stores.books, each.home.clock, each.home.new_engine(stay))
        schedule = asyncio.create_task(scheduler.run())
        scheduler.nudge("office")
        await begun.get()
        for _ in range(5):
            scheduler.nudge("office")
        going.release()
        # Nobody moves the clock: the nudge alone starts the second run.
        await asyncio.wait_for(begun.get(), 10)
        going.release()
        async with asyncio.timeout(10):
            while {run.state for run in await each.runs()} != {RunState.DONE}:
                each.home.clock.advance(0.1)
                await asyncio.sleep(0.01)
        schedule.cancel()
        await asyncio.wait({schedule})
        assert (most, len(await each.runs()), begun.qsize()) == (1, 2, 0)


async def test_a_hint_about_an_account_runs_its_connections_soon(tmp_path: Path) -> None:
    async with rounds(tmp_path, every_s=300) as each:
        await each.after(0)
        each.scheduler.nudge_account("elsewhere")
        assert await each.after(10) == 1
        each.scheduler.nudge_account("crm")
        each.scheduler.nudge_account("book")
        assert await each.after(1) == 2
        each.scheduler.nudge_account("crm")  # a flood of them waits a few seconds, and is one run
        assert [await each.after(seconds) for seconds in (1, 1, 1, 10)] == [2, 2, 3, 3]


async def test_a_hint_starts_neither_what_runs_on_command_only_nor_what_fails(tmp_path: Path) -> None:
    async with rounds(tmp_path, every_s=0) as each:
        each.scheduler.nudge_account("crm")
        assert await each.after(10) == 0
        await each.put(every_s=60)
        each.home.a.faults.choose = lambda op, _: Fault.UNREACHABLE if op == "fields" else None
        assert await each.after(10) == 1
        each.scheduler.nudge_account("crm")
        assert [await each.after(60), await each.after(60)] == [1, 2]


async def test_S21_a_clock_that_is_set_back_stops_no_schedule(tmp_path: Path) -> None:
    async with rounds(tmp_path, every_s=300) as each:
        await each.after(0)
        assert await each.after(-86_400) == 2
        assert [await each.after(299), await each.after(1)] == [2, 3]


async def test_S20_a_connection_that_is_resumed_runs_at_once(tmp_path: Path) -> None:
    async with rounds(tmp_path, every_s=300) as each:
        await each.after(0)
        for paused in (True, False):
            await each.home.stores.books.write(partial(connections.set_paused, name="office", paused=paused))
        assert await each.after(1) == 2


async def test_S16_a_connection_that_fails_waits_longer_each_time_and_recovers(tmp_path: Path) -> None:
    async with rounds(tmp_path, every_s=60) as each:
        each.home.a.faults.choose = lambda op, _: Fault.UNREACHABLE if op == "fields" else None
        assert [await each.after(seconds) for seconds in (0, 119, 1, 239, 1, 479, 1)] == [1, 1, 2, 2, 3, 3, 4]
        for _ in range(9):
            await each.after(3600)
        each.home.a.faults.clear()
        count = await each.after(3600)
        assert [await each.after(59), await each.after(1)] == [count, count + 1]


async def test_a_defect_in_a_run_does_not_end_the_schedule(tmp_path: Path) -> None:
    class Defect(Exception):
        pass

    async def fail(step: str) -> None:
        raise Defect(step)

    async with rounds(tmp_path, every_s=60) as each:
        good = each.home.engine
        each.scheduler = Scheduler(each.home.stores.books, each.home.clock, each.home.new_engine(fail))
        with capture_logs() as said:
            assert await each.after(0) == 1
        assert [line["event"] for line in said if line["log_level"] == "error"] == ["sync_defect"]
        assert await each.after(119) == 1
        each.scheduler = Scheduler(each.home.stores.books, each.home.clock, good)
        assert await each.after(1) == 2
        [last, first] = await each.home.stores.books.read(lambda c: runs.latest(c, "office", 9))
        assert (first.state, last.state) == (RunState.FAILED, RunState.DONE)


async def test_a_run_that_takes_long_is_not_started_twice(tmp_path: Path) -> None:
    going, begun = asyncio.Event(), asyncio.Event()

    async def stay(step: str) -> None:
        if step == "planned":
            begun.set()
            await going.wait()

    async with rounds(tmp_path, every_s=60) as each:
        each.scheduler = Scheduler(each.home.stores.books, each.home.clock, each.home.new_engine(stay))
        async with asyncio.TaskGroup() as group:
            await each.scheduler.look(group)
            await begun.wait()
            each.home.clock.advance(600)
            await each.scheduler.look(group)
            going.set()
        assert len(await each.home.stores.books.read(lambda c: runs.latest(c, "office", 9))) == 1
