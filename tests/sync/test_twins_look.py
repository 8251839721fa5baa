"""A record that was deleted and made anew, before its app tells of deletes, gets no double elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.memory import Fault
from linedesk.sync import twins_look
from linedesk.sync.engine import SCHEDULE
from linedesk.sync.model import Answer, Connection, Decision, Direction, Question, RunState, Side, SkipKind
from linedesk.sync.policies import Brakes, Deletes
from sync.two_way_apps import Traits
from sync.two_way_house import OFFICE, TwoWayHouse

ADA: dict[str, Any] = {"name": "Ada Example", "email": "ada@example.com", "phone": "+39 02 1234 5678"}
_USUAL = Traits()
BOTH = Connection(OFFICE, "crm", "book", direction=Direction.BOTH, brakes=Brakes(0, 0, 0, 0))


@asynccontextmanager
async def linked_ada(
    side: Side, *, traits: Traits = _USUAL, connection: Connection = BOTH
) -> AsyncIterator[tuple[TwoWayHouse, str]]:
    """Ada on both sides and linked; her id on `side`, whose app tells of deletes only by a whole listing."""
    home = TwoWayHouse({side: traits, side.other: Traits()}, connection)
    await home.set_up(connection)
    try:
        there = home.servers[side].seed(**ADA)
        home.clock.advance(home.lag_s + 1)
        await home.sync()
        home.clock.advance(home.lag_s + 1)
        yield home, there
    finally:
        await home.close()


def shown(home: TwoWayHouse, side: Side) -> int:
    return len(home.servers[side].active)


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("anew", [ADA, {**ADA, "email": ""}, {"name": "A. Example", "email": ADA["email"]}])
@pytest.mark.parametrize("deletes", Deletes)
async def test_S06_S23_who_was_deleted_and_made_anew_before_the_whole_listing_gets_no_double(
    side: Side, anew: dict[str, Any], deletes: Deletes
) -> None:
    async with linked_ada(side, connection=replace(BOTH, deletes=deletes)) as (home, there):
        home.servers[side].vanish(there)
        new = home.servers[side].seed(**anew)
        report = await home.sync(actor=SCHEDULE)
        assert (report.counts["create"], report.counts["delete"]) == (0, 0)
        assert shown(home, side.other) == 1
        asked = await home.waiting()
        (merged,) = (each for each in asked if each.question is Question.MERGED)
        assert (merged.record_id, merged.candidates) == (there, (new,))
        said = Decision(side, there, Answer.SAME, new, merged.candidates, Question.MERGED)
        await home.decide(said)
        await home.sync(actor=SCHEDULE)
        assert shown(home, side.other) == 1
        (link,) = await home.links()
        assert new in {link.a_id, link.b_id}
        home.let_time_pass()
        assert (await home.sync()).counts["create"] == 0


@pytest.mark.parametrize("side", Side)
async def test_S06_a_real_twin_of_a_record_that_is_still_there_is_made_at_once(side: Side) -> None:
    async with linked_ada(side) as (home, there):
        home.servers[side].seed(**ADA)
        asked = home.servers[side].requests.copy()
        report = await home.sync(actor=SCHEDULE)
        assert report.counts["create"] == 1
        assert shown(home, side.other) == 2
        assert (home.servers[side].requests - asked)["get"] == 1
        assert there in home.servers[side].records
        asked = home.servers[side].requests.copy()
        assert (await home.sync(actor=SCHEDULE)).writes == 0
        assert (home.servers[side].requests - asked)["get"] == 0


@pytest.mark.parametrize("side", Side)
async def test_who_is_like_nobody_costs_no_request_more(side: Side) -> None:
    async with linked_ada(side) as (home, _):
        home.servers[side].seed(name="Bob Example", email="bob@example.com", phone="+39 06 9876 5432")
        asked = home.servers[side].requests.copy()
        assert (await home.sync(actor=SCHEDULE)).counts["create"] == 1
        assert (home.servers[side].requests - asked)["get"] == 0


@pytest.mark.parametrize("proves", [True, False])
async def test_S06_a_whole_book_that_is_put_in_anew_is_read_whole_instead_of_one_by_one(
    proves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twins_look, "MOST", 2)
    people = [
        {"name": f"Person {number}", "email": f"p{number}@example.com", "phone": f"+39 02 1234 56{number:02}"}
        for number in range(4)
    ]
    async with linked_ada(Side.B, traits=Traits(proves=proves)) as (home, _):
        server = home.servers[Side.B]
        ids = [server.seed(**each) for each in people]
        await home.sync()
        for each in ids:
            server.vanish(each)
        for person in people:
            server.seed(**person)
        asked = server.requests.copy()
        report = await home.sync(actor=SCHEDULE)
        assert (report.state, report.counts["create"]) == (RunState.DONE, 0)
        assert shown(home, Side.A) == 1 + len(people)
        assert (server.requests - asked)["list"] > 3
        assert {each.record_id for each in await home.waiting() if each.question is Question.MERGED} == set(
            ids
        )


async def test_S17_a_braked_plan_asks_for_nobody_and_an_approved_one_does() -> None:
    async with linked_ada(Side.B, traits=Traits(proves=False)) as (home, there):
        await home.set_up(replace(BOTH, brakes=Brakes(0, 0, 1, 0)))
        server = home.servers[Side.B]
        server.vanish(there)
        server.seed(**ADA)
        server.seed(name="Bob Example", email="bob@example.com", phone="+39 06 9876 5432")
        asked = server.requests.copy()
        braked = await home.sync(actor=SCHEDULE)
        assert braked.state is RunState.BRAKED
        assert (server.requests - asked)["get"] == 0
        await home.sync(approve=braked.plan.hash)
        names = [each.text("name") for each in home.servers[Side.A].active]
        assert names.count("Ada Example") == 1


async def test_S21_within_the_lag_of_our_own_write_the_new_one_waits_until_it_is_over() -> None:
    async with linked_ada(Side.B, traits=Traits(lag_s=200.0)) as (home, there):
        new = home.servers[Side.B].seed(**ADA)  # shows after the lag, in the second run
        home.clock.advance(100)
        home.servers[Side.A].edit(home.servers[Side.A].active[0].id, company="Example Ltd")
        assert (await home.sync(actor=SCHEDULE)).writes == 1
        home.servers[Side.B].vanish(there)
        seen = []
        for _ in range(10):
            report = await home.sync(actor=SCHEDULE)
            assert report.counts["create"] == 0
            seen += [each for each in report.plan.skipped if each.record_id == new]
        assert SkipKind.UNTOLD in {each.kind for each in seen}
        assert shown(home, Side.A) == 1
        assert Question.MERGED in {each.question for each in await home.waiting()}


async def test_S16_where_the_app_fails_at_the_look_nothing_is_made() -> None:
    async with linked_ada(Side.B) as (home, there):
        home.servers[Side.B].vanish(there)
        home.servers[Side.B].seed(**ADA)
        home.servers[Side.B].faults.script("get", Fault.UNREACHABLE)
        assert (await home.sync(actor=SCHEDULE)).state is RunState.FAILED
        assert shown(home, Side.A) == 1
        assert (await home.sync(actor=SCHEDULE)).counts["create"] == 0


STEPS = st.tuples(st.sampled_from(["remake", "remake", "add", "answer", "sync", "wait"]), st.integers(0, 2))


@settings(max_examples=8, deadline=None)
@given(side=st.sampled_from(Side), proves=st.booleans(), steps=st.lists(STEPS, max_size=8))
def test_S06_nobody_is_twice_elsewhere_however_often_people_make_their_records_anew(
    side: Side, proves: bool, steps: list[tuple[str, int]]
) -> None:
    asyncio.run(_remade(side, Traits(proves=proves), steps))


async def _remade(side: Side, traits: Traits, steps: list[tuple[str, int]]) -> None:
    """Each person has one record on `side` at any time, so never more than one on the other."""
    async with linked_ada(side, traits=traits) as (home, ada):
        at = {0: ada}
        for step, who in steps:
            person = ADA if who == 0 else {"name": f"Person {who}", "email": f"p{who}@example.com"}
            if step == "remake" and who in at:
                home.servers[side].vanish(at[who])
                at[who] = home.servers[side].seed(**person)
            elif step == "add" and who not in at:
                at[who] = home.servers[side].seed(**person)
            elif step == "answer":
                for each in await home.waiting():
                    chosen = each.candidates[who % len(each.candidates)]
                    await home.decide(
                        Decision(
                            each.side, each.record_id, Answer.SAME, chosen, each.candidates, each.question
                        )
                    )
            elif step == "wait":
                home.let_time_pass()
            await home.sync(actor=SCHEDULE)
            emails = [each.text("email") for each in home.servers[side.other].active]
            assert len(emails) == len(set(emails)), f"{emails} after {step} of {who}"
            assert len(home.servers[side].active) == len(at)


@pytest.mark.parametrize("proves", [True, False])
@pytest.mark.parametrize("side", Side)
async def test_S06_of_several_that_a_person_made_one_after_the_other_only_the_last_may_go_across(
    side: Side, proves: bool
) -> None:
    steps = [*[("remake", 0)] * 4, ("answer", 0), ("sync", 0), ("answer", 0)]
    await _remade(side, Traits(proves=proves), steps)
