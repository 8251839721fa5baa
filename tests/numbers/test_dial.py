"""What is sent to the PBX, and what a click in a page may dial."""

from __future__ import annotations

import pytest

from linedesk.errors import NumberUnreadable
from linedesk.numbers import NumberPlan, is_page_number, read, to_dial


@pytest.mark.parametrize(
    ("text", "region", "line", "want"),
    [
        ("02 1234 5678", "IT", "", "+390212345678"),
        ("02 1234 5678", "IT", "0", "00212345678"),
        ("+44 20 7946 0018", "IT", "0", "000442079460018"),
        ("(212) 555-0142", "US", "9", "92125550142"),
        ("+44 20 7946 0018", "US", "9", "9011442079460018"),
        ("020 7946 0018", "gb", "9", "902079460018"),
    ],
)
def test_B24_the_outside_line_comes_after_what_to_dial_was_chosen(
    text: str, region: str, line: str, want: str
) -> None:
    plan = NumberPlan(region, outside_line=line)
    assert to_dial(read(text, plan), plan) == want


@pytest.mark.parametrize("text", ["", "anonymous", "5550142x"])
def test_what_has_no_number_is_not_dialled(text: str) -> None:
    plan = NumberPlan("US", outside_line="9")
    with pytest.raises(NumberUnreadable):
        to_dial(read(text, plan), plan)


@pytest.mark.parametrize(
    "text", ["(212) 555-0142", "tel:+442079460018", "+39 02 1234 5678", "tel:911", "tel:+12125550142;ext=9"]
)
def test_numbers_of_a_page(text: str) -> None:
    assert is_page_number(text, NumberPlan("US"))


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("*21*0212345678#", "IT"),
        ("*21#", "IT"),
        ("63*1", "IT"),
        ("+390212345678*21", "IT"),
        ("tel:+390212345678,,%2321", "IT"),
        ("tel:+390212345678%2A1", "IT"),
        ("0212345678#", "IT"),
        ("＊21＃", "IT"),
        ("201", "IT"),
        ("1254", "IT"),
        ("+12", "IT"),
        ("+39201", "IT"),
        ("anonymous", "IT"),
        ("2024-01-15", "DK"),
        ("20.12.2024", "DK"),
        ("10.30-12.30", "DE"),
        ("192.168.10.200", "DE"),
        ("4006381333931", "DE"),
        ("IT60X0542811101000000123456", "IT"),
        ("", "IT"),
    ],
)
def test_E07_codes_short_numbers_and_other_figures_of_a_page_are_not(text: str, region: str) -> None:
    assert not is_page_number(text, NumberPlan(region))
