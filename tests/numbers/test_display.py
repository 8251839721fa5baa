"""What people see and what logs may hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.numbers import NumberPlan, international, mask, national, read


@pytest.mark.parametrize(
    ("value", "region", "want"),
    [
        ("+390212345678", "IT", "02 1234 5678"),
        ("+393123456789", "IT", "312 345 6789"),  # A12: a mobile gets no zero
        ("+390212345678", "DE", "+39 02 1234 5678"),
        ("+442079460018", "gb", "020 7946 0018"),
        ("+12125550142", "US", "(212) 555-0142"),
        ("+12125550142", "CA", "+1 212-555-0142"),
        ("+3780549886377", "SM", "0549 886377"),
        ("201", "IT", "201"),
        ("*21#", "IT", "*21#"),
        ("not a number", "IT", "not a number"),
    ],
)
def test_own_region_in_national_form_and_others_with_their_country(
    value: str, region: str, want: str
) -> None:
    assert national(value, region) == want


def test_international_form() -> None:
    assert international("+390212345678") == "+39 02 1234 5678"
    assert international("112") == "112"


@given(st.from_regex(r"\A\+[1-9][0-9]{5,13}\Z"), st.sampled_from(["IT", "GB", "US", "DE"]))
def test_C09_what_is_shown_abroad_is_what_is_dialled(text: str, region: str) -> None:
    value = read(text, NumberPlan(region)).value
    if value is not None:
        shown = international(value)
        assert "+" + "".join(filter(str.isdecimal, shown)) == value


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("+390212345678", "+39********78"),
        ("+12125550142", "+1********42"),
        ("201", "201"),
        ("", ""),
        ("+39", "***"),
        ("Anna 0212345678", "*************78"),
        ("ab", "**"),
    ],
)
def test_logs_get_masked_numbers(value: str, want: str) -> None:
    assert mask(value) == want


@given(st.text(max_size=40))
def test_a_mask_hides_all_but_country_and_two_characters(value: str) -> None:
    hidden = mask(value)
    assert len(hidden) == len(value)
    if len(value) > 5 and not value.startswith("+"):
        assert hidden[:-2] == "*" * (len(value) - 2)
