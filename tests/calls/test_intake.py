"""The inbox's worker: order, chores between groups, and what it says about its health."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from linedesk.calls.intake import Intake, Stored, Write
from linedesk.clock import ManualClock
from linedesk.store.migrate import open_stores


class Noting:
    """A handler that writes down what it is handed."""

    def __init__(self) -> None:
        self.done: list[str] = []

    async def handle(self, group: list[Stored]) -> Write:
        self.done.append("+".join(stored.body.decode() for stored in group))

        def write(_: Connection) -> None:
            pass

        return write

    async def chore(self) -> None:
        self.done.append("chore")


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    stores = await open_stores(tmp_path)
    handler = Noting()
    yield Intake(stores.calls, ManualClock(), handler), handler
    await stores.close()


async def test_bodies_are_grouped_in_the_order_of_arrival(house: Any) -> None:
    intake, handler = house
    for text in ("a", "b", "c"):
        await intake.accept("office", "webhook", text.encode())
    await intake.work_off()
    assert handler.done == ["a+b+c"]


async def test_a_chore_is_done_in_its_turn(house: Any) -> None:
    intake, handler = house
    await intake.accept("office", "webhook", b"a")
    intake.submit(handler.chore)
    await intake.accept("office", "webhook", b"b")
    await intake.work_off()
    assert handler.done == ["a", "chore", "b"]


async def test_a_group_is_bounded_and_nothing_is_left_over(house: Any) -> None:
    intake, handler = house
    for number in range(150):
        await intake.accept("office", "webhook", str(number).encode())
    await intake.work_off()
    assert [len(group.split("+")) for group in handler.done] == [64, 64, 22]
    assert "+".join(handler.done).split("+") == [str(number) for number in range(150)]


async def test_a_chore_that_fails_stops_nothing(house: Any) -> None:
    intake, handler = house

    async def broken() -> None:
        raise RuntimeError("a defect")

    intake.submit(broken)
    await intake.accept("office", "webhook", b"a")
    await intake.work_off()
    assert handler.done == ["a"]
    assert intake.healthy
