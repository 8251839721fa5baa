"""The dial guard and what stands before or inside a number: codes of networks, `*` and `#`, other numbers.

What is dialled must be what was typed and shown (C9), and nothing before a denied number opens the way to it.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calls.guarding import GB, IT, US, ask, patient
from linedesk.calls import destinations
from linedesk.calls.dial_policy import DialPolicy
from linedesk.errors import ConfirmationNeeded, DestinationDenied, DialRefused
from linedesk.numbers import NumberPlan, read

DE, FR, AU, CH = (NumberPlan(region) for region in ("DE", "FR", "AU", "CH"))
CODES = {
    GB: ("141", "1470", "1280", "*67", "9 141"),
    US: ("*67", "*82", "1010288", "10102880", "*1167"),
    DE: ("01033", "010088", "*31", "#31#", "*31*"),
    FR: ("3651", "1656", "#31#"),
    AU: ("1831", "1832", "1456", "1831 1883"),
    IT: ("*67", "1055", "*31", "#31#", "*67*"),
    CH: ("*31", "10868", "10740"),
}
DEAR = {
    GB: ("0906 123 4567", "070 1234 5678", "0871 123 4567", "00 881612345678", "00 979 123456789"),
    US: ("1 900 555 1234", "900 555 1234", "011 881612345678", "1 212 976 1234", "011 44 9061234567"),
    DE: ("0900 1234567", "0137 1234567", "00 881612345678", "0180 5123456", "00 1 900 555 1234"),
    FR: ("0899 123456", "00 881612345678", "0820 123456"),
    AU: ("1900 123 456", "0011 881612345678", "1902 123456"),
    IT: ("899 123456", "8991234567", "166 123456", "00 881612345678", "892 123"),
    CH: ("0900 123456", "0901 123456", "00 881612345678"),
}


@patient
@given(
    st.sampled_from([(plan, code, dear) for plan in CODES for code in CODES[plan] for dear in DEAR[plan]]),
    st.from_regex("[0-9]{0,6}", fullmatch=True),
    st.booleans(),
)
def test_a_denied_number_behind_a_networks_code_is_never_offered_for_confirmation(
    case: tuple[NumberPlan, str, str], more: str, blanks: bool
) -> None:
    plan, code, dear = case
    # A number of six digits has no digits too many: they make it another number.
    text = f"{code} {dear}{'' if dear == '892 123' else more}"
    with pytest.raises(DialRefused) as caught:
        ask(text if blanks else text.replace(" ", ""), plan, confirmed=True)
    assert not isinstance(caught.value, ConfirmationNeeded)


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("141 020 7946 0018", GB),
        ("*67 212 555 0142", US),
        ("1010288 1 212 555 0142", US),
        ("01033 030 23125 000", DE),
        ("3651 01 46 57 12 34", FR),
        ("*31 044 668 18 00", CH),
        ("*67 02 1234 5678", IT),
        ("5550142", US),
        ("02 1234 5678 9012 34", IT),
    ],
)
def test_C10_an_ordinary_number_behind_a_networks_code_is_asked_about_and_dialled_as_typed(
    text: str, plan: NumberPlan
) -> None:
    with pytest.raises(ConfirmationNeeded):
        ask(text, plan)
    assert ask(text, plan, confirmed=True).destination == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("0141 496 0018", GB),
        ("+44 141 496 0018", GB),
        ("011 881 2345", IT),
        ("0289 912345", IT),
        ("347 8991234", IT),
        ("(610) 900-5551", US),
        ("030 90012345", DE),
        ("01 08 99 12 34", FR),
    ],
)
def test_a_valid_number_with_a_denied_one_among_its_digits_is_dialled(text: str, plan: NumberPlan) -> None:
    number = read(text, plan)
    assert ask(text, plan, confirmed=True).destination == number.value


def test_an_administrators_rules_hold_behind_a_networks_code() -> None:
    with pytest.raises(DestinationDenied, match=r"\+3902"):
        ask("*67 02 1234 5678", policy=DialPolicy(denied_prefixes=("+3902",)), confirmed=True)
    with pytest.raises(DestinationDenied, match="FR"):
        ask("141 00 33 1 46 57 12 34", GB, policy=DialPolicy(countries=("GB",)), confirmed=True)
    allowed = DialPolicy(allowed_prefixes=("+39899",))
    assert ask("*67 899 123456", policy=allowed, confirmed=True).destination == "*67899123456"


@pytest.mark.parametrize("text", ["892123#", "892#123", "89212#3", "*892123", "#892123#", "892*12*3"])
def test_a_short_premium_number_is_denied_whatever_signs_are_put_in(text: str) -> None:
    with pytest.raises(DestinationDenied):
        ask(text, confirmed=True)


@pytest.mark.parametrize(("text", "plan"), [("118118#", GB), ("118#118", GB), ("*1254#", IT)])
def test_a_public_short_code_with_signs_is_asked_about_as_without(text: str, plan: NumberPlan) -> None:
    with pytest.raises(ConfirmationNeeded):
        ask(text, plan)


@pytest.mark.parametrize("text", ["+88#1612345678", "+8816*12345678", "0088161#2345678", "899#1234567"])
def test_a_denied_number_with_a_sign_in_its_middle_is_denied(text: str) -> None:
    with pytest.raises(DialRefused) as caught:
        ask(text, confirmed=True)
    assert not isinstance(caught.value, ConfirmationNeeded)


@patient
@given(st.from_regex(r"\+?[0-9*#]{1,40}", fullmatch=True), st.sampled_from([GB, US, IT, DE]))
@example("*21*" + "0900" * 9, GB)
def test_what_stands_behind_a_prefix_is_always_a_calling_code_and_digits(text: str, plan: NumberPlan) -> None:
    found = destinations.behind_prefix(text, plan)
    assert len(found) <= 400
    assert all(each[0] == "+" and each[1:].isdigit() and each[1] != "0" for each in found)


# What is dialled is what was typed


@pytest.mark.parametrize("text", ["8991234567,,123", "202 or 8991234567"])
def test_C09_an_internal_number_is_never_taken_out_of_a_longer_text(text: str) -> None:
    with pytest.raises(DialRefused) as caught:
        ask(text, confirmed=True)
    assert not isinstance(caught.value, ConfirmationNeeded)


@pytest.mark.parametrize("text", ["02123#4567", "201#12345", "*201*1234567"])
def test_C09_a_sign_in_a_number_is_dialled_as_it_was_typed_or_not_at_all(text: str) -> None:
    with pytest.raises(ConfirmationNeeded, match=re.escape(text)):
        ask(text)
    assert ask(text, confirmed=True).destination == text


@pytest.mark.parametrize(
    ("text", "dialled"),
    [
        ("8991234567 or +390212345678", "+390212345678"),
        ("Room 12, +39 02 1234 5678", "+390212345678"),
        ("201 / x / +390212345678", "+390212345678"),
        ("+390212345678,8991234567", "+390212345678"),
        ("021234#567", "+39021234"),
        ("899,1234567", "899"),
        ("201 int 12", "201"),
    ],
)
def test_C09_what_would_be_left_out_is_asked_about_by_naming_what_is_dialled(text: str, dialled: str) -> None:
    with pytest.raises(ConfirmationNeeded, match=re.escape(dialled)):
        ask(text)
    assert ask(text, confirmed=True).destination == dialled


@pytest.mark.parametrize("text", ["02 1234 5678 interno 12", "+390212345678,,12345#", "02 1234 5678,12"])
def test_C09_an_extension_behind_a_public_number_needs_no_question(text: str) -> None:
    assert ask(text).destination == "+390212345678"
