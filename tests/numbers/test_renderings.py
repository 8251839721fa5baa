"""Any two renderings of one number have one key, in every country, with any noise; other numbers have not."""

from __future__ import annotations

from collections.abc import Iterator

import phonenumbers
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, PhoneNumberFormat

from linedesk.numbers import Kind, NumberPlan, lookup_keys, read
from worldwide import regions, valid_numbers

NOBODY_IS_INTERNAL = r"(?!)"  # the shortest public numbers look internal
FROM = ("IT", "US", "AU", "JP", "RU", "BR")
CARRIERS = ("14", "15", "21", "31", "1", "300")
INVISIBLE = st.text("\u200e\u202d\u202c\u200b\u00ad\u2068\ufeff", max_size=2)
BLANK = st.sampled_from([" ", "\u00a0", "\u202f", "\t", "  "])
AROUND = st.sampled_from(
    ["{}", " {} ", "Tel. {}", '"{}"', "T: {}", "({})", "{} (office)", "\u260e {}", "ufficio: {}"]
)
DIGITS = st.sampled_from(
    ["0123456789", "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669", "０１２３４５６７８９"]
)


def renderings(number: PhoneNumber, region: str) -> Iterator[tuple[str, str]]:
    """(text, region where it is written so) by all of the library's formats."""
    for form in (
        PhoneNumberFormat.E164,
        PhoneNumberFormat.INTERNATIONAL,
        PhoneNumberFormat.NATIONAL,
        PhoneNumberFormat.RFC3966,
    ):
        yield phonenumbers.format_number(number, form), region
    for place in FROM:
        yield phonenumbers.format_out_of_country_calling_number(number, place), place
    plain = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    for carrier in CARRIERS:
        text = phonenumbers.format_national_number_with_carrier_code(number, carrier)
        back = phonenumbers.parse(text, region)
        if text != plain and phonenumbers.is_number_match(back, number) == phonenumbers.MatchType.EXACT_MATCH:
            yield text, region


def keys_of(text: str, region: str) -> set[str] | None:
    """None for what is something else first, though some country has a subscriber with the same digits."""
    number = read(text, NumberPlan(region, internal_pattern=NOBODY_IS_INTERNAL))
    if number.kind in {Kind.SHORT, Kind.EMERGENCY, Kind.ANONYMOUS}:
        return None
    return {key.text for key in lookup_keys(number)}


@given(valid_numbers())
@settings(max_examples=300, deadline=None)
def test_A01_every_rendering_of_the_library_has_the_key_of_the_number(pair: tuple[str, str]) -> None:
    region, value = pair
    wanted = keys_of(value, region)
    assume(wanted is not None)
    assert wanted
    for text, place in renderings(phonenumbers.parse(value), region):
        keys = keys_of(text, place)
        assert keys is None or keys & wanted, (text, place)


@given(valid_numbers(), st.data())
@settings(max_examples=300, deadline=None)
def test_A03_noise_changes_nothing(pair: tuple[str, str], data: st.DataObject) -> None:
    region, value = pair
    choices = list(renderings(phonenumbers.parse(value), region))
    text, place = data.draw(st.sampled_from(choices))
    before = read(text, NumberPlan(place, internal_pattern=NOBODY_IS_INTERNAL))
    assume(before.kind is Kind.E164)
    script = str.maketrans("0123456789", data.draw(DIGITS))
    noisy = "".join(
        (data.draw(BLANK) if char == " " else char) + data.draw(INVISIBLE) for char in text.translate(script)
    )
    if not text.startswith("tel:"):
        noisy = data.draw(AROUND).format(noisy)
    number = read(noisy, NumberPlan(place, internal_pattern=NOBODY_IS_INTERNAL))
    assert (number.value, number.candidates) == (before.value, before.candidates), noisy


@given(valid_numbers(), regions)
@settings(max_examples=300, deadline=None)
def test_A07_a_plus_number_is_never_moved_to_the_region_it_is_read_in(
    pair: tuple[str, str], region: str
) -> None:
    home, value = pair
    assert read(value, NumberPlan(region)) == read(value, NumberPlan(home))


@given(valid_numbers(), st.integers(1, 4), st.integers(1, 9))
@settings(max_examples=300, deadline=None)
def test_A26_two_numbers_that_differ_in_one_digit_have_no_key_in_common(
    pair: tuple[str, str], place: int, more: int
) -> None:
    region, value = pair
    other = value[:-place] + str((int(value[-place]) + more) % 10) + value[len(value) - place + 1 :]
    one, two = (keys_of(each, region) for each in (value, other))
    assert not (one or set()) & (two or set())
