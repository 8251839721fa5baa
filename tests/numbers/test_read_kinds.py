"""Numbers that are not plain public ones: internal, short, emergency, withheld, with extensions, damaged."""

from __future__ import annotations

import pytest

from linedesk.numbers import Kind, NumberPlan, PrefixRule, load_plans, read
from reading import kind, value, with_ext


@pytest.mark.parametrize(
    ("text", "region"),
    [("201", "DE"), ("tel:7042;phone-context=example.com", "US"), ("<sip:4021@pbx.example>", "GB")],
)
def test_B07_internal_numbers_stay_as_they_are(text: str, region: str) -> None:
    number = read(text, NumberPlan(region))
    assert number.kind is Kind.EXTENSION
    assert number.value in {"201", "7042", "4021"}


def test_B06_the_internal_pattern_of_the_pbx_decides() -> None:
    assert read("123456", NumberPlan("IT", internal_pattern=r"\d{6}")).kind is Kind.EXTENSION
    assert read("201", NumberPlan("IT", internal_pattern=r"[34]\d\d")).kind is Kind.INVALID
    assert read("+201", NumberPlan("IT", internal_pattern=r"\d{3}")).kind is not Kind.EXTENSION


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("112", "FR"),
        ("17", "FR"),
        ("113", "IT"),
        ("tel:999", "GB"),
        ("sip:911@pbx.example", "CA"),
        ("9-1-1", "US"),
        ("1 1 2", "DE"),
        ("000", "AU"),  # all zeros, and still the number of the ambulance
        ("tel:000", "AU"),
    ],
)
def test_B08_emergency_numbers_of_the_region(text: str, region: str) -> None:
    number = read(text, NumberPlan(region))
    assert number.kind is Kind.EMERGENCY
    assert number.value == "".join(filter(str.isdigit, text))


@pytest.mark.parametrize(
    ("text", "region"), [("1124567", "IT"), ("+39112", "IT"), ("112 345 678", "IT"), ("1/12", "IT")]
)
def test_B08_a_longer_number_is_no_emergency(text: str, region: str) -> None:
    assert kind(text, region) is not Kind.EMERGENCY


@pytest.mark.parametrize(
    ("text", "region", "want"),
    [
        ("212-555-0142 extension 12", "US", ("+12125550142", "12")),
        ("01 99 00 12 34 poste 12", "FR", ("+33199001234", "12")),
        ("030 23125014 Durchwahl 12", "DE", ("+493023125014", "12")),
        ("030 23125014 DW: 12", "DE", ("+493023125014", "12")),
        ("+43 1 234567 Klappe 12", "AT", ("+431234567", "12")),
        ("8 495 123-45-67 доб. 12", "RU", ("+74951234567", "12")),
        ("020 123 4567 tst. 12", "NL", ("+31201234567", "12")),
        ("02 1234 5678 (int. 12)", "IT", ("+390212345678", "12")),
        ("02 1234 5678, interno 12", "IT", ("+390212345678", "12")),
        ("912 345 678 ext. 12", "ES", ("+34912345678", "12")),
        ("21 234 5678 ramal 12", "PT", ("+351212345678", "12")),
        ("+48 12 345 67 89 wewn. 12", "PL", ("+48123456789", "12")),
        ("212-555-0142 #12", "US", ("+12125550142", "12")),
        ("+442079460018*12", "GB", ("+442079460018", "12")),
        ("+442079460018;12", "GB", ("+442079460018", "12")),
        ("sip:+442079460018;ext=12@trunk.example", "GB", ("+442079460018", "12")),
        ("0212345678/79 int. 12", "IT", ("+390212345678", "12")),
    ],
)
def test_B11_B12_extensions_in_every_spelling(text: str, region: str, want: tuple[str, str]) -> None:
    assert with_ext(text, region) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("+12125550142,,1234567#", "1234567#"),
        ("+1 212 555 0142 p1234", "1234"),
        ("+1 212 555 0142w1234,5#", "12345#"),
        ("+12125550142,,*123#", "*123#"),
        ("+12125550142,2125550143", "2125550143"),
        ("tel:+1-212-555-0142;postd=pp22", "22"),
        ("+12125550142#", None),
    ],
)
def test_B13_digits_after_answer_keep_hash_and_star_and_lose_pauses(text: str, want: str | None) -> None:
    assert with_ext(text, "US") == ("+12125550142", want)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "  \u00a0\u200b",
        "-",
        "ANONYMOUS",
        "Unknown",
        "Private Number",
        "(withheld)",
        "<unavailable>",
        "Blocked",
        "Numéro masqué",
        "Nume\u0301ro masque\u0301",
        "Unterdrückt",
        "numero privato",
        "неизвестный",
        "sip:anonymous@10.0.0.1",
        '"Anonymous" <sip:anonymous@anonymous.invalid>',
        "sip:x7f@anonymous.invalid",
        "266696687",
        "+7378742833",
        "2562533",
        "+865 66 96",
        "86282452253",
        "tel:+2562533",
        "0",
        "+000000",
        "00-00",
    ],
)
def test_B19_B23_withheld_in_every_spelling(text: str | None) -> None:
    number = read(text, NumberPlan("GB"))
    assert (number.kind, number.value, number.candidates) == (Kind.ANONYMOUS, None, ())


