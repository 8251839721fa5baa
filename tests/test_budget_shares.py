"""S22: each use of an account has its share of the budget over any window, and people go first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.budget import Budget
from linedesk.budget_learned import LearnedBudget
from linedesk.budget_use import Use, kept_for_people, present_use, scanning, share_of, used_for
from linedesk.clock import ManualClock
from virtual_loop import run_virtually

BACKGROUND = (Use.WORK, Use.SCHEDULE, Use.SCAN, Use.DETAILS)
Sent = list[tuple[float, Use]]


class Flying(ManualClock):
    """A clock on which a sleep is over at once, and the time has passed."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)


def most(sent: Sequence[tuple[float, Use]], window_s: float, uses: Sequence[Use]) -> int:
    """The most requests of these uses in any window."""
    times = sorted(at for at, use in sent if use in uses)
    return max((sum(start <= at < start + window_s - 1e-6 for at in times) for start in times), default=0)


def check_shares(sent: Sent, limit: int, window_s: float) -> None:
    assert most(sent, window_s, tuple(Use)) <= limit
    for use in BACKGROUND:
        assert most(sent, window_s, (use,)) <= share_of(use, limit), use


@settings(max_examples=40)
@given(limit=st.integers(1, 5_000))
def test_S22_a_scheduled_run_has_half_a_scan_a_quarter_and_people_the_rest(limit: int) -> None:
    shares = {use: share_of(use, limit) for use in Use}
    assert shares[Use.PERSON] == limit
    assert shares[Use.WORK] == limit - kept_for_people(limit)
    assert 1 <= shares[Use.SCHEDULE] <= max(limit / 2, 1)
    assert 1 <= shares[Use.SCAN] == shares[Use.DETAILS] <= max(limit / 4, 1)
    if limit > 1:
        assert all(shares[use] < limit for use in BACKGROUND)


async def test_a_use_is_that_of_the_work_and_of_the_tasks_it_starts() -> None:
    async def told() -> Use:
        await asyncio.sleep(0)
        return present_use()

    assert present_use() is Use.WORK
    with used_for(Use.SCHEDULE):
        inner = asyncio.create_task(told())
        with scanning():
            assert await told() is Use.SCAN
    assert (await inner, await told()) == (Use.SCHEDULE, Use.WORK)
    with used_for(Use.DETAILS), scanning():
        assert present_use() is Use.DETAILS


@settings(max_examples=25, deadline=None)
@given(
    limit=st.integers(1, 60),
    asked=st.lists(st.tuples(st.floats(0, 20), st.sampled_from(list(Use))), min_size=1, max_size=90),
)
async def test_S22_a_learned_budget_keeps_every_share_over_any_window(
    limit: int, asked: list[tuple[float, Use]]
) -> None:
    clock = Flying()
    gate = LearnedBudget(clock, "Freshdesk (crm)", limit=limit)
    sent: Sent = []
    for gap_s, use in asked:
        clock.advance(gap_s)
        if use is not Use.PERSON:
            with used_for(use):
                room = gate.room()
                before_ms = clock.now_ms()
                await gate.wait(interactive=False)
                assert (clock.now_ms() == before_ms) == (room > 0)
            sent.append((clock.now_ms() / 1000, use))
        elif limit > most(sent[-limit:], 1e9, tuple(Use)):
            await gate.wait(interactive=True)
            sent.append((clock.now_ms() / 1000, use))
    check_shares(sent, limit, 60.0)


async def test_S22_what_is_for_people_stays_when_every_use_has_spent_its_share() -> None:
    clock = ManualClock()
    gate = LearnedBudget(clock, "Freshdesk (crm)", limit=50)
    waiting = []
    for use in BACKGROUND:
        with used_for(use):
            waiting += [asyncio.create_task(gate.wait(interactive=False)) for _ in range(50)]
    for _ in range(300):
        await asyncio.sleep(0)
    assert sum(each.done() for each in waiting) == 40
    for _ in range(10):
        await asyncio.wait_for(gate.wait(interactive=True), 1)
    for each in waiting:
        each.cancel()
    await asyncio.wait(waiting)


