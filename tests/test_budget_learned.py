"""S22 on a budget that the answers tell: never above it over any window, people first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.budget import retry_after_s
from linedesk.budget_learned import LearnedBudget, Part
from linedesk.clock import ManualClock
from linedesk.errors import VendorBusy

MINUTE_S = 60.0


class Flying(ManualClock):
    """A clock on which a sleep is over at once, and the time has passed."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)


def headers(total: int, remaining: int) -> dict[str, str]:
    return {"x-ratelimit-total": str(total), "x-ratelimit-remaining": str(remaining)}


def budget(clock: ManualClock, **settings: Any) -> LearnedBudget:
    return LearnedBudget(clock, "Freshdesk (crm)", **settings)


async def sent(gate: LearnedBudget | Part, clock: ManualClock, count: int) -> list[float]:
    times = []
    for _ in range(count):
        await gate.wait(interactive=False)
        times.append(clock.now_ms() / 1000)
    return times


def most_in_a_window(times: list[float]) -> int:
    return max(sum(start <= time < start + MINUTE_S for time in times) for start in times)


@settings(max_examples=40, deadline=None)
@given(
    limit=st.integers(1, 60),
    gaps=st.lists(st.tuples(st.floats(0, 40), st.booleans()), min_size=1, max_size=150),
)
async def test_S22_no_window_ever_holds_more_than_the_budget(
    limit: int, gaps: list[tuple[float, bool]]
) -> None:
    clock = Flying()
    gate = budget(clock, limit=limit)
    times = []
    for gap_s, interactive in gaps:
        clock.advance(gap_s)
        try:
            await gate.wait(interactive=interactive)
        except VendorBusy:
            continue
        times.append(clock.now_ms() / 1000)
    assert times
    assert most_in_a_window(times) <= limit


async def test_S22_the_number_is_learned_and_a_smaller_plan_is_obeyed_at_once() -> None:
    clock = Flying()
    gate = budget(clock)
    assert gate.limit == 50
    await gate.wait(interactive=False)
    gate.note(200, headers(700, 699))
    assert gate.limit == 700
    times = await sent(gate, clock, 559)
    assert times[-1] - times[0] < 1
    gate.note(200, headers(50, 0))
    assert gate.limit == 50
    later = await sent(gate, clock, 1)
    assert later[0] - times[-1] >= MINUTE_S


async def test_S22_a_number_that_was_set_is_kept_even_if_the_plan_allows_more() -> None:
    gate = budget(Flying(), limit=100)
    gate.note(200, headers(700, 699))
    assert gate.limit == 100
    gate.note(200, headers(50, 49))
    assert gate.limit == 50


@pytest.mark.parametrize("text", ["", "0", "-5", "many", "1e3", "٤٠", "9" * 30])
async def test_S22_a_header_that_is_no_number_changes_nothing(text: str) -> None:
    gate = budget(Flying())
    gate.note(200, {"x-ratelimit-total": text, "x-ratelimit-remaining": text})
    assert gate.limit == 50
    async with asyncio.timeout(1):
        await gate.wait(interactive=False)


async def test_S22_what_others_take_of_the_account_is_left_to_them() -> None:
    clock = Flying()
    gate = budget(clock)
    await gate.wait(interactive=False)
    gate.note(200, headers(100, 29))  # 71 used, one of them ours
    times = await sent(gate, clock, 11)
    quick = [time for time in times if time < times[0] + 30]
    assert len(quick) == 9  # 100 - 70 of others - 20 for people - 1 sent before


async def test_S22_a_fifth_is_kept_for_people() -> None:
    clock = ManualClock()
    gate = budget(clock, limit=50)
    for _ in range(40):
        await gate.wait(interactive=False)
    waiting = asyncio.create_task(gate.wait(interactive=False))
    await asyncio.sleep(0)
    assert not waiting.done()
    for _ in range(10):
        await gate.wait(interactive=True)
    with pytest.raises(VendorBusy, match=r"Freshdesk \(crm\) takes no more requests for the next 61 s"):
        await gate.wait(interactive=True)
    waiting.cancel()
    await asyncio.wait({waiting})


async def test_S22_a_waiting_person_goes_before_the_background() -> None:
    clock = ManualClock()
    gate = budget(clock, limit=2)
    await gate.wait(interactive=True)
    clock.advance(57)
    await gate.wait(interactive=True)
    order: list[str] = []

    async def one(name: str, interactive: bool) -> None:
        await gate.wait(interactive=interactive)
        order.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(one("background", False))
        await asyncio.sleep(0)
        group.create_task(one("person", True))
        for _ in range(140):
            clock.advance(1)
            for _ in range(4):
                await asyncio.sleep(0)
    assert order == ["person", "background"]


