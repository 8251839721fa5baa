"""Which linked records a new one may be the successor of: as data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from linedesk.sync.model import Known, Link, LinkState, Op, PairBy, Plan, Side, SkipKind
from linedesk.sync.twins import Twins, put_off, twins_in_slices
from sync.plan_house import TWO_WAY, Houses

ADA: dict[str, Any] = {"name": "Ada Example", "email": "ada@example.test"}
PHONE = {Side.A: "phone", Side.B: "office"}
COMPANY = {Side.A: "company", Side.B: "organization"}
EVERY_WAY = tuple(PairBy)


def _houses(side: Side, **fields: Any) -> tuple[Houses, str]:
    """A linked pair, of which the record of `side` is told; it can't be known whether that one is gone."""
    houses = Houses(connection=TWO_WAY)
    there = _add(houses, side, **fields)
    houses.run()
    houses.whole = False
    return houses, there


def _add(houses: Houses, side: Side, **fields: Any) -> str:
    return houses.add(**fields) if side is Side.A else houses.add_to_book(**fields)


def _known(houses: Houses, side: Side) -> Known:
    return houses.known()[0 if side is Side.A else 1]


def _twins(
    houses: Houses, side: Side, *, pair_by: tuple[PairBy, ...] = EVERY_WAY, plan: Plan | None = None
) -> Twins:
    links: list[Link] = list(houses.links.values())
    changes = (plan or houses.plan()).changes
    steps = twins_in_slices(side, _known(houses, side), changes, links, pair_by)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            twins: Twins = end.value
            return twins


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    ("way", "other"),
    [
        (PairBy.EMAIL, {"name": "A. Example", "email": "ADA@example.test "}),
        (PairBy.NUMBER_AND_NAME, {"name": "Example, Ada", "phone": "+39 045 1234567"}),
        (PairBy.NAME_AND_COMPANY, {"name": "Ada Example", "company": "EXAMPLE Srl"}),
    ],
)
def test_S06_a_new_record_has_its_twin_by_any_way_of_pairing_that_is_on(
    side: Side, way: PairBy, other: dict[str, str]
) -> None:
    names = {"phone": PHONE[side], "company": COMPANY[side]}
    houses, there = _houses(side, **ADA, **{PHONE[side]: "045 1234567", COMPANY[side]: "Example Srl"})
    new = _add(houses, side, **{names.get(name, name): text for name, text in other.items()})
    plan = houses.plan()
    assert [(each.op, each.source_id) for each in plan.changes] == [(Op.CREATE, new)]
    twins = _twins(houses, side, pair_by=(way,), plan=plan)
    assert set(twins.linked) == {there}
    assert twins.of([there]) == {new}
    assert twins.of([new]) == set()
    others = tuple(each for each in PairBy if each is not way)
    assert not _twins(houses, side, pair_by=others, plan=plan).linked
    assert not _twins(houses, side.other, plan=plan).linked


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    "other",
    [
        {"name": "Ada Example", "email": "other@example.test"},
        {"name": "Bob Example", "phone": "045 1234567"},
    ],
)
def test_who_shares_a_name_or_a_switchboard_only_is_no_twin(side: Side, other: dict[str, str]) -> None:
    houses, _ = _houses(side, **ADA, **{PHONE[side]: "045 1234567"})
    _add(houses, side, **{PHONE[side] if name == "phone" else name: text for name, text in other.items()})
    plan = houses.plan()
    assert len(plan.changes) == 1
    assert not _twins(houses, side, plan=plan).linked


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("state", LinkState)
def test_only_a_record_whose_counterpart_is_there_has_a_twin(side: Side, state: LinkState) -> None:
    houses, there = _houses(side, **ADA)
    _add(houses, side, **ADA)
    plan = houses.plan()
    (link,) = houses.links.values()
    houses.links[link.id] = replace(link, state=state)
    is_tied = state in {LinkState.ACTIVE, LinkState.HELD}
    assert set(_twins(houses, side, plan=plan).linked) == ({there} if is_tied else set())


def test_nothing_is_looked_at_in_a_plan_that_makes_nothing() -> None:
    houses, ada = _houses(Side.A, **ADA)
    houses.edit(ada, company="Example Srl")
    plan = houses.plan()
    assert [each.op for each in plan.changes] == [Op.UPDATE]
    links: list[Link] = list(houses.links.values())
    steps = twins_in_slices(
        Side.A, replace(_known(houses, Side.A), fields={}), plan.changes, links, EVERY_WAY
    )
    with pytest.raises(StopIteration) as end:
        next(steps)
    assert end.value.value == Twins()


@pytest.mark.parametrize("side", Side)
def test_S19_what_is_put_off_is_told_and_the_rest_keeps_its_hash(side: Side) -> None:
    houses, _ = _houses(side, **ADA)
    without = houses.plan()
    _add(houses, side, name="Bob Example", email="bob@example.test")
    alone = houses.plan()
    new = _add(houses, side, **ADA)
    plan = houses.plan()
    assert len(plan.changes) == 2
    accounts = {Side.A: "crm", Side.B: "book"}
    steps = put_off(plan, {side: frozenset({new}), side.other: frozenset({"c1", "b1"})}, accounts)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            left: Plan = end.value
            break
    assert [each.fields for each in left.changes] == [each.fields for each in alone.changes]
    assert left.hash == alone.hash != plan.hash != without.hash
    (told,) = left.skipped
    assert (told.side, told.record_id, told.kind) == (side, new, SkipKind.UNTOLD)
    assert accounts[side] in told.reason
