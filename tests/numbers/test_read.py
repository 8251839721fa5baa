"""The kinds behind the cases of `cases.md`, with other values and other countries."""

from __future__ import annotations

import pytest

from linedesk.numbers import Kind, NumberPlan, read
from reading import kind, value


@pytest.mark.parametrize(
    ("text", "region", "want"),
    [
        ("0033 1 99 00 12 34", "IT", "+33199001234"),
        ("0033199001234", "US", "+33199001234"),  # a European prefix in North America
        ("011 44 20 7946 0018", "IT", "+442079460018"),  # and the other way round
        ("8 10 44 20 7946 0018", "RU", "+442079460018"),
        ("+0039 02 1234 5678", "IT", "+390212345678"),
        ("++44 20 7946 0018", "IT", "+442079460018"),
        ("(0039) 02 1234 5678", "DE", "+390212345678"),
    ],
)
def test_A05_international_prefixes_are_read_wherever_they_come_from(
    text: str, region: str, want: str
) -> None:
    assert value(text, region) == want


@pytest.mark.parametrize(
    ("text", "region", "want"),
    [
        ("0442079460018", "GB", "+442079460018"),
        ("033199001234", "FR", "+33199001234"),
        ("046846500412", "SE", "+46846500412"),
        ("061491570156", "AU", "+61491570156"),
    ],
)
def test_A06_trunk_zero_before_the_country_code(text: str, region: str, want: str) -> None:
    assert value(text, region) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("+31 (0)20 123 4567", "+31201234567"),
        ("+34 (0)912345678", "+34912345678"),  # a country without trunk prefix
        ("+36 (06) 1 234 5678", "+3612345678"),
        ("+7 (8) 495 123-45-67", "+74951234567"),
        ("+39 (02) 1234 5678", "+390212345678"),
        ("0044 [0] 20 7946 0018", "+442079460018"),
        ("+44 (0)7700 900853", "+447700900853"),  # kept though no plan has it
    ],
)
def test_A09_bracketed_trunk_prefix_goes_and_a_bracketed_area_code_stays(text: str, want: str) -> None:
    assert value(text, "IT") == want


@pytest.mark.parametrize(
    ("text", "region", "sure", "possible"),
    [
        ("06 6982 1234/35", "IT", ["+390669821234"], ["+390669821235"]),
        ("0212345678/79/80", "IT", ["+390212345678"], ["+390212345679", "+390212345680"]),
        ("020 7946 0018 - 19", "GB", ["+442079460018"], ["+442079460019"]),
        ("212-555-0142-43", "US", ["+12125550142"], ["+12125550143"]),
        ("(212) 555-0142 / 555-0143", "US", ["+12125550142"], ["+12125550143"]),
        ("01 99 00 12 34 ou 35", "FR", ["+33199001234"], ["+33199001235"]),
        ("+44 7700 900853/54", "GB", ["+447700900853"], ["+447700900854"]),
        ("030 23125-0/-14", "DE", ["+4930231250"], ["+49302312514"]),
        ("030 23125014/15", "DE", ["+493023125014"], ["+493023125015"]),
    ],
)
def test_A11_a_short_end_is_a_second_line_and_only_a_reading(
    text: str, region: str, sure: list[str], possible: list[str]
) -> None:
    number = read(text, NumberPlan(region))
    assert number.value == sure[0]
    assert not number.certain
    assert [each for each in number.candidates if each not in number.possible] == sure
    assert set(possible) <= set(number.possible)


@pytest.mark.parametrize(
    ("text", "region", "want"),
    [
        ("02 1234 - 5678", "IT", "+390212345678"),
        ("030 23125 - 14", "DE", "+49302312514"),
        ("0043/1/234567", "AT", "+431234567"),
        ("+49 (0) 30 / 23125-014", "DE", "+493023125014"),
        ("+44/7700/900853", "GB", "+447700900853"),
        ("0471/123456", "IT", "+390471123456"),
        ("212/555-0142", "US", "+12125550142"),
    ],
)
def test_A11_separators_within_one_number_are_no_second_line(text: str, region: str, want: str) -> None:
    number = read(text, NumberPlan(region))
    assert (number.value, number.candidates) == (want, (want,))


@pytest.mark.parametrize(
    ("text", "region", "want"),
    [
        ("3906123456", "IT", {"+393906123456", "+3906123456"}),
        ("390612345", "IT", {"+39390612345", "+390612345"}),
    ],
)
def test_A14_two_valid_readings_are_both_only_possible(text: str, region: str, want: set[str]) -> None:
    number = read(text, NumberPlan(region))
    assert set(number.candidates) == set(number.possible) == want
    assert not number.certain


@pytest.mark.parametrize(
    ("text", "region", "want"),
    [
        ("(11) 6123-4567", "BR", "+5511961234567"),
        ("+55 21 8123 4567", "IT", "+5521981234567"),
        ("044 55 1234 5678", "MX", "+525512345678"),
        ("01 55 1234 5678", "MX", "+525512345678"),
        ("+52 1 33 1234 5678", "US", "+523312345678"),
        ("+57 1 2345678", "IT", "+576012345678"),
        ("+229 97 12 34 56", "FR", "+2290197123456"),
        ("+84 120 1234567", "FR", "+84701234567"),
        ("886377", "SM", "+3780549886377"),
    ],
)
def test_A16_an_old_form_takes_its_one_valid_variant(text: str, region: str, want: str) -> None:
    assert value(text, region) == want


@pytest.mark.parametrize("text", ["+54 9 11 2345 6789", "+54 11 2345 6789", "+55 11 96123 4567"])
def test_A16_a_valid_form_is_kept(text: str) -> None:
    assert value(text, "IT") == text.replace(" ", "")


@pytest.mark.parametrize(
    "text",
    [
        "\u202a+44 20 7946 0018\u202c",
        "\u2068+44\u2069\u200b20\ufeff7946 0018",
        "+44\u00a020\u202f7946\u20090018",
        "+44\u201020\u20137946\u22120018",
        "＋４４ ２０ ７９４６ ００１８",
        "+٤٤٢٠٧٩٤٦٠٠١٨",
        "+۴۴۲۰۷۹۴۶۰۰۱۸",
        "+४४२०७९४६००१८",
        "+44\u00b720\u00b77946\u00b70018",
        "+44 20 79\u00ad46 0018",
    ],
)
def test_A24_A25_marks_scripts_dashes_and_blanks_do_not_matter(text: str) -> None:
    assert value(text, "IT") == "+442079460018"


@pytest.mark.parametrize(
    ("text", "region", "want"),
    [
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("1 800 go fedex", "US", "+18004633339"),
        ("0800 FLOWERS", "GB", "+448003569377"),
    ],
)
def test_A29_letters_of_a_vanity_number(text: str, region: str, want: str) -> None:
    assert value(text, region) == want


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("02 12345678 Anna", "IT"),
        ("call me 212-555-0142 now", "US"),
        ("order #0212345678", "IT"),
        ("030 23125014 mobiles", "DE"),
        ("IT60X0542811101000000123456", "IT"),
        ("sip:anna@pbx.example", "IT"),
        ("FLOWERS", "US"),
    ],
)
def test_A29_letters_of_other_texts_are_no_digits(text: str, region: str) -> None:
    assert kind(text, region) is Kind.INVALID
