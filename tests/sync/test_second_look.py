"""S4, S1: what people do on the target between its reading and the write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from contract.memory import Fault
from linedesk.apps.base import Capabilities
from linedesk.store import journal
from linedesk.sync.model import RunReport, RunState
from sync.engine_house import TARGET, WITHOUT_IDS, House, house

LATER_S = 61
VERSIONED = replace(TARGET, versions=True)


class At:
    """Does something once, at a step of a run."""

    def __init__(self) -> None:
        self.step = ""
        self.deed: Callable[[], object] = lambda: None

    async def __call__(self, step: str) -> None:
        if step == self.step:
            self.step = ""
            self.deed()


async def history(home: House, run: RunReport) -> list[dict[str, object]]:
    """What each write of a run found."""
    assert run.run is not None
    entries = await home.stores.books.read(partial(journal.of_run, run=run.run))
    return [dict(entry.before) for entry in entries]


async def edited(home: House) -> tuple[str, str]:
    """A pair that was in step until somebody edited the source."""
    ada = home.a.seed(name="Ada Example", phone="+390212345678", email="ada@example.com")
    await home.sync()
    [there] = home.b.records
    home.a.edit(ada, name="Ada Married")
    return ada, there


async def meanwhile(home: House, at: At, deed: Callable[[], object], after_s: float = LATER_S) -> RunReport:
    """One run, in which `deed` is done between the plan and the writes, which begin so much later."""

    def happens() -> None:
        deed()
        home.clock.advance(after_s)

    at.step, at.deed = "planned", happens
    return await home.sync()


@pytest.mark.parametrize("after_s", [0, LATER_S], ids=["at once", "later"])
@pytest.mark.parametrize("target", [TARGET, VERSIONED], ids=["plain", "versions"])
async def test_S04_a_name_that_was_typed_after_the_reading_is_in_the_history(
    tmp_path: Path, target: Capabilities, after_s: float
) -> None:
    at = At()
    async with house(tmp_path, target=target, checkpoint=at) as home:
        _, there = await edited(home)
        late = await meanwhile(home, at, lambda: home.b.edit(there, name="Typed By Hand"), after_s)
        assert (late.state, late.writes, late.counts["skip"]) == (RunState.DONE, 0, 1)
        assert home.b.truth(there).text("name") == "Typed By Hand"
        next_one = await home.sync()
        assert await history(home, next_one) == [{"name": "Typed By Hand"}]
        assert home.mapped(home.a) == home.mapped(home.b)
        assert (await home.sync()).writes == 0


async def test_S04_a_record_that_is_as_it_was_read_is_written_late_too(tmp_path: Path) -> None:
    at = At()
    async with house(tmp_path, target=VERSIONED, checkpoint=at) as home:
        _, there = await edited(home)
        late = await meanwhile(home, at, lambda: home.b.edit(there, notes="is not mapped"))
        assert (late.writes, await history(home, late)) == (1, [{"name": "Ada Example"}])
        assert home.mapped(home.a) == home.mapped(home.b)


async def test_S04_the_history_has_the_spelling_that_was_overwritten(tmp_path: Path) -> None:
    at = At()
    async with house(tmp_path, checkpoint=at) as home:
        ada, there = await edited(home)
        home.a.edit(ada, phone="+390298765432")
        late = await meanwhile(home, at, lambda: home.b.edit(there, phone="02 1234 5678"))
        assert await history(home, late) == [{"name": "Ada Example", "phone": "02 1234 5678"}]


@pytest.mark.parametrize("gone", ["vanish", "trash"])
async def test_a_record_that_went_after_the_reading_is_no_problem_of_the_run(
    tmp_path: Path, gone: str
) -> None:
    at = At()
    async with house(tmp_path, checkpoint=at) as home:
        _, there = await edited(home)
        late = await meanwhile(home, at, lambda: getattr(home.b, gone)(there))
        assert (late.state, late.writes, late.problems) == (RunState.DONE, 0, ())
        assert [(await home.sync()).writes, len(home.b.active)] == [0, 0]


async def test_S06_a_pair_that_fits_no_more_is_not_joined(tmp_path: Path) -> None:
    at = At()
    async with house(tmp_path, checkpoint=at) as home:
        home.a.seed(name="Ada Example", email="ada@example.com", phone="+390212345678")
        there = home.b.seed(name="Ada Example", email="ada@example.com")

        def becomes_another() -> None:
            home.b.edit(there, name="Bob Other", email="bob@example.com")

        assert (await meanwhile(home, at, becomes_another)).writes == 0
        assert (await home.sync()).counts["create"] == 1
        assert home.b.truth(there).text("name") == "Bob Other"


@pytest.mark.parametrize("after_s", [0, LATER_S], ids=["at once", "later"])
@pytest.mark.parametrize("target", [TARGET, VERSIONED], ids=["plain", "versions"])
async def test_S04_what_was_typed_in_another_field_meanwhile_is_kept(
    tmp_path: Path, target: Capabilities, after_s: float
) -> None:
    """Nobody wrote over it, and it is not agreed on unseen: the next plan writes it back."""
    at = At()
    async with house(tmp_path, target=target, checkpoint=at) as home:
        _, there = await edited(home)
        late = await meanwhile(home, at, lambda: home.b.edit(there, email="typed@example.com"), after_s)
        assert (late.writes, late.counts["skip"]) == (0, 1)
        next_one = await home.sync()
        assert await history(home, next_one) == [{"name": "Ada Example", "email": "typed@example.com"}]


@pytest.mark.parametrize(
    ("target", "looks"), [(TARGET, 1), (VERSIONED, 0)], ids=["nobody checks", "the app checks"]
)
async def test_a_look_costs_one_request_where_the_app_does_not_check_itself(
    tmp_path: Path, target: Capabilities, looks: int
) -> None:
    async with house(tmp_path, target=target) as home:
        await edited(home)
        assert home.b.requests["get"] == 0  # what is made needs no look
        assert (await home.sync()).writes == 1
        assert home.b.requests["get"] == looks


async def test_a_batch_is_looked_at_in_one_request(tmp_path: Path) -> None:
    async with house(tmp_path, target=replace(TARGET, create_batch=50, update_batch=50)) as home:
        ids = [home.a.seed(name=f"Person {number}") for number in range(20)]
        await home.sync()
        for each in ids:
            home.a.edit(each, company="Example Ltd")
        assert (await home.sync()).writes == 20
        assert home.b.requests["get"] == 1


async def test_S01_another_field_that_was_typed_at_the_moment_of_the_write_is_not_agreed_on(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as home:
        _, there = await edited(home)
        typed = ["typed@example.com"]

        def type_in(request: str) -> None:
            if request == "update" and typed:
                home.b.edit(there, email=typed.pop())

        home.b.on_request = type_in
        await home.sync()
        assert await history(home, await home.sync()) == [{"email": "typed@example.com"}]
        assert home.mapped(home.a) == home.mapped(home.b)


@pytest.mark.parametrize("target", [TARGET, WITHOUT_IDS], ids=["ids", "no-ids"])
@pytest.mark.parametrize("op", ["create", "update"])
async def test_S01_what_was_typed_before_a_lost_answer_is_looked_for_is_not_agreed_on(
    tmp_path: Path, op: str, target: Capabilities
) -> None:
    async with house(tmp_path, target=target) as home:
        if op == "create":
            home.a.seed(name="Ada Example", phone="+390212345678", email="ada@example.com")
        else:
            await edited(home)
        home.b.faults.script(op, Fault.LOST_AFTER)
        await home.sync()
        [there] = home.b.records
        field = "email" if op == "update" or target is TARGET else "company"
        home.b.edit(there, **{field: "typed@example.com"})
        for _ in range(2):
            await home.sync()
        if field == "email":
            assert home.mapped(home.a) == home.mapped(home.b)
        assert (len(home.b.records), (await home.sync()).writes) == (1, 0)
