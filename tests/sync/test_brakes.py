"""Brakes: what a plan must not do without a person (S17, G08, H04)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from linedesk.sync.brakes import brakes_of
from linedesk.sync.model import Change, Link, Op, Plan, Side
from linedesk.sync.policies import Brakes, Deletes
from sync.plan_house import CONNECTION, TWO_WAY, Houses


def _linked(count: int, **settings: Any) -> Houses:
    houses = Houses(connection=replace(TWO_WAY, **settings))
    for number in range(count):
        houses.add(name=f"Person {number}", phone="045 1234567", company="Example Srl")
    houses.run()
    assert houses.brakes() == []
    return houses


@pytest.mark.parametrize("side", list(Side))
def test_H04_S17_a_side_that_came_back_empty_stops_only_where_there_were_links(side: Side) -> None:
    houses = _linked(3)
    (houses.crm if side is Side.A else houses.book).clear()
    assert houses.brakes() == ["empty-side"]
    houses.whole = False
    assert houses.brakes() == []
    never_linked = Houses()
    never_linked.add(name="Ada")
    assert never_linked.brakes() == []


def test_H04_an_empty_side_stops_no_more_once_a_person_approved_it() -> None:
    houses = _linked(3)
    houses.crm.clear()
    houses.run()
    assert houses.brakes() == []


@pytest.mark.parametrize(
    ("gone", "limits", "wanted"),
    [
        (1, Brakes(), []),
        (2, Brakes(), ["deletes"]),
        (2, Brakes(deletes_percent=20), []),
        (3, Brakes(deletes_percent=20), ["deletes"]),
        (3, Brakes(deletes_percent=0, deletes=3), []),
        (4, Brakes(deletes_percent=0, deletes=3), ["deletes"]),
        (4, Brakes(deletes_percent=0, deletes=0), []),
    ],
)
def test_S17_more_deletes_than_a_count_or_a_share_of_the_links_stop(
    gone: int, limits: Brakes, wanted: list[str]
) -> None:
    houses = _linked(10, deletes=Deletes.PROPAGATE, brakes=limits)
    for record_id in list(houses.crm)[:gone]:
        houses.delete(record_id)
    assert houses.brakes() == wanted


def test_G08_S17_many_creates_stop_but_not_in_a_first_run_of_a_person() -> None:
    houses = Houses(connection=replace(TWO_WAY, brakes=Brakes(creates=2)))
    houses.add(name="Ada")
    houses.add_to_book(name="Bob")
    assert houses.brakes() == []
    houses.add(name="Cleo")
    assert houses.brakes() == ["creates"]
    assert houses.brakes(first_by_person=True) == []
    houses.connection = replace(houses.connection, brakes=Brakes(creates=0))
    assert houses.brakes() == []


def test_S17_H12_blanks_over_filled_fields_stop() -> None:
    houses = _linked(3, brakes=Brakes(blanks=2))
    ids = list(houses.crm)
    for record_id in ids[:2]:
        houses.edit(record_id, company="")
    assert houses.brakes() == []
    houses.edit(ids[2], company="Other Srl")
    assert houses.brakes() == []
    houses.edit(ids[2], company="")
    assert houses.brakes() == ["blanks"]


def test_S17_two_records_with_one_id_of_ours_stop_and_a_deleted_one_does_not() -> None:
    houses = _linked(2)
    one = next(iter(houses.book.values()))
    held = one.text("document_id")
    houses.add_to_book(name="A copy", document_id=held)
    assert houses.brakes() == ["claimed-twice"]
    houses.connection = replace(houses.connection, external_ids=False)
    assert houses.brakes() == []
    houses.connection = replace(houses.connection, external_ids=True)
    houses.add_to_book(name="A foreign id", document_id="theirs")
    houses.add_to_book(name="A foreign id too", document_id="theirs")
    houses.delete(one.id)
    assert houses.brakes() == []


def test_a_delete_is_counted_whatever_its_side_and_brakes_name_their_limits() -> None:
    a, b = Houses().known()
    changes = tuple(
        Change(side, Op.DELETE, f"ld-{number}", f"r{number}", "x", {}, "")
        for number, side in enumerate((Side.A, Side.B, Side.A))
    )
    links = [Link(f"ld-{number}", "x", f"r{number}", {}) for number in range(50)]
    plan = Plan("c", changes)
    a, b = (replace(known, whole=False) for known in (a, b))
    (brake,) = brakes_of(plan, CONNECTION, a, b, links, first_by_person=True)
    assert brake.kind == "deletes"
    assert "3 records" in brake.sentence
    assert "5 % of 50 links" in brake.sentence
