"""Contacts in the simulated Freshdesk API: everything that is done to one, and their list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from yarl import URL

from linedesk.demo.crm.api import Ask, Route
from linedesk.demo.crm.book import CrmBook
from linedesk.demo.crm.checks import checked
from linedesk.demo.crm.faults import Faults
from linedesk.demo.crm.shapes import MERGE, check_shape
from linedesk.demo.crm.wire import (
    Answer,
    FieldError,
    Refusal,
    coded,
    contact_fields,
    invalid,
    not_found,
    row,
    view,
)
from linedesk.demo.seed import Person

_PER_PAGE, _PER_PAGE_MAX = 30, 100
_STATES = ("blocked", "deleted", "unverified", "verified")
_SINCE = ("_updated_since", "updated_since")
_FILTERS = ("email", "mobile", "phone", "company_id", "state", "contact_type")
_PAGING = ("page", "per_page")
_EXTERNAL_ID = ("unique_external_id",)
_TYPES = ("contact", "visitor")
_DIGITS_MAX = 10

Keep = Callable[[Person], bool]


class Contacts:
    """The functions over one book."""

    def __init__(self, book: CrmBook, faults: Faults) -> None:
        self._book = book
        self._faults = faults

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/contacts", self.page, listing=True),
            Route("POST", "/contacts", self.create),
            Route("POST", "/contacts/merge", self.merge),
            Route("GET", "/contacts/autocomplete", self.autocomplete),
            Route("GET", "/contacts/{id}", self.view),
            Route("PUT", "/contacts/{id}", self.update),
            Route("DELETE", "/contacts/{id}", self.delete),
            Route("PUT", "/contacts/{id}/restore", self.restore),
            Route("DELETE", "/contacts/{id}/hard_delete", self.hard_delete),
            Route("PUT", "/contacts/{id}/make_agent", self.make_agent),
            Route("GET", "/contact_fields", self.fields),
        ]

    def page(self, ask: Ask) -> Answer:
        page, per_page = paging(ask)
        keeps = _filters(ask)
        people = [each for each in self._book.by_name() if all(keep(each) for keep in keeps)]
        return listed(ask, self._faults, [row(each) for each in people], page, per_page)

    def view(self, ask: Ask) -> Answer:
        return Answer(200, view(self._person(ask)))

    def create(self, ask: Ask) -> Answer:
        person = checked(ask.body, self._book.draft(), new=True, book=self._book, switches=ask.switches)
        return Answer(201, view(self._stored(ask, person)))

    def update(self, ask: Ask) -> Answer:
        before = self._person(ask)
        if before.state == "deleted":
            raise Refusal(Answer(405, {"message": "Method not allowed. It should be one of these: GET"}))
        person = checked(ask.body, before, new=False, book=self._book, switches=ask.switches)
        return Answer(200, view(self._stored(ask, person)))

    def delete(self, ask: Ask) -> Answer:
        person = self._person(ask)
        if person.state == "deleted":
            raise not_found()
        self._stored(ask, replace(person, state="deleted"))
        return Answer(204)

    def restore(self, ask: Ask) -> Answer:
        person = self._person(ask)
        if person.state != "deleted":
            raise not_found()
        self._stored(ask, replace(person, state="active"))
        return Answer(204)

    def hard_delete(self, ask: Ask) -> Answer:
        person = self._person(ask)
        if person.state != "deleted" and ask.query.get("force") != "true":
            raise coded(400, "invalid_state", "The contact must be deleted softly first, or use force")
        self._book.destroy(person)
        return Answer(204)

    def merge(self, ask: Ask) -> Answer:
        check_shape(ask.body, MERGE)
        primary = self._book.people.get(ask.body.get("primary_contact_id", 0))
        wanted = ask.body.get("secondary_contact_ids", [])
        losers = [self._book.people[each] for each in wanted if each in self._book.people]
        if primary is None or not losers or len(losers) < len(wanted) or primary in losers:
            raise invalid([FieldError("secondary_contact_ids", "There is no such contact", "invalid_value")])
        body = ask.body.get("contact") or {}
        kept = checked(
            body, primary, new=False, book=self._book, switches=ask.switches, instead_of=set(wanted)
        )
        for loser in losers:
            for ticket in self._book.tickets_of(loser):
                self._book.put_ticket(replace(ticket, person_id=primary.id))
            self._book.destroy(loser)
        emails = [each.email for each in losers if each.email]
        self._book.put(replace(kept, other_emails=tuple(dict.fromkeys((*kept.other_emails, *emails)))))
        return Answer(204)

    def make_agent(self, ask: Ask) -> Answer:
        person = self._person(ask)
        if not person.email:
            raise invalid(
                [FieldError("email", "Only a contact with an email can be converted", "missing_field")]
            )
        self._stored(ask, replace(person, state="agent", other_emails=()))
        return Answer(200, {"id": person.id, "contact": row(person), "occasional": False})

    def autocomplete(self, ask: Ask) -> Answer:
        term = ask.query.get("term", "").casefold()
        hits = [
            {"id": each.id, "name": each.name}
            for each in self._book.by_name()
            if each.state == "active" and any(word.startswith(term) for word in each.name.casefold().split())
        ]
        return Answer(200, hits[:_PER_PAGE])

    def fields(self, ask: Ask) -> Answer:
        if not ask.agent.admin:
            raise coded(403, "access_denied", "You are not authorized to perform this action.")
        return Answer(200, contact_fields(ask.switches.required_custom_field, _unique(ask)))

    def _person(self, ask: Ask) -> Person:
        person = self._book.people.get(ask.ids[0])
        if person is None or person.state == "agent":
            raise not_found()
        return person

    def _stored(self, ask: Ask, person: Person) -> Person:
        return person if ask.switches.write_fault == "accepted-not-stored" else self._book.put(person)


def _unique(ask: Ask) -> frozenset[str]:
    """The fields that no two contacts may share."""
    extra = {"mobile": ask.switches.unique_mobile, "phone": ask.switches.unique_phone}
    return frozenset({"email", *(name for name, on in extra.items() if on)})


def paging(ask: Ask) -> tuple[int, int]:
    """Page and page size; raises `Refusal` for what the API refuses."""
    errors, values = [], []
    for name, default, most in (("page", 1, None), ("per_page", _PER_PAGE, _PER_PAGE_MAX)):
        text = ask.query.get(name, str(default))
        value = int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS_MAX else 0
        if value < 1 or (most is not None and value > most):
            limit = f" and be at most {most}" if most else ""
            errors.append(FieldError(name, f"It should be a Positive Integer{limit}", "invalid_value"))
        values.append(value)
    last = ask.switches.last_page
    if last is not None and values[0] > last:
        errors.append(FieldError("page", f"You cannot access tickets beyond page {last}", "invalid_value"))
    if errors:
        raise invalid(errors)
    return values[0], values[1]


def listed(ask: Ask, faults: Faults, rows: list[dict[str, Any]], page: int, per_page: int) -> Answer:
    """One page as a bare array; the next one's address stands in the `link` header, if there is one."""
    shown, more = faults.page(rows, page, per_page)
    if not more:
        return Answer(200, shown)
    url = URL(ask.url)
    following = faults.link(str(url.update_query(page=page + 1)), str(url.update_query(page=1)))
    return Answer(200, shown, {"link": f'<{following}>; rel="next"'})


