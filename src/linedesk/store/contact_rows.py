"""Stored contacts as objects: rows of contacts joined with those of their numbers, put together."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from linedesk.contacts.model import Contact, ContactNumber, ContactType
from linedesk.numbers import Certainty, Key
from linedesk.store.contacts_sqlite import fetch, marks

COLUMNS = (
    "id",
    "book",
    "app",
    "record_id",
    "type",
    "name",
    "company",
    "emails",
    "page_url",
    "archived",
    "blocked",
    "company_url",
)
"""What of a contact is a column of its own."""

SELECTED = ", ".join(
    (
        "c.rowid_",
        *(f"c.{name}" for name in COLUMNS),
        "c.text_mark, n.position, n.raw, n.label, n.value, n.keys",
    )
)
"""The columns that `assembled` wants first, of contacts `c` and contact_numbers `n`."""

_HELD = """
    SELECT {columns} FROM contacts c LEFT JOIN contact_numbers n ON n.contact_rowid = c.rowid_
    WHERE c.rowid_ IN ({rowids}) ORDER BY c.rowid_, n.position
"""
_BY_RECORD = """
    SELECT rowid_ FROM contacts WHERE book IN ({books}) AND record_id IN ({ids})
    ORDER BY book, record_id LIMIT ?
"""
# The plus keeps the planner from walking a whole book for a name that a few records have.
_COMPANIES = """
    SELECT rowid_ FROM contacts WHERE company_words = ? {visible}
    ORDER BY archived OR blocked, book, record_id LIMIT ?
"""
_WIDTH = 1 + len(COLUMNS)
_NUMBER_AT = _WIDTH + 1
_NO_EMAILS = "[]"


@dataclass(frozen=True, slots=True)
class HeldNumber:
    """A stored number: as written, its label, its reading (None: unreadable) and its keys as stored."""

    raw: str
    label: str
    value: str | None
    keys: str


@dataclass(frozen=True, slots=True)
class Held:
    """A stored contact with its numbers by position.

    `text_mark` is that of its entry in the text index; `more` are columns behind those of `SELECTED`.
    """

    rowid: int
    contact: Contact
    numbers: dict[int, HeldNumber]
    text_mark: int | None
    more: tuple[Any, ...]


def keys_text(keys: Iterable[Key]) -> str:
    """The keys of one number as contact_numbers has them: a blank between, a `?` before one not sure."""
    return " ".join(key.text if key.certainty is Certainty.SURE else f"?{key.text}" for key in keys)


def keys_of(text: str) -> list[Key]:
    """The keys that `keys_text` wrote."""
    return [
        Key(part[1:], Certainty.POSSIBLE) if part.startswith("?") else Key(part, Certainty.SURE)
        for part in text.split()
    ]


def assembled(rows: Sequence[Sequence[Any]]) -> list[Held]:
    """Contacts of joined rows, in the order in which each first comes."""
    numbers: dict[int, dict[int, HeldNumber]] = {}
    first: dict[int, Sequence[Any]] = {}
    for row in rows:
        rowid, position = row[0], row[_NUMBER_AT]
        if rowid not in first:
            first[rowid], numbers[rowid] = row, {}
        if position is not None:
            numbers[rowid][position] = HeldNumber(*row[_NUMBER_AT + 1 : _NUMBER_AT + 5])
    return [
        Held(rowid, _contact(row, numbers[rowid]), numbers[rowid], row[_WIDTH], tuple(row[_NUMBER_AT + 5 :]))
        for rowid, row in first.items()
    ]


def held(c: Connection, rowids: Collection[int]) -> list[Held]:
    """What is stored at `rowids`, in their order in the file."""
    if not rowids:
        return []
    return assembled(fetch(c, _HELD.format(columns=SELECTED, rowids=marks(len(rowids))), list(rowids)))


def by_rowid(c: Connection, rowids: Sequence[int]) -> list[Contact]:
    """The contacts at `rowids`, in that order."""
    found = {each.rowid: each.contact for each in held(c, rowids)}
    return [found[rowid] for rowid in rowids if rowid in found]


def by_record(
    c: Connection, record_ids: Collection[str], books: Collection[str] | None, limit: int
) -> list[Contact]:
    """At most `limit` contacts with these record ids of their apps, in the order of book and id."""
    wanted = sorted(all_books(c) if books is None else books)
    if not record_ids or not wanted:
        return []
    statement = _BY_RECORD.format(books=marks(len(wanted)), ids=marks(len(record_ids)))
    rows = fetch(c, statement, [*wanted, *record_ids, limit])
    return by_rowid(c, [rowid for (rowid,) in rows])


def companies(c: Connection, words: str, books: Collection[str] | None, limit: int) -> list[Contact]:
    """At most `limit` company records whose folded name is `words`; those put away come last."""
    if not words or (books is not None and not books):
        return []
    allowed = sorted(books or ())
    visible = "" if books is None else f"AND +book IN ({marks(len(allowed))})"
    rows = fetch(c, _COMPANIES.format(visible=visible), [words, *allowed, limit])
    return by_rowid(c, [rowid for (rowid,) in rows])


def all_books(c: Connection) -> list[str]:
    """Every book that has contacts. One step of the index for each, however many contacts there are."""
    books: list[str] = []
    found = fetch(c, "SELECT min(book) FROM contacts")
    while found[0][0] is not None:
        books.append(found[0][0])
        found = fetch(c, "SELECT min(book) FROM contacts WHERE book > ?", books[-1:])
    return books


def _contact(row: Sequence[Any], numbers: dict[int, HeldNumber]) -> Contact:
    _, id_, book, app, record_id, type_, name, company, emails, page, archived, blocked, company_url = row[
        :_WIDTH
    ]
    return Contact(
        id=id_,
        book=book,
        app=app,
        record_id=record_id,
        name=name,
        type=ContactType(type_),
        company=company,
        emails=() if emails == _NO_EMAILS else tuple(json.loads(emails)),
        numbers=tuple(ContactNumber(number.raw, number.label) for number in numbers.values()),
        page_url=page,
        archived=bool(archived),
        blocked=bool(blocked),
        company_url=company_url,
    )


def columns_of(contact: Contact) -> tuple[Any, ...]:
    """The values of `COLUMNS` as they are stored."""
    return (
        contact.id,
        contact.book,
        contact.app,
        contact.record_id,
        contact.type.value,
        contact.name,
        contact.company,
        json.dumps(contact.emails) if contact.emails else _NO_EMAILS,
        contact.page_url,
        int(contact.archived),
        int(contact.blocked),
        contact.company_url,
    )
