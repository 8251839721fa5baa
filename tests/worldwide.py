"""Numbers of all countries for property tests: the library's examples with some digits changed."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
SERVED = ["IT", "GB", "US", "DE", "AT", "FR", "ES", "BR", "MX", "AR", "IN", "RU", "AU", "SM"]
"""Regions whose ways of writing differ most."""

regions = st.sampled_from(REGIONS)
served_regions = st.sampled_from(SERVED)


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
