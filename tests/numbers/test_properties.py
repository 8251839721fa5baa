"""What holds for any text and any number: reading is total and idempotent, all spellings have one key."""

from __future__ import annotations

import time
from functools import lru_cache

import phonenumbers
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from linedesk.numbers import Kind, NumberPlan, PrefixRule, lookup_keys, read, stored_keys, to_dial
from linedesk.numbers.plans import owner, territory

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
regions = st.sampled_from(REGIONS)
main_regions = st.sampled_from(
    ["IT", "GB", "US", "DE", "AT", "FR", "ES", "BR", "MX", "AR", "IN", "RU", "AU", "SM"]
)
signs = st.text("0123456789+*#,;pw()-./ :xe@%\u202d\u00a0٠９", max_size=40)
texts = st.one_of(
    st.text(max_size=60), signs, st.from_regex(r"\A(tel|sip):[+0-9();=,#*a-z-]{0,20}(@[a-z.]{3})?\Z")
)


@lru_cache(maxsize=1)
def examples() -> list[tuple[str, str]]:
    """(region, E.164) of the library's example numbers of every type that is a subscriber's."""
    found = []
    for region in REGIONS:
        for kind in range(11):
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None and phonenumbers.is_valid_number(number):
                found.append((region, phonenumbers.format_number(number, PhoneNumberFormat.E164)))
    return found


@st.composite
def valid_numbers(draw: st.DrawFn) -> tuple[str, str]:
    """An example number with some digits changed that still exists, and a region it belongs to."""
    region, value = draw(st.sampled_from(examples()))
    keep = draw(st.integers(4, len(value)))
    tail = draw(st.text("0123456789", min_size=len(value) - keep, max_size=len(value) - keep))
    changed = value[:keep] + tail
    try:
        number = phonenumbers.parse(changed)
    except phonenumbers.NumberParseException:
        return region, value
    ok = phonenumbers.is_valid_number_for_region(number, region)
    return (region, phonenumbers.format_number(number, PhoneNumberFormat.E164)) if ok else (region, value)


@given(texts, main_regions)
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
def test_A01_every_format_of_the_library_has_the_key_of_the_number(pair: tuple[str, str]) -> None:
    region, value = pair
    plan = NumberPlan(region, internal_pattern=r"(?!)")  # shortest public numbers look internal
    keys = {key.text for key in lookup_keys(read(value, plan))}
    number = phonenumbers.parse(value)
    for form in (
        PhoneNumberFormat.E164,
        PhoneNumberFormat.INTERNATIONAL,
        PhoneNumberFormat.NATIONAL,
        PhoneNumberFormat.RFC3966,
    ):
        text = phonenumbers.format_number(number, form)
        found = read(text, plan)
        # these come first, also where some country has a subscriber with the same digits
        assume(found.kind not in {Kind.SHORT, Kind.EMERGENCY, Kind.ANONYMOUS})
        assert keys & {key.text for key in lookup_keys(found)}, (text, found)


@given(valid_numbers(), st.data())
@settings(max_examples=400, deadline=None)
def test_A03_noise_between_the_digits_changes_nothing(pair: tuple[str, str], data: st.DataObject) -> None:
    region, value = pair
    plan = NumberPlan(region)
    noise = st.sampled_from(["", "", " ", "\u00a0", "\u200e", "\u202d", "\u200b", ".", "\u00ad"])
    noisy = "+" + "".join(digit + data.draw(noise) for digit in value[1:])
    assert read(noisy, plan).value == read(value, plan).value


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


@given(valid_numbers(), st.sampled_from(["0", "9", "00"]))
@settings(max_examples=400, deadline=None)
def test_C10_what_is_dialled_through_an_outside_line_reads_back(pair: tuple[str, str], line: str) -> None:
    region, value = pair
    plan = NumberPlan(region, internal_pattern=r"(?!)", outside_line=line)
    number = read(value, plan)
    dialled = to_dial(number, plan)
    assert dialled.startswith(line)
    behind = dialled.removeprefix(line)
    assume(read(behind, plan).kind is Kind.E164)
    back = read(dialled, NumberPlan(region, r"(?!)", (PrefixRule(line, "", len(dialled)),)))
    keys = {key.text for key in stored_keys(back)}
    assert keys & {key.text for key in stored_keys(number)}, (dialled, back)


@given(st.sampled_from(["201", "4021", "112", "911", "*21#", "63*1", "1254", "12"]), main_regions)
def test_C10_internal_emergency_and_codes_are_dialled_as_they_are(text: str, region: str) -> None:
    plan = NumberPlan(region, outside_line="0")
    number = read(text, plan)
    assume(number.kind is not Kind.E164)
    assert to_dial(number, plan) == text


@pytest.mark.parametrize(
    "text",
    [
        "(" * 512,
        "1/" * 256,
        "1-" * 256,
        "1 - " * 128,
        "1," * 256,
        "1 ext " * 85,
        "tel. " * 100 + "1",
        "(a) " * 128,
        "1 or " * 100,
        "<sip:" * 100,
        "1@" * 256,
        "1;a=b" * 100,
        "+1 " * 170,
        "212-555-0142/" * 39,
        "1 " * 256,
        "1x" * 256,
    ],
)
def test_a_hostile_text_costs_no_time(text: str) -> None:
    """A caller's name or a CRM field of any shape must not hold the event loop."""
    plan = NumberPlan("US")
    read(text, plan)
    begun_s = time.process_time()
    for _ in range(5):
        read(text, plan)
    assert (time.process_time() - begun_s) / 5 < 0.05
