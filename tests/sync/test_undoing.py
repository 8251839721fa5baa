"""Undo as a run: both systems are as before, edits stay, later syncs are quiet, a crash changes nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linedesk.apps.base import Removal
from linedesk.apps.records import RecordState, Value
from linedesk.errors import NotFound, UserError
from linedesk.store import activity, connections, links, runs
from linedesk.sync.activity_words import Kind
from linedesk.sync.model import Direction, Link, LinkState, Op, RunReport
from linedesk.sync.undoing import UndoAsk, run_meant
from sync.engine_house import OFFICE, SOURCE, TARGET, House, house
from sync.memory_stores import memory_stores

TWO_WAY = replace(OFFICE, direction=Direction.BOTH)
PAIRS, TRIPLES = replace(SOURCE, update_batch=2), replace(TARGET, update_batch=3)
FIELDS = ("name", "email", "phone", "company", "address")
TEXTS: dict[str, list[str]] = {
    "name": ["Ada Example", "Bob Example", "Eve"],
    "email": ["", "ada@example.com", "b@example.com"],
    "phone": ["", "+390212345678", "02 9876 5432"],
    "company": ["", "Acme", "Globex"],
    "address": ["", "Via Roma 1", "Corso Italia 2"],
}


class Killed(BaseException):
    """The process ends here."""


async def undo(home: House, run: int | None, **asked: Any) -> RunReport:
    home.clock.advance(60)
    assert run is not None
    return await home.engine.undo(run, UndoAsk(**{"actor": "test", **asked}))


async def stored_links(home: House) -> list[Link]:
    return await home.stores.books.read(lambda c: links.page(c, "office", "", 100))


def people(home: House, count: int) -> list[str]:
    return [
        home.a.seed(name=f"Person {number}", email=f"p{number}@example.com", phone="+390212345678")
        for number in range(count)
    ]


async def test_S18_an_undone_update_gives_the_old_value_and_the_next_two_runs_are_quiet() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        (ada,) = people(home, 1)
        await home.sync()
        (there,) = home.b.records
        home.a.edit(ada, name="Countess", address="Via Roma 1")
        done = await home.sync()
        report = await undo(home, done.run)
        assert (report.writes, report.counts["update"]) == (1, 1)
        assert home.b.truth(there).text("name") == "Person 0"
        assert home.b.truth(there).text("address") == ""
        assert home.a.truth(ada).text("name") == "Countess"
        (link,) = await stored_links(home)
        assert link.state is LinkState.HELD
        for _ in range(2):
            with home.a.no_write_due(), home.b.no_write_due():
                assert (await home.sync()).writes == 0


async def test_S18_a_person_who_edits_the_pair_again_ends_the_hold() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        (ada,) = people(home, 1)
        await home.sync()
        (there,) = home.b.records
        home.a.edit(ada, name="Countess")
        await undo(home, (await home.sync()).run)
        await home.sync()
        home.a.edit(ada, company="Acme")
        await home.sync()
        assert home.b.truth(there).text("company") == "Acme"


async def test_S18_an_undone_create_removes_the_record_and_it_is_not_made_again() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        people(home, 2)
        done = await home.sync()
        touched, untouched = sorted(home.b.records)
        home.b.edit(touched, notes="asked for a call")
        report = await undo(home, done.run)
        assert report.counts["delete"] == 1
        assert [each.record_id for each in report.plan.skipped] == [touched]
        assert [each.id for each in home.b.active] == [touched]
        assert untouched not in [each.id for each in home.b.active]
        for _ in range(2):
            assert (await home.sync()).writes == 0


async def test_S18_an_undo_is_undone_in_the_same_way() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        (ada,) = people(home, 1)
        await home.sync()
        (there,) = home.b.records
        home.a.edit(ada, name="Countess")
        done = await home.sync()
        first = await undo(home, done.run)
        await undo(home, first.run)
        assert home.b.truth(there).text("name") == "Countess"
        again = await undo(home, done.run)
        assert again.writes == 1
        assert home.b.truth(there).text("name") == "Person 0"


async def test_S18_a_removed_record_is_made_again_when_the_undo_is_undone() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        (ada,) = people(home, 1)
        first = await undo(home, (await home.sync()).run)
        assert home.b.active == []
        back = await undo(home, first.run)
        assert back.counts["create"] == 1
        (made,) = home.b.active
        assert made.text("name") == "Person 0"
        (link,) = await stored_links(home)
        assert (link.a_id, link.b_id, link.state) == (ada, made.id, LinkState.HELD)
        assert (await home.sync()).writes == 0


async def test_S18_one_record_or_one_account_narrows_what_is_taken_back() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        ids = people(home, 3)
        await home.sync()
        for each in ids:
            home.a.edit(each, company="Acme")
        done = await home.sync()
        report = await undo(home, done.run, record=ids[1], account="crm")
        assert report.writes == 1
        assert sorted(each.text("company") for each in home.b.active) == ["", "Acme", "Acme"]
        with pytest.raises(UserError, match="wrote nothing for the record 99"):
            await undo(home, done.run, record="99")


async def test_a_run_is_found_by_its_connection_and_what_it_did() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        (ada,) = people(home, 1)
        first = await home.sync()
        books = home.stores.books
        assert await run_meant(books, None, "office", UndoAsk(record=ada)) == first.run
        assert await run_meant(books, 7, "", UndoAsk()) == 7
        with pytest.raises(UserError, match="not the number of a run"):
            await run_meant(books, None, "office", UndoAsk())
        with pytest.raises(UserError, match="No run of office"):
            await run_meant(books, None, "office", UndoAsk(rule="VIPs"))
        with pytest.raises(NotFound, match="no run 99"):
            await undo(home, 99)


async def test_S19_a_preview_shows_exactly_what_the_undo_writes() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        ids = people(home, 3)
        done = await home.sync()
        home.b.edit(min(home.b.records), company="Hers")
        with home.a.no_write_due(), home.b.no_write_due():
            seen = await undo(home, done.run, preview=True)
        report = await undo(home, done.run)
        assert (seen.run, seen.writes, seen.plan.hash) == (None, 0, report.plan.hash)
        assert [each.fields for each in report.changes] == [each.fields for each in seen.changes]
        assert len(ids) == len(seen.changes) + 1


async def test_S10_an_undo_does_not_write_to_a_side_that_is_only_read_by_now() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        people(home, 1)
        done = await home.sync()
        home.connections["office"] = replace(OFFICE, direction=Direction.TO_A)
        await home.stores.books.write(lambda c: connections.put(c, home.connections["office"], 0))
        report = await undo(home, done.run)
        assert report.writes == 0
        assert [each.reason for each in report.plan.skipped] == ["The connection no longer writes to book."]


async def test_an_app_that_cannot_delete_keeps_what_was_made() -> None:
    async with house(Path(), stores=memory_stores(), target=replace(TARGET, removal=Removal.NONE)) as home:
        people(home, 1)
        report = await undo(home, (await home.sync()).run)
        assert (report.writes, len(home.b.active)) == (0, 1)
        assert "can't delete" in report.plan.skipped[0].reason


async def test_an_undo_is_a_run_with_its_actor_and_its_events() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        people(home, 2)
        report = await undo(home, (await home.sync()).run, actor="anna")
        row = await home.stores.books.read(lambda c: runs.find(c, report.run or 0))
        assert row is not None
        assert (row.actor, row.writes) == ("anna", 2)
        events = await home.stores.books.read(lambda c: activity.page(c, run=report.run))
        assert [each.event.kind for each in events] == [Kind.UNDONE] * 2
        assert {each.event.title for each in events} == {"Person 0", "Person 1"}


Edit = tuple[int, int, str, str]  # which system, which pair, field, value


@st.composite
def edits(draw: st.DrawFn) -> list[Edit]:
    names = st.sampled_from(FIELDS)
    one = names.flatmap(
        lambda name: st.tuples(
            st.integers(0, 1), st.integers(0, 2), st.just(name), st.sampled_from(TEXTS[name])
        )
    )
    return draw(st.lists(one, max_size=6))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=edits(), later=edits())
def test_S18_after_any_edits_what_still_held_is_as_before_and_edits_stay(
    before: list[Edit], later: list[Edit]
) -> None:
    asyncio.run(_history(before, later))


async def _history(before: list[Edit], later: list[Edit]) -> None:
    async with house(
        Path(), stores=memory_stores(), connection=TWO_WAY, source=PAIRS, target=TRIPLES
    ) as home:
        servers, ids = (home.a, home.b), [people(home, 3), list[str]()]
        await home.sync()
        ids[1] = [link.b_id for each in ids[0] for link in await stored_links(home) if link.a_id == each]
        for which, pair, name, value in before:
            servers[which].edit(ids[which][pair], **{name: value})
        was = _all(home)
        done = await home.sync()
        left = _all(home)
        for which, pair, name, value in later:
            servers[which].edit(ids[which][pair], **{name: value})
        now = _all(home)
        if not done.writes:
            return
        report = await undo(home, done.run)
        after = _all(home)
        for key, held_now in after.items():
            untouched = now[key] == left[key]
            expected = was[key] if untouched and left[key] != was[key] else now[key]
            assert held_now == expected, key
        again = await undo(home, done.run)
        assert again.writes == 0
        held = {link.id for link in await stored_links(home) if link.state is LinkState.HELD}
        assert {each.link_id for each in report.changes} == held
        quiet = [await home.sync(), await home.sync()]
        told = [each for run in quiet for each in run.changes if each.link_id in held]
        late = {name for _, _, name, _ in later}  # what people typed since goes its way, and nothing else
        assert not [each for each in told if not each.fields.keys() <= late]
        assert quiet[1].writes == 0


def _all(home: House) -> dict[tuple[int, str, str], Value]:
    return {
        (which, record_id, name): record.text(name)
        for which, server in enumerate((home.a, home.b))
        for record_id, record in server.records.items()
        for name in FIELDS
    }


async def _prepared(home: House) -> int:
    """Three pairs of which one run changes two and makes a fourth; answers that run."""
    ids = people(home, 3)
    await home.sync()
    home.a.edit(ids[0], name="Countess")
    home.a.edit(ids[1], phone="")
    people(home, 4)[:1]
    done = await home.sync()
    assert done.run is not None
    assert {each.op for each in done.changes} == {Op.CREATE, Op.UPDATE}
    return done.run


@pytest.mark.parametrize("deadly", range(1, 13))
async def test_S3_S18_an_undo_killed_at_any_step_and_asked_for_again_ends_as_one_whole_one(
    deadly: int,
) -> None:
    async with house(Path(), stores=memory_stores()) as whole:
        await undo(whole, await _prepared(whole))
        expected = whole.mapped(whole.a), whole.mapped_of(whole.b.active)
    steps = 0

    async def killer(_: str) -> None:
        nonlocal steps
        steps += 1
        if steps == deadly:
            raise Killed

    async with house(Path(), stores=memory_stores()) as home:
        run = await _prepared(home)
        home.engine = home.new_engine(killer)
        with suppress(Killed, BaseExceptionGroup):
            await undo(home, run)
        home.engine = home.new_engine()
        with suppress(UserError):
            await undo(home, run)
        assert (home.mapped(home.a), home.mapped_of(home.b.active)) == (expected[0], expected[1])
        assert all(each.state is not RecordState.DELETED for each in home.a.active)
        for _ in range(2):
            assert (await home.sync()).writes == 0
