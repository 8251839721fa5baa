"""Writes share intents and settlements in groups: what a stop, a crash or a refusal leaves of one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.memory import Fault
from linedesk.apps.base import Capabilities
from linedesk.clock import ManualClock
from linedesk.store import connections, journal, runs
from linedesk.sync.engine import Ask
from linedesk.sync.model import Change, Op, RunState, Side
from linedesk.sync.writing_groups import MOST, SLICE_MS, Pace, groups
from linedesk.sync.writing_parts import Target
from sync.engine_house import TARGET, WITHOUT_IDS, House, house

PEOPLE = 11  # groups of 1, 2, 4 and the last 4


class Steps:
    """Counts the steps of a run by name; at the `number`th of a name something happens, once."""

    def __init__(self, step: str = "", number: int = 0) -> None:
        self.taken: Counter[str] = Counter()
        self.deed: Callable[[], Awaitable[object]] | None = None
        self._at = (step, number)

    async def __call__(self, step: str) -> None:
        self.taken[step] += 1
        if (step, self.taken[step]) == self._at and self.deed is not None:
            deed, self.deed = self.deed, None
            await deed()


class Cut(BaseException):
    """As a kill: nothing of the run's own clean-up may catch it."""


def people(home: House, count: int = PEOPLE) -> None:
    for number in range(count):
        home.a.seed(name=f"Person {number}", email=f"person{number}@example.com")


async def states(home: House) -> list[str]:
    """How each write of the last run stands, in order."""
    [last] = await home.stores.books.read(lambda c: runs.latest(c, "office", 1))
    entries = await home.stores.books.read(partial(journal.of_run, run=last.id))
    return [each.state.value for each in entries]


async def pause(home: House, *, paused: bool) -> None:
    await home.stores.books.write(partial(connections.set_paused, name="office", paused=paused))


async def in_step_at_last(home: House) -> None:
    """The next runs bring both sides in step, and make nobody twice."""
    assert (await home.sync()).state is RunState.DONE
    assert home.mapped(home.a) == home.mapped(home.b)
    assert len(home.b.records) == len(home.a.records)
    assert (await home.sync()).writes == 0


async def test_writes_one_by_one_share_few_intents_and_settlements(tmp_path: Path) -> None:
    steps = Steps()
    async with house(tmp_path, checkpoint=steps) as home:
        people(home, 150)
        assert (await home.sync()).writes == 150
        assert home.b.requests["create"] == 150
        # 1, 2, 4, 8, 16, 32, 50 and the rest.
        assert (steps.taken["sent"], steps.taken["settled"]) == (150, 8)


async def test_S20_a_pause_between_two_writes_of_a_group_stops_the_next(tmp_path: Path) -> None:
    """What did not go out is void at once; only the write that was out is in doubt."""
    steps = Steps("sent", 4)
    async with house(tmp_path, checkpoint=steps) as home:
        people(home)

        async def told() -> None:
            await pause(home, paused=True)
            home.clock.advance(0.5)
            await asyncio.sleep(30)

        steps.deed = told
        report = await home.engine.run("office", Ask(actor="test"))
        assert (report.state, report.writes) == (RunState.FAILED, 3)
        assert "paused" in report.sentence
        assert await states(home) == ["done"] * 3 + ["open"] + ["void"] * 3
        assert len(home.b.records) == 4
        await pause(home, paused=False)
        await in_step_at_last(home)


async def test_S20_a_slow_group_asks_the_books_whether_it_may_go_on(tmp_path: Path) -> None:
    """After half a second what is done is settled, and the rest is sent only if nobody paused."""
    steps = Steps("sent", 5)
    async with house(tmp_path, checkpoint=steps) as home:
        people(home)

        async def slow() -> None:
            await pause(home, paused=True)
            home.clock.advance(-SLICE_MS / 1000)  # wakes nobody else

        steps.deed = slow
        report = await home.sync()
        assert (report.state, report.writes) == (RunState.FAILED, 5)
        assert await states(home) == ["done"] * 5 + ["void"] * 2
        await pause(home, paused=False)
        await in_step_at_last(home)


async def test_intents_that_wait_for_a_slow_write_are_as_young_as_their_own(tmp_path: Path) -> None:
    """The next run counts from them how long a write may take to show."""
    steps = Steps("sent", 5)
    async with house(tmp_path, checkpoint=steps) as home:
        people(home)

        async def slow() -> None:
            home.clock.advance(7)

        steps.deed = slow
        report = await home.sync()
        assert report.writes == PEOPLE
        entries = await home.stores.books.read(partial(journal.of_run, run=report.run or 0))
        assert [each.at_ms - entries[0].at_ms for each in entries] == [0] * 5 + [7_000] * 6