def _filters(ask: Ask) -> list[Keep]:
    spellings = {"both": _SINCE}.get(ask.switches.since_spelling, (ask.switches.since_spelling,))
    known = (*_FILTERS, *_PAGING, *spellings, *(_EXTERNAL_ID if ask.switches.external_id_filter else ()))
    for name in ask.query:
        if name not in known:
            raise invalid([FieldError(name, "Unexpected/invalid field in request", "invalid_field")])
    keeps = [_state(ask.query)]
    texts = ("email", "mobile", "phone", *_EXTERNAL_ID)
    keeps.extend(_same(name, ask.query[name]) for name in texts if name in ask.query)
    if "contact_type" in ask.query:
        keeps.append(_type(ask.query["contact_type"]))
    if "company_id" in ask.query:
        keeps.append(lambda person: str(person.company_id) == ask.query["company_id"])
    for name in spellings:
        if name in ask.query:
            since_s = _since(name, ask.query[name])
            keeps.append(lambda person, since_s=since_s: person.changed_s >= since_s)  # type: ignore[misc]
    return keeps


def _state(query: Mapping[str, str]) -> Keep:
    wanted = query.get("state")
    if wanted is None:
        return lambda person: person.state == "active"
    if wanted not in _STATES:
        raise invalid([FieldError("state", f"It should be one of: {','.join(_STATES)}", "invalid_value")])
    if wanted in {"blocked", "deleted"}:
        return lambda person: person.state == wanted
    return lambda person: (
        person.state == "active" and bool(person.extra.get("active")) == (wanted == "verified")
    )


def _same(name: str, wanted: str) -> Keep:
    if name == "email":
        return lambda person: person.email.casefold() == wanted.casefold()
    return lambda person: bool(getattr(person, name) == wanted)


def _type(wanted: str) -> Keep:
    if wanted not in _TYPES:
        raise invalid(
            [FieldError("contact_type", f"It should be one of: {','.join(_TYPES)}", "invalid_value")]
        )
    return lambda _person: wanted == "contact"  # nobody came here by way of the chat


def _since(name: str, text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        message = "It should be in the 'combined date and time ISO8601' format"
        raise invalid([FieldError(name, message, "invalid_value")]) from None
