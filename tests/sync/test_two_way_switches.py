"""Two ways with apps that lag, reformat, tell no tags, no or wrong times, or list badly: one switch each.

S1, S2, S4, S6, S8 and S14 by one trace; the state machine mixes the switches.
"""

from __future__ import annotations

import pytest

from contract.memory import Fault, MemoryServer
from linedesk.apps.base import Feed
from linedesk.apps.records import Record
from linedesk.sync.model import Connection, Direction, Side
from sync.two_way_apps import Saves, Tags, Traits
from sync.two_way_house import NAMES, OFFICE, TwoWayHouse

LAG_S = 200.0
SWITCHES = {
    "plain": Traits(),
    "reformats": Traits(saves=Saves.ALL),
    "reformats-lags-untold": Traits(saves=Saves.ALL, lag_s=LAG_S, told_on_write=False),
    "flaky-tags": Traits(tags=Tags.FLAKY),
    "checked-tags": Traits(tags=Tags.CHECKED),
    "no-tag-on-write": Traits(tags=Tags.CHECKED, told_on_write=False),
    "no-tag-on-write-lags": Traits(tags=Tags.CHECKED, told_on_write=False, lag_s=LAG_S),
    "no-time-on-write": Traits(told_on_write=False),
    "whole-seconds": Traits(resolution_ms=1000),
    "whole-seconds-lags": Traits(resolution_ms=1000, lag_s=LAG_S),
    "clock-an-hour-ahead": Traits(ahead_s=3600.0),
    "clock-an-hour-behind": Traits(ahead_s=-3600.0),
    "duplicates": Traits(repeats=True),
    "never-whole": Traits(proves=False),
    "lags": Traits(lag_s=LAG_S),
    "lags-listed-whole": Traits(lag_s=LAG_S, feed=Feed.NONE),
    "lags-by-token": Traits(lag_s=LAG_S, feed=Feed.TOKEN),
    "no-ids": Traits(external_ids=False),
}


class Two:
    """Three people in both systems, in step."""

    def __init__(self, house: TwoWayHouse) -> None:
        self.house = house
        self.a, self.b = house.servers[Side.A], house.servers[Side.B]
        self.on_a: list[str] = []
        self.on_b: list[str] = []

    async def begin(self) -> None:
        await self.house.set_up(self.house.connection)
        for number in range(3):
            name, phone = f"Ada  {number}", f"+39021234567{number}"
            self.on_a.append(self.a.seed(name=name, email=f"ada{number}@example.com", phone=phone))
        self.house.clock.advance(LAG_S + 1)
        await self.house.sync()
        mails = {each.text("email").lower(): each.id for each in self.b.active}
        self.on_b = [mails[f"ada{number}@example.com"] for number in range(3)]

    async def come_to_rest(self) -> None:
        """After the lags; two runs must do for what waited, and one more for what was late."""
        self.house.let_time_pass()
        for _ in range(3):
            await self.house.sync()
            self.house.clock.advance(LAG_S + 1)
        for _ in range(2):
            assert (await self.house.sync()).writes == 0
        for on_a, on_b in zip(self.on_a, self.on_b, strict=True):
            assert meaning(self.a.truth(on_a)) == meaning(self.b.truth(on_b))
        assert (len(self.a.active), len(self.b.active)) == (3, 3)

    async def ever(self, field: str) -> set[str]:
        """What a field holds, or held before a write of ours."""
        held = {each.text(field) for server in (self.a, self.b) for each in server.active}
        return {fold(each) for each in held | {str(e.before.get(field)) for e in await self.house.entries()}}


def fold(text: str) -> str:
    return " ".join(text.split()).casefold()


def meaning(record: Record) -> tuple[str, ...]:
    digits = "".join(filter(str.isdigit, record.text("phone")))
    return (*(fold(record.text(name)) for name in ("name", "email", "company")), digits)


async def two(a: Traits, b: Traits) -> Two:
    connection = Connection(OFFICE, NAMES[Side.A], NAMES[Side.B], direction=Direction.BOTH)
    there = Two(TwoWayHouse({Side.A: a, Side.B: b}, connection))
    await there.begin()
    return there


async def work(there: Two) -> None:
    """Edits of different fields, of the same field, and again right behind our own writes."""
    a, b, sync = there.a, there.b, there.house.sync
    a.edit(there.on_a[0], name="Ada Married")
    b.edit(there.on_b[0], phone="+390298765432")
    await sync()
    a.edit(there.on_a[1], company="Uno")
    there.house.clock.advance(2)
    b.edit(there.on_b[1], company="Due")
    await sync()
    b.edit(there.on_b[2], name="Two b")
    await sync()
    a.edit(there.on_a[2], name="Three a")
    b.edit(there.on_b[2], name="Four b")
    await sync()
    a.edit(there.on_a[0], name="Five a")
    await sync()


async def check(there: Two) -> None:
    await there.come_to_rest()
    assert await there.ever("name") >= {"three a", "four b", "ada 0"}
    assert await there.ever("company") >= {"uno", "due"}
    first = there.a.truth(there.on_a[0])
    assert (fold(first.text("name")), meaning(first)[-1]) == ("five a", "390298765432")
    await there.house.close()


@pytest.mark.parametrize("both", [False, True], ids=["on A", "on both"])
@pytest.mark.parametrize("switch", list(SWITCHES))
async def test_S01_S02_S04_S08_S14_a_switch_loses_nothing_and_comes_to_rest(switch: str, both: bool) -> None:
    traits = SWITCHES[switch]
    there = await two(traits, traits if both else Traits())
    await work(there)
    await check(there)


@pytest.mark.parametrize("traits", [Traits(), Traits(lag_s=LAG_S), Traits(told_on_write=False)])
async def test_S04_S14_reads_by_id_that_are_stale_after_a_write_are_no_edits(traits: Traits) -> None:
    there = await two(traits, traits)

    def stale_after_a_write(server: MemoryServer) -> None:
        def on_request(op: str) -> None:
            if op == "update":
                server.faults.stale_gets = 2

        server.on_request = on_request

    for server in (there.a, there.b):
        stale_after_a_write(server)
    await work(there)
    for server in (there.a, there.b):
        server.on_request = None
        server.faults.clear()
    await check(there)


async def test_S12_S15_pages_that_come_twice_or_empty_change_nothing() -> None:
    there = await two(Traits(), Traits())
    for server in (there.a, there.b):
        server.faults.script("list", *[Fault.REPEAT_PAGE, None, Fault.EMPTY_PAGE, None] * 4)
    await work(there)
    for server in (there.a, there.b):
        server.faults.clear()
    await check(there)


async def test_S04_a_change_that_is_put_off_is_told_and_is_no_problem() -> None:
    """Within the lag the app tells neither what we wrote nor a later time."""
    there = await two(Traits(lag_s=LAG_S, told_on_write=False), Traits())
    there.b.edit(there.on_b[0], name="From B")
    await there.house.sync()
    there.a.edit(there.on_a[0], name="Typed in A")
    there.b.edit(there.on_b[0], name="From B again")
    report = await there.house.sync()
    assert (report.writes, report.problems, report.counts["skip"]) == (0, (), 1)
    assert report.sentence == "1 change waits until crm shows what Linedesk wrote last; a later run goes on."
    assert there.a.truth(there.on_a[0]).text("name") == "Typed in A"
    await there.come_to_rest()
    assert await there.ever("name") >= {"typed in a", "from b again"}
    await there.house.close()
