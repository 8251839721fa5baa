"""The readings of one written public number: which E.164 numbers its digits may be, the likeliest first.

A `+` (or an international prefix) leaves one reading. Digits alone may be a national number, a number with
the country code but no plus, or one with a trunk prefix before the country code; those that exist count.
"""

from __future__ import annotations

from dataclasses import dataclass

from linedesk.numbers.digits import Digits
from linedesk.numbers.plans import LONGEST_E164, Territory, calling_code, owner, territories, territory
from linedesk.numbers.variants import fold

_LEAST_NATIONAL_DIGITS = 2
_FORMER_TRUNKS = {"PL": "0", "UA": "8"}
"""Trunk prefixes that a country gave up within the life of a phonebook; the plan knows them no more."""

_FOREIGN_PREFIXES = ("00", "011")
"""International prefixes that people carry into regions that have another."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One E.164 `value`; not `sure` when it is an alternative.

    `exists`: the plan of its country has it. `likely`: it exists, or has the length of one that does.
    """

    value: str
    sure: bool = True
    exists: bool = True
    likely: bool = True


def readings(number: Digits, region: str) -> tuple[Reading, ...]:
    """All readings of `number` in the region (ISO 3166, capitals); empty when there is none."""
    if number.plus:
        return _plus(number)
    plan = territory(region)
    if plan is None:
        return _carried_abroad(number.text)
    international = _after_prefix(number, plan)
    if international is not None:
        found = _plus(international)
        if found and found[0].likely:
            return found
    return _national(number.text, plan) or _formerly(number.text, plan) or _carried_abroad(number.text)


def _plus(number: Digits) -> tuple[Reading, ...]:
    """The one reading of a number with its country code, kept even if the plan does not know it."""
    digits = number.text
    while digits.startswith("00"):  # `+0039`: both ways to say "international"
        digits = digits[2:]
    code = calling_code("+" + digits)
    if code is None or len(digits) - len(code) < _LEAST_NATIONAL_DIGITS:
        return ()
    main = territories(code)[0]
    nationals = _written_nationals(number, digits, code)
    for national in nationals:
        if value := _existing(main, national):
            return (Reading(value),)
    kept = _kept(main, nationals)
    return (Reading(kept, exists=False, likely=_is_possible(kept)),) if kept else ()


def _written_nationals(number: Digits, digits: str, code: str) -> list[str]:
    """What may be the national number: as written, then without a trunk prefix that stands in brackets."""
    nationals = [digits[len(code) :]]
    if number.bracket and number.bracket_at == len(number.text) - len(digits) + len(code):
        nationals.append(nationals[0][len(number.bracket) :])
    return nationals


def _kept(main: Territory, nationals: list[str]) -> str | None:
    """A number that no plan has, as it is; a trunk prefix goes where its country's lengths say so."""
    for national in nationals:
        stripped = main.national(national)
        if stripped != national and main.is_possible(stripped) and main.national(stripped) == stripped:
            return _e164(main.calling_code, stripped)
    return _e164(main.calling_code, nationals[-1])


def _existing(plan: Territory, dialled: str) -> str | None:
    """E.164 of digits that exist in `plan`: without a trunk prefix, as they stand, or as their variant."""
    code = plan.calling_code
    stripped = plan.national(dialled)
    forms = (stripped,) if stripped == dialled else (stripped, dialled)
    for form in forms:
        if owner(code, form):
            return _e164(code, form)
    for form in forms:
        variant = fold(f"+{code}{form}")
        now = calling_code(variant)
        if variant != f"+{code}{form}" and now and owner(now, variant[len(now) + 1 :]):
            return variant
    return None


def _national(digits: str, plan: Territory) -> tuple[Reading, ...]:
    code = plan.calling_code
    at_home = _existing(plan, digits)
    trunk_written = (
        at_home is not None and bool(plan.national_prefix) and digits.startswith(plan.national_prefix)
    )
    with_code = _existing(plan, digits[len(code) :]) if digits.startswith(code) else None
    after_trunk = None
    if plan.national_prefix and digits.startswith(plan.national_prefix + code):
        after_trunk = _existing(plan, digits[len(plan.national_prefix + code) :])
    found = list(dict.fromkeys(each for each in (at_home, with_code, after_trunk) if each))
    if len(found) == 1:
        return (Reading(found[0]),)
    # a national number written with its trunk prefix is one beyond doubt
    return tuple(Reading(value, sure=trunk_written and value == at_home) for value in found)


def _formerly(digits: str, plan: Territory) -> tuple[Reading, ...]:
    """A number that exists behind a trunk prefix of former times."""
    trunk = _FORMER_TRUNKS.get(plan.region)
    if trunk is None or not digits.startswith(trunk):
        return ()
    value = _existing(plan, digits[len(trunk) :])
    return (Reading(value),) if value else ()


def _after_prefix(number: Digits, plan: Territory) -> Digits | None:
    """The number behind the region's international prefix, or None without one."""
    match = plan.international_prefix.match(number.text) if plan.international_prefix else None
    if match is None or number.text[match.end() : match.end() + 1] in {"", "0"}:
        return None
    return Digits(
        number.text[match.end() :], True, number.bracket, number.bracket_at - match.end(), number.lone
    )


def _carried_abroad(digits: str) -> tuple[Reading, ...]:
    """A number that exists behind another region's international prefix."""
    for prefix in _FOREIGN_PREFIXES:
        if digits.startswith(prefix):
            found = _plus(Digits(digits[len(prefix) :], plus=True))
            if found and found[0].exists:
                return found
    return ()


def _is_possible(value: str) -> bool:
    code = calling_code(value)
    return code is not None and any(plan.is_possible(value[len(code) + 1 :]) for plan in territories(code))


def _e164(code: str, national: str) -> str | None:
    return f"+{code}{national}" if len(code) + len(national) <= LONGEST_E164 else None
