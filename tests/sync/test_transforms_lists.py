"""Transforms between one value and many, and of numbers: both ways."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.apps.records import Entry, FieldInfo, FieldKind, Value
from linedesk.numbers import NumberPlan
from linedesk.sync.fitting import Made
from linedesk.sync.model import MappingRow, Side
from linedesk.sync.transforms import TRANSFORMS, Given, made_of
from linedesk.sync.transforms_lists import can_split
from linedesk.sync.values import elements
from sync.plan_house import ITALY

ONE = FieldInfo("phone", "Phone", FieldKind.PHONE)
MANY = FieldInfo("phones", "Phones", FieldKind.PHONE, many=True)
TEXT = FieldInfo("text", "Text", FieldKind.TEXT)
TAGS = FieldInfo("tags", "Tags", FieldKind.TAGS, many=True)
BRITAIN = NumberPlan("GB")


def _made(
    name: str,
    value: Value,
    source: FieldInfo,
    target: FieldInfo,
    held: Value = None,
    *,
    to: Side = Side.B,
    plan: NumberPlan = ITALY,
    there: NumberPlan | None = None,
    **options: Any,
) -> Made:
    return made_of(TRANSFORMS[name], Given(value, source, target, plan, options, held, there), to)


WORK, HOME = Entry("+390451234567", "Work"), Entry("+390451234568", "home")


@pytest.mark.parametrize("name", ["first", "number"])
def test_the_first_of_many_goes_over_and_the_others_are_named_in_a_note(name: str) -> None:
    made = _made(name, (WORK, HOME), MANY, ONE)
    assert made.value == WORK.value
    assert made.notes == ("Phones holds 2 values; only the first one is taken. Left out: +390451234568.",)


@pytest.mark.parametrize("name", ["first", "number"])
@pytest.mark.parametrize("to", list(Side))
def test_S04_the_way_back_replaces_the_first_and_keeps_its_label_and_the_others(name: str, to: Side) -> None:
    held = (WORK, HOME)
    assert _made(name, "+390451234569", ONE, MANY, held, to=to).value == (
        Entry("+390451234569", "Work"),
        HOME,
    )
    assert _made(name, "045 1234567", ONE, MANY, held, to=to).value == held
    assert _made(name, "+390451234568", ONE, MANY, held, to=to).value == (HOME, WORK)
    assert _made(name, "", ONE, MANY, held, to=to).value == (HOME,)
    assert _made(name, None, ONE, MANY, (WORK,), to=to).value in ((), None)
    assert _made(name, "+390451234569", ONE, MANY, (), to=to).value == ("+390451234569",)
    assert _made(name, None, ONE, MANY, None, to=to).value is None


phones = st.sampled_from(["+390451234567", "045 1234567", "+390451234568", "+390451234569", "201"])
lists = st.lists(phones, max_size=4, unique_by=lambda text: elements(text, FieldKind.PHONE, ITALY)[0][0])


@settings(max_examples=100)
@given(lists, phones)
def test_S04_the_way_back_through_first_never_loses_another_value(held: list[str], value: str) -> None:
    made = _made("first", value, ONE, MANY, tuple(held))
    keys = [key for key, _ in elements(made.value, FieldKind.PHONE, ITALY)]
    before = [key for key, _ in elements(tuple(held), FieldKind.PHONE, ITALY)]
    assert keys[0] == elements(value, FieldKind.PHONE, ITALY)[0][0]
    assert set(before[1:]) <= set(keys)
    assert len(keys) == len(set(keys))
    assert _made("first", value, ONE, MANY, made.value).value == made.value


def test_G18_many_for_many_are_made_one_by_one_with_labels_in_plain_words() -> None:
    made = _made("number", (Entry("045 1234567", "MOBILE"), Entry("045 1234568", "workFax")), MANY, MANY)
    assert made.value == (Entry("+390451234567", "mobile"), Entry("+390451234568", "fax"))
    assert _made("same", ("b", " ", "a"), TAGS, TAGS).value == ("b", "a")


def test_a_national_number_goes_home_in_its_national_form_and_comes_back_international() -> None:
    assert _made("national", "+390451234567", ONE, ONE).value == "045 123 4567"
    assert _made("national", "045 123 4567", ONE, ONE, to=Side.A).value == "+390451234567"
    assert _made("national", "+442079460000", ONE, ONE).value == "+442079460000"
    assert _made("national", "201", ONE, ONE).value == "201"
    assert _made("national", "+390451234567", ONE, ONE, to=Side.A, reversed=True).value == "045 123 4567"


def test_a_national_form_that_the_other_account_would_take_for_another_number_is_not_used() -> None:
    assert _made("national", "045 1234567", ONE, ONE, there=BRITAIN).value == "+390451234567"


@given(st.sampled_from(["+390451234567", "+393331234567", "+442079460000", "201", "112", "call me"]))
def test_national_and_back_is_the_same_number(text: str) -> None:
    there = _made("national", text, ONE, ONE).value
    assert _made("national", there, ONE, ONE, to=Side.A).value == text


def test_joined_values_come_back_apart_and_known_ones_as_they_were() -> None:
    held = ("sales, north", "vip")
    text = _made("join", held, TAGS, TEXT).value
    assert text == "sales, north, vip"
    assert _made("join", text, TEXT, TAGS, held, to=Side.A).value == held
    assert _made("join", "sales, north, new", TEXT, TAGS, held, to=Side.A).value == ("sales, north", "new")
    assert _made("join", "b,a , ", TEXT, TAGS, (), to=Side.A).value == ("b", "a")
    assert _made("join", "", TEXT, TAGS, (), to=Side.A).value is None


def test_an_emptied_text_of_joined_values_empties_the_list() -> None:
    assert not _made("join", "", TEXT, TAGS, ("a", "b"), to=Side.A).value


def test_labels_of_joined_values_come_back_with_them() -> None:
    held = (WORK, HOME)
    text = _made("join", held, MANY, TEXT, between=" | ").value
    assert text == "+390451234567 | +390451234568"
    back = _made("join", "+390451234568 | 201", TEXT, MANY, held, to=Side.A, between=" | ")
    assert back.value == (HOME, Entry("201"))


words = st.text("ab c", min_size=1, max_size=5).filter(lambda text: text == text.strip())


@given(st.lists(words, max_size=5, unique=True).map(tuple), st.sampled_from([", ", "|", " / "]))
def test_S24_what_was_joined_is_split_into_the_same_values(values: tuple[str, ...], between: str) -> None:
    text = _made("join", values, TAGS, TEXT, between=between).value
    for held in ((), values):
        assert (_made("join", text, TEXT, TAGS, held, to=Side.A, between=between).value or ()) == values


def test_white_space_between_values_can_not_be_taken_apart() -> None:
    assert can_split(MappingRow("tags", "text", transform="join"))
    assert not can_split(MappingRow("tags", "text", transform="join", options={"between": " "}))
