"""C6: a ring waits for no directory. The number is shown first, the name when it comes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from calls.desk_house import ADA, LUCA, MIA, NOW_MS, PLAN, House, NoMeter, body, open_house
from calls.slow_house import SlowPeople, until, work_without_answer
from linedesk.calls.lookups import Lookups, Question
from linedesk.calls.popup import Known
from linedesk.clock import ManualClock
from linedesk.contacts.policy import TagRule
from linedesk.errors import StoreError
from linedesk.numbers import read


def slowed(house: House, monkeypatch: pytest.MonkeyPatch) -> SlowPeople:
    slow = SlowPeople(house)
    monkeypatch.setattr(house.people, "known", slow.known)
    return slow


def shown(house: House) -> list[tuple[str, str, str | None]]:
    """State, lookup and name of each of Luca's frames."""
    calls = [frame["call"] for frame in house.screens[LUCA.id].frames]
    return [(c["state"], c["lookup"], c["contact"]["name"] if c["contact"] else None) for c in calls]


async def test_C06_C11_a_slow_directory_holds_no_ring_and_the_name_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path) as house:
        slow = slowed(house, monkeypatch)
        await house.post(body("w.1", "start", 0))
        await work_without_answer(house)
        assert shown(house) == [("ringing", "pending", None)]
        assert house.screens[LUCA.id].frames[0]["call"]["number"] == ADA
        assert house.desk.calls_for(LUCA)[0]["lookup"] == "pending"
        slow.answer()
        await until(lambda: len(shown(house)) == 2)
        assert shown(house)[1] == ("ringing", "done", "Ada Example")
        first, second = (frame["call"] for frame in house.screens[LUCA.id].frames)
        assert first["id"] == second["id"]
        assert house.desk.calls_for(LUCA) == [second]


async def test_a_directory_that_is_quick_needs_one_frame(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.post(body("w.1", "start", 0))
        await house.work()
        assert shown(house) == [("ringing", "done", "Ada Example")]


async def test_C06_all_events_of_one_group_together_wait_for_one_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path) as house:
        slow = slowed(house, monkeypatch)
        for number in range(20):
            await house.post(body(f"w.{number}", "start", number))
        task = asyncio.create_task(house.work())
        await until(lambda: slow.asked == 20)  # asked at once, not one behind the other
        house.clock.advance(0.05)
        await task
        assert shown(house) == [("ringing", "pending", None)] * 20
        slow.answer()
        await until(lambda: len(shown(house)) == 40)


async def test_an_answer_that_comes_after_the_answered_call_keeps_the_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path) as house:
        slow = slowed(house, monkeypatch)
        await house.post(body("w.1", "start", 0))
        await work_without_answer(house)
        await house.post(body("w.1", "update", 4_000, status="TALKING", talk_ms=100))
        await work_without_answer(house)
        assert slow.asked == 1  # it is being asked already
        slow.answer()
        await until(lambda: len(shown(house)) == 3)
        assert shown(house) == [
            ("ringing", "pending", None),
            ("talking", "pending", None),
            ("talking", "done", "Ada Example"),
        ]


async def test_an_answer_after_the_end_shows_nothing_more_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path) as house:
        slow = slowed(house, monkeypatch)
        await house.post(body("w.1", "start", 0))
        await work_without_answer(house)
        await house.post(body("w.1", "end", 9_000, status="CONNECTING"))
        await work_without_answer(house)
        # Who is told the end is told no more, so it does not look as if a name were still to come.
        assert shown(house) == [("ringing", "pending", None), ("missed", "done", None)]
        slow.answer()
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(shown(house)) == 2
        assert house.desk.held == 0


@pytest.mark.parametrize("error", [StoreError("The directory can't be read."), IndexError("a defect")])
async def test_C06_a_directory_that_fails_late_ends_the_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async with open_house(tmp_path) as house:
        slow = slowed(house, monkeypatch)
        await house.post(body("w.1", "start", 0))
        await work_without_answer(house)
        slow.fail(error)
        await until(lambda: len(shown(house)) == 2)
        assert shown(house)[1] == ("ringing", "done", None)


async def test_a_name_once_shown_stays_while_it_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path) as house:
        await house.post(body("w.1", "start", 0))
        await house.work()
        slow = slowed(house, monkeypatch)
        await house.post(body("w.1", "update", 4_000, status="TALKING", talk_ms=100))
        await work_without_answer(house)
        assert shown(house)[-1] == ("talking", "done", "Ada Example")
        await house.directory.remove("crm", ["1"])
        slow.answer()
        await until(lambda: len(shown(house)) == 3)
        assert shown(house)[-1] == ("talking", "done", None)


async def test_C25_a_tag_that_comes_later_takes_no_name_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path) as house:
        house.tag_rules = (TagRule(r"c-(\d+)"),)
        await house.post(body("w.1", "start", 0))
        await house.work()
        slow = slowed(house, monkeypatch)
        await house.post(body("w.1", "update", 1_000, tags=["c-7"]))
        await work_without_answer(house)
        assert shown(house)[-1] == ("ringing", "pending", "Ada Example")
        slow.answer()
        await until(lambda: shown(house)[-1] == ("ringing", "done", "Ada Example"))


async def test_C25_another_spelling_of_the_number_takes_no_name_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path) as house:
        await house.post(body("w.1", "start", 0))
        await house.work()
        slow = slowed(house, monkeypatch)
        await house.post(body("w.1", "update", 1_000, phone="020 7946 0018"))
        await work_without_answer(house)
        assert shown(house)[-1] == ("ringing", "pending", "Ada Example")
        slow.answer()
        await until(lambda: shown(house)[-1] == ("ringing", "done", "Ada Example"))
        await house.post(body("w.1", "update", 2_000, phone="+442079460099"))
        await work_without_answer(house)
        assert shown(house)[-1] == ("ringing", "pending", None)


async def test_a_call_that_lives_on_after_its_end_in_one_round_is_asked_about_again() -> None:
    asked: list[str] = []

    async def ask(question: Question) -> Known:
        asked.append(question.call)
        return Known()

    async def late(_call: str) -> None:
        raise AssertionError("nothing comes late")

    lookups = Lookups(ask, ManualClock(NOW_MS), NoMeter(), late)
    question = Question("c.1", None, read(ADA, PLAN), (), PLAN)
    with lookups.round([question]):
        await lookups.known(question)
        lookups.forget("c.1")
        assert (await lookups.known(question)).pending is False
    assert asked == ["c.1", "c.1"]


async def test_C12_a_late_answer_goes_to_the_agents_who_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path) as house:
        slow = slowed(house, monkeypatch)
        await house.post(body("w.1", "start", 0))
        await house.post(body("w.1", "update", 10, callee="202"))
        await work_without_answer(house)
        slow.answer(1)  # Luca's books
        await until(lambda: shown(house)[-1] == ("ringing", "done", "Ada Example"))
        mine: list[Any] = house.screens[MIA.id].frames
        assert mine[-1]["call"]["lookup"] == "pending"
        slow.answer()
        await until(lambda: mine[-1]["call"]["lookup"] == "done")
        assert mine[-1]["call"]["contact"] is None


async def test_the_desk_ends_while_the_directory_still_thinks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = asyncio.all_tasks()
    async with open_house(tmp_path) as house:
        slowed(house, monkeypatch)
        await house.post(body("w.1", "start", 0))
        await work_without_answer(house)
    assert {task for task in asyncio.all_tasks() - before if task.get_name() == "lookup"} == set()
