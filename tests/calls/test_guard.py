"""The dial guard: what is denied whatever the spelling, what is asked, and what passes everything."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calls.guarding import GB, IT, US, ask, patient
from linedesk.calls import destinations
from linedesk.calls.dial_policy import DialPolicy
from linedesk.calls.guard import DialCounts, Origin, Verdict
from linedesk.errors import (
    CapReached,
    ConfirmationNeeded,
    DestinationDenied,
    DiallingStopped,
    DialRefused,
    NumberUnreadable,
)
from linedesk.numbers import Number, NumberPlan, PriceClass, is_fiction, price_class, read

SHUT = DialPolicy(
    stopped=True, countries=("AQ",), per_minute=0, per_hour=0, per_day=0, at_once=0, company_per_hour=0
)
FULL = DialCounts(9_999_999, 9_999_999, 9_999_999, 9_999_999, 9_999_999, 9_999_999)
NETWORKS = ("+979", "+870", "+878", "+881", "+882", "+883", "+888", "+4470")
ORIGINS = st.sampled_from([*Origin, "made up"])


# Emergency numbers


@patient
@given(
    st.sampled_from(
        [("112", IT), ("118", IT), ("tel:112", IT), ("999", GB), ("911", US), ("110", NumberPlan("DE"))]
    ),
    ORIGINS,
    st.booleans(),
    st.integers(0, 23),
)
def test_B08_an_emergency_number_passes_every_cap_question_and_the_stop_switch(
    case: tuple[str, NumberPlan], origin: str, confirmed: bool, hour: int
) -> None:
    text, plan = case
    verdict = ask(text, plan, origin, policy=SHUT, counts=FULL, confirmed=confirmed, local_hour=hour)
    assert verdict.destination == text.removeprefix("tel:")


def test_C10_an_emergency_number_gets_no_outside_line() -> None:
    assert ask("112", replace(IT, outside_line="0")).destination == "112"


@pytest.mark.parametrize("text", ["+39 02 1234 5678", "201", "*21#", "1254"])
def test_the_stop_switch_stops_everything_else(text: str) -> None:
    with pytest.raises(DiallingStopped):
        ask(text, policy=DialPolicy(stopped=True), confirmed=True)


# Feature codes and pages


@patient
@given(
    st.from_regex(r"[*#]{1,2}[0-9]{1,12}[*#]?[0-9]{0,12}#?", fullmatch=True)
    | st.from_regex(r"[0-9]{2,4}\*[0-9]{1,4}", fullmatch=True),
    ORIGINS.filter(lambda origin: origin != Origin.DIALPAD),
    st.booleans(),
)
def test_a_code_is_never_dialled_but_from_the_dialpad(code: str, origin: str, confirmed: bool) -> None:
    try:
        verdict = ask(code, origin=origin, confirmed=confirmed, known_internal=True)
    except DialRefused:
        return
    assert "*" not in verdict.destination
    assert "#" not in verdict.destination


@pytest.mark.parametrize("code", ["*21#", "63*1", "*8"])
def test_C10_the_dialpad_sends_a_feature_code_untouched(code: str) -> None:
    assert ask(code, replace(IT, outside_line="0")).destination == code


def test_a_long_code_from_the_dialpad_is_asked_about_then_dialled_as_typed() -> None:
    with pytest.raises(ConfirmationNeeded):
        ask("*21*0212345678#")
    assert ask("*21*0212345678#", confirmed=True).destination == "*21*0212345678#"


@pytest.mark.parametrize("code", ["*21#", "63*1", "*21*0212345678#"])
def test_the_dialpad_of_a_program_sends_no_code(code: str) -> None:
    with pytest.raises(DestinationDenied, match=r"\*"):
        ask(code, origin=Origin.CLIENT, confirmed=True)
    assert ask("201", origin=Origin.CLIENT).destination == "201"
    assert ask("02 1234 5678", origin=Origin.CLIENT).destination == "+390212345678"


@pytest.mark.parametrize("target", ["899123456", "00881612345678", "0088161234567899"])
def test_call_forwarding_to_a_denied_number_is_denied(target: str) -> None:
    with pytest.raises(DestinationDenied):
        ask(f"*21*{target}#", confirmed=True)


def test_a_code_with_a_plus_in_its_middle_is_not_dialled() -> None:
    with pytest.raises(NumberUnreadable):
        ask("*21*+881612345678#", confirmed=True)


@pytest.mark.parametrize(
    "text", ["12345", "1254", "899", "*21#", "+39 02 1234 5678*1", "192.168.10.200", "x", "02 1234 5678#"]
)
@pytest.mark.parametrize("origin", [Origin.PAGE, "made up"])
def test_a_page_may_hold_whole_public_numbers_only(text: str, origin: str) -> None:
    with pytest.raises(DialRefused) as caught:
        ask(text, origin=origin, confirmed=True)
    assert not isinstance(caught.value, ConfirmationNeeded)


def test_a_page_may_hold_the_extension_of_a_colleague() -> None:
    with pytest.raises(NumberUnreadable):
        ask("201", origin=Origin.PAGE)
    assert ask("201", origin=Origin.PAGE, known_internal=True) == Verdict("201", PriceClass.FREE)


@pytest.mark.parametrize(
    "text", ["02 1234 5678", "+39 02 1234 5678", "tel:+39-02-12345678", "(02) 1234.5678"]
)
def test_C09_a_number_of_a_page_is_dialled_in_full(text: str) -> None:
    assert ask(text, origin=Origin.PAGE).destination == "+390212345678"


# Denied destinations


@st.composite
def denied_spellings(draw: st.DrawFn) -> tuple[str, NumberPlan]:
    """A number of a denied network or range, in one of the ways to write it, and the PBX's plan."""
    prefix, tail = draw(st.sampled_from(NETWORKS)), draw(st.from_regex(r"[0-9]{3,18}", fullmatch=True))
    plan = draw(st.sampled_from([IT, GB, US, replace(IT, outside_line="0"), replace(GB, outside_line="9")]))
    home = "011" if plan is US else "00"  # 011 begins ordinary numbers in Turin
    access = draw(st.sampled_from(["+", "00", "+00", "000", home, "tel:+", "(00) ", "\uff0b", "00 00"]))
    if access[0] in "0(":
        access = draw(st.sampled_from(["", plan.outside_line])) + access
    gap = draw(st.sampled_from(["", " ", "-", ".", "\u00a0", " / "]))
    digits = gap.join([prefix[1:], tail[:3], tail[3:]])
    return access + _written(digits, draw(st.sampled_from(["ascii", "arabic", "fullwidth"]))), plan


