"""What a PBX adds to numbers: prefix rules, the outside line, rules for dialling."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from linedesk.numbers import Kind, NumberPlan, PrefixRule, lookup_keys, read, to_dial
from linedesk.numbers.model import Certainty
from worldwide import SERVED, served_regions, valid_numbers

LINES = st.sampled_from(["0", "9", "8", "1", "00", "99"])
DIGITS = "0123456789"


@st.composite
def rules(draw: st.DrawFn) -> tuple[PrefixRule, ...]:
    """Any rules that settings allow, sensible or not."""
    lengths = st.integers(1, 24)
    found = []
    for _ in range(draw(st.integers(1, 3))):
        least = draw(lengths)
        found.append(
            PrefixRule(
                draw(st.text(DIGITS, max_size=3)),
                draw(st.one_of(st.text(DIGITS, max_size=3), st.just("+39"), st.just("+"))),
                least,
                draw(st.integers(least, 24)),
            )
        )
    return tuple(found)


@pytest.mark.parametrize(
    ("text", "region", "line", "want"),
    [
        ("92125550142", "US", "9", "+12125550142"),
        ("9 212 555 0142", "US", "9", "+12125550142"),
        ("9-212-555-0142", "US", "9", "+12125550142"),
        ("9 1 212 555 0142", "US", "9", "+12125550142"),
        ("9 011 44 20 7946 0018", "US", "9", "+442079460018"),
        ("0 030 23125014", "DE", "0", "+493023125014"),
        ("003023125014", "DE", "0", "+493023125014"),
        ("0 0039 02 12345678", "DE", "0", "+390212345678"),
        ("00212345678", "IT", "0", "+390212345678"),
        ("0 06 12345678", "IT", "0", "+390612345678"),
        ("0 0044 20 7946 0018", "IT", "0", "+442079460018"),
        ("9 020 7946 0018", "GB", "9", "+442079460018"),
        ("0 01 99 00 12 34", "FR", "0", "+33199001234"),
        ("0 91 123 45 67", "ES", "0", "+34911234567"),
        ("8 08-465 004 12", "SE", "8", "+46846500412"),
        ("99 21 234 5678", "PT", "99", "+351212345678"),
        ("9 11 96123-4567", "BR", "9", "+5511961234567"),
        ("0 8 495 123-45-67", "RU", "0", "+74951234567"),
        ("0 030 23125014 Durchwahl 12", "DE", "0", "+493023125014"),
        ("sip:92125550142@pbx.example", "US", "9", "+12125550142"),
    ],
)
def test_B24_the_outside_line_goes_where_what_is_left_is_a_number(
    text: str, region: str, line: str, want: str
) -> None:
    assert read(text, NumberPlan(region)).value != want or region == "IT"
    number = read(text, NumberPlan(region, outside_line=line))
    assert (number.kind, number.value, number.possible) == (Kind.E164, want, ())


@pytest.mark.parametrize(
    ("text", "region", "line", "want"),
    [
        ("0212345678", "IT", "0", "+390212345678"),
        ("02 1234 5678", "IT", "0", "+390212345678"),
        ("(0312) 3456789", "IT", "0", "+3903123456789"),
        ("0312 345 6789", "IT", "0", "+3903123456789"),
        ("0312-3456789", "IT", "0", "+3903123456789"),
        ("030/23125014", "DE", "0", "+493023125014"),
        ("020 7946 0018", "GB", "0", "+442079460018"),
        ("912 555 0142", "US", "9", "+19125550142"),
        ("91 123 45 67", "ES", "9", "+34911234567"),
        ("+39 02 1234 5678", "IT", "0", "+390212345678"),
        ("+92125550142", "US", "9", "+92125550142"),
        ("5550142", "US", "9", None),
        ("9201", "US", "9", "9201"),
        ("0112", "IT", "0", "0112"),
        ("112", "IT", "1", "112"),
    ],
)
def test_B24_a_real_number_keeps_its_first_digit(text: str, region: str, line: str, want: str | None) -> None:
    number = read(text, NumberPlan(region, outside_line=line))
    assert (number.value, number.possible) == (want, ())


@pytest.mark.parametrize("text", ["03123456789", "0 312 345 6789", "0 3123456789"])
def test_B24_a_number_that_exists_with_and_without_the_line_has_two_readings(text: str) -> None:
    number = read(text, NumberPlan("IT", outside_line="0"))
    assert number.candidates == ("+3903123456789", "+393123456789")
    assert number.possible == ("+393123456789",)


@given(valid_numbers(), LINES, st.sampled_from([PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL]))
@settings(max_examples=200, deadline=None)
def test_B24_a_valid_number_is_never_changed_by_an_outside_line(
    pair: tuple[str, str], line: str, form: int
) -> None:
    region, value = pair
    text = phonenumbers.format_number(phonenumbers.parse(value), form)
    plain = read(text, NumberPlan(region))
    assume(plain.kind is Kind.E164)
    number = read(text, NumberPlan(region, outside_line=line))
    assert (number.value, number.ext) == (plain.value, plain.ext)
    sure = {key for key in lookup_keys(plain) if key.certainty is Certainty.SURE}
    assert sure == {key for key in lookup_keys(number) if key.certainty is Certainty.SURE}


@given(valid_numbers(), LINES)
@settings(max_examples=150, deadline=None)
def test_B24_a_number_behind_the_line_is_found(pair: tuple[str, str], line: str) -> None:
    region, value = pair
    plan = NumberPlan(region, internal_pattern=r"(?!)", outside_line=line)
    dialled = to_dial(read(value, plan), plan)
    assume(len(dialled) >= len(line) + 7)
    assume(read(dialled.removeprefix(line), plan).kind is Kind.E164)
    keys = {key.text for key in lookup_keys(read(dialled, plan))}
    whole = read(dialled, NumberPlan(region, internal_pattern=r"(?!)"))
    there = {key.text for key in lookup_keys(read(value, plan))}
    assert there & keys or whole.kind is not Kind.INVALID, dialled


@pytest.mark.parametrize(
    ("text", "rule", "want"),
    [
        ("99902079460018", PrefixRule("999", ""), "+442079460018"),
        ("2079460018", PrefixRule("", "0", 10, 10), "+442079460018"),
        ("79460018", PrefixRule("", "020", 8, 8), "+442079460018"),
        ("179460018", PrefixRule("1", "020", 9, 9), "+442079460018"),
        ("39902 12345678", PrefixRule("399", "+39", 10), "+390212345678"),
        ("0001 212 555 0142", PrefixRule("000", "+"), "+12125550142"),
    ],
)
def test_B24_a_prefix_rule_applies_before_reading(text: str, rule: PrefixRule, want: str) -> None:
    number = read(text, NumberPlan("GB", rules=(rule,)))
    assert (number.kind, number.value) == (Kind.E164, want)


@pytest.mark.parametrize("text", ["1020794600181", "10207946001", "1020794600"])
def test_B24_a_prefix_rule_fits_its_lengths_only(text: str) -> None:
    rule = PrefixRule("1", "", 12, 12)
    assert read(text, NumberPlan("GB", rules=(rule,))) == read(text, NumberPlan("GB"))


def test_B24_the_first_rule_that_fits_is_the_only_one() -> None:
    both = (PrefixRule("9", "", 12, 12), PrefixRule("0", "1", 11, 11))
    assert read("902079460018", NumberPlan("GB", rules=both)).value == "+442079460018"


@given(st.text(DIGITS + "+ ()-/", max_size=16), rules(), st.sampled_from(["", "0", "9"]), served_regions)
@example("2001", (PrefixRule("20", "2", 1, 24),), "", "IT")
@example("201", (PrefixRule("", "1", 1, 24),), "", "IT")
@example("201", (PrefixRule("2", "3", 3, 3), PrefixRule("3", "2", 3, 3)), "", "IT")
@settings(max_examples=250, deadline=None)
def test_A07_reading_is_idempotent_whatever_the_rules(
    text: str, some: tuple[PrefixRule, ...], line: str, region: str
) -> None:
    plan = NumberPlan(region, rules=some, outside_line=line)
    number = read(text, plan)
    if number.value is not None:
        again = read(number.value, plan)
        assert (again.kind, again.value) == (number.kind, number.value)
    for candidate in number.candidates:
        assert read(candidate, plan).value == candidate


def _never_changed() -> list[tuple[str, str]]:
    """By region, what is an emergency number or a short code there."""
    texts = ("112", "911", "000", "118500", "116117", "1254", "110")
    kinds = {Kind.EMERGENCY, Kind.SHORT}
    pairs = ((region, text) for region in SERVED for text in texts)
    return [(region, text) for region, text in pairs if read(text, NumberPlan(region)).kind in kinds]


@given(st.deferred(lambda: st.sampled_from(_never_changed())), rules())
@settings(max_examples=80, deadline=None)
def test_B08_no_rule_changes_an_emergency_number_or_a_short_code(
    at: tuple[str, str], some: tuple[PrefixRule, ...]
) -> None:
    region, text = at
    plain = read(text, NumberPlan(region))
    assert read(text, NumberPlan(region, rules=some, outside_line="1")) == plain


@pytest.mark.parametrize(
    ("text", "line", "some", "want"),
    [
        ("020 7946 0018", "", (PrefixRule("+44", "0"),), "02079460018"),
        ("+39 02 12345678", "", (PrefixRule("+", "00"),), "00390212345678"),
        ("020 7946 0018", "9", (PrefixRule("9020", "8020"),), "802079460018"),
        ("07911 123456", "9", (PrefixRule("907", "1807"),), "1807911123456"),
        ("020 7946 0018", "", (PrefixRule("", "7", 12, 12),), "7+442079460018"),
        ("020 7946 0018", "", (PrefixRule("+44", "0", 8, 11),), "+442079460018"),
        ("020 7946 0018", "", (PrefixRule("+442079460018", ""),), "+442079460018"),
    ],
)
def test_B24_rules_for_dialling_come_last(
    text: str, line: str, some: tuple[PrefixRule, ...], want: str
) -> None:
    plan = NumberPlan("GB", outside_line=line, dial_rules=some)
    assert to_dial(read(text, plan), plan) == want


@given(
    st.sampled_from(["201", "4021", "112", "911", "999", "*21#", "63*1", "1254", "116000", "12", "000"]),
    rules(),
    st.sampled_from(["", "0", "9", "2"]),
    served_regions,
)
@settings(max_examples=150, deadline=None)
def test_C10_neither_line_nor_rules_touch_what_is_no_public_number(
    text: str, some: tuple[PrefixRule, ...], line: str, region: str
) -> None:
    plan = NumberPlan(region, outside_line=line, dial_rules=some)
    number = read(text, plan)
    assume(number.value is not None and number.kind is not Kind.E164)
    assert to_dial(number, plan) == text
