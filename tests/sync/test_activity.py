"""Activity: a row when something became so, none while it stays so (S2), also after a crash."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from contract.memory import Fault
from linedesk.apps.records import FieldInfo, FieldKind, Record
from linedesk.store import activity, runs
from linedesk.store.activity import ActivityRow
from linedesk.sync.activity import Found, record_activity
from linedesk.sync.activity_words import Event, Kind, Standing, standings_of, title_of, turn, why
from linedesk.sync.model import (
    Brake,
    Plan,
    Problem,
    Question,
    Side,
    SkipKind,
    Skipped,
    Unread,
    Waiting,
)
from sync.engine_house import House, house
from sync.memory_stores import memory_stores

A1 = Record("1", {"name": "Ada Example"})


async def events(home: House, run: int | None = None) -> list[ActivityRow]:
    return await home.stores.books.read(lambda c: activity.page(c, run=run))


def kinds(rows: Sequence[ActivityRow]) -> list[Kind]:
    return [row.event.kind for row in rows]


async def tell(
    home: House, run: int, plan: Plan, *, braked: bool = False, refused: Sequence[Problem] = ()
) -> None:
    """As the end of a run does, with what the house's first side holds."""
    found = Found(plan, refused=refused, braked=braked)
    await record_activity(home.stores.books, home.clock, "office", run, found)


async def test_S2_writes_are_told_once_and_a_quiet_run_adds_no_row() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        ada = home.a.seed(name="Ada Example", phone="+390212345678")
        first = await home.sync()
        (row,) = await events(home)
        assert (row.event.kind, row.event.title, row.event.side, row.event.run) == (
            Kind.CREATED,
            "Ada Example",
            Side.B,
            first.run,
        )
        await home.sync()
        assert len(await events(home)) == 1
        home.a.edit(ada, name="Countess")
        second = await home.sync()
        assert kinds(await events(home, second.run)) == [Kind.UPDATED]
        counted = await home.stores.books.read(lambda c: activity.counts(c, [second.run or 0]))
        assert counted == {second.run: {(Kind.UPDATED, Side.B): 1}}


async def test_a_record_that_fails_is_told_once_and_once_when_it_is_solved() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        home.a.seed(name="Ada Example", phone="+390212345678")
        home.b.faults.script("create", Fault.REFUSE, Fault.REFUSE)
        for _ in range(2):
            await home.sync()
        assert kinds(await events(home)) == [Kind.FAILING]
        await home.sync()
        assert sorted(kinds(await events(home))) == [Kind.CREATED, Kind.FAILING, Kind.SOLVED]


async def test_S3_what_a_lost_answer_hid_is_told_by_the_run_that_finds_it() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        home.a.seed(name="Ada Example", phone="+390212345678")
        home.b.faults.script("create", Fault.LOST_AFTER)
        first = await home.sync()
        assert await events(home) == []
        await home.sync()
        (row,) = await events(home)
        assert (row.event.kind, row.event.run) == (Kind.CREATED, first.run)


async def test_S2_excluded_records_are_told_when_they_leave_and_when_they_come_back() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        out = Plan("office", skipped=(Skipped(Side.A, "1", "No rule takes it.", SkipKind.EXCLUDED),))
        for run in (1, 2):
            await tell(home, run, out)
        assert [(row.event.kind, row.event.run, row.event.reason) for row in await events(home)] == [
            (Kind.EXCLUDED, 1, "No rule takes it.")
        ]
        await tell(home, 3, Plan("office", unread=(Unread(Side.A, "1", ("tags",), "Not read yet."),)))
        assert len(await events(home)) == 1
        other = Plan("office", skipped=(Skipped(Side.A, "1", "Another reason.", SkipKind.EXCLUDED),))
        await tell(home, 4, other)
        assert len(await events(home)) == 1


async def test_S17_a_brake_is_told_once_and_leaves_all_else_as_it_stood() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        await tell(home, 1, Plan("office", waiting=(Waiting(Side.A, "1", ("2",), "Two fit."),)))
        braked = Plan("office", brakes=(Brake("deletes", "It would delete 60 records."),))
        for run in (2, 3):
            await tell(home, run, braked, braked=True)
        assert kinds(await events(home)) == [Kind.WAITING, Kind.BRAKED]
        await tell(home, 4, Plan("office", waiting=(Waiting(Side.A, "1", ("2",), "Two fit."),)))
        last = (await events(home))[-1].event
        assert (last.kind, last.side, last.reason) == (
            Kind.SOLVED,
            None,
            "No longer: It would delete 60 records.",
        )


