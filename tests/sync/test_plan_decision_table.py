"""The decision table: 18 cases, one-way and two-way, the policies, and the mirror image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from linedesk.sync.decision_table import (
    POLICIES,
    TABLE,
    Action,
    Case,
    Happened,
    Outcome,
    PolicyCase,
    Seen,
    table_as_text,
)
from linedesk.sync.model import Connection, Direction, Op, Plan, Side
from linedesk.sync.policies import Blanks, Conflict, Deletes
from sync.plan_house import CONNECTION, ROWS, TWO_WAY, Houses
from sync.plan_mirror import mirror_of, writes

SYNC_MD = Path(__file__).parents[2] / "docs" / "sync.md"
CASES = pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)
BOTH_WAYS = pytest.mark.parametrize("connection", [CONNECTION, TWO_WAY], ids=["one-way", "two-way"])


def _set_up(case: Case, connection: Connection) -> Houses:
    """A pair that agreed once (linked or not), then each side as the case says."""
    houses = Houses(connection=connection)
    crm_id = houses.add(name="Ada Example", phone="045 1234567")
    if case.linked:
        houses.run()
        book_id = houses.counterpart(crm_id).id
    else:
        book_id = houses.add_to_book(name="Ada Example", office="045 1234567")
    if case.a is Seen.CHANGED:
        houses.edit(crm_id, email="ada@example.test")
    elif case.a is Seen.ABSENT:
        houses.delete(crm_id)
    if case.b is Seen.CHANGED:
        houses.edit(book_id, note="by hand")
        houses.edit(book_id, **({"office": "+39 06 7654321"} if case.linked else {"organization": "Ex Srl"}))
    elif case.b is Seen.ABSENT:
        houses.delete(book_id)
    return houses


def _outcome(plan: Plan) -> tuple[Action, Sequence[Side]]:
    sides = tuple(sorted(change.side for change in plan.changes))
    assert len(sides) == len(set(sides))
    ops = {change.op for change in plan.changes}
    assert len(ops) <= 1
    if Op.UPDATE in ops:
        is_tag = all(set(change.fields) == {"tags"} for change in plan.changes)
        return Action.TAG if is_tag else Action.UPDATE, sides
    if ops:
        return Action(ops.pop().value), sides
    if plan.waiting:
        return Action.WAIT, ()
    if plan.skipped:
        return Action.LEAVE, ()
    return (Action.LINK if plan.linkings else Action.NOTHING), ()


def _wanted(outcome: Outcome) -> tuple[Action, Sequence[Side]]:
    return outcome.action, outcome.on


def test_the_table_has_each_of_the_18_cases_once() -> None:
    cases = {(case.a, case.b, case.linked) for case in TABLE}
    assert len(TABLE) == len(cases) == 18
    settings = [each for policy in (Conflict, Deletes, Blanks) for each in policy]
    assert {type(case.setting) for case in POLICIES} == {Conflict, Deletes, Blanks}
    assert {(type(case.setting), case.setting) for case in POLICIES} == {(type(s), s) for s in settings}


@CASES
def test_S01_S12_each_case_has_its_action_in_a_one_way_connection(case: Case) -> None:
    assert _outcome(_set_up(case, CONNECTION).plan()) == _wanted(case.one_way)


@CASES
def test_S01_S08_S12_each_case_has_its_action_in_a_two_way_connection(case: Case) -> None:
    assert _outcome(_set_up(case, TWO_WAY).plan()) == _wanted(case.two_way)


@BOTH_WAYS
@CASES
def test_S09_each_case_is_the_mirror_image_when_the_sides_are_swapped(
    case: Case, connection: Connection
) -> None:
    houses = _set_up(case, connection)
    assert mirror_of(houses) == writes(houses.plan(), turned=True)


@BOTH_WAYS
@CASES
def test_S02_S10_S12_no_case_deletes_and_each_is_quiet_after_a_run(
    case: Case, connection: Connection
) -> None:
    houses = _set_up(case, connection)
    before = set(houses.crm) | set(houses.book)
    crm_before = dict(houses.crm)
    houses.run()
    assert before <= set(houses.crm) | set(houses.book)
    assert connection.direction is Direction.BOTH or houses.crm == crm_before
    last = houses.plan()
    assert (last.changes, last.linkings, last.problems) == ((), (), ())


@pytest.mark.parametrize("case", POLICIES, ids=lambda case: case.name)
def test_H02_H03_H12_each_policy_has_its_action(case: PolicyCase) -> None:
    houses = _policy_set_up(case)
    assert _outcome(houses.plan()) == _wanted(case.outcome)
    houses.run()
    last = houses.plan()
    assert (last.changes, last.linkings, last.problems) == ((), (), ())


def _policy_set_up(case: PolicyCase) -> Houses:
    settings: dict[str, Any] = {case.policy: case.setting}
    houses = Houses(connection=replace(TWO_WAY, **settings))
    if case.happened is Happened.IS_BLANK:
        one_way = [replace(row, direction=Direction.TO_B) if row.a == "company" else row for row in ROWS]
        houses.rows = tuple(one_way)
    is_filled = case.happened is not Happened.IS_BLANK
    crm_id = houses.add(name="Ada Example", phone="045 1234567", company="Example Srl" if is_filled else "")
    houses.run()
    book_id = houses.counterpart(crm_id).id
    match case.happened:
        case Happened.BOTH_CHANGED:
            houses.edit(crm_id, company="A Srl")
            houses.edit(book_id, organization="B Srl")
        case Happened.DELETED:
            houses.delete(crm_id)
        case Happened.DELETED_AND_CHANGED:
            houses.delete(crm_id)
            houses.edit(book_id, organization="B Srl")
        case Happened.BECAME_BLANK:
            houses.edit(crm_id, company="")
        case Happened.IS_BLANK:
            houses.edit(book_id, organization="B Srl")
    return houses


def test_the_docs_print_the_table_as_it_is() -> None:
    assert table_as_text() in SYNC_MD.read_text("utf-8")
