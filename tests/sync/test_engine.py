"""A run as a person sees it: what is written, what is left alone, and what is said of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from contract.memory import FIELDS, Fault, MemoryApp, numbers_reformatted
from linedesk.errors import SyncBusy, SyncImpossible
from linedesk.store import connections, runs
from linedesk.sync.model import Connection, RunState
from linedesk.sync.report import report_document
from sync.engine_house import TARGET, House, house


@pytest.fixture(name="home")
async def _home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as opened:
        yield opened


async def test_S01_first_run_brings_every_contact_over(home: House) -> None:
    home.a.seed(name="Ada Example", phone="02 1234 5678", email="ada@example.com")
    home.a.seed(name="No Number", company="Acme")
    report = await home.sync()
    assert (report.state, report.writes) == (RunState.DONE, 2)
    assert home.mapped(home.a) == home.mapped(home.b)


async def test_S02_second_run_writes_and_notes_nothing(home: House) -> None:
    home.a.seed(name="Ada Example", phone="02 1234 5678")
    await home.sync()
    rows = await home.journal_rows()
    with home.b.no_write_due():
        report = await home.sync()
    assert (report.state, report.writes, report.plan.changes) == (RunState.DONE, 0, ())
    assert await home.journal_rows() == rows


async def test_S07_a_changed_key_field_is_an_update(home: House) -> None:
    ada = home.a.seed(name="Ada Example", phone="+390212345678", email="ada@example.com")
    await home.sync()
    home.a.edit(ada, name="Ada Married", phone="+390298765432", email="new@example.com")
    report = await home.sync()
    assert [change.op.value for change in report.changes] == ["update"]
    assert home.mapped(home.a) == home.mapped(home.b)
    assert len(home.b.records) == 1


async def test_S14_text_that_the_target_changes_on_save_is_not_written_again(home: House) -> None:
    home.b.faults.text = numbers_reformatted()
    home.a.seed(name="Ada Example", phone="+390212345678")
    await home.sync()
    assert (await home.sync()).writes == 0


async def test_S14_own_writes_that_lag_are_no_changes(tmp_path: Path) -> None:
    async with house(tmp_path, target=replace(TARGET, visibility_lag_s=300.0)) as home:
        ada = home.a.seed(name="Ada Example", phone="+390212345678")
        await home.sync()
        home.a.edit(ada, name="Ada Married")
        assert [(await home.sync()).writes, (await home.sync()).writes] == [1, 0]
        home.clock.advance(600)
        assert (await home.sync()).writes == 0
        assert home.mapped(home.a) == home.mapped(home.b)


async def test_S16_a_refused_record_changes_nothing_for_the_others(home: House) -> None:
    for name in ("Ada", "Bob", "Cleo"):
        home.a.seed(name=name)
    home.b.faults.script("create", None, Fault.REFUSE, None)
    report = await home.sync()
    assert (report.state, report.writes, report.counts["error"]) == (RunState.DONE, 2, 1)
    [problem] = report.problems
    assert problem.code == "vendor_invalid"
    assert problem.sentence.startswith("Memory (book)")


async def test_a_refused_record_is_tried_again_when_a_person_asks_or_it_was_edited(home: House) -> None:
    ada = home.a.seed(name="Ada")
    home.b.faults.script("create", Fault.REFUSE)
    await home.sync()
    waiting = await home.sync(actor="schedule")
    assert (waiting.writes, waiting.counts["error"]) == (0, 1)
    home.a.edit(ada, email="ada@example.com")
    assert (await home.sync(actor="schedule")).counts["error"] == 0
    assert len(home.b.records) == 1


async def test_a_refused_record_is_tried_again_by_hand(home: House) -> None:
    home.a.seed(name="Ada")
    home.b.faults.script("create", Fault.REFUSE)
    await home.sync()
    assert (await home.sync()).writes == 1


async def test_S16_an_account_that_fails_midway_keeps_what_is_done(home: House) -> None:
    for name in ("Ada", "Bob", "Cleo"):
        home.a.seed(name=name)
    home.b.faults.script("create", None, Fault.AUTH)
    report = await home.sync()
    assert (report.state, report.writes) == (RunState.FAILED, 1)
    assert report.sentence.startswith("Memory (book)")
    assert (await home.sync()).writes == 2
    assert home.mapped(home.a) == home.mapped(home.b)


async def test_a_source_that_is_down_ends_in_a_sentence_and_a_run_row(home: House) -> None:
    home.a.faults.script("fields", Fault.UNREACHABLE)
    report = await home.sync()
    assert report.state is RunState.FAILED
    [row] = await home.stores.books.read(lambda c: runs.latest(c, "office", 5))
    assert (row.state, row.sentence) == (RunState.FAILED, report.sentence)


async def test_S19_preview_writes_nothing_and_says_what_the_run_then_does(home: House) -> None:
    ada = home.a.seed(name="Ada Example", phone="+390212345678")
    await home.sync()
    home.a.edit(ada, name="Ada Married")
    home.a.seed(name="Bob Example")
    with home.b.no_write_due():
        seen = report_document(await home.sync(preview=True))
    done = report_document(await home.sync(approve=seen["hash"]))
    assert (seen["run"], seen["writes"], done["writes"]) == (None, 0, 2)
    assert seen["hash"] == done["hash"]
    assert [(c["op"], c["fields"]) for c in seen["changes"]] == [
        (c["op"], c["fields"]) for c in done["changes"]
    ]


async def test_S19_another_plan_than_the_approved_one_is_braked(home: House) -> None:
    home.a.seed(name="Ada Example")
    seen = await home.sync(preview=True)
    home.a.seed(name="Bob Example")
    with home.b.no_write_due():
        report = await home.sync(approve=seen.plan.hash)
    assert (report.state, report.writes) == (RunState.BRAKED, 0)
    assert report.plan.hash != seen.plan.hash
    # What would be written now is shown, to be looked at and approved.
    assert (len(report.changes), report.counts["create"]) == (2, 2)
    assert (await home.sync(approve=report.plan.hash)).writes == 2


async def test_a_record_that_holds_the_unique_value_waits_for_a_person(tmp_path: Path) -> None:
    async with house(tmp_path, connection=Connection("office", "crm", "book", pair_by=())) as home:
        await _unique_email(home)
        home.a.seed(name="Ada Example", email="shared@example.com")
        home.b.seed(name="Somebody Else", email="shared@example.com")
        report = await home.sync()
        assert (report.writes, report.counts["error"]) == (0, 1)
        assert report.problems[0].code == "vendor_duplicate"
        assert len(home.b.records) == 1
        assert (await home.sync(actor="schedule")).counts["error"] == 1


async def _unique_email(home: House) -> None:
    fields = [replace(info, unique=info.name == "email") for info in FIELDS]
    book = home.apps["book"]
    home.apps["book"] = MemoryApp(
        home.clock, account="book", capabilities=book.capabilities, fields=fields, server=home.b
    )


async def test_a_second_run_of_a_connection_is_refused_while_one_is_going_on(tmp_path: Path) -> None:
    busy: list[Exception] = []

    homes: list[House] = []

    async def meanwhile(step: str) -> None:
        if step == "planned":
            other = homes[0].new_engine()
            try:
                await other.run("office")
            except SyncBusy as error:
                busy.append(error)

    async with house(tmp_path, checkpoint=meanwhile) as home:
        homes.append(home)
        home.a.seed(name="Ada Example")
        assert (await home.sync()).state is RunState.DONE
        assert "office" in str(busy[0])
        assert (await home.sync()).state is RunState.DONE


@pytest.mark.parametrize("state", ["paused", "off"])
async def test_a_paused_or_switched_off_connection_does_not_run(tmp_path: Path, state: str) -> None:
    office = Connection("office", "crm", "book", paused=state == "paused", enabled=state != "off")
    async with house(tmp_path, connection=office) as home:
        with pytest.raises(SyncImpossible, match="office"):
            await home.sync()


@pytest.mark.parametrize("state", ["paused", "off"])
async def test_a_paused_or_switched_off_connection_can_be_previewed(tmp_path: Path, state: str) -> None:
    office = Connection("office", "crm", "book", paused=state == "paused", enabled=state != "off")
    async with house(tmp_path, connection=office) as home:
        home.a.seed(name="Ada Example")
        with home.b.no_write_due():
            report = await home.sync(preview=True)
        assert (report.state, report.writes, len(report.changes)) == (RunState.DONE, 0, 1)
        assert await home.journal_rows() == 0


async def test_S20_a_pause_in_the_middle_stops_the_writes(tmp_path: Path) -> None:
    homes: list[House] = []

    async def switch(*, paused: bool) -> None:
        await homes[0].stores.books.write(partial(connections.set_paused, name="office", paused=paused))

    async def pause(step: str) -> None:
        if step == "settled":
            await switch(paused=True)

    async with house(tmp_path, checkpoint=pause) as home:
        homes.append(home)
        for name in ("Ada", "Bob", "Cleo"):
            home.a.seed(name=name)
        report = await home.sync()
        assert (report.state, report.writes) == (RunState.FAILED, 1)
        assert "paused" in report.sentence
        [row] = await home.stores.books.read(lambda c: runs.latest(c, "office", 5))
        assert (row.state, row.writes, row.counts["create"]) == (RunState.FAILED, 1, 1)
        assert len(home.b.records) == 1
        await switch(paused=False)
        home.engine = home.new_engine()
        assert (await home.sync()).writes == 2


async def test_progress_says_how_long_the_budget_makes_it_take(home: House) -> None:
    for number in range(10):
        home.a.seed(name=f"Person {number}")
    await home.sync()
    writing = [each for each in home.progress if each.stage == "writing"]
    assert (writing[0].done, writing[0].total, writing[0].left_s) == (0, 10, 2.0)
    assert writing[-1].left_s == pytest.approx(0.2)
    assert home.progress[-1].stage == "done"


async def test_the_estimate_counts_the_look_ups_of_each_write_and_the_budget_of_the_account(
    tmp_path: Path,
) -> None:
    target = replace(TARGET, requests_per_s=0.5, requests_per_write=2.0, create_batch=5)
    async with house(tmp_path, target=target) as home:
        for number in range(100):
            home.a.seed(name=f"Person {number}")
        report = await home.sync(preview=True)
        assert (report.sentence, report.takes_s) == ("Writing it takes about 1 min 20 s.", 80.0)
