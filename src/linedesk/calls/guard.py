"""The dial guard: whether this agent may call this number now. Pure; the caller counts and records.

Denials come first, then the caps, then the question to the person. An emergency number passes everything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from linedesk.calls.destinations import behind_prefix, dialable, reachable
from linedesk.calls.dial_policy import DialPolicy
from linedesk.errors import (
    CapReached,
    ConfirmationNeeded,
    DestinationDenied,
    DiallingStopped,
    NumberUnreadable,
)
from linedesk.numbers import (
    Kind,
    Number,
    NumberPlan,
    PriceClass,
    country,
    is_fiction,
    is_page_number,
    price_class,
    read,
    to_dial,
)
from linedesk.numbers.plans import calling_code

__all__ = ["DialCounts", "DialPolicy", "Origin", "Verdict", "judge"]

_LONGEST = 16  # `+` and the 15 digits of E.164: an exchange looks at no more


class Origin(StrEnum):
    """Where the number came from; anything else is treated as a page.

    `CLIENT` is the dialpad of a program that holds no browser's session: nobody is known to have typed there.
    """

    DIALPAD = "dialpad"
    SEARCH = "search"
    HISTORY = "history"
    COLLEAGUE = "colleague"
    PAGE = "page"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class DialCounts:
    """Earlier calls: of the agent in the last minute, hour and day, and to this destination in the hour;
    of the company in the hour. `live`: calls this agent is in now."""

    minute: int = 0
    hour: int = 0
    day: int = 0
    destination_hour: int = 0
    company_hour: int = 0
    live: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The call may be made. `destination` is exactly what is sent to the PBX."""

    destination: str
    price_class: PriceClass


def judge(
    policy: DialPolicy,
    number: Number,
    plan: NumberPlan,
    origin: str,
    *,
    counts: DialCounts,
    confirmed: bool,
    local_hour: int,
    known_internal: bool = False,
) -> Verdict:
    """Allow the call or raise the `DialRefused` that says why not.

    `number` is the text as read by `plan`. `local_hour` is 0 to 23. `known_internal`: the number is a
    colleague's extension, which a page may hold too.
    """
    if number.kind is Kind.EMERGENCY and number.value is not None:
        return Verdict(number.value, PriceClass.FREE)
    if policy.stopped:
        raise DiallingStopped("All outgoing calls are switched off.")
    destination = _destination(number, plan)
    _check_origin(destination, number, plan, origin, known_internal)
    for reach in _reaches(destination, number, plan):
        _check_reach(policy, reach)
    _check_caps(policy, counts, local_hour)
    if not confirmed:
        _ask(destination, number, plan)
    return Verdict(destination, _price(number))


def _destination(number: Number, plan: NumberPlan) -> str:
    if number.kind is Kind.ANONYMOUS:
        raise NumberUnreadable("The caller withheld the number, so it can't be called back.")
    # What can't be read is dialled as it was typed or not at all.
    destination = dialable(number.raw) if number.kind is Kind.INVALID else dialable(to_dial(number, plan))
    if destination is None:
        raise NumberUnreadable("This is not a number that can be dialled.")
    return destination


def _check_origin(
    destination: str, number: Number, plan: NumberPlan, origin: str, known_internal: bool
) -> None:
    if origin == Origin.DIALPAD:
        return
    if "*" in destination or "#" in destination:
        raise DestinationDenied(
            "A code with * or # is only dialled from the dialpad.",
            remedy="Type the code on the dialpad yourself, if you know what it does.",
        )
    if origin in {Origin.SEARCH, Origin.HISTORY, Origin.COLLEAGUE, Origin.CLIENT}:
        return
    if number.kind is Kind.EXTENSION:
        if not known_internal:
            raise NumberUnreadable(
                "A number this short is only dialled from a page if it is a colleague's extension.",
                remedy="Dial it from the dialpad.",
            )
    elif not is_page_number(number.raw, plan):
        raise NumberUnreadable(
            "A number in a page must have at least 7 digits and nothing but digits and +.",
            remedy="Dial it from the dialpad.",
        )


