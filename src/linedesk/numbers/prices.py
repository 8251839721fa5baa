"""What a call may cost, as far as the number tells: the classes that the dial guard decides by.

A safe list: only types known to be ordinary count as ordinary. The library's types alone are no guard
(it calls satellite networks mobile), so prefixes of our own come first.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from phonenumbers import PhoneNumberType, number_type

from linedesk.numbers.library import library_number
from linedesk.numbers.plans import calling_code, owner, territories


class PriceClass(StrEnum):
    """`UNKNOWN` is a number that no plan has, or of a type without a fixed price: ask before the call."""

    FREE = "free"
    FIXED = "fixed"
    MOBILE = "mobile"
    FIXED_OR_MOBILE = "fixed_or_mobile"
    VOIP = "voip"
    PREMIUM = "premium"
    SHARED_COST = "shared_cost"
    PERSONAL = "personal"
    SATELLITE = "satellite"
    NETWORK = "network"
    UNKNOWN = "unknown"

    @property
    def denied_by_default(self) -> bool:
        """Whether nobody may call it until an administrator allows it."""
        return self in _DENIED

    @property
    def ask_first(self) -> bool:
        """Whether a person must confirm the call."""
        return self is PriceClass.UNKNOWN


_DENIED = frozenset(
    {
        PriceClass.PREMIUM,
        PriceClass.SHARED_COST,
        PriceClass.PERSONAL,
        PriceClass.SATELLITE,
        PriceClass.NETWORK,
    }
)

_BY_TYPE = {
    PhoneNumberType.TOLL_FREE: PriceClass.FREE,
    PhoneNumberType.FIXED_LINE: PriceClass.FIXED,
    PhoneNumberType.MOBILE: PriceClass.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: PriceClass.FIXED_OR_MOBILE,
    PhoneNumberType.VOIP: PriceClass.VOIP,
    PhoneNumberType.PREMIUM_RATE: PriceClass.PREMIUM,
    PhoneNumberType.SHARED_COST: PriceClass.SHARED_COST,
    PhoneNumberType.PERSONAL_NUMBER: PriceClass.PERSONAL,
}

# the longest prefix wins; a denied range is denied whether or not the plan has the number
_BY_PREFIX = {
    "+800": PriceClass.FREE,  # universal international freephone
    "+808": PriceClass.SHARED_COST,  # international shared cost
    "+870": PriceClass.SATELLITE,  # Inmarsat
    "+878": PriceClass.PERSONAL,  # universal personal telecommunications
    "+881": PriceClass.SATELLITE,  # Iridium, Globalstar
    "+882": PriceClass.NETWORK,  # international networks
    "+883": PriceClass.NETWORK,
    "+888": PriceClass.NETWORK,
    "+979": PriceClass.PREMIUM,  # international premium rate
    "+991": PriceClass.NETWORK,
    "+1456": PriceClass.PREMIUM,  # inbound international
    "+1500": PriceClass.PERSONAL,
    "+1521": PriceClass.PERSONAL,
    "+1522": PriceClass.PERSONAL,
    "+1533": PriceClass.PERSONAL,
    "+1544": PriceClass.PERSONAL,
    "+1566": PriceClass.PERSONAL,
    "+1577": PriceClass.PERSONAL,
    "+1588": PriceClass.PERSONAL,
    "+1700": PriceClass.PREMIUM,  # carriers' own services
    "+1900": PriceClass.PREMIUM,
    "+31900": PriceClass.PREMIUM,
    "+31906": PriceClass.PREMIUM,
    "+31909": PriceClass.PREMIUM,
    "+3289": PriceClass.SHARED_COST,
    "+3290": PriceClass.PREMIUM,
    "+3381": PriceClass.SHARED_COST,
    "+3382": PriceClass.SHARED_COST,
    "+3389": PriceClass.PREMIUM,
    "+34803": PriceClass.PREMIUM,
    "+34806": PriceClass.PREMIUM,
    "+34807": PriceClass.PREMIUM,
    "+34901": PriceClass.SHARED_COST,
    "+34902": PriceClass.SHARED_COST,
    "+34905": PriceClass.PREMIUM,
    "+39144": PriceClass.PREMIUM,
    "+39166": PriceClass.PREMIUM,
    "+39178": PriceClass.PERSONAL,
    "+39199": PriceClass.SHARED_COST,
    "+3984": PriceClass.SHARED_COST,
    "+3989": PriceClass.PREMIUM,
    "+4184": PriceClass.SHARED_COST,
    "+41878": PriceClass.PERSONAL,
    "+4190": PriceClass.PREMIUM,
    "+43810": PriceClass.SHARED_COST,
    "+43820": PriceClass.SHARED_COST,
    "+43821": PriceClass.SHARED_COST,
    "+43828": PriceClass.SHARED_COST,
    "+43900": PriceClass.PREMIUM,
    "+43901": PriceClass.PREMIUM,
    "+43930": PriceClass.PREMIUM,
    "+43931": PriceClass.PREMIUM,
    "+4430": PriceClass.FIXED,  # "UK-wide" 03, at the price of 01 and 02
    "+4433": PriceClass.FIXED,
    "+4434": PriceClass.FIXED,
    "+4437": PriceClass.FIXED,
    "+4470": PriceClass.PERSONAL,
    "+4484": PriceClass.SHARED_COST,
    "+4487": PriceClass.SHARED_COST,
    "+449": PriceClass.PREMIUM,
    "+49137": PriceClass.SHARED_COST,
    "+49180": PriceClass.SHARED_COST,
    "+49190": PriceClass.PREMIUM,
    "+49700": PriceClass.PERSONAL,
    "+49900": PriceClass.PREMIUM,
    "+61190": PriceClass.PREMIUM,
}
_NORTH_AMERICAN_PREMIUM = re.compile(r"\+1\d{3}976\d{4}")  # the exchange 976 of many area codes
_PREFIX_LENGTHS = sorted({len(prefix) for prefix in _BY_PREFIX}, reverse=True)


@lru_cache(maxsize=4096)
def price_class(value: str) -> PriceClass:
    """The class of an E.164 number. Internal numbers, short codes and other texts are `UNKNOWN`."""
    number = library_number(value)
    if number is None:
        return PriceClass.UNKNOWN
    listed = next((_BY_PREFIX[value[:n]] for n in _PREFIX_LENGTHS if value[:n] in _BY_PREFIX), None)
    if listed is None and _NORTH_AMERICAN_PREMIUM.fullmatch(value):
        listed = PriceClass.PREMIUM
    if listed is not None and listed.denied_by_default:
        return listed
    code = calling_code(value)
    if code is None or owner(code, value[len(code) + 1 :]) is None:
        return PriceClass.UNKNOWN
    return listed or _BY_TYPE.get(number_type(number), PriceClass.UNKNOWN)


@lru_cache(maxsize=4096)
def country(value: str) -> str | None:
    """The ISO 3166 region of an E.164 number; None for networks of no country, and for other texts.

    A number that no plan has belongs to the region whose leading digits it begins with, else to the main
    region of its calling code.
    """
    code = calling_code(value) if value.startswith("+") else None
    if code is None:
        return None
    national = value[len(code) + 1 :]
    plans = territories(code)
    found = owner(code, national)
    if found is None:
        leading = (plan for plan in plans if plan.leading is not None and plan.leading.match(national))
        found = next(leading, plans[0] if plans else None)
    return found.region if found is not None and found.region.isalpha() else None
