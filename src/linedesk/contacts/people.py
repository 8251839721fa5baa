"""Contacts in the shape of docs/protocol.md, for one agent: search, lookup, popups, history names.

A service: it knows the directory, the accounts and what the agent may see. It neither ranks nor
matches; the directory, `callers` and `persons` do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from linedesk.accounts.model import AppAccount
from linedesk.agents.model import Agent
from linedesk.apps.kind import AppKind
from linedesk.calls.popup import Known, Words, display_number
from linedesk.contacts.callers import Asked, Books, Callers
from linedesk.contacts.directory import Directory
from linedesk.contacts.explain import Telling
from linedesk.contacts.explaining import Explaining
from linedesk.contacts.hits import split
from linedesk.contacts.items import Items
from linedesk.contacts.persons import Reading, merged
from linedesk.contacts.policy import MatchPolicy, TagText
from linedesk.numbers import Kind, Number, NumberPlan, read


class Apps(Protocol):
    """The app accounts, as `accounts.service` has them."""

    def apps(self) -> tuple[AppAccount, ...]: ...


class People:
    """Answers about contacts, limited to the books the asking agent may see.

    `colleague(account, extension)` is the agent with that extension (`agents.roster`); `book_plan(account)`
    how the numbers of an app account are written (`apps.opened`).
    """

    def __init__(
        self,
        directory: Directory,
        apps: Apps,
        registry: Mapping[str, AppKind],
        plan_of: Callable[[str | None], NumberPlan],
        words: Words,
        *,
        matching: Callable[[], MatchPolicy] = MatchPolicy,
        colleague: Callable[[str, str], Agent | None] = lambda account, extension: None,
        book_plan: Callable[[str], NumberPlan] | None = None,
    ) -> None:
        self._directory = directory
        self._apps = apps
        self._registry = registry
        self._plan_of = plan_of
        self._words = words
        self._matching = matching
        self._colleague = colleague
        self._book_plan = book_plan or plan_of
        self._items = Items(registry, words)
        self._callers = Callers(directory, matching)
        self._explaining = Explaining(directory, self._callers)

    async def search(self, agent: Agent, text: str, limit: int) -> dict[str, Any]:
        """The answer of `GET /api/contacts`. A person in several apps is one item, and counts once."""
        plan = self._plan_of(agent.account)
        # Twice as many, so that the page is full when the same person in two apps becomes one.
        page = await self._directory.search(text, agent.books, 2 * limit, plan)
        reading = self._reader(plan)
        entries = merged(page.items, reading, self._matching())
        return {
            "items": [self._items.item(entry, plan, reading) for entry in entries[:limit]],
            "total": page.total - (len(page.items) - len(entries)) if page.exact else page.total,
            "total_exact": page.exact,
            "more": page.more or len(entries) > limit,
        }

    async def lookup(self, agent: Agent, text: str) -> dict[str, Any]:
        """The answer of `GET /api/lookup`."""
        asked = self.asked(agent, text)
        known = await self._known(asked, name="")
        named = asked.colleague is not None
        return {
            "number": asked.number.value,
            "kind": asked.number.kind.value,
            "display": display_number(asked.number, asked.plan, self._words),
            "sure": list(known.sure),
            "possible": list(known.possible),
            "create": [] if known.sure else list(known.create),
            "company": known.company,
            "colleague": {"extension": asked.number.value, "name": asked.colleague} if named else None,
        }

    async def explain(
        self, agent: Agent, text: str, *, pick: str | None = None, everything: bool = False
    ) -> dict[str, Any]:
        """Why the lookup of `text` answers what it does: `explain` of docs/protocol.md.

        `pick`: the contact that the agent chose for the number. `everything` also tells what the agent may
        not see: never to the agent.
        """
        asked = self.asked(agent, text)
        telling = Telling(self._words, self._items.title, self._reader(asked.plan))
        return await self._explaining.document(asked, text, telling, pick=pick, everything=everything)

    def asked(self, agent: Agent, text: str) -> Asked:
        """The question that this agent asks with `text`."""
        plan = self._plan_of(agent.account)
        number = read(text, plan)
        found = None
        if number.kind is Kind.EXTENSION and number.value is not None and agent.account is not None:
            found = self._colleague(agent.account, number.value)
        return Asked(number, plan, agent.books, colleague=found.name if found is not None else None)

    async def known(
        self,
        number: Number,
        books: Books,
        plan: NumberPlan,
        *,
        name: str = "",
        tags: Sequence[TagText] = (),
    ) -> Known:
        """Who owns `number`, or is named by the call's `tags`, for a popup.

        `name` is network text, offered to the new-contact page only.
        """
        return await self._known(Asked(number, plan, books, tags), name=name)

    def create(self, number: Number, books: Books, *, name: str = "") -> list[dict[str, Any]]:
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

    async def _known(self, asked: Asked, *, name: str) -> Known:
        reading = self._reader(asked.plan)
        sure, possible = split(await self._callers.who(asked, reading))
        company = await self._callers.company(sure, asked.books)
        return Known(
            sure=[self._items.found(each, asked.plan, reading) for each in sure],
            possible=[self._items.found(each, asked.plan, reading) for each in possible],
            create=self.create(asked.number, asked.books, name=name),
            company=self._items.company(company) if company is not None else None,
        )

    def _reader(self, plan: NumberPlan) -> Reading:
        """Reads each stored number of one answer once, as its book's PBX writes numbers.

        An internal number means nothing to an agent of a PBX with another plan.
        """

        @cache
        def reading(book: str, raw: str) -> Number:
            home = self._book_plan(book)
            number = read(raw, home)
            return number if number.kind is Kind.E164 or home == plan else Number(Kind.INVALID, None, raw)

        return reading