@patient
@given(denied_spellings(), ORIGINS)
def test_denied_prefixes_never_pass_whatever_the_spelling(case: tuple[str, NumberPlan], origin: str) -> None:
    text, plan = case
    with pytest.raises(DialRefused) as caught:
        ask(text, plan, origin, confirmed=True, known_internal=True)
    assert not isinstance(caught.value, ConfirmationNeeded)


@patient
@given(
    st.from_regex(r"(899|199|178|144|166)[0-9]{5,16}", fullmatch=True),
    st.sampled_from(["", "+39", "0039", "+39 ", "9"]),
)
@example("8990000000000000", "")
@example("89900000", "9")
def test_national_premium_numbers_never_pass_with_digits_too_many_or_an_outside_line(
    digits: str, before: str
) -> None:
    plan = replace(IT, outside_line="9") if before == "9" else IT
    with pytest.raises(DialRefused) as caught:
        ask(before + digits, plan, confirmed=True)
    assert not isinstance(caught.value, ConfirmationNeeded)


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("0088152057360365632", US),
        ("0097903347605734217467132746", US),
        ("190052339786539676", NumberPlan("DE")),
        ("0957506496142618685862685", GB),
    ],
)
def test_a_denied_range_is_found_though_the_number_is_longer_than_any(text: str, plan: NumberPlan) -> None:
    with pytest.raises(DestinationDenied):
        ask(text, plan, confirmed=True)