def _reaches(destination: str, number: Number, plan: NumberPlan) -> tuple[str, ...]:
    """The public numbers this call could end at; none for an internal number."""
    if number.kind is Kind.EXTENSION:
        return ()
    if number.kind is Kind.E164 and number.value is not None:
        sure = price_class(number.value) is not PriceClass.UNKNOWN
        reached = (number.value,) if sure else (number.value, *reachable(number.value, plan))
        return reached + _with_line_kept(number, plan)
    if number.kind is Kind.INVALID or "*" in destination or "#" in destination:
        return (*reachable(destination, plan), *behind_prefix(destination, plan))
    return reachable(destination, plan)


def _with_line_kept(number: Number, plan: NumberPlan) -> tuple[str, ...]:
    """What a text could also reach if the digits that were read as the outside line are no such thing."""
    if not plan.outside_line or read(number.raw, replace(plan, outside_line="")).value == number.value:
        return ()
    typed = dialable(number.raw)
    return () if typed is None else reachable(typed, plan)


def _check_reach(policy: DialPolicy, reach: str) -> None:
    reach = reach[:_LONGEST]
    allowed, denied = _longest(policy.allowed_prefixes, reach), _longest(policy.denied_prefixes, reach)
    if denied > allowed:
        raise DestinationDenied(f"Numbers that begin with {reach[:denied]} may not be called.")
    where = country(reach)
    kind = price_class(reach)
    if kind.denied_by_default and not _lifts(allowed, reach, where):
        raise DestinationDenied(f"Numbers of this price class ({kind.value}) may not be called.")
    if policy.countries and where not in policy.countries and not allowed:
        raise DestinationDenied(f"Calls to this country ({where or 'none known'}) are not allowed.")


def _lifts(allowed: int, reach: str, where: str | None) -> bool:
    """Whether an allowed prefix of this length says something about the price class of `reach`.

    A country's code alone says nothing about its premium numbers; the code of a network without a country
    does.
    """
    code = len(calling_code(reach) or "") + 1
    return allowed > code or (where is None and 1 < code <= allowed)


def _check_caps(policy: DialPolicy, counts: DialCounts, local_hour: int) -> None:
    night = policy.is_night(local_hour)
    hour_cap = min(policy.per_hour, policy.night_per_hour) if night else policy.per_hour
    caps = (
        (counts.live, policy.at_once, "calls at once"),
        (counts.minute, policy.per_minute, "calls a minute"),
        (counts.hour, hour_cap, "calls an hour at night" if night else "calls an hour"),
        (counts.day, policy.per_day, "calls a day"),
        (counts.destination_hour, policy.per_destination_per_hour, "calls an hour to one number"),
        (counts.company_hour, policy.company_per_hour, "calls an hour for the whole company"),
    )
    for count, cap, what in caps:
        if count >= cap:
            raise CapReached(f"The limit of {cap} {what} is reached.")


def _ask(destination: str, number: Number, plan: NumberPlan) -> None:
    if number.kind is Kind.INVALID:
        raise ConfirmationNeeded(f"This doesn't look like a valid number. Call {destination} as it is?")
    if number.kind is Kind.SHORT and _is_public(destination, plan):
        raise ConfirmationNeeded(f"{destination} is a public short code, which may cost more. Call it?")
    if number.partial:
        # What is left out must be told, or the call goes elsewhere than the person typed (C9).
        raise ConfirmationNeeded(f"Not all of this text would be dialled. Call {number.value}?")
    fiction = number.value is not None and is_fiction(number.value)
    if number.kind is Kind.E164 and _price(number).ask_first and not fiction:
        raise ConfirmationNeeded(f"Nobody knows the kind or price of {number.value}. Call it?")
    if len(number.candidates) > 1:
        # The number dialled must be the number shown (C9), so the person sees which one it will be.
        raise ConfirmationNeeded(f"This text can be read as several numbers. Call {number.value}?")


def _is_public(code: str, plan: NumberPlan) -> bool:
    """Whether a short code is the public one, or a code that holds one (`118#`)."""
    texts = (*re.split("[*#]", code), re.sub("[*#]", "", code))
    return any(each.kind is Kind.SHORT for each in (read(text, plan) for text in texts))


def _price(number: Number) -> PriceClass:
    if number.kind is Kind.EXTENSION:
        return PriceClass.FREE
    return PriceClass.UNKNOWN if number.value is None else price_class(number.value)


def _longest(prefixes: tuple[str, ...], reach: str) -> int:
    """The length of the longest prefix that fits; 0 when none does."""
    return max((len(prefix) for prefix in prefixes if reach.startswith(prefix)), default=0)
