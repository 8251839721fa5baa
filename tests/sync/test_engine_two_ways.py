"""Runs that write both sides: brakes, deletes, memberships, stale plans, and what is left of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from contract.memory import Fault
from linedesk.apps.base import Removal
from linedesk.apps.records import Group
from linedesk.errors import SyncImpossible
from linedesk.store import connections, decisions, journal, links, problems, runs
from linedesk.store.journal import EntryState
from linedesk.sync.copies import load_links
from linedesk.sync.engine import SCHEDULE, Ask
from linedesk.sync.model import Answer, Connection, Decision, Direction, LinkState, Op, RunState, Side
from linedesk.sync.policies import Brakes, Conflict, Deletes
from linedesk.sync.rules import Action, Do, Rule
from sync.engine_house import TARGET, House, house
from sync.memory_stores import memory_stores

BOTH = Connection("office", "crm", "book", direction=Direction.BOTH)
SPREADS = replace(BOTH, deletes=Deletes.PROPAGATE, brakes=Brakes(0, 0, 0, 0))
ADA = {"name": "Ada Example", "email": "ada@example.com", "phone": "+39 02 1234 5678"}
BOB = {"name": "Bob Example", "email": "bob@example.com", "phone": "+39 06 9876 5432"}
LISTED = replace(TARGET, group_kinds=("list",))
NEWS = Group("l1", "News", "list")


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path, connection=BOTH, stores=memory_stores()) as opened:
        yield opened


async def with_connection(home: House, connection: Connection) -> None:
    home.connections["office"] = connection
    await home.stores.books.write(lambda c: connections.put(c, connection, 0))


async def states(home: House) -> list[LinkState]:
    return [link.state for link in (await load_links(home.stores.books, "office")).values()]


async def test_S01_S02_each_side_gets_what_the_other_has_and_the_next_run_is_quiet(home: House) -> None:
    home.a.seed(**ADA)
    home.b.seed(**BOB)
    report = await home.sync()
    assert report.state is RunState.DONE
    assert (report.counts["create-a"], report.counts["create-b"], report.counts["create"]) == (1, 1, 2)
    assert home.mapped(home.a) == home.mapped(home.b)
    rows = await home.journal_rows()
    with home.a.no_write_due(), home.b.no_write_due():
        assert (await home.sync()).writes == 0
    assert await home.journal_rows() == rows


async def test_S08_edits_of_different_fields_on_both_sides_both_survive_one_run(home: House) -> None:
    there = home.a.seed(**ADA)
    await home.sync()
    (here,) = home.b.records
    home.a.edit(there, company="Example Ltd")
    home.b.edit(here, address="Via Roma 1")
    report = await home.sync()
    assert (report.counts["update-a"], report.counts["update-b"]) == (1, 1)
    assert home.mapped(home.a) == home.mapped(home.b)
    assert home.a.truth(there).text("address") == "Via Roma 1"
    assert home.b.truth(here).text("company") == "Example Ltd"
    with home.a.no_write_due(), home.b.no_write_due():
        assert (await home.sync()).writes == 0


async def test_S17_a_braked_plan_changes_nothing_and_stores_nothing_until_it_is_approved(home: House) -> None:
    await with_connection(home, replace(BOTH, brakes=Brakes(creates=2)))
    for number in range(3):
        home.a.seed(
            name=f"Person {number}", email=f"p{number}@example.com", phone=f"+39 02 1234 56{number:02}"
        )
    with home.a.no_write_due(), home.b.no_write_due():
        braked = await home.sync(actor=SCHEDULE)
    assert braked.state is RunState.BRAKED
    assert [each.kind for each in braked.plan.brakes] == ["creates"]
    assert braked.plan.hash in braked.sentence
    assert await states(home) == []
    assert await home.journal_rows() == 0
    with home.a.no_write_due(), home.b.no_write_due():
        assert (await home.sync(approve="0" * 64, actor=SCHEDULE)).state is RunState.BRAKED
    done = await home.sync(approve=braked.plan.hash, actor=SCHEDULE)
    assert (done.state, done.counts["create-b"]) == (RunState.DONE, 3)


async def test_S17_the_first_run_that_a_person_starts_may_make_any_number(home: House) -> None:
    await with_connection(home, replace(BOTH, brakes=Brakes(creates=1)))
    home.a.seed(**ADA)
    home.a.seed(**BOB)
    assert (await home.sync()).counts["create-b"] == 2
    for number in range(2):
        home.b.seed(
            name=f"Person {number}", email=f"p{number}@example.com", phone=f"+39 02 1234 56{number:02}"
        )
    assert (await home.sync()).state is RunState.BRAKED


async def deleted_in_a(home: House) -> tuple[str, str]:
    """Ada on both sides, then deleted in A; answers her ids."""
    there = home.a.seed(**ADA)
    await home.sync()
    (here,) = home.b.records
    home.a.trash(there)
    return there, here


async def test_S12_a_delete_is_passed_on_once_with_all_that_was_there_in_the_journal(home: House) -> None:
    await with_connection(home, SPREADS)
    _, here = await deleted_in_a(home)
    report = await home.sync()
    assert report.counts["delete-b"] == 1
    assert here not in {each.id for each in home.b.active}
    (entry,) = await home.stores.books.read(lambda c: journal.of_run(c, report.run or 0))
    assert (entry.op, entry.state, entry.before["email"]) == (Op.DELETE, EntryState.DONE, ADA["email"])
    assert await states(home) != [LinkState.ACTIVE]
    with home.a.no_write_due(), home.b.no_write_due():
        assert (await home.sync()).writes == 0


async def test_H03_what_somebody_edited_since_the_reading_is_not_deleted(home: House) -> None:
    await with_connection(home, SPREADS)
    _, here = await deleted_in_a(home)

    async def edit(step: str) -> None:
        if step == "planned":
            home.b.edit(here, notes="Call her on Monday.")

    home.engine = home.new_engine(edit)
    report = await home.sync()
    assert report.writes == 0
    assert here in {each.id for each in home.b.active}


async def test_S16_where_an_app_deletes_nothing_the_record_is_a_problem_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    fixed = replace(TARGET, removal=Removal.NONE)
    async with house(tmp_path, target=fixed, connection=SPREADS, stores=memory_stores()) as home:
        await deleted_in_a(home)
        home.a.seed(**BOB)
        report = await home.sync()
        assert (report.counts["delete"], report.counts["create-b"]) == (0, 1)
        (problem,) = report.problems
        assert (problem.side, problem.code) == (Side.B, SyncImpossible.code)
        assert "book" in problem.sentence


@pytest.mark.parametrize("arrives", [True, False])
async def test_S03_a_delete_whose_answer_was_lost_is_looked_for_and_done_once(
    home: House, arrives: bool
) -> None:
    await with_connection(home, SPREADS)
    _, here = await deleted_in_a(home)
    home.b.faults.script("delete", Fault.LOST_AFTER if arrives else Fault.LOST_BEFORE)
    first = await home.sync()
    assert first.writes == 0
    assert "looks for what became of" in first.sentence
    await home.sync()
    assert here not in {each.id for each in home.b.active}
    stored = [each for each in home.b.written if each.op == "delete"]
    assert len(stored) == 1
    with home.a.no_write_due(), home.b.no_write_due():
        await home.sync()


@pytest.mark.parametrize("step", ["intent", "sent", "settled", "linked", "cursor"])
@pytest.mark.parametrize("nth", [1, 2])
async def test_S03_a_two_way_run_cut_at_any_step_comes_to_the_same_end(
    tmp_path: Path, step: str, nth: int
) -> None:
    async with house(tmp_path, connection=SPREADS, stores=memory_stores()) as home:
        there, here = await deleted_in_a(home)
        home.a.seed(**BOB)
        home.b.seed(name="Eve Example", email="eve@example.com", phone="+39 011 234 5678")
        seen = 0

        async def cut(name: str) -> None:
            nonlocal seen
            seen += name == step
            if name == step and seen == nth:
                raise RuntimeError("the process ends here")

        home.engine = home.new_engine(cut)
        with suppress(RuntimeError):
            await home.sync()
        home.engine = home.new_engine()
        await home.sync()
        await home.sync()
        assert sorted(each.text("name") for each in home.a.active) == ["Bob Example", "Eve Example"]
        assert sorted(each.text("name") for each in home.b.active) == ["Bob Example", "Eve Example"]
        assert (there, here) != ("", "")
        with home.a.no_write_due(), home.b.no_write_due():
            assert (await home.sync()).writes == 0


NEWSLETTER = replace(
    BOTH,
    rules=(Rule("All", Side.B, None, (Action(Do.ADD, "list", "News"),)), Rule("Back", Side.A)),
)


async def test_J_a_rule_puts_a_new_record_on_a_list_and_only_once(tmp_path: Path) -> None:
    async with house(tmp_path, target=LISTED, connection=NEWSLETTER, stores=memory_stores()) as home:
        home.b.add_group(NEWS)
        home.a.seed(**ADA)
        report = await home.sync()
        (here,) = home.b.records
        assert home.b.members["l1"] == {here}
        (change,) = report.changes
        assert change.fields["@list:News"] == (None, True)
        entries = await home.stores.books.read(lambda c: journal.of_run(c, report.run or 0))
        assert [set(each.after) & {"@list:News"} for each in entries] == [set(), {"@list:News"}]
        home.b.join("l1", here, member=False)
        with home.a.no_write_due(), home.b.no_write_due():
            await home.sync()  # a person took her off it, and is left alone
        assert home.b.members["l1"] == set()


@pytest.mark.parametrize("arrives", [True, False])
async def test_S03_a_membership_whose_answer_was_lost_is_looked_for(tmp_path: Path, arrives: bool) -> None:
    async with house(tmp_path, target=LISTED, connection=NEWSLETTER, stores=memory_stores()) as home:
        home.b.add_group(NEWS)
        home.a.seed(**ADA)
        home.b.faults.script("regroup", Fault.LOST_AFTER if arrives else Fault.LOST_BEFORE)
        await home.sync()
        asked = home.b.writes["regroup"]
        await home.sync()
        assert home.b.members["l1"] == set(home.b.records)
        assert home.b.writes["regroup"] - asked == (0 if arrives else 1)
        with home.a.no_write_due(), home.b.no_write_due():
            await home.sync()


async def test_J_a_list_that_is_not_there_stops_the_connection_with_a_sentence(tmp_path: Path) -> None:
    async with house(tmp_path, target=LISTED, connection=NEWSLETTER, stores=memory_stores()) as home:
        home.a.seed(**ADA)
        with pytest.raises(SyncImpossible, match="no list News"):
            await home.sync()
        assert home.b.records == {}


async def test_S04_what_another_connection_wrote_meanwhile_is_not_overwritten_with_an_old_plan(
    home: House,
) -> None:
    there = home.a.seed(**ADA)
    await home.sync()
    (here,) = home.b.records
    home.a.edit(there, company="Old Plan Ltd")

    async def other(step: str) -> None:
        if step == "planned":
            home.b.edit(here, company="Other Connection Ltd")
            async with home.engine.lock("book"):
                await home.engine.reader.take({"book": home.apps["book"]}, "book", [here])

    home.engine = home.new_engine(other)
    assert (await home.sync()).writes == 0
    assert home.b.truth(here).text("company") == "Other Connection Ltd"


async def test_H_a_conflict_waits_with_its_question_and_the_same_conflict_is_asked_once(home: House) -> None:
    await with_connection(home, replace(BOTH, conflict=Conflict.ASK))
    there = home.a.seed(**ADA)
    await home.sync()
    (here,) = home.b.records
    home.a.edit(there, company="A Ltd")
    home.b.edit(here, company="B Ltd")
    report = await home.sync()
    (waiting,) = report.plan.waiting
    assert (report.writes, waiting.question.value) == (0, "conflict")
    (row,) = await home.stores.books.read(lambda c: decisions.all_of(c, "office"))
    assert row.waiting == waiting
    await home.sync()
    assert await home.stores.books.read(lambda c: decisions.all_of(c, "office")) == [row]


async def test_S06_two_records_left_over_are_tied_by_one_link_when_a_person_says_so(home: House) -> None:
    ada, bob = home.a.seed(**ADA), home.a.seed(**BOB)
    await home.sync()
    made = {each.b_id: each.a_id for each in (await load_links(home.stores.books, "office")).values()}
    hers = next(b_id for b_id, a_id in made.items() if a_id == ada)
    others = next(b_id for b_id, a_id in made.items() if a_id == bob)
    home.b.remove(hers, softly=False)
    home.a.remove(bob, softly=True)
    await home.sync()
    home.b.edit(others, name=ADA["name"], email=ADA["email"])
    (waiting,) = (await home.sync()).plan.waiting
    said = Decision(waiting.side, waiting.record_id, Answer.SAME, waiting.candidates[0])
    await home.stores.books.write(lambda c: decisions.decide(c, "office", said, 0))
    assert (await home.sync()).state is RunState.DONE
    (link,) = (await load_links(home.stores.books, "office")).values()
    assert (link.a_id, link.b_id, link.state) == (ada, others, LinkState.ACTIVE)
    assert (await home.sync()).writes == 0


async def test_S16_one_refused_record_of_each_side_is_on_the_list_and_the_others_are_written(
    home: House,
) -> None:
    home.a.seed(**ADA)
    home.a.seed(name="Carl Example", email="carl@example.com", phone="+39 011 234 5678")
    home.b.seed(**BOB)
    home.b.faults.script("create", Fault.REFUSE)
    home.a.faults.script("create", Fault.REFUSE)
    report = await home.sync()
    assert report.counts["error"] == 2
    assert report.counts["create-b"] == 1
    rows = await home.stores.books.read(lambda c: problems.all_of(c, "office"))
    assert {side for side, _ in rows} == {Side.A, Side.B}
    assert len(await home.stores.books.read(lambda c: links.page(c, "office", "", 9))) == 1


async def test_two_connections_with_swapped_sides_run_beside_each_other(home: House) -> None:
    back = replace(BOTH, name="back", a="book", b="crm")
    home.connections["back"] = back
    await home.stores.books.write(lambda c: connections.put(c, back, 0))
    home.a.seed(**ADA)
    home.b.seed(**BOB)
    async with asyncio.timeout(20):
        await asyncio.gather(*(home.engine.run(name, Ask(actor="test")) for name in ("office", "back")))
    await home.sync()
    assert (await home.sync()).writes == 0
    assert len(home.a.active) == len(home.b.active) == 2


async def test_counts_of_a_run_tell_each_side(home: House) -> None:
    home.a.seed(**ADA)
    report = await home.sync()
    (row,) = await home.stores.books.read(lambda c: runs.latest(c, "office", 1))
    assert row.counts == report.counts
    assert row.counts["create-b"] == 1
