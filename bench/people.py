"""Invented people with the name distribution of a real European book: `person(i)` is always the same one.

Common names are as common as they are, every third family name is rare, many work for the same companies,
some have no company or no e-mail, a few are archived. Each has a work and a mobile number, spelled as people
in Italy spell them: 85 of 100 are Italian, the others are written with their country's code.
"""

from __future__ import annotations

from typing import TypeVar

from bench.people_names import LANDS, Land
from linedesk.contacts.model import Contact, ContactNumber, ContactType, contact_id

_T = TypeVar("_T")
BOOK, APP = "crm", "freshdesk"
_MASK = (1 << 64) - 1
_WHEEL = tuple(land for land in LANDS for _ in range(land.share))
_COMPANIES_OF = 12  # people to a company
_AT_HOME = 17  # people of twenty with numbers of the country where the book is kept
_KIND_MAIL = ("example.com", "example.net", "example.org")


def person(i: int, book: str = BOOK) -> Contact:
    """The person (or, once in fifty, the company) at position `i`."""
    dice = _Dice(i)
    land = dice.of(_WHEEL)
    if dice.below(50) == 0:
        return _company(i, dice, book)
    given, family = dice.common(land.given), family_name(dice, land)
    phones = _phones(dice, land)
    company_at = i // _COMPANIES_OF if dice.below(10) < 6 else None
    company = "" if company_at is None else company_name(company_at)
    return Contact(
        id=contact_id(book, str(i)),
        book=book,
        app=APP,
        record_id=str(i),
        name=f"{given} {family}",
        company=company,
        emails=_emails(dice, given, family, company_at),
        numbers=(
            ContactNumber(_number(dice, phones.numbers[0]), "work"),
            ContactNumber(_number(dice, phones.numbers[1]), "mobile"),
        ),
        page_url=f"https://bench.freshdesk.com/a/contacts/{i}",
        archived=dice.below(40) == 0,
    )


def company_name(at: int) -> str:
    """The name of company number `at`."""
    dice = _Dice(at ^ 0x5DEECE66D)
    land = dice.of(_WHEEL)
    return f"{family_name(dice, land)} {dice.common(land.company)}"


def family_name(dice: _Dice, land: Land) -> str:
    """A common family name two times of three, else one put together of the country's parts."""
    if dice.below(3):
        return dice.common(land.family)
    return "".join(dice.of(parts) for parts in land.tail)


class _Dice:
    """Numbers that follow from a seed alone (splitmix64): cheap, and the same in every version of Python."""

    def __init__(self, seed: int) -> None:
        # The factor is not the step: else the dice of one person would be those of the next, moved by one.
        self._state = (seed + 1) * 0xD1342543DE82EF95 & _MASK

    def below(self, bound: int) -> int:
        self._state = state = self._state + 0x9E3779B97F4A7C15 & _MASK
        state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        state = (state ^ state >> 27) * 0x94D049BB133111EB & _MASK
        return ((state ^ state >> 31) >> 11) % bound

    def of(self, choices: tuple[_T, ...]) -> _T:
        return choices[self.below(len(choices))]

    def common(self, choices: tuple[str, ...]) -> str:
        """The first choices far more often than the last, as names are."""
        share = self.below(1 << 20) / (1 << 20)
        return choices[int(len(choices) * share**1.7)].replace("_", " ")


def _company(i: int, dice: _Dice, book: str) -> Contact:
    phones = _phones(dice, dice.of(_WHEEL))
    return Contact(
        id=contact_id(book, str(i)),
        book=book,
        app=APP,
        record_id=str(i),
        name=company_name(i // _COMPANIES_OF),
        type=ContactType.COMPANY,
        emails=(f"info@c{i // _COMPANIES_OF}.example.com",),
        numbers=(
            ContactNumber(_number(dice, phones.numbers[0]), "work"),
            ContactNumber(_number(dice, phones.numbers[0]), "other"),
        ),
        page_url=f"https://bench.freshdesk.com/a/companies/{i}",
    )


def _emails(dice: _Dice, given: str, family: str, company_at: int | None) -> tuple[str, ...]:
    if dice.below(5) == 0:
        return ()
    domain = dice.of(_KIND_MAIL) if company_at is None else f"c{company_at}.example.com"
    local = f"{given}.{family}" if (given + family).isascii() else f"user{dice.below(100_000)}"
    return (f"{local.lower().replace(' ', '').replace(chr(39), '')}@{domain}",)


def _phones(dice: _Dice, land: Land) -> Land:
    """Where a person's numbers are from: the country of the book, or abroad."""
    if dice.below(20) < _AT_HOME:
        return LANDS[0]
    return land if land is not LANDS[0] else dice.of(LANDS[1:])


def _number(dice: _Dice, patterns: tuple[str, ...]) -> str:
    pattern = dice.of(patterns)
    # The first digit that varies is never 0, which would make another number of it.
    digits = [str(2 + dice.below(8))] + [str(dice.below(10)) for _ in range(pattern.count("#") - 1)]
    out = iter(digits)
    return "".join(next(out) if letter == "#" else letter for letter in pattern)
