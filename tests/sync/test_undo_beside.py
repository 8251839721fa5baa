"""An undo beside a pause, beside other connections, and after a crash: it does no more than it says."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from linedesk.errors import SyncImpossible, UserError
from linedesk.store import connections, journal, links
from linedesk.store.journal import Entry, EntryState, of_run
from linedesk.sync import undoing
from linedesk.sync.copies import load_links
from linedesk.sync.engine import Ask
from linedesk.sync.model import Direction, Link, LinkState, Op, RunReport, RunState, Side, SkipKind
from linedesk.sync.policies import Deletes
from linedesk.sync.undoing import UndoAsk
from sync.engine_house import OFFICE, House, house
from sync.memory_stores import memory_stores
from sync.test_permit import At


class Killed(BaseException):
    """The process ends here."""


async def undo(home: House, run: int | None) -> RunReport:
    home.clock.advance(60)
    assert run is not None
    return await home.engine.undo(run, UndoAsk(actor="test"))


async def pause(home: House) -> None:
    """Told by a person, who may tell it twice."""
    home.connections["office"] = replace(home.connections["office"], paused=True)
    await home.stores.books.write(partial(connections.set_paused, name="office", paused=True))


def people(home: House, count: int) -> None:
    for number in range(count):
        home.a.seed(name=f"Person {number}", email=f"p{number}@example.com")


async def test_S18_S20_a_connection_that_was_paused_before_is_undone_and_stays_paused() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        people(home, 2)
        done = await home.sync()
        await pause(home)
        report = await undo(home, done.run)
        assert (report.state, report.writes, home.b.active) == (RunState.DONE, 2, [])
        with home.b.no_write_due(), pytest.raises(SyncImpossible, match="paused"):
            await home.sync()


@pytest.mark.parametrize("was_paused", [False, True])
async def test_S20_a_pause_that_is_told_during_an_undo_stops_it_before_the_next_write(
    was_paused: bool,
) -> None:
    at = At("settled")
    async with house(Path(), stores=memory_stores(), checkpoint=at) as home:
        people(home, 3)
        done = await home.sync()
        if was_paused:
            await pause(home)
        at.deed = lambda: pause(home)
        report = await undo(home, done.run)
        assert (report.state, report.writes) == (RunState.FAILED, 1)
        assert len(home.b.active) == 2


async def test_S20_a_pause_stops_an_undo_that_waits_for_an_answer_within_a_second(tmp_path: Path) -> None:
    at = At("intent")
    async with house(tmp_path, checkpoint=at) as home:
        people(home, 1)
        done = await home.sync()
        await pause(home)
        begun = asyncio.Event()

        async def waits() -> None:
            begun.set()
            await asyncio.Event().wait()

        at.deed = waits
        home.clock.advance(60)
        run = asyncio.create_task(home.engine.undo(done.run or 0, UndoAsk(actor="test")))
        await begun.wait()
        await pause(home)
        for _ in range(2):
            home.clock.advance(0.5)
            await asyncio.sleep(0.05)
        with pytest.raises(SyncImpossible, match="paused"):
            await asyncio.wait_for(run, 5)
        assert len(home.b.active) == 1


async def test_S18_a_record_that_another_connection_keeps_in_step_is_not_unmade() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        people(home, 2)
        done = await home.sync()
        shared, _ = sorted(home.b.records)
        books = home.stores.books
        await books.write(lambda c: connections.put(c, replace(OFFICE, name="sales", a="shop"), 0))
        await books.write(lambda c: links.put(c, "sales", [Link("ld-1", "7", shared, {})], 0))
        report = await undo(home, done.run)
        assert [each.id for each in home.b.active] == [shared]
        assert [(each.record_id, each.reason) for each in report.plan.skipped] == [
            (shared, "The connection sales keeps it in step too by now.")
        ]
        gone = Link("ld-1", "7", shared, {}, LinkState.A_GONE)
        await books.write(lambda c: links.put(c, "sales", [gone], 0))
        assert (await undo(home, done.run)).writes == 1
        assert home.b.active == []


@pytest.mark.parametrize("step", ["intent", "sent"])
async def test_S03_S18_what_a_run_that_crashed_wrote_is_undone_by_its_number(step: str) -> None:
    at = At(step)

    async def die() -> None:
        raise Killed

    async with house(Path(), stores=memory_stores(), checkpoint=at) as home:
        people(home, 2)
        first = await home.sync()
        for record_id in list(home.a.records):
            home.a.edit(record_id, company="Acme")
        at.deed = die
        with suppress(Killed, BaseExceptionGroup):
            await home.sync()
        crashed = (first.run or 0) + 1
        entries = await home.stores.books.read(lambda c: of_run(c, crashed))
        assert [(each.state, each.op) for each in entries] == [(EntryState.OPEN, Op.UPDATE)]
        home.engine = home.new_engine()
        if step == "sent":
            report = await undo(home, crashed)
            assert (report.writes, report.counts["update"]) == (1, 1)
        else:
            with home.b.no_write_due():
                await _nothing_to_undo(home, crashed)
        assert [each.text("company") for each in home.b.active] == ["", ""]
        entries = await home.stores.books.read(lambda c: of_run(c, crashed))
        assert [each.state for each in entries] == [EntryState.DONE if step == "sent" else EntryState.VOID]


async def _nothing_to_undo(home: House, run: int) -> None:
    with pytest.raises(UserError, match="wrote nothing"):
        await undo(home, run)
    assert (await home.engine.run("office", Ask(preview=True, actor="test"))).run is None


@pytest.mark.parametrize("side", Side)
async def test_S18_what_an_undo_makes_again_is_not_deleted_again_by_the_next_sync(side: Side) -> None:
    """A propagated delete is undone while the record that began it stays deleted (softly in A)."""
    async with house(Path(), stores=memory_stores()) as home:
        both = replace(OFFICE, direction=Direction.BOTH, deletes=Deletes.PROPAGATE)
        home.connections["office"] = both
        await home.stores.books.write(lambda c: connections.put(c, both, 0))
        people(home, 3)
        await home.sync()
        book, other = (home.a, home.b) if side is Side.A else (home.b, home.a)
        book.remove(min(book.records), softly=side is Side.A)
        gone = await home.sync()
        assert gone.counts[f"delete-{side.other}"] == 1
        back = await undo(home, gone.run)
        assert back.writes == 1, back.plan.skipped
        quiet = await home.sync()
        assert (quiet.writes, SkipKind.HELD in {each.kind for each in quiet.plan.skipped}) == (0, True)
        (link,) = [
            each
            for each in (await load_links(home.stores.books, "office")).values()
            if each.state is LinkState.HELD
        ]
        other.edit(link.b_id if side is Side.A else link.a_id, company="Acme")
        assert (await home.sync()).counts[f"create-{side}"] == 1, "an edit takes it up again"
        assert (await home.sync()).writes == 0


async def test_S18_a_run_of_many_writes_is_undone_whole_and_read_page_by_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(undoing, "_PAGE", 2)
    read: list[int] = []

    def counted(*args: Any, **asked: Any) -> list[Entry]:
        page = of_run(*args, **asked)
        read.append(len(page))
        return page

    monkeypatch.setattr(journal, "of_run", counted)
    async with house(Path(), stores=memory_stores()) as home:
        for number in range(5):
            home.a.seed(name=f"Person {number}", email=f"p{number}@example.com")
        done = await home.sync()
        report = await home.engine.undo(done.run or 0, UndoAsk(actor="test"))
        assert (report.counts["delete"], read) == (5, [2, 2, 1, 0])
