"""Contract of reading: whole listings at every page border, while others edit, and what a cursor gives."""

from __future__ import annotations

import contextlib
import random

import pytest

from contract.asking import by_id, complete, ids, since
from contract.rigs import Rig
from contract.troubles import Op, Trouble
from linedesk.apps.base import Feed
from linedesk.apps.records import Changes, Complete, Cursor, Reading
from linedesk.errors import CursorLost, ListingBroken


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200])
async def test_S12_a_complete_listing_holds_every_record_once_at_any_page_border(
    rig: Rig, count: int
) -> None:
    made = rig.fill(count)
    steps: list[tuple[int, int | None]] = []

    reading = await rig.app.read(None, lambda done, total: steps.append((done, total)))

    assert isinstance(reading, Complete)
    assert sorted(ids(reading)) == sorted(made)
    assert steps[-1][0] == count
    assert rig.writes() == 0


@pytest.mark.parametrize("trouble", [Trouble.REPEAT_PAGE, Trouble.EMPTY_PAGE])
@pytest.mark.parametrize("times", [1, 1_000_000])
async def test_S12_a_page_that_comes_again_or_empty_never_ends_as_a_complete_listing_with_gaps(
    rig: Rig, trouble: Trouble, times: int
) -> None:
    made = rig.fill(205)
    rig.befall(trouble, Op.LIST, times=times, skip=1)

    with contextlib.suppress(ListingBroken):
        assert sorted(ids(await complete(rig.app))) == sorted(made)
    rig.calm()
    assert sorted(ids(await complete(rig.app))) == sorted(made)


@pytest.mark.parametrize("seed", range(4))
async def test_S15_I05_whatever_others_change_during_a_walk_is_in_it_or_in_the_next_reading(
    rig: Rig, seed: int
) -> None:
    dice = random.Random(seed)
    made = rig.fill(205)
    removed: set[str] = set()

    def edit(page: int) -> None:
        if page > 6:
            return
        rig.tick()
        left = [each for each in made if each not in removed]
        for _ in range(dice.randint(0, 2)):
            rig.rename(dice.choice(left), f"Renamed on page {page}")
        for gone in dice.sample(left, dice.randint(0, 3)):
            rig.remove(gone)
            removed.add(gone)
        for number in range(dice.randint(0, 3)):
            rig.add(f"New on page {page}, {number}")

    rig.between_pages(edit)
    try:
        first = await complete(rig.app)
    except ListingBroken:
        first = None
    rig.calm()
    rig.tick()
    if first is None:
        first = await complete(rig.app)

    known = {each.id: each.text("name") for each in first.records}
    assert set(made) - removed <= set(known), f"seed {seed}: records are missing"
    later = await since(rig.app, first.cursor)
    known |= {each.id: each.text("name") for each in later.records}
    for record_id, name in rig.names().items():
        assert known.get(record_id) == name, f"seed {seed}: a change was lost"


async def test_S12_a_delete_and_a_new_record_between_two_pages_hide_no_other(rig: Rig) -> None:
    made = rig.fill(205)

    def swap(page: int) -> None:
        if page == 1:
            rig.remove(made[3])
            rig.add("In its place")

    rig.between_pages(swap)
    try:
        reading = await complete(rig.app)
    except ListingBroken:
        return

    assert set(made) - {made[3]} <= set(ids(reading))


async def test_S15_a_reading_since_a_cursor_tells_every_edit_after_it(rig: Rig) -> None:
    made = rig.fill(120)
    rig.tick()
    first = await complete(rig.app)
    rig.tick()
    rig.rename(made[60], "Grace Renamed")
    added = rig.add("Henry New")

    later = await since(rig.app, first.cursor)

    names = {each.id: each.text("name") for each in later.records}
    assert names[made[60]] == "Grace Renamed"
    assert names[added] == "Henry New"
    if rig.app.capabilities.feed is Feed.NONE:
        assert isinstance(later, Complete)


async def test_S15_the_same_cursor_twice_gives_the_same_again(rig: Rig) -> None:
    made = rig.fill(3)
    rig.tick()
    first = await complete(rig.app)
    rig.tick()
    rig.rename(made[1], "Ada Again")

    once, twice = await since(rig.app, first.cursor), await since(rig.app, first.cursor)

    assert by_id(once) == by_id(twice)


async def test_S02_quiet_times_move_the_cursor_and_bring_no_other_content(rig: Rig) -> None:
    rig.fill(5)
    rig.tick()
    reading: Reading = await complete(rig.app)
    known = by_id(reading)

    for _ in range(3):
        rig.clock.advance(600)
        reading = await since(rig.app, reading.cursor)
        assert all(known[each.id].fields == each.fields for each in reading.records)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "{}", "[]", "null", '{"seq": "x"}', '{"book": 5}', "9" * 40]
)
async def test_S15_a_cursor_that_is_not_of_this_app_is_lost_or_leads_to_a_complete_reading(
    rig: Rig, text: str
) -> None:
    made = rig.fill(3)

    with contextlib.suppress(CursorLost):
        reading = await since(rig.app, Cursor(text))
        assert isinstance(reading, Complete)
        assert sorted(ids(reading)) == sorted(made)


async def test_S12_a_deleted_record_is_not_in_the_next_complete_listing(rig: Rig) -> None:
    made = rig.fill(3)
    assert len(ids(await complete(rig.app))) == 3
    rig.remove(made[1])

    reading = await complete(rig.app)

    shown = {each.id for each in reading.records if each.state.value != "deleted"}
    assert shown == {made[0], made[2]}


async def test_changes_never_claim_to_be_complete(rig: Rig) -> None:
    rig.fill(3)
    rig.tick()
    first = await complete(rig.app)

    later = await since(rig.app, first.cursor)

    assert isinstance(later, Changes) or sorted(ids(later)) == sorted(rig.names())
