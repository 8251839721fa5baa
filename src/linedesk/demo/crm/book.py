"""The CRM's records: what the seed made, and what people and API clients changed since.

Changes are kept in one file, written anew with each change: a demo's worth of them, not a company's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from linedesk.apps.info import AppInfo
from linedesk.contacts.model import Contact, ContactNumber, ContactType, contact_id
from linedesk.demo.files import read_json, write_json
from linedesk.demo.seed import Company, Person, Seed, Ticket

BOOK = "freshdesk"
IN_DIRECTORY = frozenset({"active", "blocked"})
"""States of a person whom the directory shows; a blocked one is marked there."""

TEXT_MAX = 2_000
_COMPANY_IDS = range(203_000_000_001, 204_000_000_000)


@dataclass(frozen=True, slots=True)
class _Before:
    """What the search index still shows of a person: the state before a change, None: nothing."""

    person: Person | None
    until_s: float


class CrmBook:
    """Companies, people and tickets by id. `now_s` gives the time that changes are stamped with."""

    def __init__(
        self, seed: Seed, path: Path | None = None, now_s: Callable[[], float] = lambda: 1_764_000_000.0
    ) -> None:
        self._path = path
        self._now_s = now_s
        self.companies = {each.id: each for each in seed.companies}
        self.people = {each.id: each for each in seed.people}
        self.tickets = {each.id: each for each in seed.tickets}
        self._by_name: list[Person] | None = None
        self._changed: dict[str, set[int]] = {"people": set(), "companies": set(), "tickets": set()}
        self._gone: set[int] = set()
        self._index_holds: dict[int, _Before] = {}
        self._recall(read_json(path) if path is not None else None)

    def add_person(self, *, name: str, email: str, phone: str, mobile: str, company: str) -> Person:
        """A new record from the site's form; a company is found by its name, or made."""
        texts = {"name": name, "email": email, "phone": phone, "mobile": mobile}
        cut: dict[str, Any] = {key: text.strip()[:TEXT_MAX] for key, text in texts.items()}
        return self.put(replace(self.draft(), **cut, company_id=self._company_id(company)))

    def edit_person(self, person: Person, *, company: str, **texts: str) -> Person:
        """The record with the texts of the site's form."""
        cut: dict[str, Any] = {key: text.strip()[:TEXT_MAX] for key, text in texts.items()}
        return self.put(replace(person, **cut, company_id=self._company_id(company)))

    def draft(self) -> Person:
        """An empty record with a new id; `put` stores it."""
        gone = [each for each in self._gone if each not in _COMPANY_IDS]
        return Person(max([*self.people, *gone], default=0) + 1, "", made_s=int(self._now_s()))

    def put(self, person: Person) -> Person:
        """Store a new or changed record, stamped with the present second."""
        before = self.people.get(person.id)
        person = replace(person, updated_s=int(self._now_s()))
        self._index_holds[person.id] = _Before(before, self._now_s())
        self._take_person(person)
        self._save()
        return person

    def destroy(self, person: Person) -> None:
        """Remove a record for ever, with its tickets."""
        self._index_holds[person.id] = _Before(person, self._now_s())
        self._gone.add(person.id)
        self.people.pop(person.id, None)
        for ticket in self.tickets_of(person):
            del self.tickets[ticket.id]
        self._by_name = None
        self._save()

    def put_company(self, company: Company) -> Company:
        """Store a new or changed company."""
        company = replace(company, updated_s=int(self._now_s()))
        self.companies[company.id] = company
        self._changed["companies"].add(company.id)
        self._save()
        return company

    def next_company_id(self) -> int:
        """One that no company had before: a removed one's id must not come back."""
        gone = [each for each in self._gone if each in _COMPANY_IDS]
        return max([*self.companies, *gone], default=_COMPANY_IDS.start - 1) + 1

    def remove_company(self, company: Company) -> None:
        """Remove a company; its people stay, without one."""
        for person in [each for each in self.people.values() if each.company_id == company.id]:
            self.put(replace(person, company_id=None))
        self.companies.pop(company.id, None)
        self._gone.add(company.id)
        self._save()

    def put_ticket(self, ticket: Ticket) -> Ticket:
        """Store a new or changed ticket."""
        self.tickets[ticket.id] = ticket
        self._changed["tickets"].add(ticket.id)
        self._save()
        return ticket

    def add_note(self, person: Person, text: str) -> Person:
        """The contact with one more note."""
        return self.put(replace(person, notes=(*person.notes, text[:TEXT_MAX])))

    def add_reply(self, ticket: Ticket, text: str) -> Ticket:
        """The ticket with one more reply."""
        return self.put_ticket(replace(ticket, replies=(*ticket.replies, text[:TEXT_MAX])))

    def find_people(self, text: str, limit: int, start: int = 0) -> tuple[list[Person], int]:
        """Contacts whose name, e-mail or digits hold `text`, by name, from the `start`th on; and how many
        there are."""
        wanted, digits = text.strip().casefold(), "".join(filter(str.isdigit, text))
        hits = [
            each
            for each in self.by_name()
            if each.state == "active"
            and (
                not wanted
                or wanted in each.name.casefold()
                or wanted in each.email.casefold()
                or (len(digits) > 3 and digits.removeprefix("0") in _digits(each))
            )
        ]
        return hits[start : start + limit], len(hits)

    def by_name(self) -> list[Person]:
        """Everybody, in the order of the listing."""
        if self._by_name is None:
            self._by_name = sorted(self.people.values(), key=_order)
        return self._by_name

    def indexed(self, lag_s: float) -> Iterator[Person]:
        """Everybody as the search index has them, which is `lag_s` behind."""
        now_s = self._now_s()
        held = {
            id_: before.person for id_, before in self._index_holds.items() if before.until_s + lag_s > now_s
        }
        for person in self.by_name():
            if person.id not in held:
                yield person
        yield from (person for person in held.values() if person is not None)

    def staff(self, company: Company) -> list[Person]:
        return [each for each in self.people.values() if each.company_id == company.id][:100]

    def tickets_of(self, person: Person) -> list[Ticket]:
        return [each for each in self.tickets.values() if each.person_id == person.id]

    def contacts(self, base: str, info: AppInfo) -> Iterator[Contact]:
        """Every record as a canonical contact; `info` has the templates of pages, `base` is their address."""
        for company in self.companies.values():
            yield _with_page(_company_contact(company), base, info)
        for person in self.people.values():
            if person.state in IN_DIRECTORY:
                yield self.contact(person, base, info)

    def contact(self, person: Person, base: str, info: AppInfo) -> Contact:
        """One person as a canonical contact."""
        company = self.companies.get(person.company_id) if person.company_id else None
        numbers = (ContactNumber(person.phone, "work"), ContactNumber(person.mobile, "mobile"))
        contact = Contact(
            id=contact_id(BOOK, str(person.id)),
            book=BOOK,
            app=BOOK,
            record_id=str(person.id),
            name=person.name,
            company=company.name if company else "",
            emails=(person.email,) if person.email else (),
            numbers=tuple(each for each in numbers if each.raw),
            blocked=person.state == "blocked",
            company_url=info.company_url(base, str(company.id)) if company else None,
        )
        return _with_page(contact, base, info)

    def holder_of(self, email: str) -> Person | None:
        """Who has this e-mail address already."""
        wanted = email.strip().casefold()
        people = (each for each in self.people.values() if each.state != "agent")
        return next((each for each in people if wanted and each.email.casefold() == wanted), None)

    def _company_id(self, name: str) -> int | None:
        wanted = name.strip()[:TEXT_MAX]
        for each in self.companies.values():
            if each.name.casefold() == wanted.casefold():
                return each.id
        return self.put_company(Company(self.next_company_id(), wanted)).id if wanted else None

    def _take_person(self, person: Person) -> None:
        self.people[person.id] = person
        self._by_name = None
        self._changed["people"].add(person.id)

    def _recall(self, stored: dict[str, Any] | None) -> None:
        document = stored or {}
        for each in document.get("people", ()):
            self._take_person(Person.from_json(each))
        for each in document.get("companies", ()):
            self.companies[each["id"]] = Company.from_json(each)
            self._changed["companies"].add(each["id"])
        for each in document.get("tickets", ()):
            self.tickets[each["id"]] = Ticket.from_json(each)
            self._changed["tickets"].add(each["id"])
        self._gone = set(document.get("gone", ()))
        for id_ in self._gone:
            self.people.pop(id_, None)
            self.companies.pop(id_, None)
        # A ticket goes with its contact: the seed still has those of people who are gone.
        self.tickets = {id_: each for id_, each in self.tickets.items() if each.person_id in self.people}

    def _save(self) -> None:
        if self._path is None:
            return
        tables: dict[str, dict[int, Any]] = {
            "people": self.people,
            "companies": self.companies,
            "tickets": self.tickets,
        }
        document: dict[str, Any] = {
            name: [asdict(table[each]) for each in sorted(self._changed[name]) if each in table]
            for name, table in tables.items()
        }
        write_json(self._path, {**document, "gone": sorted(self._gone)})


def _company_contact(company: Company) -> Contact:
    return Contact(
        id=contact_id(BOOK, str(company.id)),
        book=BOOK,
        app=BOOK,
        record_id=str(company.id),
        name=company.name,
        type=ContactType.COMPANY,
        company=company.name,
        numbers=(ContactNumber(company.phone, "switchboard"),) if company.phone else (),
    )


def _with_page(contact: Contact, base: str, info: AppInfo) -> Contact:
    return replace(contact, page_url=info.page_url(base, contact))


def _digits(person: Person) -> str:
    return "".join(filter(str.isdigit, f"{person.phone} {person.mobile}"))


def _order(person: Person) -> tuple[bool, str, int]:
    """Alphabetical, what begins with no letter last."""
    return not person.name[:1].isalpha(), person.name.casefold(), person.id
