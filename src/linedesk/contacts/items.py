"""Entries of contacts in the shape of docs/protocol.md, with the reasons in words. It finds nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from linedesk.apps.kind import AppKind
from linedesk.calls.popup import Words, display_number
from linedesk.contacts.company import Company
from linedesk.contacts.hits import Hit, Shown
from linedesk.contacts.model import Contact, ContactType
from linedesk.contacts.persons import Entry, Held, Reading
from linedesk.numbers import Certainty, NumberPlan
from linedesk.plain import plain_line

_TAG_MAX = 60


class Items:
    """Makes the dicts that go out. `words` is the catalogue."""

    def __init__(self, registry: Mapping[str, AppKind], words: Words) -> None:
        self._registry = registry
        self._words = words

    def item(self, entry: Entry, plan: NumberPlan, reading: Reading) -> dict[str, Any]:
        """An `Item`."""
        numbers = (self._number(held, plan, reading) for held in entry.numbers)
        return {
            "id": entry.head.id,
            "app": entry.head.app,
            "app_title": self.title(entry.head.app),
            "name": entry.name or entry.company,
            "company": entry.company,
            "type": entry.type.value,
            "archived": entry.archived,
            "blocked": entry.blocked,
            "page_url": entry.page_url,
            "pages": [self._page(record) for record in entry.records],
            "emails": list(entry.emails),
            "numbers": [number for number in numbers if number],
        }

    def found(self, shown: Shown, plan: NumberPlan, reading: Reading) -> dict[str, Any]:
        """A contact in a `Call`: an item with its certainty, the way it was found and the reason in words."""
        return {
            **self.item(shown.entry, plan, reading),
            "certainty": shown.certainty.value,
            "found_by": "number" if shown.reasons[0].numbered else "tag",
            "reason": self.reason(shown),
        }

    def company(self, company: Company) -> dict[str, Any]:
        """The company that all sure contacts share."""
        return {
            "id": company.id,
            "app": company.app,
            "app_title": self.title(company.app),
            "name": company.name,
            "page_url": company.page_url,
        }

    def reason(self, shown: Shown) -> str:
        """Why it is offered, in one short line."""
        hits = shown.reasons
        apps, name = self._apps(hits), shown.entry.name
        message, said = _reason(hits, company=shown.entry.type is ContactType.COMPANY)
        return self._words(f"calls.{message}", app=apps, name=name, **said)

    def title(self, app: str) -> str:
        """The app's name for people."""
        kind = self._registry.get(app)
        return kind.info.title if kind is not None else app

    def _apps(self, hits: Sequence[Hit]) -> str:
        titles = list(dict.fromkeys(self.title(hit.contact.app) for hit in hits))
        if len(titles) == 1:
            return titles[0]
        return self._words("calls.reason_apps", apps=", ".join(titles[:-1]), app=titles[-1])

    def _page(self, record: Contact) -> dict[str, Any]:
        return {
            "id": record.id,
            "app": record.app,
            "app_title": self.title(record.app),
            "account": record.book,
            "page_url": record.page_url,
        }

    def _number(self, held: Held, plan: NumberPlan, reading: Reading) -> dict[str, Any] | None:
        number = reading(held.book, held.number.raw)
        if number.value is None:
            return None
        return {
            "e164": number.value,
            "label": held.number.label,
            "display": display_number(number, plan, self._words),
            "ext": number.ext,
        }


def _reason(hits: Sequence[Hit], *, company: bool) -> tuple[str, dict[str, str]]:
    """The message for hits of one certainty, the best first, and what it says besides app and name."""
    best = hits[0]
    sure = best.certainty is Certainty.SURE
    label = next((hit.label for hit in hits if hit.label), "")
    if not best.numbered:
        return "reason_tag", {"tag": plain_line(best.tag)[:_TAG_MAX]}
    if best.internal:
        return ("reason_internal" if sure else "reason_internal_elsewhere"), {}
    if not sure:
        return ("reason_company" if best.board else "reason_reading"), {}
    if company:
        return "reason_company_number", {}
    return ("reason_number", {"label": label.capitalize()}) if label else ("reason_number_plain", {})
