"""What holds for any text and any number: reading is total and idempotent, the plans are the library's."""

from __future__ import annotations

import phonenumbers
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from linedesk.numbers import Kind, NumberPlan, country, national, national_digits, read
from linedesk.numbers.plans import owner, territory
from worldwide import regions, served_regions, valid_numbers

signs = st.text("0123456789+*#,;pw()-./ :xe@%\u202d\u00a0٠９", max_size=40)
texts = st.one_of(
    st.text(max_size=60), signs, st.from_regex(r"\A(tel|sip):[+0-9();=,#*a-z-]{0,20}(@[a-z.]{3})?\Z")
)


@given(texts, served_regions)
@example("\ud800", "IT")
@example("(" * 400, "IT")
@example("+4400123", "GB")
@example("0" * 24 + "1", "AR")
@example("/" * 300 + "0212345678", "IT")
@example("," * 500, "US")
@example("00,1", "IT")
@example("tel. 00", "IT")
@settings(max_examples=600, deadline=None)
def test_A07_reading_is_total_and_idempotent(text: str, region: str) -> None:
    plan = NumberPlan(region)
    number = read(text, plan)
    assert number.raw == text
    assert (number.kind is Kind.E164) == bool(number.candidates)
    assert set(number.possible) <= set(number.candidates)
    assert number.certain == (not number.possible)
    if number.value is None:
        assert number.kind in {Kind.ANONYMOUS, Kind.INVALID}
        return
    again = read(number.value, plan)
    assert (again.kind, again.value) == (number.kind, number.value)
    for candidate in number.candidates:
        assert candidate[0] == "+"
        assert candidate[1:].isascii()
        assert candidate[1:].isdecimal()
        assert read(candidate, plan).value == candidate


@given(st.text("0123456789", min_size=2, max_size=14), regions)
@settings(max_examples=600, deadline=None)
def test_a_plus_number_is_never_moved_to_another_country(digits: str, region: str) -> None:
    number = read("+" + digits, NumberPlan(region))
    here = read("+" + digits, NumberPlan("GB"))
    assert (number.kind, number.value) == (here.kind, here.value)


@given(valid_numbers())
@settings(max_examples=500, deadline=None)
def test_the_plans_agree_with_the_library(pair: tuple[str, str]) -> None:
    _, value = pair
    number = phonenumbers.parse(value)
    national = phonenumbers.national_significant_number(number)
    found = owner(str(number.country_code), national)
    assert found is not None
    assert found.region == phonenumbers.region_code_for_number(number)


@given(st.text("0123456789", min_size=2, max_size=14), regions)
@settings(max_examples=600, deadline=None)
def test_a_number_the_library_knows_not_is_not_known_here(national: str, region: str) -> None:
    plan = territory(region)
    assert plan is not None
    zeros = len(national) - len(national.lstrip("0"))
    number = phonenumbers.PhoneNumber(
        country_code=int(plan.calling_code),
        national_number=int(national),
        italian_leading_zero=zeros > 0,
        number_of_leading_zeros=max(zeros, 1),
    )
    assume(phonenumbers.national_significant_number(number) == national)
    assert (owner(plan.calling_code, national) is not None) == phonenumbers.is_valid_number(number)


@given(valid_numbers())
@settings(max_examples=400, deadline=None)
def test_C21_digits_for_the_index_are_those_that_are_shown(pair: tuple[str, str]) -> None:
    _, value = pair
    assert national_digits(value) == "".join(filter(str.isdecimal, national(value, country(value) or "")))


@given(st.text("0123456789+", max_size=18))
@settings(max_examples=300, deadline=None)
def test_C21_digits_for_the_index_are_digits_or_nothing(text: str) -> None:
    digits = national_digits(text)
    assert digits == "" or (digits.isascii() and digits.isdecimal())
    if not text.startswith("+"):
        assert digits == ""