async def test_S22_I01_a_429_stops_everything_for_as_long_as_it_asks() -> None:
    clock = Flying()
    gate = budget(clock, limit=100)
    before_s = clock.now_ms() / 1000
    gate.note(429, {"retry-after": "40"})
    with pytest.raises(VendorBusy, match="40 s"):
        await gate.wait(interactive=True)
    await gate.wait(interactive=False)
    assert clock.now_ms() / 1000 - before_s >= 40


async def test_S22_a_429_without_a_time_is_given_a_minute() -> None:
    clock = Flying()
    gate = budget(clock, limit=100)
    before_s = clock.now_ms() / 1000
    gate.note(429, {})
    await gate.wait(interactive=False)
    assert clock.now_ms() / 1000 - before_s >= 60


async def test_a_pause_of_an_hour_ends_background_work_with_a_sentence_instead_of_hanging() -> None:
    gate = budget(Flying(), limit=100)
    gate.note(429, {"retry-after": "3600"})
    with pytest.raises(VendorBusy, match="60 minutes"):
        await gate.wait(interactive=False)


def share(total: int) -> int:
    return total // 10


async def test_S22_a_part_counts_for_itself_and_for_the_whole() -> None:
    clock = Flying()
    gate = budget(clock)
    lists = gate.part(None, share)
    gate.note(200, headers(200, 200))
    assert lists.limit == 20
    times = await sent(lists, clock, 60)
    assert most_in_a_window(times) == 16  # a fifth is for people
    others = await sent(gate, clock, 200)
    inside = [time for time in times if time > others[0] - MINUTE_S]
    assert most_in_a_window(inside + others) <= 160


@pytest.mark.parametrize("remaining", [0, 3])
async def test_S22_a_smaller_number_in_a_parts_answer_is_the_parts_own(remaining: int) -> None:
    gate = budget(Flying())
    lists = gate.part(None, lambda total: total)
    gate.note(200, headers(400, 399))
    lists.note(200, headers(100, remaining))
    assert (gate.limit, lists.limit) == (400, 100)


async def test_S22_the_number_of_a_smaller_plan_is_not_kept_as_the_parts_own() -> None:
    gate = budget(Flying())
    lists = gate.part(None, share)
    gate.note(200, headers(700, 699))
    lists.note(200, headers(200, 199))  # nobody can tell yet that it is the plan that shrank
    gate.note(200, headers(200, 198))
    assert (gate.limit, lists.limit) == (200, 20)


async def test_S22_a_429_of_a_part_does_not_stop_the_rest_while_the_whole_has_some_left() -> None:
    clock = Flying()
    gate = budget(clock)
    lists = gate.part(None, lambda total: total)
    gate.note(200, headers(50, 50))
    await sent(lists, clock, 6)
    lists.note(429, {**headers(50, 44), "retry-after": "30"})
    assert lists.limit == 5  # what went well before
    start_s = clock.now_ms() / 1000
    await gate.wait(interactive=False)
    assert clock.now_ms() / 1000 - start_s < 1
    await lists.wait(interactive=False)
    assert clock.now_ms() / 1000 - start_s >= 30


async def test_S21_a_wall_clock_that_goes_back_delays_nothing() -> None:
    clock = Flying()
    gate = budget(clock, limit=5)
    await sent(gate, clock, 4)
    clock.advance(-86_400)
    start_s = clock.now_ms() / 1000
    await gate.wait(interactive=False)
    assert clock.now_ms() / 1000 - start_s <= 65


async def test_a_cancelled_person_leaves_the_line() -> None:
    clock = ManualClock()
    gate = budget(clock, limit=2)
    await gate.wait(interactive=True)
    clock.advance(57)
    await gate.wait(interactive=True)
    waiting = asyncio.create_task(gate.wait(interactive=True))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    clock.advance(130)
    async with asyncio.timeout(2):
        await gate.wait(interactive=False)


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        budget(ManualClock(), limit=0)


@pytest.mark.parametrize(
    ("given_headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Tue, 25 Nov 2025 10:00:30 GMT", "date": "Tue, 25 Nov 2025 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Tue, 25 Nov 2025 09:00:00 GMT", "date": "Tue, 25 Nov 2025 10:00:00 GMT"}, 0.0),
        ({"retry-after": "Tue, 25 Nov 2025 10:00:30 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "1764064800"}, 86_400.0),
        ({"retry-after": "9" * 400}, 86_400.0),
        (
            {
                "retry-after": "Tue, 25 Nov 2025 10:00:30 +99999999999999999",
                "date": "Tue, 25 Nov 2025 10:00:00 GMT",
            },
            None,
        ),
        ({}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    given_headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after_s(given_headers) == seconds
