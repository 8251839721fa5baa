"""The rest of the simulated Freshdesk API that Linedesk meets: companies, search, tickets, agents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from linedesk.demo.crm.api import ApiAgent, Ask, Route
from linedesk.demo.crm.api_contacts import listed, paging
from linedesk.demo.crm.book import CrmBook
from linedesk.demo.crm.faults import Faults
from linedesk.demo.crm.query import parse
from linedesk.demo.crm.shapes import COMPANY, NOTE, TICKET, check_shape, wrong_types
from linedesk.demo.crm.wire import Answer, FieldError, coded, company, invalid, not_found, row, stamp, ticket
from linedesk.demo.seed import Company, Person, Ticket

_SEARCH_PAGE, _SEARCH_PAGES, _DIGITS_MAX = 30, 10, 10
_EXTRA = ("health_score", "account_tier", "renewal_date", "industry")
_REQUESTER = ("requester_id", "email", "phone", "unique_external_id")


class Companies:
    """Companies: a name is unique."""

    def __init__(self, book: CrmBook, faults: Faults) -> None:
        self._book = book
        self._faults = faults

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/companies", self.page),
            Route("POST", "/companies", self.create),
            Route("GET", "/companies/autocomplete", self.autocomplete),
            Route("GET", "/companies/{id}", lambda ask: Answer(200, company(self._company(ask)))),
            Route("PUT", "/companies/{id}", self.update),
            Route("DELETE", "/companies/{id}", self.delete),
            Route("GET", "/company_fields", self.fields),
        ]

    def page(self, ask: Ask) -> Answer:
        page, per_page = paging(ask)
        since = ask.query.get("updated_since") or ask.query.get("_updated_since") or ""
        rows = [company(each) for each in sorted(self._book.companies.values(), key=lambda each: each.name)]
        rows = [each for each in rows if each["updated_at"] >= since]
        return listed(ask, self._faults, rows, page, per_page)

    def create(self, ask: Ask) -> Answer:
        record = self._checked(ask, Company(self._book.next_company_id(), ""))
        return Answer(201, company(self._book.put_company(record)))

    def update(self, ask: Ask) -> Answer:
        return Answer(200, company(self._book.put_company(self._checked(ask, self._company(ask)))))

    def delete(self, ask: Ask) -> Answer:
        self._book.remove_company(self._company(ask))
        return Answer(204)

    def autocomplete(self, ask: Ask) -> Answer:
        wanted = ask.query.get("name", "").casefold()
        hits = [
            {"id": each.id, "name": each.name}
            for each in self._book.companies.values()
            if wanted and each.name.casefold().startswith(wanted)
        ]
        return Answer(200, {"companies": hits[:_SEARCH_PAGE]})

    def fields(self, ask: Ask) -> Answer:
        if not ask.agent.admin:
            raise coded(403, "access_denied", "You are not authorized to perform this action.")
        names = (("name", "Company name"), ("description", "Description"))
        common = {"default": True, "required_for_agents": False, "choices": None}
        rows = [
            {**common, "id": 60_000_000 + index, "name": name, "label": label, "type": f"default_{name}"}
            for index, (name, label) in enumerate(names)
        ]
        common = {"default": True, "choices": None}
        return Answer(
            200, [{**each, **common, "required_for_agents": each["name"] == "name"} for each in rows]
        )

    def _company(self, ask: Ask) -> Company:
        record = self._book.companies.get(ask.ids[0])
        if record is None:
            raise not_found()
        return record

    def _checked(self, ask: Ask, base: Company) -> Company:
        body, errors = ask.body, wrong_types(ask.body, COMPANY)
        name = body.get("name", base.name)
        if not isinstance(name, str) or not name.strip():
            errors.append(FieldError("name", "It should be a/an String", "missing_field"))
        if errors:
            raise invalid(errors)
        for other in self._book.companies.values():
            if other.id != base.id and other.name.casefold() == name.strip().casefold():
                info = {"company_id": other.id}
                raise invalid(
                    [FieldError("name", "It should be a unique value", "duplicate_value", info)], 409
                )
        custom = body.get("custom_fields") or {}
        if unknown := sorted(set(custom) - {"switchboard"}):
            where = f"custom_fields.{unknown[0]}"
            raise invalid([FieldError(where, "Unexpected/invalid field in request", "invalid_field")])
        return replace(
            base,
            name=name.strip(),
            domains=tuple(body.get("domains", base.domains)),
            phone=str(custom["switchboard"] or "") if "switchboard" in custom else base.phone,
            extra={**base.extra, **{each: body[each] for each in _EXTRA if each in body}},
            description=body.get("description", base.description) or "",
            note=body.get("note", base.note) or "",
        )


class Search:
    """`/search/contacts`: over an index that is behind, at most ten pages of thirty."""

    def __init__(self, book: CrmBook) -> None:
        self._book = book

    def routes(self) -> list[Route]:
        return [Route("GET", "/search/contacts", self.contacts)]

    def contacts(self, ask: Ask) -> Answer:
        text = ask.query.get("page", "1")
        page = int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS_MAX else 0
        if not 1 <= page <= _SEARCH_PAGES:
            raise invalid(
                [FieldError("page", f"It should be between 1 and {_SEARCH_PAGES}", "invalid_value")]
            )
        test = parse(ask.query.get("query", ""))
        lag_s = ask.switches.search_lag_s
        hits = [each for each in self._book.indexed(lag_s) if each.state == "active" and test(each)]
        shown = hits[(page - 1) * _SEARCH_PAGE : page * _SEARCH_PAGE]
        return Answer(200, {"total": len(hits), "results": [row(each) for each in shown]})


class Tickets:
    """Tickets, as far as calls are logged as such."""

    def __init__(self, book: CrmBook, faults: Faults, now_s: Callable[[], float]) -> None:
        self._book = book
        self._faults = faults
        self._now_s = now_s

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/tickets", self.page),
            Route("POST", "/tickets", self.create),
            Route("GET", "/tickets/{id}", lambda ask: Answer(200, ticket(self._ticket(ask), self._book))),
            Route("POST", "/tickets/{id}/notes", self.note),
        ]

    def page(self, ask: Ask) -> Answer:
        page, per_page = paging(ask)
        newest = sorted(self._book.tickets.values(), key=lambda each: -each.id)
        wanted = ask.query.get("requester_id")
        rows = [ticket(each, self._book) for each in newest if wanted in {None, str(each.person_id)}]
        return listed(ask, self._faults, rows, page, per_page)

    def create(self, ask: Ask) -> Answer:
        body = ask.body
        errors = wrong_types(body, TICKET) or [
            FieldError(name, "It should be a/an String", "missing_field")
            for name in ("subject", "description")
            if not body.get(name)
        ]
        if not any(body.get(name) for name in _REQUESTER):
            errors.append(
                FieldError(
                    "requester_id", "One of these is needed: " + ", ".join(_REQUESTER), "missing_field"
                )
            )
        if errors:
            raise invalid(errors)
        record = Ticket(
            max(self._book.tickets, default=1000) + 1,
            body["subject"],
            self._requester(body).id,
            str(body.get("phone") or ""),
            description=body["description"],
            status=body.get("status") or 2,
            priority=body.get("priority") or 1,
            source=body.get("source") or 2,
            tags=tuple(body.get("tags", ())),
            made_s=int(self._now_s()),
        )
        return Answer(201, ticket(self._book.put_ticket(record), self._book))

    def note(self, ask: Ask) -> Answer:
        record, text = self._ticket(ask), ask.body.get("body")
        check_shape(ask.body, NOTE)
        if not text:
            raise invalid([FieldError("body", "It should be a/an String", "missing_field")])
        record = self._book.put_ticket(replace(record, replies=(*record.replies, text)))
        private, now = bool(ask.body.get("private", True)), stamp(self._now_s())
        document = {
            "id": record.id * 1000 + len(record.replies),
            "body": text,
            "body_text": text,
            "private": private,
            "ticket_id": record.id,
            "user_id": ask.agent.id,
            "created_at": now,
            "updated_at": now,
        }
        return Answer(201, document)

    def _ticket(self, ask: Ask) -> Ticket:
        record = self._book.tickets.get(ask.ids[0])
        if record is None:
            raise not_found()
        return record

    def _requester(self, body: dict[str, Any]) -> Person:
        if body.get("requester_id"):
            person = self._book.people.get(body["requester_id"])
            if person is None:
                raise invalid([FieldError("requester_id", "There is no such contact", "invalid_value")])
            return person
        for name in ("email", "phone", "unique_external_id"):
            wanted = body.get(name)
            for person in self._book.people.values():
                if wanted and getattr(person, name) == wanted:
                    return person
        if not body.get("email") and not body.get("name"):
            raise invalid([FieldError("name", "It should be a/an String", "missing_field")])
        # As in real life: who is not known becomes a contact by the way.
        email, phone = str(body.get("email") or ""), str(body.get("phone") or "")
        name = str(body.get("name") or email)
        return self._book.put(replace(self._book.draft(), name=name, email=email, phone=phone))


def agents_of(keys: list[ApiAgent]) -> list[Route]:
    """Who works in this helpdesk."""
    return [
        Route("GET", "/agents/me", lambda ask: Answer(200, ask.agent.as_json())),
        Route("GET", "/agents", lambda ask: Answer(200, [each.as_json() for each in keys])),
    ]
