"""The decision table of a one-way connection: 18 cases, one action each, every one tried."""

from __future__ import annotations

import pytest

from linedesk.sync.decision_table import TABLE, Action, Case, Seen
from linedesk.sync.model import Op, Plan
from sync.plan_house import Houses


def _set_up(case: Case) -> Houses:
    """A pair that agreed once (linked or not), then each side as the case says."""
    houses = Houses()
    crm_id = houses.add(name="Ada Example", phone="045 1234567")
    if case.linked:
        houses.run()
        book_id = houses.counterpart(crm_id).id
    else:
        book_id = houses.add_to_book(name="Ada Example", office="045 1234567")
    if case.source is Seen.CHANGED:
        houses.edit(crm_id, email="ada@example.test")
    elif case.source is Seen.ABSENT:
        del houses.crm[crm_id]
    if case.target is Seen.CHANGED:
        houses.edit(book_id, office="+39 06 7654321" if case.linked else "045 123 45 67")
        houses.edit(book_id, note="by hand")
    elif case.target is Seen.ABSENT:
        del houses.book[book_id]
    return houses


def _action(plan: Plan) -> Action:
    kinds = {change.op for change in plan.changes}
    assert len(plan.changes) <= 1
    if Op.CREATE in kinds:
        return Action.CREATE
    if Op.UPDATE in kinds:
        return Action.UPDATE
    if plan.skipped:
        return Action.LEAVE
    return Action.LINK if plan.linkings else Action.NOTHING


def test_the_table_has_each_of_the_18_cases_once() -> None:
    cases = {(case.source, case.target, case.linked) for case in TABLE}
    assert len(TABLE) == len(cases) == 18


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)
def test_S01_S12_each_case_has_its_action(case: Case) -> None:
    assert _action(_set_up(case).plan()) is case.action


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)
def test_S02_S12_no_case_deletes_and_each_is_quiet_after_two_runs(case: Case) -> None:
    houses = _set_up(case)
    crm_before = dict(houses.crm)
    targets = set(houses.book)
    houses.run()
    houses.run()
    assert targets <= set(houses.book)
    assert houses.crm == crm_before
    last = houses.plan()
    assert (last.changes, last.linkings, last.problems) == ((), (), ())