async def test_S16_a_refused_record_in_a_group_touches_no_other(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        people(home)
        home.b.faults.script("create", *[None] * 4, Fault.REFUSE)
        report = await home.sync()
        assert (report.state, report.writes, len(report.problems)) == (RunState.DONE, PEOPLE - 1, 1)
        assert await states(home) == ["done"] * 4 + ["refused"] + ["done"] * 6


async def test_S16_an_account_that_fails_in_a_group_keeps_what_was_done(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        people(home)
        home.b.faults.script("create", *[None] * 4, Fault.AUTH)
        report = await home.sync()
        assert (report.state, report.writes, len(home.b.records)) == (RunState.FAILED, 4, 4)
        assert await states(home) == ["done"] * 4 + ["open"] + ["void"] * 2
        home.b.faults.clear()
        await in_step_at_last(home)


@pytest.mark.parametrize("target", [TARGET, WITHOUT_IDS], ids=["ids", "no-ids"])
@pytest.mark.parametrize(("step", "number"), [("intent", 5), ("sent", 4), ("sent", 7), ("settled", 3)])
async def test_S03_S06_cut_in_a_group_it_is_looked_for_and_made_once(
    tmp_path: Path, target: Capabilities, step: str, number: int
) -> None:
    steps = Steps(step, number)
    async with house(tmp_path, target=target, checkpoint=steps) as home:
        people(home)

        async def cut() -> None:
            raise Cut

        steps.deed = cut
        with pytest.raises(Cut):
            await home.sync()
        expected = ["done"] * 7 if step == "settled" else ["done"] * 3 + ["open"] * 4
        assert await states(home) == expected
        home.engine = home.new_engine()
        await in_step_at_last(home)


@pytest.mark.parametrize("number", range(1, PEOPLE + 1))
async def test_S03_cancelled_after_any_write_only_that_one_is_in_doubt(tmp_path: Path, number: int) -> None:
    steps = Steps("sent", number)
    async with house(tmp_path, checkpoint=steps) as home:
        people(home)

        async def cancelled() -> None:
            raise asyncio.CancelledError

        steps.deed = cancelled
        with pytest.raises(asyncio.CancelledError):
            await home.sync()
        found = await states(home)
        assert found[:number] == ["done"] * (number - 1) + ["open"]
        assert set(found[number:]) <= {"void"}
        await in_step_at_last(home)


def _change(side: Side, op: Op, number: int) -> Change:
    record = None if op is Op.CREATE else f"r{number}"
    return Change(side, op, f"l{number}", record, f"s{number}", {"name": (None, str(number))}, "")


CHANGES = st.lists(st.tuples(st.sampled_from(Side), st.sampled_from(Op), st.integers(1, 70)), max_size=8).map(
    lambda runs: [(side, op) for side, op, count in runs for _ in range(count)]
)


@settings(max_examples=60, deadline=None)
@given(CHANGES, st.integers(1, 64), st.integers(1, 80))
def test_groups_keep_the_plans_order_are_of_one_kind_and_end_in_whole_calls(
    kinds: list[tuple[Side, Op]], calls: int, at_once: int
) -> None:
    changes = [_change(side, op, number) for number, (side, op) in enumerate(kinds)]
    capabilities = replace(TARGET, create_batch=at_once, update_batch=at_once, delete_batch=at_once)
    targets = {side: Target(_App(capabilities), side, False, None) for side in Side}  # type: ignore[arg-type]
    pace = Pace(ManualClock())
    pace.calls = calls
    made = list(groups(changes, targets, pace, lambda each: each.op is Op.DELETE))
    assert [each for group in made for each in group] == changes
    for group in made:
        assert len({(each.side, each.op) for each in group}) == 1
        most = at_once if group[0].op is Op.DELETE else max(at_once, min(MOST, calls * at_once))
        assert 1 <= len(group) <= most


class _App:
    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities


def test_a_group_grows_while_it_is_quick_and_shrinks_when_it_is_slow() -> None:
    clock = ManualClock()
    pace = Pace(clock)

    def group(took_s: float) -> int:
        pace.begin()
        clock.advance(took_s)
        pace.end(was_cut=False)
        return pace.calls

    assert [group(0.1) for _ in range(7)] == [2, 4, 8, 16, 32, 50, 50]
    assert [group(0.4), group(0.6), group(9.0)] == [50, 25, 12]
    assert group(-3.0) == 6  # a clock that jumped says nothing, so the group is small
