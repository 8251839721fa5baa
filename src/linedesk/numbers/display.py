"""How a number is shown to people, and how it is masked in logs. What is shown is what is dialled."""

from __future__ import annotations

from functools import lru_cache

from phonenumbers import PhoneNumberFormat, format_number

from linedesk.numbers.library import library_number
from linedesk.numbers.plans import calling_code
from linedesk.numbers.prices import country

_LONGEST_INTERNAL = 5
_SHOWN_AT_END = 2


@lru_cache(maxsize=4096)
def national(value: str, region: str) -> str:
    """An E.164 `value` as people write it in `region`: national form at home, international form abroad.

    Anything else (internal numbers, short codes) comes back as it is.
    """
    number = library_number(value)
    if number is None:
        return value
    at_home = country(value) == region.upper()
    return format_number(number, PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL)


@lru_cache(maxsize=4096)
def international(value: str) -> str:
    """An E.164 `value` with its country code, grouped for reading; anything else as it is."""
    number = library_number(value)
    return value if number is None else format_number(number, PhoneNumberFormat.INTERNATIONAL)


def mask(value: str) -> str:
    """`value` for a log: the country code and the last two digits stay, internal numbers stay whole."""
    if len(value) <= _LONGEST_INTERNAL:
        return value if value.isdecimal() else "*" * len(value)
    code = calling_code(value) if value.startswith("+") else None
    shown = f"+{code}" if code and len(value) > len(code) + 1 + _SHOWN_AT_END else ""
    hidden = len(value) - len(shown) - _SHOWN_AT_END
    return shown + "*" * hidden + value[-_SHOWN_AT_END:] if hidden > 0 else "*" * len(value)
