"""The demo's contacts, companies and tickets: the same for the same seed and count, on every machine.

The first ones are fixed, because the start page, the tests and the README speak of them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from linedesk.demo.names import COMPANY_TRADES, COMPANY_WORDS, JOBS, PEOPLE, SUBJECTS
from linedesk.demo.ranges import COUNTRIES, Supply

KNOWN_CALLER = "+442079460018"
SHARED_CALLER = "+442079460044"
POSSIBLE_CALLER = "+493023125814"
UNKNOWN_CALLER = "+442079460199"
HOSTILE_CALLER = "+447700900266"

_FIRST_PERSON = 103_000_000_001
_FIRST_COMPANY = 203_000_000_001
_FIRST_TICKET = 1001
_HOSTILE_INDEX = 6
_TAGS: tuple[tuple[str, ...], ...] = ((), ("customer",), ("customer", "newsletter"), (), ("supplier",))
_FIXED_NUMBERS = frozenset({"+33199001234", "+12125550142", "+498999998990"})
_HOSTILE_NAME = '<img src=x onerror=alert(1)>"\u202egnp.eman\u202c \u2067<b>Mallory</b>\u2069'
_LONG_NAME = "Maximiliane-Charlotte von Hohenstauffen-Oberammergau zu Rheinsberg-Wolkensteiner"


_FIRST_DAY_S = 1_735_689_600  # 2025-01-01; a record's times follow from its id until it is changed


@dataclass(frozen=True, slots=True)
class Company:
    """A company record. `phone` is the switchboard, as somebody typed it. `extra` holds fields that the demo
    shows nowhere. Times are epoch seconds.
    """

    id: int
    name: str
    phone: str = ""
    description: str = ""
    domains: tuple[str, ...] = ()
    updated_s: int = 0
    note: str = ""
    extra: dict[str, str | None] = field(default_factory=dict)

    @property
    def created_s(self) -> int:
        return _FIRST_DAY_S + self.id % 1_000_000 * 60

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Company:
        return cls(**{**document, "domains": tuple(document.get("domains", ()))})


@dataclass(frozen=True, slots=True)
class Person:
    """A contact record with Freshdesk's fields: one `name`, free-text numbers.

    `state` is active, blocked, deleted (softly) or agent (made one, so no contact any more). `extra` holds
    fields that the demo shows nowhere (language, twitter_id …), `custom` the custom ones. Times are epoch
    seconds; 0: as the id says.
    """

    id: int
    name: str
    email: str = ""
    phone: str = ""
    mobile: str = ""
    company_id: int | None = None
    job_title: str = ""
    notes: tuple[str, ...] = ()
    address: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    other_emails: tuple[str, ...] = ()
    other_companies: tuple[int, ...] = ()
    unique_external_id: str = ""
    state: str = "active"
    custom: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    made_s: int = 0
    updated_s: int = 0

    @property
    def created_s(self) -> int:
        return self.made_s or _FIRST_DAY_S + self.id % 1_000_000 * 60

    @property
    def changed_s(self) -> int:
        return self.updated_s or self.created_s

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Person:
        lists = ("notes", "tags", "other_emails", "other_companies")
        return cls(**{**document, **{name: tuple(document.get(name, ())) for name in lists}})


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket of `person_id`; `callback` is a number that stands in its text."""

    id: int
    subject: str
    person_id: int
    callback: str
    replies: tuple[str, ...] = ()
    description: str = ""
    status: int = 2
    priority: int = 1
    source: int = 2
    tags: tuple[str, ...] = ()
    made_s: int = _FIRST_DAY_S

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Ticket:
        lists = ("replies", "tags")
        return cls(**{**document, **{name: tuple(document.get(name, ())) for name in lists}})


@dataclass(frozen=True, slots=True)
class Seed:
    """Everything the CRM holds at its first start."""

    companies: tuple[Company, ...] = field(default=())
    people: tuple[Person, ...] = field(default=())
    tickets: tuple[Ticket, ...] = field(default=())


def make_seed(count: int, seed: int = 1) -> Seed:
    """`count` contacts (at least the fixed ones), a company for every four, a ticket for every five."""
    rng = random.Random(f"linedesk-demo:{seed}")
    companies, people, supply = list(_FIXED_COMPANIES), list(_FIXED_PEOPLE), Supply(_FIXED_NUMBERS)
    while len(people) < count:
        country = rng.choice(COUNTRIES)
        if len(people) % 4 == 0:
            companies.append(_company(len(companies), country, rng, supply))
        # The newest company of the list, or none: some people have no company.
        company = companies[-1] if rng.random() < 0.8 else None
        people.append(_person(len(people), country, company, rng, supply))
    writers = [*people[::5][:400], people[_HOSTILE_INDEX]]
    tickets = [_ticket(index, person, rng) for index, person in enumerate(writers)]
    return Seed(tuple(companies), tuple(people), tuple(tickets))


