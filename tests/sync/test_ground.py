"""What a run stands on is judged before it writes: groups that rules name, and what both sides can do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from linedesk.apps.records import Group
from linedesk.errors import SyncImpossible
from linedesk.sync.engine import Ask
from linedesk.sync.model import Connection, Direction, Side
from linedesk.sync.rules import Action, Condition, Do, Rule, Test
from sync.engine_house import SOURCE, TARGET, House, house
from sync.memory_stores import memory_stores

LISTS = ("list",)
NEWS = Group("l1", "News", "list")
ADA = {"name": "Ada Example", "email": "ada@example.com"}


def connected(*rules: Rule) -> Connection:
    return Connection("office", "crm", "book", direction=Direction.BOTH, rules=rules)


ONTO_NEWS = connected(Rule("All", Side.B, None, (Action(Do.ADD, "list", "News"),)), Rule("Back", Side.A))
FROM_NEWS = connected(Rule("News", Side.B, Condition(Test.MEMBER, "list", ("News",))), Rule("Back", Side.A))


async def _is_refused(home: House, match: str) -> None:
    """Neither a preview nor a run goes on, and nothing is written."""
    for preview in (True, False):
        with home.a.no_write_due(), home.b.no_write_due(), pytest.raises(SyncImpossible, match=match):
            await home.engine.run("office", Ask(preview=preview, actor="test"))
    assert await home.journal_rows() == 0


async def test_J_an_action_on_a_list_that_is_not_there_stops_the_connection() -> None:
    target = replace(TARGET, group_kinds=LISTS)
    async with house(Path(), stores=memory_stores(), connection=ONTO_NEWS, target=target) as home:
        home.a.seed(**ADA)
        await _is_refused(home, "book has no list News, which a rule of office names")


async def test_J_a_condition_on_a_list_that_is_not_there_stops_the_connection() -> None:
    source = replace(SOURCE, group_kinds=LISTS)
    async with house(Path(), stores=memory_stores(), connection=FROM_NEWS, source=source) as home:
        home.a.seed(**ADA)
        await _is_refused(home, "crm has no list News, which a rule of office names")


async def test_J_an_action_on_a_list_that_fills_itself_stops_the_connection() -> None:
    target = replace(TARGET, group_kinds=LISTS)
    async with house(Path(), stores=memory_stores(), connection=ONTO_NEWS, target=target) as home:
        home.b.add_group(replace(NEWS, writable=False))
        home.a.seed(**ADA)
        await _is_refused(home, "News")


async def test_J_a_condition_on_a_list_that_fills_itself_is_fine() -> None:
    source = replace(SOURCE, group_kinds=LISTS)
    async with house(Path(), stores=memory_stores(), connection=FROM_NEWS, source=source) as home:
        home.a.add_group(replace(NEWS, writable=False))
        ada, bob = home.a.seed(**ADA), home.a.seed(name="Bob Example")
        home.a.join("l1", ada, member=True)
        report = await home.sync()
        assert [each.text("name") for each in home.b.active] == ["Ada Example"]
        assert [each.record_id for each in report.plan.skipped] == [bob]


async def test_J_a_list_is_found_whatever_its_letter_case() -> None:
    target = replace(TARGET, group_kinds=LISTS)
    async with house(Path(), stores=memory_stores(), connection=ONTO_NEWS, target=target) as home:
        home.b.add_group(replace(NEWS, name=" NEWS "))
        home.a.seed(**ADA)
        await home.sync()
        assert home.b.members["l1"] == set(home.b.records)


async def test_J_a_list_that_goes_in_the_middle_is_a_problem_of_its_records_alone() -> None:
    target = replace(TARGET, group_kinds=LISTS)
    async with house(Path(), stores=memory_stores(), connection=ONTO_NEWS, target=target) as home:
        home.b.add_group(NEWS)
        home.a.seed(**ADA)

        async def removed(step: str) -> None:
            if step == "intent":
                home.b._shelf.groups.clear()

        home.engine = home.new_engine(removed)
        report = await home.sync()
        assert [each.text("name") for each in home.b.active] == ["Ada Example"]
        assert report.counts["error"] == 1


async def test_S10_a_side_that_can_only_be_read_is_never_written_to() -> None:
    source = replace(SOURCE, writable=False)
    async with house(Path(), stores=memory_stores(), connection=connected(), source=source) as home:
        home.b.seed(**ADA)
        await _is_refused(home, "crm can only be read, so office can't write to it")
