"""Keys: folding of country variants, switchboards, and what has no key."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.numbers import Certainty, NumberPlan, lookup_keys, read, stored_keys, switchboard_keys
from linedesk.numbers.plans import calling_code, owner
from linedesk.numbers.variants import VARIANTS, Variant, fold


def sure(text: str, region: str) -> set[str]:
    return {
        key.text for key in lookup_keys(read(text, NumberPlan(region))) if key.certainty is Certainty.SURE
    }


@pytest.mark.parametrize(
    ("one", "other", "region"),
    [
        ("+55 11 96123 4567", "(11) 6123-4567", "BR"),
        ("+52 1 33 1234 5678", "33 1234 5678", "MX"),
        ("+54 9 11 2345 6789", "+54 11 2345 6789", "IT"),
        ("011 15-2345-6789", "+541123456789", "AR"),
        ("0549 886377", "+378 0549 886377", "IT"),
        ("+229 97123456", "+229 01 97123456", "FR"),
        ("+84 169 1234567", "+84 39 1234567", "US"),
    ],
)
def test_A16_variants_of_one_number_have_one_sure_key(one: str, other: str, region: str) -> None:
    assert sure(one, region) == sure(other, region) != set()


def test_A16_a_brazilian_landline_and_a_mobile_stay_apart() -> None:
    assert sure("+55 11 2123 4567", "BR") != sure("+55 11 92123 4567", "BR")


def test_A12_the_italian_zero_is_part_of_the_key() -> None:
    assert sure("02 1234 5678", "IT") == {"+390212345678"}
    assert sure("+39212345678", "IT") == {"+39212345678"}
    assert sure("312 345 6789", "IT").isdisjoint(sure("0312 345 6789", "IT"))


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each.pattern.pattern)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_A16_folding_a_variant_gives_a_form_that_is_none(variant: Variant, data: st.DataObject) -> None:
    value = data.draw(st.from_regex(variant.pattern, fullmatch=True, alphabet="+0123456789"))
    folded = fold(value)
    assert folded != value
    assert fold(folded) == folded


_TWO_LIVING_FORMS = {
    "Brazil: ninth digit of mobiles, 2012 to 2016",  # 7…: a network that is gone
    "Argentina: 9 before mobiles called from abroad",
    "Overseas France as called from France",
    "Northern Ireland as called from Ireland",
    "Palestinian mobiles behind Israel's code",
    "San Marino as called from Italy",
}
"""Both forms are in a plan of today, and both reach the same person."""


@pytest.mark.parametrize(
    "variant",
    [each for each in VARIANTS if each.why not in _TWO_LIVING_FORMS],
    ids=lambda each: each.pattern.pattern,
)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_C4_folding_joins_no_two_numbers_that_exist_today(variant: Variant, data: st.DataObject) -> None:
    value = data.draw(st.from_regex(variant.pattern, fullmatch=True, alphabet="+0123456789"))
    code = calling_code(value)
    assert code is not None
    assert not owner(code, value[len(code) + 1 :]), f"{value} is a number of its own"


def test_C4_an_old_landline_of_colombia_is_no_number_of_todays_plan() -> None:
    assert fold("+5746213734") == "+5746213734"
    assert fold("+5742213734") == "+576042213734"


@pytest.mark.parametrize("text", ["", "anonymous", "000000", "112", "nonsense", "+266696687"])
def test_B08_B17_nobody_and_emergency_have_no_key(text: str) -> None:
    number = read(text, NumberPlan("IT"))
    assert not (*lookup_keys(number), *stored_keys(number), *switchboard_keys(number))


def test_B05_internal_numbers_and_codes_are_name_spaces_of_their_own() -> None:
    assert sure("201", "IT") == {"int:201"}
    assert sure("1254", "IT") == {"short:1254"}
    assert switchboard_keys(read("201", NumberPlan("IT"))) == ()


def test_A14_ambiguous_readings_are_only_possible_keys() -> None:
    keys = lookup_keys(read("3902123456", NumberPlan("IT")))
    assert {(key.text, key.certainty) for key in keys} == {
        ("+393902123456", Certainty.POSSIBLE),
        ("+3902123456", Certainty.POSSIBLE),
    }


def test_B15_switchboards_are_one_to_four_digits_shorter() -> None:
    keys = [key for key in switchboard_keys(read("+43123456723", NumberPlan("AT"))) if key[0] == "+"]
    assert keys == ["+4312345672", "+431234567", "+43123456", "+4312345"]


def test_B15_no_switchboard_is_shorter_than_its_country() -> None:
    for text in ("+4412", "+39201", "+1242"):
        for key in switchboard_keys(read(text, NumberPlan("IT"))):
            code = calling_code(text)
            assert key.removeprefix("board:").startswith(f"+{code}")
            assert key.removeprefix("board:") != f"+{code}"


@pytest.mark.parametrize(
    ("text", "region", "board"),
    [
        ("+49 30 23125-0", "IT", "board:+493023125"),
        ("030 / 23125 \u2013 0", "DE", "board:+493023125"),
        ("+43 1 234567-0", "AT", "board:+431234567"),
    ],
)
def test_B15_a_written_zero_stands_for_the_switchboard(text: str, region: str, board: str) -> None:
    assert [key.text for key in stored_keys(read(text, NumberPlan(region)))][1:] == [board]


@pytest.mark.parametrize(("text", "region"), [("+49 30 231250", "DE"), ("+44 20 7946 001-0", "GB")])
def test_B15_other_zeros_stand_for_themselves(text: str, region: str) -> None:
    assert len(stored_keys(read(text, NumberPlan(region)))) == 1
