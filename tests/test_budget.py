"""S22: never above the budget over any window, and people before background work."""

from __future__ import annotations

import asyncio

import pytest

from linedesk.budget import Budget


async def test_S22_no_window_holds_more_requests_than_the_budget() -> None:
    budget, window_s, most = Budget(8, 0.4), 0.4, 8
    loop = asyncio.get_running_loop()
    times: list[float] = []
    for _ in range(20):
        await budget.wait(interactive=False)
        times.append(loop.time())
    for start in times:
        # The clock is read after the wait, so a time may lie a little late.
        assert sum(start <= time < start + window_s - 0.01 for time in times) <= most


async def test_S22_a_person_goes_before_all_but_one_of_the_waiting_background_requests() -> None:
    budget = Budget(4, 0.2)
    order: list[str] = []

    async def one(name: str, interactive: bool) -> None:
        await budget.wait(interactive=interactive)
        order.append(name)

    async with asyncio.TaskGroup() as group:
        for number in range(6):
            group.create_task(one(f"background {number}", False))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        group.create_task(one("person", True))
    assert order.index("person") <= 2
    assert sorted(order) == sorted(["person", *(f"background {number}" for number in range(6))])


async def test_S22_background_work_waits_while_any_person_waits() -> None:
    budget = Budget(4, 0.2)
    await budget.wait(interactive=True)
    order: list[str] = []

    async def one(name: str, interactive: bool) -> None:
        await budget.wait(interactive=interactive)
        order.append(name)

    async with asyncio.TaskGroup() as group:
        for name, interactive in (("person 1", True), ("background", False), ("person 2", True)):
            group.create_task(one(name, interactive))
            await asyncio.sleep(0)
    assert order == ["person 1", "person 2", "background"]


async def test_a_cancelled_person_does_not_stop_the_background() -> None:
    budget = Budget(4, 0.4)
    await budget.wait(interactive=True)
    waiting = asyncio.create_task(budget.wait(interactive=True))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    async with asyncio.timeout(2):
        await budget.wait(interactive=False)


def test_a_budget_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        Budget(1, 1.0)