async def test_S22_a_scheduled_run_that_waits_for_its_share_holds_up_nothing_else() -> None:
    clock = ManualClock()
    gate = LearnedBudget(clock, "Freshdesk (crm)", limit=50)
    with used_for(Use.SCHEDULE):
        for _ in range(25):
            await gate.wait(interactive=False)
        assert gate.room() == 0
        waiting = asyncio.create_task(gate.wait(interactive=False))
    await asyncio.sleep(0)
    for _ in range(15):
        await asyncio.wait_for(gate.wait(interactive=False), 1)
    assert not waiting.done()
    waiting.cancel()
    await asyncio.wait({waiting})


async def test_S22_a_part_of_the_budget_has_the_same_shares() -> None:
    clock = Flying()
    gate = LearnedBudget(clock, "Freshdesk (crm)", limit=200)
    lists = gate.part(20, lambda total: total)
    sent: Sent = []
    for use in (Use.SCHEDULE, Use.SCAN) * 20:
        with used_for(use):
            await lists.wait(interactive=False)
        sent.append((clock.now_ms() / 1000, use))
    check_shares(sent, 20, 60.0)


@pytest.mark.parametrize(("use", "a_minute"), [(Use.WORK, 40), (Use.SCHEDULE, 25), (Use.SCAN, 12)])
def test_an_estimate_goes_by_the_share_of_the_run_that_makes_it(use: Use, a_minute: int) -> None:
    gate = LearnedBudget(ManualClock(), "Freshdesk (crm)", limit=50)
    with used_for(use):
        assert gate.background_per_s == pytest.approx(a_minute / 60)


@settings(max_examples=25, deadline=None)
@given(
    requests=st.integers(2, 40),
    only=st.sampled_from([None, *Use]),
    asked=st.lists(st.tuples(st.floats(0, 1), st.sampled_from(list(Use))), min_size=1, max_size=80),
)
def test_S22_a_fixed_budget_keeps_every_share_over_any_window(
    requests: int, only: Use | None, asked: list[tuple[float, Use]]
) -> None:
    async def work() -> Sent:
        gate, loop = Budget(requests, 1.0), asyncio.get_running_loop()
        sent: Sent = []

        async def one(use: Use) -> None:
            await gate.wait(interactive=use is Use.PERSON)
            sent.append((loop.time(), use))

        async with asyncio.TaskGroup() as group:
            for gap_s, use in asked:
                await asyncio.sleep(gap_s if gap_s > 0.5 else 0)
                with used_for(only or use):
                    group.create_task(one(only or use))
        return sent

    sent = run_virtually(work())
    assert len(sent) == len(asked)
    check_shares(sent, requests, 1.0)


@pytest.mark.parametrize(("use", "count"), [(Use.WORK, 400), (Use.SCHEDULE, 200), (Use.SCAN, 100)])
def test_S22_a_share_is_had_in_full_and_a_person_first_run_is_as_fast_as_ever(use: Use, count: int) -> None:
    async def work() -> tuple[float, float]:
        gate, loop = Budget(5, 1.0), asyncio.get_running_loop()
        with used_for(use):
            for _ in range(count):
                await gate.wait(interactive=False)
            return loop.time(), gate.background_per_s

    took_s, per_s = run_virtually(work())
    assert took_s == pytest.approx(100, abs=1)
    assert per_s == pytest.approx(count / 100)


@pytest.mark.parametrize(("requests", "most_s"), [(5, 0.25), (20, 0.0)])
def test_S22_a_person_waits_for_one_request_at_most_however_busy_the_rest_is(
    requests: int, most_s: float
) -> None:
    """Where the burst has room for two, one place is left: then nobody waits at all."""

    async def work() -> list[float]:
        gate, loop = Budget(requests, 1.0), asyncio.get_running_loop()

        async def busy() -> None:
            while True:
                await gate.wait(interactive=False)

        tasks = []
        for use in BACKGROUND:
            with used_for(use):
                tasks += [asyncio.create_task(busy()) for _ in range(3)]
        waits = []
        for _ in range(20):
            await asyncio.sleep(1.37)
            began_s = loop.time()
            await gate.wait(interactive=True)
            waits.append(loop.time() - began_s)
        for each in tasks:
            each.cancel()
        await asyncio.wait(tasks)
        return waits

    assert max(run_virtually(work())) <= most_s + 1e-6
