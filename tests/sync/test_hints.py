"""What `linedesk check` says of a connection that works otherwise than somebody may think."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from linedesk.apps.base import Capabilities, Feed, Removal, Vanished
from linedesk.apps.records import FieldInfo, FieldKind
from linedesk.apps.registry import REGISTRY
from linedesk.numbers import NumberPlan
from linedesk.sync.hints import hints, idle_edits
from linedesk.sync.model import Connection, Direction, MappingRow, RowEdit, Side
from linedesk.sync.policies import Deletes
from linedesk.sync.rules import Rule
from linedesk.sync.sides import OpenSide

PLAIN = Connection("main", "crm", "book", Direction.BOTH)
CAN = Capabilities(next(iter(Feed)), Vanished.TOMBSTONE, Removal.SOFT)
TAGS = FieldInfo("tags", "Tags", FieldKind.TAGS, many=True, group_kind="tag")


def side(which: Side, can: Capabilities = CAN, *fields: FieldInfo) -> OpenSide:
    account = "crm" if which is Side.A else "book"
    app: Any = SimpleNamespace(account=account, capabilities=can)
    kind = REGISTRY["freshdesk" if which is Side.A else "wildix-phonebook"]
    return OpenSide(which, app, kind, {info.name: info for info in fields}, NumberPlan("IT"))


def told(connection: Connection, *sides: OpenSide) -> tuple[str, ...]:
    both = {Side.A: side(Side.A), Side.B: side(Side.B), **{each.side: each for each in sides}}
    return hints(connection, both)


def test_nothing_is_said_of_the_usual_connection() -> None:
    assert told(PLAIN) == ()


def test_a_direction_without_a_rule_carries_nothing() -> None:
    (sentence,) = told(replace(PLAIN, rules=(Rule("There", Side.B),)))
    assert sentence.startswith("No rule goes to crm")


def test_deletes_that_an_app_refuses_or_can_not_mark_are_told_of_the_side_that_is_written() -> None:
    fixed = side(Side.B, replace(CAN, removal=Removal.NONE))
    (sentence,) = told(replace(PLAIN, deletes=Deletes.PROPAGATE), fixed)
    assert sentence == "book lets nothing be deleted, so what is deleted in crm stays there."
    tagged = replace(PLAIN, deletes=Deletes.TAG)
    assert told(tagged, side(Side.A, CAN, TAGS)) == (
        "book has no tags, so nothing marks what was deleted in crm.",
    )
    assert told(tagged, side(Side.A, CAN, TAGS), side(Side.B, replace(CAN, group_kinds=("tag",)))) == ()
    assert told(PLAIN, fixed) == ()


def test_a_delete_that_only_a_whole_reading_shows_is_told_with_its_time() -> None:
    seldom = replace(CAN, vanished=Vanished.ABSENT, complete_scan_s=3600.0)
    one_way = replace(PLAIN, direction=Direction.TO_B, deletes=Deletes.PROPAGATE)
    assert told(one_way, side(Side.A, seldom)) == (
        "What is deleted in crm shows only in a reading of the whole account, each 3600 s.",
    )
    assert told(one_way, side(Side.B, seldom)) == ()


def test_an_edit_that_switches_off_nothing_is_named() -> None:
    usual = (MappingRow("name", "name"),)
    off = RowEdit(MappingRow("phone", "office"), off=True)
    assert idle_edits(usual, [off]) == (
        "There is no default row from phone to office that could be switched off.",
    )
    assert idle_edits(usual, [RowEdit(usual[0], off=True), RowEdit(MappingRow("a", "b"))]) == ()