@pytest.mark.parametrize("text", ["9" * 40, "0" * 39 + "1", "*21*" + "9" * 35, "99" * 18 + "1234"])
def test_the_longest_text_needs_only_few_readings(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    readings: list[str] = []

    def counted(part: str, plan: NumberPlan) -> Number:
        readings.append(part)
        return read(part, plan)

    monkeypatch.setattr(destinations, "read", counted)
    destinations.reachable(text, replace(GB, outside_line="9"))
    assert len(readings) <= (90 if "*" in text else 45)


@pytest.mark.parametrize("text", ["+1 212 976 1234 5", "001 212 976 1234 567", "*21*0012129761234#"])
def test_a_premium_exchange_is_found_though_digits_follow_that_an_exchange_ignores(text: str) -> None:
    with pytest.raises(DestinationDenied):
        ask(text, confirmed=True)


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("899 123456", IT),
        ("+44 70 1234 5678", IT),
        ("070 1234 5678", GB),
        ("0900 1234567", NumberPlan("DE")),
        ("(900) 234-5678", US),
        ("+979 123456789", IT),
        ("+870 773 123456", IT),
        ("+881 6 1234 5678", IT),
        ("+883 5100 1234 5678", IT),
    ],
)
def test_premium_shared_personal_and_satellite_are_denied_by_default(text: str, plan: NumberPlan) -> None:
    with pytest.raises(DestinationDenied):
        ask(text, plan, confirmed=True)


@patient
@given(st.text(max_size=40), ORIGINS, st.booleans())
def test_whatever_is_typed_only_digits_and_signs_reach_the_pbx(
    text: str, origin: str, confirmed: bool
) -> None:
    try:
        verdict = ask(text, origin=origin, confirmed=confirmed)
    except DialRefused:
        return
    assert verdict.destination
    assert set(verdict.destination) <= set("+0123456789*#")


@patient
@given(
    st.from_regex(r"[0-9+*# ]{1,24}", fullmatch=True),
    st.sampled_from([IT, replace(IT, outside_line="0"), US]),
)
def test_a_call_that_passes_is_of_no_denied_class(text: str, plan: NumberPlan) -> None:
    try:
        verdict = ask(text, plan, confirmed=True)
    except DialRefused:
        return
    assert not verdict.price_class.denied_by_default
    again = read(verdict.destination.removeprefix(plan.outside_line), plan)
    if again.value is not None:
        assert not price_class(again.value).denied_by_default


def test_countries_on_the_list_pass_and_others_do_not() -> None:
    only = DialPolicy(countries=("IT", "DE"))
    assert ask("02 1234 5678", policy=only).destination == "+390212345678"
    with pytest.raises(DestinationDenied, match="GB"):
        ask("+44 20 7946 0018", policy=only)
    with pytest.raises(DestinationDenied):
        ask("0044 20 7946 0018 99999", policy=only, confirmed=True)
    assert ask("201", policy=only).destination == "201"


def test_an_administrators_denied_prefix_holds_for_every_spelling() -> None:
    rule = DialPolicy(denied_prefixes=("+4420",))
    for text in ("+44 20 7946 0018", "0044 20 7946 0018", "tel:+442079460018"):
        with pytest.raises(DestinationDenied, match=r"\+4420"):
            ask(text, policy=rule, confirmed=True)
    with pytest.raises(DestinationDenied):
        ask("020 7946 0018", GB, policy=rule, confirmed=True)
    assert ask("+44 161 496 0018", policy=rule).destination == "+441614960018"


def test_the_longer_of_an_allowed_and_a_denied_prefix_decides() -> None:
    rule = DialPolicy(denied_prefixes=("+44",), allowed_prefixes=("+4420",))
    assert ask("+44 20 7946 0018", policy=rule).destination == "+442079460018"
    with pytest.raises(DestinationDenied):
        ask("+44 161 496 0018", policy=rule)


