"""Fields as people fill them in: numbers side by side, labels, remarks, and what is no number."""

from __future__ import annotations

import pytest

from linedesk.numbers import Kind, NumberPlan, read

SEVERAL = [
    ("0212345678 0212345679", "IT", ["+390212345678", "+390212345679"]),
    ("02 12345678 02 12345679", "IT", ["+390212345678", "+390212345679"]),
    ("3471234567 02 1234 5678", "IT", ["+393471234567", "+390212345678"]),
    ("01 99 00 12 34 01 99 00 12 35", "FR", ["+33199001234", "+33199001235"]),
    ("2125550142 2125550143", "US", ["+12125550142", "+12125550143"]),
    ("612345678 612345679 612345670", "ES", ["+34612345678", "+34612345679", "+34612345670"]),
    ("347 1234567 348 1234567", "IT", ["+393471234567", "+393481234567"]),
    ("212 555 0142 212 555 0143", "US", ["+12125550142", "+12125550143"]),
    ("22 12 34 56 22 12 34 57", "NO", ["+4722123456", "+4722123457"]),
    ("600123456, 600123457, 600123458", "ES", ["+34600123456", "+34600123457", "+34600123458"]),
    ("O: 212-555-0142 C: 212-555-0143", "US", ["+12125550142", "+12125550143"]),
    ("2125550142,2125550143", "US", ["+12125550142", "+12125550143"]),
    ("Uff. 02 1234 5678 Cell. 347 123 4567", "IT", ["+390212345678", "+393471234567"]),
    ("T 01 99 00 12 34 / P 06 12 34 56 78", "FR", ["+33199001234", "+33612345678"]),
    ("T 01 99 00 12 34 P 06 12 34 56 78", "FR", ["+33199001234", "+33612345678"]),
    ("020 7946 0018 (home) 07911 123456 (mobile)", "GB", ["+442079460018", "+447911123456"]),
]


@pytest.mark.parametrize(("text", "region", "numbers"), SEVERAL)
def test_J05_numbers_side_by_side_are_each_read_and_sure(text: str, region: str, numbers: list[str]) -> None:
    number = read(text, NumberPlan(region))
    assert list(number.candidates) == numbers
    assert number.certain
    assert not number.partial


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("3704 0044 0532 0130 00", "DE"),  # the digits of an account
        ("37040044 532013000", "DE"),  # a bank and an account
        ("4111 1111 1111 1111", "NO"),  # a card
        ("0212345678 1234567", "IT"),  # the second does not exist
        ("20121 0212345678 20121", "IT"),
        ("2019-2020", "IT"),
        ("1.234.567,89", "IT"),
        ("Fatt. 2024/0212345678", "IT"),
        ("09.00 - 18.00", "IT"),  # hours: without the stops a landline of Sardinia
        ("01.02.2024", "IT"),
        ("17/05/2024 14:30", "GB"),
        ("2024-05-17", "NO"),
    ],
)
def test_B04_rows_of_digits_that_are_no_numbers_are_not_parted(text: str, region: str) -> None:
    assert read(text, NumberPlan(region)).kind is Kind.INVALID


@pytest.mark.parametrize(
    ("text", "region", "value", "ext"),
    [
        ("1-800-FLOWERS ext 3", "US", "+18003569377", "3"),
        ("1-800-FLOWERS x3", "US", "+18003569377", "3"),
        ("030 23125014 Anschluss 12", "DE", "+493023125014", "12"),
        ("212 555 0142 ext. 12,,34#", "US", "+12125550142", "1234#"),
    ],
)
def test_B11_extension_behind_letters_and_by_further_words(
    text: str, region: str, value: str, ext: str
) -> None:
    number = read(text, NumberPlan(region))
    assert (number.value, number.ext) == (value, ext)


@pytest.mark.parametrize(
    ("text", "region", "value", "ext"),
    [
        ("212 555 0142 ext. 12, 13", "US", "+12125550142", "12"),
        ("02 1234 5678 int. 12 347 1234567", "IT", "+390212345678", "12"),
        ("347 1234567 (Mario, solo dopo le 18)", "IT", "+393471234567", None),
        ("020 7946 0018 [ask for Bob at 9:30]", "GB", "+442079460018", None),
    ],
)
def test_what_stands_behind_a_number_is_never_glued_to_it(
    text: str, region: str, value: str, ext: str | None
) -> None:
    number = read(text, NumberPlan(region))
    assert (number.value, number.ext, number.candidates) == (value, ext, (value,))
    assert number.partial, "who dials is asked first: digits were left out"


def test_A11_a_number_beside_one_that_no_plan_has_is_still_read() -> None:
    number = read("06 12 34 56 78 / 07 12 34 56 78", NumberPlan("FR"))
    assert (number.candidates, number.partial) == (("+33612345678",), True)


def test_A11_a_short_end_behind_the_word_or_is_a_reading_only() -> None:
    number = read("069/1234-567 oder -568", NumberPlan("DE"))
    assert number.value == "+49691234567"
    assert "+49691234568" in number.possible


@pytest.mark.parametrize("text", ["00266696687", "0086282452253", "+00 266 696 687"])
def test_B19_a_keypad_spelling_behind_the_international_prefix_is_withheld(text: str) -> None:
    assert read(text, NumberPlan("DE")).kind is Kind.ANONYMOUS
