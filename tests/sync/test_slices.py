"""Long work leaves the loop to others: pauses in plans, and a heap that is not searched meanwhile."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

from linedesk.apps.records import RecordState
from linedesk.sync.model import RunReport, RunState
from linedesk.sync.parts import LIGHT, RECORDS, in_parts, let_go
from linedesk.sync.plan import plan_in_slices
from linedesk.sync.report import contents
from linedesk.sync.slices import drain, take_back, undisturbed
from sync.plan_house import Houses


@pytest.fixture(autouse=True)
def _heap_as_before() -> Iterator[None]:
    yield
    take_back()


def _pauses(houses: Houses) -> int:
    a, b = houses.known()
    links = tuple(houses.links.values())
    steps = plan_in_slices(houses.connection, houses.rows, a, b, links, (), houses.new_id)
    return sum(1 for _ in steps)


def test_a_plan_pauses_after_every_few_records_in_a_first_run_and_in_later_ones() -> None:
    houses = Houses()
    for number in range(400):
        houses.add(name=f"Person {number}", email=f"{number}@example.test")
    for number in range(0, 400, 2):
        houses.add_to_book(name=f"Other {number}", email=f"{number}@example.test")
    assert _pauses(houses) >= 2 * 400 // RECORDS
    houses.run()
    assert _pauses(houses) >= 400 // RECORDS


def test_one_address_on_many_records_is_settled_in_slices_too() -> None:
    houses = Houses()
    for number in range(300):
        houses.add(name=f"Person {number}", email="info@example.test")
        houses.add_to_book(name=f"Other {number}", email="info@example.test")
    assert _pauses(houses) >= 3 * 300 // RECORDS


def test_parts_do_everything_in_order_and_pause_after_each_part() -> None:
    done: list[int] = []
    seen = [len(done) for _ in in_parts(range(10), done.append, 3)]
    assert done == list(range(10))
    assert seen == [3, 6, 9]


@pytest.mark.parametrize("held", [set(range(1000)), dict.fromkeys(range(1000)), list(range(1000)), set()])
def test_what_is_let_go_goes_in_parts(held: set[int] | dict[int, None] | list[int]) -> None:
    pauses = sum(1 for _ in let_go(held)) if held else 0
    assert not held
    assert pauses in {0, 1000 // LIGHT}


async def test_draining_lets_others_run() -> None:
    held = {number: object() for number in range(200_000)}
    turns = 0

    async def others() -> None:
        nonlocal turns
        while held:
            turns += 1
            await asyncio.sleep(0)

    await asyncio.gather(drain(held), others())
    assert not held
    assert turns > 2


def test_thresholds_are_as_before_also_when_works_overlap_and_when_one_fails() -> None:
    before = gc.get_threshold()
    first, second = undisturbed(), undisturbed()
    first.__enter__()
    second.__enter__()
    assert gc.get_threshold()[0] > before[0]
    first.__exit__(None, None, None)
    assert gc.get_threshold()[0] > before[0]
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before
    with pytest.raises(KeyError), undisturbed():
        raise KeyError
    assert gc.get_threshold() == before


def test_what_was_made_undisturbed_is_set_aside_and_taken_back() -> None:
    with undisturbed():
        kept = [[number] for number in range(1000)]
    assert gc.get_freeze_count() >= len(kept)
    take_back()
    assert gc.get_freeze_count() == 0


async def test_a_list_is_drained_too() -> None:
    held = [object() for _ in range(1000)]
    await drain(held)
    assert held == []


def test_the_contents_of_a_report_are_all_that_it_holds() -> None:
    houses = Houses()
    for name in ("Ada Example", ""):
        houses.add(name=name)
    houses.add(RecordState.DELETED, name="Bob Example")
    plan = houses.plan()
    report = RunReport(1, RunState.DONE, plan, {}, 1, {}, plan.changes, plan.problems)
    held = contents(report)
    assert {id(each) for each in (*plan.changes, *plan.problems, *plan.skipped)} <= {
        id(each) for each in held
    }
    assert len(plan.changes) == 1
    assert plan.skipped