def test_an_allowed_prefix_lifts_a_price_class_but_a_country_code_does_not() -> None:
    assert ask("899 123456", policy=DialPolicy(allowed_prefixes=("+39899",))).destination == "+39899123456"
    assert ask("+881 6 1234 5678", policy=DialPolicy(allowed_prefixes=("+881",)), confirmed=True)
    for country_code, text in (("+39", "899 123456"), ("+351", "+351 760 123 456")):
        with pytest.raises(DestinationDenied):
            ask(text, policy=DialPolicy(allowed_prefixes=(country_code,)), confirmed=True)


# Questions


@pytest.mark.parametrize("text", ["1254", "116000", "+390000000", "123456"])
def test_what_nobody_can_price_is_asked_first(text: str) -> None:
    with pytest.raises(ConfirmationNeeded):
        ask(text)
    assert ask(text, confirmed=True).destination == text


def test_C09_a_text_with_several_readings_names_the_one_that_would_be_dialled() -> None:
    with pytest.raises(ConfirmationNeeded, match=r"\+390212345678"):
        ask("0212345678/79")
    assert ask("0212345678/79", confirmed=True).destination == "+390212345678"


@pytest.mark.parametrize(
    ("text", "plan"), [("+44 7700 900853", GB), ("020 7946 0018", GB), ("+1 212 555 0142", US)]
)
@pytest.mark.parametrize("origin", [Origin.PAGE, Origin.DIALPAD, Origin.SEARCH])
def test_numbers_set_aside_for_fiction_are_dialled_without_a_question(
    text: str, plan: NumberPlan, origin: str
) -> None:
    assert is_fiction(ask(text, plan, origin).destination)


@pytest.mark.parametrize("text", ["anonymous", "", "000000", "sip:anonymous@anonymous.invalid"])
def test_B19_a_withheld_number_is_not_called_back(text: str) -> None:
    with pytest.raises(NumberUnreadable, match="withheld"):
        ask(text, confirmed=True)


@pytest.mark.parametrize("text", ["hello", "+", "12 34 ab", "\u202e"])
def test_text_that_is_no_number_is_not_dialled(text: str) -> None:
    with pytest.raises(NumberUnreadable):
        ask(text, confirmed=True)


def test_B13_the_digits_after_the_answer_are_not_part_of_the_call() -> None:
    assert ask("tel:+12125550142,,1234567#", US).destination == "+12125550142"


def test_the_outside_line_goes_in_front_of_public_numbers_only() -> None:
    plan = replace(IT, outside_line="0")
    assert ask("+39 02 1234 5678", plan).destination == "00212345678"
    assert ask("201", plan).destination == "201"


# Caps


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (DialCounts(minute=10), "a minute"),
        (DialCounts(hour=100), "an hour"),
        (DialCounts(day=400), "a day"),
        (DialCounts(destination_hour=20), "to one number"),
        (DialCounts(company_hour=2000), "whole company"),
        (DialCounts(live=3), "at once"),
    ],
)
def test_each_cap_is_reached_at_its_count_and_not_before(counts: DialCounts, words: str) -> None:
    with pytest.raises(CapReached, match=words):
        ask("02 1234 5678", counts=counts, confirmed=True)
    below = DialCounts(
        *(max(0, value - 1) for value in (counts.minute, counts.hour, counts.day)),
        *(max(0, value - 1) for value in (counts.destination_hour, counts.company_hour, counts.live)),
    )
    assert ask("02 1234 5678", counts=below).destination == "+390212345678"


def test_fewer_calls_an_hour_are_allowed_at_night() -> None:
    counts = DialCounts(hour=20)
    assert ask("02 1234 5678", counts=counts, local_hour=21)
    with pytest.raises(CapReached, match="night"):
        ask("02 1234 5678", counts=counts, local_hour=22)


def _written(digits: str, script: str) -> str:
    zero = {"ascii": "0", "arabic": "\u0660", "fullwidth": "\uff10"}[script]
    return "".join(chr(ord(zero) + int(each)) if each.isdigit() else each for each in digits)
