"""Contacts in the shape of docs/protocol.md, for one agent: search, lookup, popups, history names.

A service: it knows the directory, the accounts and what the agent may see. It neither ranks nor
matches; the directory does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from linedesk.accounts.model import AppAccount
from linedesk.agents.model import Agent
from linedesk.apps.kind import AppKind
from linedesk.calls.popup import Known, Words, display_number
from linedesk.contacts.directory import Directory, Found, Lookup
from linedesk.contacts.model import Contact, ContactType
from linedesk.numbers import Certainty, Kind, Number, NumberPlan, read


class Apps(Protocol):
    """The app accounts, as `accounts.service` has them."""

    def apps(self) -> tuple[AppAccount, ...]: ...


class People:
    """Answers about contacts, limited to the books the asking agent may see."""

    def __init__(
        self,
        directory: Directory,
        apps: Apps,
        registry: Mapping[str, AppKind],
        plan_of: Callable[[str | None], NumberPlan],
        words: Words,
    ) -> None:
        self._directory = directory
        self._apps = apps
        self._registry = registry
        self._plan_of = plan_of
        self._words = words

    async def search(self, agent: Agent, text: str, limit: int) -> dict[str, Any]:
        """The answer of `GET /api/contacts`."""
        plan = self._plan_of(agent.account)
        page = await self._directory.search(text, agent.books, limit, plan)
        return {
            "items": [self.item(contact, plan) for contact in page.items],
            "total": page.total,
            "more": page.more,
        }

    async def lookup(self, agent: Agent, text: str) -> dict[str, Any]:
        """The answer of `GET /api/lookup`."""
        plan = self._plan_of(agent.account)
        number = read(text, plan)
        known = await self.known(number, agent.books, plan)
        return {
            "number": number.value,
            "kind": number.kind.value,
            "display": display_number(number, plan, self._words),
            "sure": list(known.sure),
            "possible": list(known.possible),
            "create": [] if known.sure else list(known.create),
        }

    async def known(
        self,
        number: Number,
        books: frozenset[str] | None,
        plan: NumberPlan,
        *,
        name: str = "",
    ) -> Known:
        """Who owns `number`, for a popup. `name` is network text, offered to the new-contact page only."""
        found = (
            Lookup((), ()) if number.kind is Kind.ANONYMOUS else await self._directory.lookup(number, books)
        )
        return Known(
            sure=[self.found(each, plan) for each in found.sure],
            possible=[self.found(each, plan) for each in found.possible],
            create=self.create(number, books, name=name),
        )

    def create(self, number: Number, books: frozenset[str] | None, *, name: str = "") -> list[dict[str, Any]]:
        """New-contact pages of the apps the agent may see, for a public number."""
        if number.kind is not Kind.E164 or number.value is None:
            return []
        pages = []
        for account in self._apps.apps():
            kind = self._registry.get(account.app)
            if kind is None or (books is not None and account.name not in books):
                continue
            url = kind.info.new_contact_url(account.url, number.value, name)
            if url is not None:
                label = self._words("calls.create_in", app=kind.info.title)
                pages.append({"app": account.app, "label": label, "url": url})
        return pages

    def item(self, contact: Contact, plan: NumberPlan) -> dict[str, Any]:
        """An `Item` of docs/protocol.md."""
        return {
            "id": contact.id,
            "app": contact.app,
            "app_title": self._title(contact.app),
            "name": contact.name or contact.company,
            "company": contact.company,
            "type": contact.type.value,
            "archived": contact.archived,
            "page_url": contact.page_url,
            "emails": list(contact.emails),
            "numbers": [
                entry for raw in contact.numbers if (entry := self._number(raw.raw, raw.label, plan))
            ],
        }

    def found(self, found: Found, plan: NumberPlan) -> dict[str, Any]:
        """A contact in a `Call`: an item with its certainty and the reason in words."""
        return {
            **self.item(found.contact, plan),
            "certainty": found.certainty.value,
            "reason": self._reason(found),
        }

    def _number(self, raw: str, label: str, plan: NumberPlan) -> dict[str, Any] | None:
        number = read(raw, plan)
        if number.value is None:
            return None
        return {
            "e164": number.value,
            "label": label,
            "display": display_number(number, plan, self._words),
            "ext": number.ext,
        }

    def _reason(self, found: Found) -> str:
        app = self._title(found.contact.app)
        if found.certainty is Certainty.SURE:
            if found.label:
                return self._words("calls.reason_number", label=found.label.capitalize(), app=app)
            return self._words("calls.reason_number_plain", app=app)
        if found.contact.type is ContactType.COMPANY:
            return self._words("calls.reason_company", name=found.contact.name, app=app)
        return self._words("calls.reason_reading", app=app)

    def _title(self, app: str) -> str:
        kind = self._registry.get(app)
        return kind.info.title if kind is not None else app