def spelled(number: str, style: int = 0) -> str:
    """One of the ways in which people type a number: at home nationally, else internationally."""
    if number.startswith("+4420"):
        parts = (number[3:5], number[5:9], number[9:])
        return f"0{' '.join(parts)}" if style % 2 else f"+44 {' '.join(parts)}"
    if number.startswith("+447"):
        # Always with a plus: phone number libraries hold the drama range for no numbers of the country.
        return f"+44 {number[3:7]} {number[7:]}"
    if number.startswith("+1"):
        return f"+1 ({number[2:5]}) {number[5:8]}-{number[8:]}" if style % 2 else f"+1-{number[2:]}"
    if number.startswith("+49"):
        return f"0049 {number[3:5]} {number[5:]}" if style % 2 else f"+49 {number[3:5]}/{number[5:]}"
    if number.startswith("+33"):
        pairs = [number[4 + 2 * index : 6 + 2 * index] for index in range(4)]
        return f"+33 (0){number[3]} {' '.join(pairs)}" if style % 2 else f"+33 {number[3]} {' '.join(pairs)}"
    return number


def _company(index: int, country: str, rng: random.Random, supply: Supply) -> Company:
    name = f"{rng.choice(COMPANY_WORDS)} {rng.choice(COMPANY_TRADES[country])}"
    return Company(_FIRST_COMPANY + index, name, spelled(supply.take(country), index))


def _person(index: int, country: str, company: Company | None, rng: random.Random, supply: Supply) -> Person:
    first, last = (rng.choice(part) for part in PEOPLE[country])
    second = "" if supply.exhausted else spelled(supply.take(country), rng.randrange(2))
    return Person(
        _FIRST_PERSON + index,
        f"{first} {last}",
        f"contact{index}@example.test",
        spelled(supply.take(country), rng.randrange(2)),
        second,
        company.id if company else None,
        rng.choice(JOBS),
        address=_address(index, country),
        tags=_TAGS[index % len(_TAGS)],
    )


def _address(index: int, country: str) -> str:
    # No random draw of its own: the contacts of a seed stay what they were.
    return (
        ""
        if index % 3 == 0
        else f"{1 + index % 120} {COMPANY_WORDS[index % len(COMPANY_WORDS)]} Street, {country}"
    )


def _ticket(index: int, person: Person, rng: random.Random) -> Ticket:
    return Ticket(_FIRST_TICKET + index, rng.choice(SUBJECTS), person.id, person.mobile or person.phone)


_FIXED_COMPANIES = (
    Company(_FIRST_COMPANY, "Northgate Lanterns Ltd", "020 7946 0010"),
    Company(_FIRST_COMPANY + 1, "Havelufer Präzisionswerkzeuge GmbH", "+49 30 23125-0"),
    Company(_FIRST_COMPANY + 2, "Donaudampfschifffahrtsgesellschaftsverwaltung Süd AG", "+49 89 99998-990"),
)
_FIXED_PEOPLE = (
    Person(
        _FIRST_PERSON, "Ada Lindqvist", "ada@example.test", "020 7946 0018", "+44 7700 900018",
        _FIRST_COMPANY, "Head of purchasing",
    ),
    Person(
        _FIRST_PERSON + 1, "Rosa Marchetti", "rosa@example.test", "+44 20 7946 0044", "+44 7700 900044",
        _FIRST_COMPANY, "Buyer",
    ),
    Person(
        _FIRST_PERSON + 2, "Paolo Marchetti", "paolo@example.test", "020 7946 0044", "+44 7700 900045",
        _FIRST_COMPANY, "Warehouse lead",
    ),
    Person(
        _FIRST_PERSON + 3, "Jürgen Groß", "juergen@example.test", "+49 30 23125-014", "+44 7700 900049",
        _FIRST_COMPANY + 1, "Einkauf",
    ),
    Person(
        _FIRST_PERSON + 4, "نورا الحداد", "noura@example.test", "+33 1 99 00 12 34", "+44 7700 900033",
        None, "Architect",
    ),
    Person(
        _FIRST_PERSON + 5, _LONG_NAME, "max@example.test", "+44 20 7946 0080", "+44 7700 900080",
        _FIRST_COMPANY + 2, "Abteilungsleiterin Rechtsschutzversicherungsangelegenheiten",
    ),
    Person(
        _FIRST_PERSON + 6, _HOSTILE_NAME, "mallory@example.test", "+44 7700 900266", "",
        None, "<i>Tester</i>",
    ),
    Person(
        _FIRST_PERSON + 7, "דנה כהן", "dana@example.test", "+1 (212) 555-0142", "+44 7700 900142",
        None, "Buyer",
    ),
)  # fmt: skip
