"""A run that is told to stop, or whose ground is taken away, writes nothing more and leaves nothing open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from contract.memory import MemoryApp
from linedesk.errors import SyncBusy, SyncImpossible
from linedesk.store import connections, journal, leases, links
from linedesk.sync.engine import Ask
from linedesk.sync.model import RunReport, RunState
from sync.engine_house import OFFICE, House, house


class At:
    """Does something once, at a step of a run."""

    def __init__(self, step: str) -> None:
        self.step = step
        self.deed: Callable[[], Awaitable[object]] | None = None

    async def __call__(self, step: str) -> None:
        if step == self.step and self.deed is not None:
            deed, self.deed = self.deed, None
            await deed()


async def opened(home: House) -> int:
    """How many writes are in doubt."""
    return len(await home.stores.books.read(lambda c: journal.open_entries(c, "office")))


async def pause(home: House, *, paused: bool = True) -> None:
    """As another process does: only the database knows."""
    await home.stores.books.write(partial(connections.set_paused, name="office", paused=paused))


async def passes_on(home: House, run: asyncio.Task[RunReport]) -> None:
    """Let the clock go on until the run has ended."""
    async with asyncio.timeout(10):
        while not run.done():
            home.clock.advance(0.5)
            await asyncio.sleep(0.01)


async def test_S20_a_pause_ends_a_write_that_waits_and_leaves_it_to_be_looked_for(tmp_path: Path) -> None:
    at = At("intent")
    async with house(tmp_path, checkpoint=at) as home:
        home.a.seed(name="Ada Example")
        begun = asyncio.Event()

        async def waits() -> None:
            begun.set()
            await asyncio.Event().wait()

        at.deed = waits
        run = asyncio.create_task(home.engine.run("office", Ask(actor="test")))
        await begun.wait()
        await pause(home)
        await passes_on(home, run)
        with pytest.raises(SyncImpossible, match="paused"):
            await run
        assert (await opened(home), home.b.records) == (1, {})
        await pause(home, paused=False)
        assert (await home.sync()).writes == 1
        assert (await opened(home), len(home.b.records)) == (0, 1)


async def test_S20_no_intent_is_stored_once_the_database_says_paused(tmp_path: Path) -> None:
    at = At("settled")
    async with house(tmp_path, checkpoint=at) as home:
        for name in ("Ada", "Bob", "Cleo"):
            home.a.seed(name=name)
        at.deed = lambda: pause(home)
        report = await home.sync()
        assert (report.state, report.writes) == (RunState.FAILED, 1)
        assert (await home.journal_rows(), len(home.b.records)) == (1, 1)


async def test_a_pause_does_not_end_a_preview(tmp_path: Path) -> None:
    at = At("planned")
    async with house(tmp_path, checkpoint=at) as home:
        home.a.seed(name="Ada Example")

        async def wait_a_second() -> None:
            await pause(home)
            home.clock.advance(1)
            await asyncio.sleep(0.05)

        at.deed = wait_a_second
        report = await home.engine.run("office", Ask(preview=True, actor="test"))
        assert (report.state, len(report.changes)) == (RunState.DONE, 1)


async def test_a_run_that_lost_its_lease_writes_nothing_more(tmp_path: Path) -> None:
    """As after a jump of the clock: the other has begun before our heartbeat could tell."""
    at = At("planned")
    async with house(tmp_path, checkpoint=at) as home:
        home.a.seed(name="Ada Example")

        async def take_over() -> None:
            later_ms = home.clock.now_ms() + 61_000
            take = partial(leases.take, name="sync:office", owner="other", is_dead=lambda _: False)
            holder = await home.stores.books.write(
                lambda c: take(c, now_ms=later_ms, until_ms=later_ms + 60_000)
            )
            assert holder is None

        at.deed = take_over
        with home.b.no_write_due(), pytest.raises(SyncBusy, match="another one took over"):
            await home.sync()
        assert await home.journal_rows() == 0


async def test_S04_what_was_written_after_the_lease_was_lost_is_left_to_the_next_run(tmp_path: Path) -> None:
    at = At("sent")
    async with house(tmp_path, checkpoint=at) as home:
        home.a.seed(name="Ada Example")

        async def take_over() -> None:
            await home.stores.books.write(lambda c: leases.give_back(c, "sync:office", _owner(c)))

        at.deed = take_over
        with pytest.raises(SyncBusy):
            await home.sync()
        assert (await opened(home), len(home.b.records)) == (1, 1)
        with home.b.no_write_due():
            assert (await home.sync()).state is RunState.DONE
        assert (await opened(home), len(home.b.records)) == (0, 1)


def _owner(c: object) -> str:
    owner = leases.holder(c, "sync:office")  # type: ignore[arg-type]
    assert owner is not None
    return owner


@pytest.mark.parametrize("step", ["planned", "intent", "sent"])
async def test_a_connection_that_joins_other_accounts_meanwhile_gets_no_link_of_the_old_ones(
    tmp_path: Path, step: str
) -> None:
    at = At(step)
    async with house(tmp_path, checkpoint=at) as home:
        home.a.seed(name="Ada Example")
        other = replace(OFFICE, b="elsewhere")
        at.deed = lambda: home.stores.books.write(lambda c: connections.put(c, other, 0))
        with pytest.raises(SyncImpossible, match="was changed"):
            await home.sync()
        assert await home.stores.books.read(lambda c: links.page(c, "office", "", 9)) == []


async def test_an_account_that_is_changed_ends_the_run_that_works_with_it(tmp_path: Path) -> None:
    at = At("intent")
    async with house(tmp_path, checkpoint=at) as home:
        home.a.seed(name="Ada Example")
        begun = asyncio.Event()

        async def change() -> None:
            old = home.apps["book"]
            home.apps["book"] = MemoryApp(
                home.clock, account="book", capabilities=old.capabilities, server=home.b
            )
            begun.set()
            await asyncio.Event().wait()

        at.deed = change
        run = asyncio.create_task(home.engine.run("office", Ask(actor="test")))
        await begun.wait()
        await passes_on(home, run)
        with pytest.raises(SyncImpossible, match="book was changed"):
            await run
        assert (await home.sync()).writes == 1


@pytest.mark.parametrize("step", ["read", "directory", "cursor", "planned", "intent", "sent", "settled"])
async def test_S03_cancelled_at_any_step_it_is_as_if_it_was_killed_there(tmp_path: Path, step: str) -> None:
    """Cancelling must not tidy an open write away: whether it arrived is not known."""
    at = At(step)
    async with house(tmp_path, checkpoint=at) as home:
        for name in ("Ada", "Bob"):
            home.a.seed(name=name)

        async def cancelled() -> None:
            raise asyncio.CancelledError

        at.deed = cancelled
        with pytest.raises(asyncio.CancelledError):
            await home.sync()
        assert await opened(home) == (1 if step in {"intent", "sent"} else 0)
        assert (await home.sync()).state is RunState.DONE
        assert home.mapped(home.a) == home.mapped(home.b)
        assert (await home.sync()).writes == 0
