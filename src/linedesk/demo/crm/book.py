"""The CRM's records: what the seed made, and what people changed since (kept in a small file)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from linedesk.contacts.model import Contact, ContactNumber, ContactType
from linedesk.demo.files import read_json, write_json
from linedesk.demo.seed import Company, Person, Seed, Ticket

BOOK = "freshdesk"
PageUrl = Callable[[str, Contact], str | None]

_TEXT_MAX = 2_000


class CrmBook:
    """Companies, people and tickets by id. Changed records survive a kill; the seed is made anew."""

    def __init__(self, seed: Seed, path: Path | None = None) -> None:
        self._path = path
        self.companies = {each.id: each for each in seed.companies}
        self.people = {each.id: each for each in seed.people}
        self.tickets = {each.id: each for each in seed.tickets}
        self._by_name: list[Person] | None = None
        self._changed_people: set[int] = set()
        self._changed_tickets: set[int] = set()
        stored = read_json(path) if path is not None else None
        for each in (stored or {}).get("people", ()):
            self._take_person(Person(**{**each, "notes": tuple(each["notes"])}))
        for each in (stored or {}).get("tickets", ()):
            self._take_ticket(Ticket(**{**each, "replies": tuple(each["replies"])}))

    def add_person(self, *, name: str, email: str, phone: str, mobile: str, company: str) -> Person:
        """A new record; a company is found by its exact name and otherwise left out."""
        wanted = company.strip().casefold()
        found = next((each.id for each in self.companies.values() if each.name.casefold() == wanted), None)
        name, email, phone, mobile = (each.strip()[:_TEXT_MAX] for each in (name, email, phone, mobile))
        person = Person(max(self.people, default=0) + 1, name, email, phone, mobile, found)
        self._take_person(person)
        self._save()
        return person

    def add_note(self, person: Person, text: str) -> Person:
        """The contact with one more note."""
        person = replace(person, notes=(*person.notes, text[:_TEXT_MAX]))
        self._take_person(person)
        self._save()
        return person

    def add_reply(self, ticket: Ticket, text: str) -> Ticket:
        """The ticket with one more reply."""
        ticket = replace(ticket, replies=(*ticket.replies, text[:_TEXT_MAX]))
        self._take_ticket(ticket)
        self._save()
        return ticket

    def find_people(self, text: str, limit: int) -> tuple[list[Person], int]:
        """People whose name, e-mail or digits hold `text`, by name; and how many there are."""
        wanted, digits = text.strip().casefold(), "".join(filter(str.isdigit, text))
        if self._by_name is None:
            self._by_name = sorted(self.people.values(), key=_order)
        hits = [
            each
            for each in self._by_name
            if not wanted
            or wanted in each.name.casefold()
            or wanted in each.email.casefold()
            or (len(digits) > 3 and digits.removeprefix("0") in _digits(each))
        ]
        return hits[:limit], len(hits)

    def staff(self, company: Company) -> list[Person]:
        return [each for each in self.people.values() if each.company_id == company.id][:100]

    def tickets_of(self, person: Person) -> list[Ticket]:
        return [each for each in self.tickets.values() if each.person_id == person.id]

    def contacts(self, base: str, page_url: PageUrl) -> Iterator[Contact]:
        """Every record as a canonical contact; `page_url` is the app's own template."""
        for company in self.companies.values():
            yield _with_page(_company_contact(company), base, page_url)
        for person in self.people.values():
            yield self.contact(person, base, page_url)

    def contact(self, person: Person, base: str, page_url: PageUrl) -> Contact:
        """One person as a canonical contact."""
        company = self.companies.get(person.company_id) if person.company_id else None
        numbers = (ContactNumber(person.phone, "work"), ContactNumber(person.mobile, "mobile"))
        contact = Contact(
            id=f"{BOOK}-{person.id}",
            book=BOOK,
            app=BOOK,
            record_id=str(person.id),
            name=person.name,
            company=company.name if company else "",
            emails=(person.email,) if person.email else (),
            numbers=tuple(each for each in numbers if each.raw),
        )
        return _with_page(contact, base, page_url)

    def _take_person(self, person: Person) -> None:
        self.people[person.id] = person
        self._by_name = None
        self._changed_people.add(person.id)

    def _take_ticket(self, ticket: Ticket) -> None:
        self.tickets[ticket.id] = ticket
        self._changed_tickets.add(ticket.id)

    def _save(self) -> None:
        if self._path is None:
            return
        document: dict[str, Any] = {
            "people": [asdict(self.people[each]) for each in sorted(self._changed_people)],
            "tickets": [asdict(self.tickets[each]) for each in sorted(self._changed_tickets)],
        }
        write_json(self._path, document)


def _company_contact(company: Company) -> Contact:
    return Contact(
        id=f"{BOOK}-{company.id}",
        book=BOOK,
        app=BOOK,
        record_id=str(company.id),
        name=company.name,
        type=ContactType.COMPANY,
        company=company.name,
        numbers=(ContactNumber(company.phone, "switchboard"),) if company.phone else (),
    )


def _with_page(contact: Contact, base: str, page_url: PageUrl) -> Contact:
    return replace(contact, page_url=page_url(base, contact))


def _digits(person: Person) -> str:
    return "".join(filter(str.isdigit, f"{person.phone} {person.mobile}"))


def _order(person: Person) -> tuple[bool, str]:
    """Alphabetical, what begins with no letter last."""
    return not person.name[:1].isalpha(), person.name.casefold()
