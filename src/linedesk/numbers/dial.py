"""What is sent to the PBX for a number that was chosen, and whether a number of a page may be dialled."""

from __future__ import annotations

import re
from functools import lru_cache

from phonenumbers import PhoneNumberFormat, format_number, format_out_of_country_calling_number

from linedesk.errors import NumberUnreadable
from linedesk.numbers.library import library_number
from linedesk.numbers.model import Kind, Number, NumberPlan
from linedesk.numbers.moments import is_moment
from linedesk.numbers.pbx import dialled_by
from linedesk.numbers.prices import PriceClass, country, price_class
from linedesk.numbers.read import read
from linedesk.numbers.text import clean

__all__ = ["PriceClass", "country", "is_page_number", "price_class", "to_dial"]

LEAST_PAGE_DIGITS = 7
"""A shorter number of a page is an internal one, if anything."""

_SENT = re.compile(r"[^\d+]")
_CODE_SIGNS = re.compile(r"[*#]|%2[aA3]")
_SPACED_DATE = re.compile(r"(?:19|20)\d\d \d\d? \d\d?|\d\d? \d\d? (?:19|20)\d\d")
_IP_ADDRESS = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?::\d+)?")
_ARTICLE = re.compile(r"\d{13}")


def to_dial(number: Number, plan: NumberPlan) -> str:
    """What the PBX is told to dial for `number`.

    Internal, emergency and short numbers go as they are (C10). A public number goes as E.164; on a PBX with
    an outside line, as it is dialled in the plan's region, behind that line's digits. The plan's rules for
    dialling come last and see all of it, the plus or the outside line included. Raises `NumberUnreadable`
    for what has no number.
    """
    if number.value is None:
        raise NumberUnreadable("This is not a number that can be dialled.")
    if number.kind is not Kind.E164:
        return number.value
    dialled = number.value
    if plan.outside_line:
        dialled = plan.outside_line + _from_region(number.value, plan.region.upper())
    return dialled_by(dialled, plan.dial_rules)


def is_page_number(text: str, plan: NumberPlan) -> bool:
    """Whether a text found in a page may be dialled as a public (or emergency) number by a click.

    Never with `*` or `#`: a code in a page could switch on call forwarding. At least 7 digits, so internal
    numbers are not judged here: the caller asks its roster. Dates, times, addresses of machines and article
    numbers are no numbers.
    """
    plain = clean(text)
    if _CODE_SIGNS.search(plain) or _looks_otherwise(plain):
        return False
    number = read(text, plan)
    if number.kind is Kind.EMERGENCY:
        return True
    return number.kind is Kind.E164 and sum(map(str.isdecimal, number.value or "")) >= LEAST_PAGE_DIGITS


@lru_cache(maxsize=4096)
def _from_region(value: str, region: str) -> str:
    """An E.164 number as dialled in `region`: with its trunk prefix at home, else with the way abroad."""
    number = library_number(value)
    if number is None:
        return value
    if country(value) == region:
        return _SENT.sub("", format_number(number, PhoneNumberFormat.NATIONAL))
    return _SENT.sub("", format_out_of_country_calling_number(number, region))


def _looks_otherwise(plain: str) -> bool:
    if _SPACED_DATE.fullmatch(plain) or is_moment(plain):
        return True
    if address := _IP_ADDRESS.fullmatch(plain):
        groups = address.groups()
        uneven = any(len(group) != 2 for group in groups)  # four pairs are how some countries write numbers
        return uneven and not groups[0].startswith("0") and all(int(group) <= 255 for group in groups)
    return _ARTICLE.fullmatch(plain) is not None and _has_article_check_digit(plain)


def _has_article_check_digit(digits: str) -> bool:
    """EAN-13: the weighted sum of all digits is a multiple of 10."""
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10 == 0