async def test_many_records_are_told_in_slices_and_none_twice() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        skipped = tuple(Skipped(Side.A, str(n), "No rule takes it.", SkipKind.EXCLUDED) for n in range(450))
        for run in (1, 2):
            await tell(home, run, Plan("office", skipped=skipped))
        told = await home.stores.books.read(lambda c: activity.page(c, limit=1000))
        assert len({row.event.record_id for row in told}) == len(told) == 450


async def test_events_are_removed_after_a_time_and_their_writes_are_not_told_again() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        home.a.seed(name="Ada Example", phone="+390212345678")
        await home.sync()
        books, now_ms = home.stores.books, home.clock.now_ms()
        assert await books.write(lambda c: activity.purge(c, now_ms - 1, 10)) == 0
        await home.sync()
        await home.sync()
        assert await books.write(lambda c: activity.purge(c, home.clock.now_ms() + 1, 10)) == 1
        await home.sync()
        assert await events(home) == []
        assert len(await books.read(lambda c: runs.latest(c, "office", 10))) == 4


def test_how_a_record_stands_comes_from_the_plan_and_the_last_word_counts() -> None:
    plan = Plan(
        "office",
        skipped=(
            Skipped(Side.A, "1", "Held.", SkipKind.HELD),
            Skipped(Side.A, "2", "Out.", SkipKind.EXCLUDED),
        ),
        waiting=(
            Waiting(Side.A, "3", (), "Both changed it.", Question.CONFLICT),
            Waiting(Side.B, "4", (), "Two."),
        ),
        problems=(Problem(Side.A, "2", "x", "No name."),),
    )
    stands = {each.key: each.kind for each in standings_of(plan, {})}
    assert stands == {
        (Side.A, "1"): Kind.UNDONE,
        (Side.A, "2"): Kind.FAILING,
        (Side.A, "3"): Kind.CONFLICT,
        (Side.B, "4"): Kind.WAITING,
    }


OUT = Standing(Side.A, "1", Kind.EXCLUDED, "No rule takes it.")
FAILS = Standing(Side.A, "1", Kind.FAILING, "No name.")
HELD = Standing(Side.A, "1", Kind.UNDONE, "Held.")


@pytest.mark.parametrize(
    ("old", "new", "is_there", "kind"),
    [
        (None, OUT, True, Kind.EXCLUDED),
        (OUT, OUT, True, None),
        (OUT, FAILS, True, Kind.FAILING),
        (OUT, None, True, Kind.INCLUDED),
        (OUT, None, False, None),
        (FAILS, None, True, Kind.SOLVED),
        (None, HELD, True, None),
        (HELD, None, True, None),
    ],
)
def test_S2_only_what_became_so_is_an_event(
    old: Standing | None, new: Standing | None, is_there: bool, kind: Kind | None
) -> None:
    assert turn(old, new, is_there=is_there) is kind


def test_an_event_says_why() -> None:
    assert why(Kind.EXCLUDED, None, OUT) == "No rule takes it."
    assert why(Kind.SOLVED, FAILS, None) == "No longer: No name."
    assert why(Kind.INCLUDED, OUT, None) == ""


FIELDS = {
    info.name: info
    for info in (
        FieldInfo("first_name", "First name", FieldKind.NAME),
        FieldInfo("name", "Name", FieldKind.NAME),
        FieldInfo("phone", "Phone", FieldKind.PHONE, many=True),
        FieldInfo("email", "E-mail", FieldKind.EMAIL),
    )
}


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"first_name": "Ada", "name": "Ada Example"}, "Ada Example"),
        ({"first_name": "Ada", "name": "Example"}, "Ada Example"),
        ({"first_name": " ", "email": "ada@example.com", "phone": ("+390212345678",)}, "ada@example.com"),
        ({"phone": ("", "+390212345678")}, "+390212345678"),
        ({}, "7"),
    ],
)
def test_a_record_is_called_as_people_know_it(fields: dict[str, str], title: str) -> None:
    assert title_of(Record("7", fields), FIELDS) == title


def test_an_event_of_a_whole_connection_has_no_side() -> None:
    assert Event(Kind.PAUSED, 0).side is None
