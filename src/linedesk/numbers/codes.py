"""Numbers that are dialled as they are: emergency numbers, feature codes, public short codes."""

from __future__ import annotations

import re
from functools import lru_cache

from phonenumbers import PhoneNumber, country_code_for_region, is_emergency_number
from phonenumbers.shortnumberinfo import is_valid_short_number_for_region

FEATURE_CODE_DIGITS = 6
"""The most digits of a feature code; with more, `*` and `#` belong to a number."""

LONGEST_SHORT = 6
"""The most digits of a public short code."""

_MORE_EMERGENCY = {
    "ES": frozenset({"061", "062", "080", "085", "088", "091", "092"}),
    "FR": frozenset({"114"}),
    "IT": frozenset({"114", "117", "1515", "1530"}),
    "JP": frozenset({"118"}),
    "NG": frozenset({"112", "199", "767"}),
    "PE": frozenset({"106"}),
}
"""Police, ambulances, fire brigades and coast guards that the library's list of emergency numbers lacks."""

_FEATURE = re.compile(r"[\d*#\s.()/-]*[*#][\d*#\s.()/-]*")
_SEPARATORS = re.compile(r"[\s.()/-]+")
_NORTH_AMERICA = 1


def feature_code(text: str) -> str | None:
    """`text` without blanks if it is a feature code (`*21#`, `63*1`): `*` or `#` and up to 6 digits."""
    if "*" not in text and "#" not in text:
        return None
    if not _FEATURE.fullmatch(text) or sum(map(str.isdecimal, text)) > FEATURE_CODE_DIGITS:
        return None
    return _SEPARATORS.sub("", text)


def is_emergency(digits: str, region: str) -> bool:
    """Whether `digits` as a whole are an emergency number of the region."""
    if len(digits) > LONGEST_SHORT:
        return False
    return digits in _MORE_EMERGENCY.get(region, ()) or _is_emergency(digits, region)


def is_public_short_code(digits: str, region: str) -> bool:
    """Whether the region's plan lists this short code and it begins with 1, or is an N11 code."""
    return len(digits) <= LONGEST_SHORT and _is_public_short_code(digits, region)


@lru_cache(maxsize=8192)
def _is_emergency(digits: str, region: str) -> bool:
    return bool(is_emergency_number(digits, region))


@lru_cache(maxsize=8192)
def _is_public_short_code(digits: str, region: str) -> bool:
    code = country_code_for_region(region)
    n11 = code == _NORTH_AMERICA and len(digits) == 3 and digits[0] in "23456789" and digits.endswith("11")
    if not code or not (digits.startswith("1") or n11):
        return False
    return is_valid_short_number_for_region(
        PhoneNumber(country_code=code, national_number=int(digits)), region
    )
