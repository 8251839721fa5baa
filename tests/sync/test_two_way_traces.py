"""Traces that once broke an invariant of the two-way sync, each as short as it could be made."""

from __future__ import annotations

import pytest

from contract.memory import Fault
from linedesk.sync.model import Connection, Direction, Side
from linedesk.sync.policies import Conflict
from sync.two_way_apps import Tags, Traits
from sync.two_way_house import NAMES, OFFICE, TwoWayHouse
from sync.two_way_truth import mapped_of

LAG_S = 200.0


async def opened(traits: dict[Side, Traits], conflict: Conflict = Conflict.NEWEST) -> TwoWayHouse:
    connection = Connection(OFFICE, NAMES[Side.A], NAMES[Side.B], direction=Direction.BOTH, conflict=conflict)
    house = TwoWayHouse(traits, connection)
    await house.set_up(connection)
    return house


async def values_ever(house: TwoWayHouse, field: str) -> set[object]:
    """What a field holds or held: on both sides and in the journal's `before`."""
    held = {each.fields.get(field) for server in house.servers.values() for each in server.active}
    return held | {each.before.get(field) for each in await house.entries()}


@pytest.mark.parametrize("conflict", [Conflict.NEWEST, Conflict.A, Conflict.B])
@pytest.mark.parametrize("told", [True, False], ids=["time told", "no time told"])
@pytest.mark.parametrize("tags", list(Tags))
async def test_S04_an_edit_within_the_lag_of_our_own_write_is_not_written_over_unseen(
    conflict: Conflict, told: bool, tags: Tags
) -> None:
    """Ada 3 was typed where Linedesk had just written Ada 2, and a listing does not show it yet."""
    lagging = Traits(lag_s=LAG_S, told_on_write=told, tags=tags)
    house = await opened({Side.A: lagging, Side.B: Traits()}, conflict)
    a, b = house.servers[Side.A], house.servers[Side.B]
    ada = a.seed(name="Ada 1", email="ada@example.com")
    house.clock.advance(LAG_S + 1)
    await house.sync()
    [there] = b.records
    b.edit(there, name="Ada 2")
    await house.sync()
    a.edit(ada, name="Ada 3")
    b.edit(there, name="Ada 4")
    for _ in range(2):
        await house.sync()
    assert await values_ever(house, "name") >= {"Ada 3", "Ada 4"}
    house.let_time_pass()
    for _ in range(2):
        await house.sync()
    assert a.truth(ada).text("name") == b.truth(there).text("name")
    assert a.truth(ada).text("name") in {"Ada 3", "Ada 4"}
    assert await values_ever(house, "name") >= {"Ada 3", "Ada 4"}
    assert (await house.sync()).writes == 0
    await house.close()


async def test_S01_a_list_of_which_only_one_side_could_be_written_is_still_owed_to_the_other() -> None:
    """Both had numbers of their own; the write to A never arrived, and the base took B's for agreed on."""
    house = await opened({Side.A: Traits(), Side.B: Traits()})
    a, b = house.servers[Side.A], house.servers[Side.B]
    ada = a.seed(name="Ada 1", email="ada@example.com", phone="+390211000001")
    there = b.seed(name="Ada 1", email="ada@example.com", phone="+390211000002")
    a.faults.script("update", Fault.LOST_BEFORE)
    for _ in range(3):
        await house.sync()
    for record in (a.truth(ada), b.truth(there)):
        held = {text for _, text in mapped_of(record) if text.startswith("+")}
        assert held == {"+390211000001", "+390211000002"}
    assert (await house.sync()).writes == 0
    await house.close()
