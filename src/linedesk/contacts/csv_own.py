"""The columns of the contacts files that Linedesk writes itself, and a contact as a row of them. Pure.

Files of other programs are understood by `csv_columns`; a row of these is read exactly as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from linedesk.apps.info import AppInfo, safe_url
from linedesk.contacts.csv_cells import neutral, restored
from linedesk.contacts.model import Contact, ContactNumber, ContactType, contact_id

FIXED = ("Contact ID", "Type", "Name", "Company", "Archived", "Blocked", "URL", "Company URL")
MOST_EMAILS = 50
MOST_NUMBERS = 90
_EMAIL = re.compile(r"E-mail \d+ - Value")
_LABEL, _VALUE = re.compile(r"Phone \d+ - Label"), re.compile(r"Phone \d+ - Value")
_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class OwnColumns:
    """How many e-mail addresses and numbers a row has room for; they follow the fixed columns so."""

    emails: int
    numbers: int

    def header(self) -> list[str]:
        """The first line."""
        emails = [f"E-mail {at} - Value" for at in range(1, self.emails + 1)]
        numbers = [f"Phone {at} - {part}" for at in range(1, self.numbers + 1) for part in ("Label", "Value")]
        return [*FIXED, *emails, *numbers]

    def row(self, contact: Contact) -> list[str]:
        """The contact's cells, as many as the header has."""
        cells = [
            contact.record_id,
            contact.type.value,
            contact.name,
            contact.company,
            _YES if contact.archived else _NO,
            _YES if contact.blocked else _NO,
            contact.page_url or "",
            contact.company_url or "",
            *_filled(contact.emails, self.emails),
        ]
        pairs = [text for each in contact.numbers for text in (each.label, each.raw)]
        return [neutral(cell) for cell in (*cells, *_filled(pairs, 2 * self.numbers))]


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A contact of a row; `bad_links`: addresses that may not become a link, and are left out."""

    contact: Contact
    bad_links: tuple[str, ...]


def own_columns(header: Sequence[str]) -> OwnColumns | None:
    """The columns if the header is one of Linedesk's own; None: another program wrote the file."""
    if tuple(header[: len(FIXED)]) != FIXED:
        return None
    rest = header[len(FIXED) :]
    emails = sum(_EMAIL.fullmatch(text) is not None for text in rest)
    numbers = sum(_VALUE.fullmatch(text) is not None for text in rest)
    found = OwnColumns(emails, numbers)
    return found if [*FIXED, *rest] == found.header() else None


def own_contact(row: Sequence[str], columns: OwnColumns, book: str, app: AppInfo) -> OwnRow:
    """The contact of a row in `book`, exactly as it was written."""
    cells = [restored(cell) for cell in _filled(row, len(FIXED) + columns.emails + 2 * columns.numbers)]
    record_id, kind, name, company, archived, blocked, page, company_page = cells[: len(FIXED)]
    rest = cells[len(FIXED) :]
    pairs = rest[columns.emails :]
    contact = Contact(
        id=contact_id(book, record_id),
        book=book,
        app=app.name,
        record_id=record_id,
        name=name,
        type=ContactType.COMPANY if kind.strip().casefold() == "company" else ContactType.PERSON,
        company=company,
        emails=tuple(email for email in rest[: columns.emails] if email),
        numbers=tuple(
            ContactNumber(raw, label) for label, raw in zip(pairs[::2], pairs[1::2], strict=True) if raw
        ),
        page_url=page if safe_url(page) else None,
        archived=archived.strip().casefold() == _YES,
        blocked=blocked.strip().casefold() == _YES,
        company_url=company_page if safe_url(company_page) else None,
    )
    return OwnRow(contact, tuple(url for url in (page, company_page) if url and not safe_url(url)))


def _filled(texts: Sequence[str], length: int) -> list[str]:
    return [*texts[:length], *[""] * (length - len(texts))]
