"""The canonical contact: what every app's record is turned into."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class ContactType(StrEnum):
    PERSON = "person"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class ContactNumber:
    """A number as the app stores it, with the app's own label (`mobile`, `work` …)."""

    raw: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """One person or company in one book of one account.

    `id` is opaque and unique over all books. `app` is the registry name (`freshdesk`), `book` the name
    of the account it came from: the unit of what an agent may see. `page_url` is the contact's page in
    its app, or None; `company_url` that of the person's company. `archived` (put away in the app) and
    `blocked` (banned there) contacts are offered last and marked.
    """

    id: str
    book: str
    app: str
    record_id: str
    name: str
    type: ContactType = ContactType.PERSON
    company: str = ""
    emails: tuple[str, ...] = ()
    numbers: tuple[ContactNumber, ...] = ()
    page_url: str | None = None
    archived: bool = False
    blocked: bool = False
    company_url: str | None = None

    @property
    def last(self) -> bool:
        """Whether it is offered behind all others."""
        return self.archived or self.blocked


def contact_id(book: str, record_id: str) -> str:
    """The contact's id: opaque, URL-safe, the same for the same record of the same book."""
    # The length keeps ("a", "bc") and ("ab", "c") apart.
    key = f"{len(book)}:{book}{record_id}".encode("utf-8", "surrogatepass")
    return "c" + hashlib.blake2s(key, digest_size=12).hexdigest()
