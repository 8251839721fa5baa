"""The CRM's pages, at Freshdesk's addresses, rendered on the server with the loader in each of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from linedesk.clock import Clock
from linedesk.demo.crm.book import CrmBook
from linedesk.demo.crm.switching import CrmSwitchboard
from linedesk.demo.seed import Company, Person, Ticket

TEMPLATES = Path(__file__).parent.parent / "templates"
Saved = Callable[[Person], Awaitable[None]]

T = TypeVar("T")

_SHOWN = 60
_SUGGESTED = 200


def environment() -> Environment:
    """Jinja2 with autoescape on everything and no silent holes."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where the parts of the demo are: addresses without a slash at their end."""

    service: str
    pbx: str
    instance: str
    """Changes with each start of the demo on new data: a browser signs in anew then."""


class CrmPages:
    """The handlers; `saved` hears of every contact that a person made here."""

    def __init__(
        self, book: CrmBook, switchboard: CrmSwitchboard, place: Place, clock: Clock, saved: Saved
    ) -> None:
        self._book = book
        self._switchboard = switchboard
        self._place = place
        self._clock = clock
        self._saved = saved
        self._environment = environment()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/a", _to_contacts),
            web.get("/a/", _to_contacts),
            web.get("/a/contacts", self.contacts),
            web.get("/a/contacts/new", self.new),
            web.post("/a/contacts/new", self.create),
            web.get(r"/a/contacts/{id:[0-9]{1,18}}", self.contact),
            web.get(r"/a/contacts/{id:[0-9]{1,18}}/edit", self.edit),
            web.post(r"/a/contacts/{id:[0-9]{1,18}}/edit", self.save),
            web.post(r"/a/contacts/{id:[0-9]{1,18}}/{deed:delete|restore}", self.delete_or_restore),
            web.post(r"/a/contacts/{id:[0-9]{1,18}}/notes", self.note),
            web.get("/a/companies", self.companies),
            web.get(r"/a/companies/{id:[0-9]{1,18}}", self.company),
            web.get("/a/tickets", self.tickets),
            web.get(r"/a/tickets/{id:[0-9]{1,18}}", self.ticket),
            web.post(r"/a/tickets/{id:[0-9]{1,18}}/replies", self.reply),
        ]

    async def contacts(self, request: web.Request) -> web.Response:
        text = request.query.get("q", "")[:200]
        number = request.query.get("page", "")
        at = max(1, int(number)) if number.isascii() and number.isdecimal() and len(number) < 7 else 1
        people, total = self._book.find_people(text, _SHOWN, (at - 1) * _SHOWN)
        return await self._page(
            "contacts.html",
            "Contacts",
            section="contacts",
            rows=[(each, self._company_of(each)) for each in people],
            first=(at - 1) * _SHOWN + 1,
            total=total,
            at=at,
            last=max(1, -(-total // _SHOWN)),
            q=text,
        )

    async def contact(self, request: web.Request) -> web.Response:
        person = self._person(request)
        return await self._page(
            "contact.html",
            person.name,
            section="contacts",
            person=person,
            company=self._company_of(person),
            tickets=self._book.tickets_of(person),
        )

    async def new(self, request: web.Request) -> web.Response:
        given = {name: request.query.get(name, "")[:200] for name in _FIELDS}
        return await self._new_page(given, problem="")

    async def create(self, request: web.Request) -> web.Response:
        form = await request.post()
        given = {name: str(form.get(name, ""))[:200] for name in _FIELDS}
        if problem := self._problem(given, None):
            return await self._new_page(given, problem=problem)
        person = self._book.add_person(**given)
        await self._saved(person)
        raise web.HTTPSeeOther(f"/a/contacts/{person.id}")

    async def edit(self, request: web.Request) -> web.Response:
        person = self._person(request)
        company = self._company_of(person)
        given = {name: getattr(person, name) for name in (*_FIELDS, "address") if name != "company"}
        given["company"] = company.name if company else ""
        return await self._edit_page(person, given, problem="")

    async def save(self, request: web.Request) -> web.Response:
        person, form = self._person(request), await request.post()
        given = {name: str(form.get(name, "")) for name in (*_FIELDS, "address")}
        if problem := self._problem(given, person):
            return await self._edit_page(person, given, problem=problem)
        await self._saved(self._book.edit_person(person, **given))
        raise web.HTTPSeeOther(f"/a/contacts/{person.id}")

    async def delete_or_restore(self, request: web.Request) -> web.Response:
        """Softly: a deleted contact keeps its page, and comes back from there."""
        person, gone = self._person(request), request.match_info["deed"] == "delete"
        if gone != (person.state == "deleted"):
            person = self._book.put(replace(person, state="deleted" if gone else "active"))
            await self._saved(person)
        raise web.HTTPSeeOther(f"/a/contacts/{person.id}")

    async def note(self, request: web.Request) -> web.Response:
        person, text = self._person(request), str((await request.post()).get("text", "")).strip()
        if text:
            self._book.add_note(person, text)
        raise web.HTTPSeeOther(f"/a/contacts/{person.id}")

    async def companies(self, _request: web.Request) -> web.Response:
        companies = list(self._book.companies.values())
        return await self._page(
            "companies.html",
            "Companies",
            section="companies",
            companies=companies[:_SHOWN],
            total=len(companies),
        )

    async def company(self, request: web.Request) -> web.Response:
        company = _found(self._book.companies.get(int(request.match_info["id"])))
        staff = self._book.staff(company)
        return await self._page(
            "company.html", company.name, section="companies", company=company, staff=staff
        )

    async def tickets(self, _request: web.Request) -> web.Response:
        rows = [(each, self._book.people[each.person_id]) for each in self._book.tickets.values()]
        return await self._page(
            "tickets.html", "Tickets", section="tickets", rows=rows[:_SHOWN], total=len(rows)
        )

    async def ticket(self, request: web.Request) -> web.Response:
        ticket = self._ticket(request)
        person = self._book.people[ticket.person_id]
        return await self._page(
            "ticket.html", ticket.subject, section="tickets", ticket=ticket, person=person
        )

    async def reply(self, request: web.Request) -> web.Response:
        ticket, text = self._ticket(request), str((await request.post()).get("text", "")).strip()
        if text:
            self._book.add_reply(ticket, text)
        raise web.HTTPSeeOther(f"/a/tickets/{ticket.id}")

    def _problem(self, given: dict[str, str], person: Person | None) -> str:
        """Why the form cannot be stored; empty if it can. `person` is the one that it is about."""
        if not given["name"].strip():
            return "Type a name."
        if person is None and not any(given[each].strip() for each in ("email", "phone", "mobile")):
            return "Type an e-mail address or a phone number."
        holder = self._book.holder_of(given["email"])
        if holder is not None and (person is None or holder.id != person.id):
            return "Another contact has this e-mail address already."
        return ""

    async def _new_page(self, given: dict[str, str], *, problem: str) -> web.Response:
        return await self._page(
            "contact_new.html",
            "New contact",
            section="contacts",
            given=given,
            companies=self._company_names(),
            problem=problem,
        )

    async def _edit_page(self, person: Person, given: dict[str, str], *, problem: str) -> web.Response:
        return await self._page(
            "contact_edit.html",
            f"Edit {person.name}",
            section="contacts",
            person=person,
            given=given,
            companies=self._company_names(),
            problem=problem,
        )

    def _company_names(self) -> list[str]:
        return sorted(each.name for each in self._book.companies.values())[:_SUGGESTED]

    async def _page(self, template: str, title: str, **values: Any) -> web.Response:
        switches = self._switchboard.switches
        if switches.page_delay_s:
            await self._clock.sleep(switches.page_delay_s)
        text = self._environment.get_template(template).render(
            title=title,
            service=self._place.service,
            instance=self._place.instance,
            loader=switches.loader,
            auto_sign_in=switches.auto_sign_in,
            dial=dialable,
            **values,
        )
        return web.Response(text=text, content_type="text/html")

    def _person(self, request: web.Request) -> Person:
        person = _found(self._book.people.get(int(request.match_info["id"])))
        return _found(person if person.state != "agent" else None)

    def _ticket(self, request: web.Request) -> Ticket:
        return _found(self._book.tickets.get(int(request.match_info["id"])))

    def _company_of(self, person: Person) -> Company | None:
        return self._book.companies.get(person.company_id) if person.company_id else None


_FIELDS = ("name", "email", "phone", "mobile", "company")


def dialable(number: str) -> str:
    """The number as a `tel:` link carries it: a plus and digits, nothing else."""
    digits = "".join(letter for letter in number.replace("(0)", "") if letter.isascii() and letter.isdigit())
    return f"+{digits}" if number.strip().startswith("+") else digits


def _found(record: T | None) -> T:
    if record is None:
        raise web.HTTPNotFound(text="The CRM has no such record.")
    return record


async def _to_contacts(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/a/contacts")