@pytest.mark.parametrize("text", ["Private 0212345678", "2666966871", "+26669668"])
def test_B19_only_the_whole_text_says_withheld(text: str) -> None:
    assert kind(text, "IT") is not Kind.ANONYMOUS


def test_B24_a_prefix_rule_has_a_length_condition_and_spares_real_zeros() -> None:
    germany = NumberPlan("DE", rules=(PrefixRule("0", "", 12),))
    assert read("0 030 23125014", germany).value == "+493023125014"
    assert read("030 23125014", germany).value == "+493023125014"
    italy = NumberPlan("IT", rules=(PrefixRule("0", "", 11),))
    assert read("0212345678", italy).value == "+390212345678"
    assert read("00212345678", italy).value == "+390212345678"
    america = NumberPlan("US", rules=(PrefixRule("9", "", 11), PrefixRule("8", "+44", 11)))
    assert read("9 212 555 0142", america).value == "+12125550142"
    assert read("8 20 7946 0018", america).value == "+442079460018"
    assert read("+9 212 555 0142", america).kind is Kind.E164  # a plus has no outside line


@pytest.mark.parametrize(
    ("text", "region", "want"),
    [
        ("*21#", "GB", "*21#"),
        ("63*1", "DE", "63*1"),
        ("#31#", "IT", "#31#"),
        ("* 97", "IT", "*97"),
        ("sip:*21%23@pbx.example", "IT", "*21#"),
        ("201*9", "IT", "201*9"),
        ("118118", "GB", "118118"),
        ("1254", "IT", "1254"),
        ("116117", "DE", "116117"),
        ("411", "US", "411"),
        ("211", "CA", "211"),
    ],
)
def test_short_and_feature_codes_are_kept_as_dialled(text: str, region: str, want: str) -> None:
    number = read(text, NumberPlan(region))
    assert (number.kind, number.value) == (Kind.SHORT, want)


def test_a_feature_code_has_fewer_than_seven_digits() -> None:
    assert kind("*123456", "IT") is Kind.SHORT
    assert kind("*1234567", "IT") is Kind.INVALID


@pytest.mark.parametrize("text", ["4,42E+11", "3.93331E11", "212345678.0", "6.123E+9"])
def test_J01_damaged_by_a_spreadsheet_is_not_guessed(text: str) -> None:
    assert kind(text, "IT") is Kind.INVALID


@pytest.mark.parametrize("text", ["390212345678.0", '="0212345678"', "'0212345678", "`02 1234 5678`"])
def test_J03_marks_of_a_spreadsheet_are_taken_off(text: str) -> None:
    assert value(text, "IT") == "+390212345678"


@pytest.mark.parametrize(
    "text",
    [
        "020 7946 0018 ::: 020 7946 0019",
        "020 7946 0018\n020 7946 0019",
        "020 7946 0018; 020 7946 0019",
        "02079460018;02079460019",
        "020 7946 0018, 020 7946 0019",
        "+44 20 7946 0018 +44 20 7946 0019",
        "020 7946 0018 / 020 7946 0019",
        "020 7946 0018 or 020 7946 0019",
        "Tel. 020 7946 0018 / Fax 020 7946 0019",
        "tel:+442079460018 | tel:+442079460019",
    ],
)
def test_J05_numbers_written_out_in_one_field_are_each_sure(text: str) -> None:
    number = read(text, NumberPlan("GB"))
    assert number.candidates == ("+442079460018", "+442079460019")
    assert number.certain
    assert number.possible == ()


@pytest.mark.parametrize(
    "text",
    [
        "Tel. 02 1234 5678",
        "phone: 02 1234 5678",
        "02 1234 5678 (casa)",
        "02 1234 5678 ufficio",
        "02 1234 5678 (Frau Müller)",
        "T: +39 02 1234 5678",
        "(Büro) 02 1234 5678",
    ],
)
def test_a_label_beside_a_number_is_no_part_of_it(text: str) -> None:
    assert value(text, "IT") == "+390212345678"


def test_a_tel_address_with_a_global_context_is_local_to_it() -> None:
    assert value("tel:0212345678;phone-context=+39", "DE") == "+390212345678"
    assert value("tel:020-7946-0018;phone-context=+44", "US") == "+442079460018"


@pytest.mark.parametrize(
    "text", ["12/05/2024", "10.30-12.30", "192.168.10.200", "1/2", "a" * 5000, "9" * 600]
)
def test_texts_that_are_no_numbers_stay_unread(text: str) -> None:
    number = read(text, NumberPlan("IT"))
    assert (number.kind, number.value, number.raw) == (Kind.INVALID, None, text)


def test_all_plans_can_be_loaded_before_the_first_call() -> None:
    assert load_plans() >= 240
    assert load_plans() == load_plans()


def test_an_unknown_region_still_reads_international_numbers() -> None:
    assert value("+44 20 7946 0018", "ZZ") == "+442079460018"
    assert value("0044 20 7946 0018", "") == "+442079460018"
    assert kind("020 7946 0018", "ZZ") is Kind.INVALID


def test_the_region_may_be_in_small_letters() -> None:
    assert value("020 7946 0018", "gb") == "+442079460018"
