"""S14 in both directions at once: what we wrote, seen again on either side, is nobody's edit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from contract.memory import Fault, both, numbers_reformatted, spaces_trimmed, text_cut
from linedesk.apps.base import Capabilities, Feed, Vanished
from linedesk.sync.model import Connection, Direction
from sync.engine_house import SOURCE, TARGET, House, house
from sync.memory_stores import memory_stores

BOTH = Connection("office", "crm", "book", direction=Direction.BOTH)
TOKENS = replace(SOURCE, feed=Feed.TOKEN, vanished=Vanished.TOMBSTONE, versions=True)
LAG_S = 300.0


async def _edited_on_both_sides(home: House) -> None:
    """Two people of each side, then edits of different fields on both sides of each pair."""
    for server, name in ((home.a, "Ada Example"), (home.b, "Bob Example")):
        server.seed(name=name, email=f"{name[:3].lower()}@example.com", phone="+390212345678")
    await home.sync()
    for record in list(home.a.active):
        home.a.edit(record.id, company="  Acme  Holding ")
    for record in list(home.b.active):
        home.b.edit(record.id, address="Via Roma 1, 20121 Milano", mobile="+393331234567")


async def _is_quiet(home: House, *, runs: int = 3) -> None:
    rows = await home.journal_rows()
    with home.a.no_write_due(), home.b.no_write_due():
        for _ in range(runs):
            assert (await home.sync()).writes == 0
    assert await home.journal_rows() == rows


@pytest.mark.parametrize("source", [SOURCE, TOKENS], ids=["by time", "by token"])
async def test_S14_what_both_apps_reformat_on_save_is_written_once(source: Capabilities) -> None:
    async with house(Path(), stores=memory_stores(), connection=BOTH, source=source) as home:
        home.a.faults.text = both(numbers_reformatted(), spaces_trimmed())
        home.b.faults.text = both(numbers_reformatted(("mobile",)), text_cut(20))
        await _edited_on_both_sides(home)
        await home.sync()
        assert {each.text("address") for each in home.a.active} == {"Via Roma 1, 20121 Milano"}
        await _is_quiet(home)


async def test_S14_I16_what_both_apps_show_late_is_no_edit_before_and_after_the_lag() -> None:
    source = replace(SOURCE, visibility_lag_s=LAG_S)
    target = replace(TARGET, visibility_lag_s=LAG_S)
    async with house(Path(), stores=memory_stores(), connection=BOTH, source=source, target=target) as home:
        await _edited_on_both_sides(home)
        home.clock.advance(LAG_S)
        await home.sync()
        await _is_quiet(home)  # within the lag: three minutes
        home.clock.advance(LAG_S)
        await home.sync()
        home.clock.advance(LAG_S)
        await _is_quiet(home)
        assert home.mapped(home.a) == home.mapped(home.b)


async def test_S14_version_tags_that_change_by_themselves_and_missing_times_are_no_edits() -> None:
    async with house(Path(), stores=memory_stores(), connection=BOTH) as home:
        home.a.stamps = home.b.stamps = False
        await _edited_on_both_sides(home)
        await home.sync()
        for server in (home.a, home.b):
            for record in list(server.active):
                server.edit(record.id, visits=len(record.text("name")))  # the app counts something itself
        await _is_quiet(home)


@pytest.mark.parametrize("op", ["create", "update"])
@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
async def test_S14_a_write_whose_answer_never_came_is_no_edit_when_it_shows(op: str, fault: Fault) -> None:
    async with house(Path(), stores=memory_stores(), connection=BOTH) as home:
        if op == "create":
            home.a.faults.script(op, fault)
            home.b.faults.script(op, fault)
        await _edited_on_both_sides(home)
        if op == "update":
            home.a.faults.script(op, fault)
            home.b.faults.script(op, fault)
        for _ in range(2):
            await home.sync()
        assert len(home.a.active) == len(home.b.active) == 2
        assert home.mapped(home.a) == home.mapped(home.b)
        await _is_quiet(home)
