"""What a run that lost an answer, or was cut, leaves open: looked for before anything is made again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from contract.memory import Fault, MemoryServer, both, spaces_trimmed, text_cut
from linedesk.apps.base import Capabilities
from linedesk.clock import ManualClock
from linedesk.store import journal, runs
from linedesk.store.journal import Entry
from linedesk.sync.engine import Ask
from linedesk.sync.model import RunState
from sync.engine_house import TARGET, WITHOUT_IDS, House, house

KINDS = pytest.mark.parametrize("target", [TARGET, WITHOUT_IDS], ids=["ids", "no-ids"])


async def entries(home: House) -> list[Entry]:
    """The whole journal."""
    books = home.stores.books
    numbers = [run.id for run in await books.read(lambda c: runs.latest(c, "office", 99))]
    found = [await books.read(partial(journal.of_run, run=number)) for number in numbers]
    return sorted((entry for part in found for entry in part), key=lambda entry: entry.id)


@KINDS
async def test_S06_a_create_whose_answer_was_lost_is_found_and_linked(
    tmp_path: Path, target: Capabilities
) -> None:
    async with house(tmp_path, target=target) as home:
        ada = home.a.seed(name="Ada Example", phone="+390212345678")
        home.b.faults.script("create", Fault.LOST_AFTER)
        report = await home.sync()
        assert (report.state, report.writes) == (RunState.DONE, 0)
        assert "answer to 1 write was lost" in report.sentence
        with home.b.no_write_due():
            assert (await home.sync()).writes == 0
        assert len(home.b.records) == 1
        assert [entry.state.value for entry in await entries(home)] == ["done"]
        home.a.edit(ada, name="Ada Married")
        assert [change.op.value for change in (await home.sync()).changes] == ["update"]


@KINDS
async def test_S04_a_create_that_never_arrived_is_made_again_and_the_intent_is_void(
    tmp_path: Path, target: Capabilities
) -> None:
    async with house(tmp_path, target=target) as home:
        home.a.seed(name="Ada Example", phone="+390212345678")
        home.b.faults.script("create", Fault.LOST_BEFORE)
        await home.sync()
        assert (await home.sync()).writes == 1
        assert [entry.state.value for entry in await entries(home)] == ["void", "done"]
        assert len(home.b.records) == 1


@KINDS
async def test_S01_an_edit_after_the_lost_answer_still_arrives(tmp_path: Path, target: Capabilities) -> None:
    """The base of what is found is what was sent then, not what the source holds by now."""
    async with house(tmp_path, target=target) as home:
        ada = home.a.seed(name="Ada Example", phone="+390212345678", address="Old Street 1")
        home.b.faults.script("create", Fault.LOST_AFTER)
        await home.sync()
        home.a.edit(ada, name="Ada Married", address="")
        assert (await home.sync()).writes == 1
        assert home.mapped(home.a) == home.mapped(home.b)
        assert len(home.b.records) == 1


@KINDS
async def test_S03_an_update_whose_answer_was_lost_is_settled_by_what_is_there(
    tmp_path: Path, target: Capabilities
) -> None:
    async with house(tmp_path, target=target) as home:
        ada = home.a.seed(name="Ada Example")
        await home.sync()
        for fault, writes in ((Fault.LOST_AFTER, 0), (Fault.LOST_BEFORE, 1)):
            home.a.edit(ada, name=f"Ada {fault.value}")
            home.b.faults.script("update", fault)
            await home.sync()
            assert (await home.sync()).writes == writes
            assert home.mapped(home.a) == home.mapped(home.b)


async def test_S06_two_alike_that_were_in_doubt_are_each_found_once(tmp_path: Path) -> None:
    async with house(tmp_path, target=WITHOUT_IDS) as home:
        for _ in range(2):
            home.a.seed(name="Ada Example", phone="+390212345678")
        home.b.faults.script("create", Fault.LOST_AFTER, Fault.LOST_AFTER)
        await home.sync()
        with home.b.no_write_due():
            await home.sync()
        assert len(home.b.records) == 2


async def test_S06_a_record_that_the_target_cut_silently_is_found_without_an_id(tmp_path: Path) -> None:
    async with house(tmp_path, target=WITHOUT_IDS) as home:
        home.b.faults.text = both(text_cut(12), spaces_trimmed())
        home.a.seed(name="Maximiliana  Example", address="Long Street 12345")
        home.b.faults.script("create", Fault.LOST_AFTER)
        await home.sync()
        with home.b.no_write_due():
            await home.sync()
        assert len(home.b.records) == 1


async def test_S21_a_clock_that_was_set_back_after_a_lost_answer_makes_nobody_twice(tmp_path: Path) -> None:
    theirs = ManualClock()
    servers = MemoryServer(theirs), MemoryServer(theirs)
    async with house(tmp_path, target=WITHOUT_IDS, servers=servers) as home:
        home.a.seed(name="Ada Example", address="Street 1")
        home.b.faults.script("create", Fault.LOST_AFTER)
        await home.sync()
        home.clock.advance(-3600)
        assert (await home.sync()).writes == 0
        assert len(home.b.records) == 1


async def test_after_a_lost_answer_the_run_waits_until_the_target_must_show_it(tmp_path: Path) -> None:
    async with house(tmp_path, target=replace(WITHOUT_IDS, visibility_lag_s=300.0)) as home:
        home.a.seed(name="Ada Example", phone="+390212345678")
        home.b.faults.script("create", Fault.LOST_AFTER)
        await home.sync()
        asked = home.b.requests["list"]
        run = asyncio.create_task(home.engine.run("office", Ask(actor="test")))
        _, waiting = await asyncio.wait({run}, timeout=0.5)
        assert waiting
        assert home.b.requests["list"] == asked
        home.clock.advance(301)
        report = await run
        assert (report.state, report.writes) == (RunState.DONE, 0)
        assert len(home.b.records) == 1


async def test_three_lost_answers_in_a_row_end_the_run(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        for number in range(6):
            home.a.seed(name=f"Person {number}")
        home.b.faults.script("create", *[Fault.LOST_AFTER] * 6)
        report = await home.sync()
        assert report.state is RunState.FAILED
        assert len(home.b.records) == 3
        home.b.faults.clear()
        await home.sync()
        assert home.mapped(home.a) == home.mapped(home.b)


async def test_a_run_that_was_cut_is_marked_so_by_the_next(tmp_path: Path) -> None:
    class Cut(BaseException):
        """As a kill: nothing of the run's own clean-up may catch it."""

    async def cut(step: str) -> None:
        if step == "sent":
            raise Cut

    async with house(tmp_path, checkpoint=cut) as home:
        home.a.seed(name="Ada Example")
        with pytest.raises(Cut):
            await home.sync()
        home.engine = home.new_engine()
        assert (await home.sync()).state is RunState.DONE
        states = await home.stores.books.read(lambda c: runs.latest(c, "office", 9))
        assert [run.state for run in states] == [RunState.DONE, RunState.CUT]
        assert len(home.b.records) == 1
