"""Rows of contacts with their numbers, keys and search entries, always written together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, case, delete, func, insert, or_, select, update

from linedesk.contacts.index import Indexed
from linedesk.contacts.model import Contact, ContactNumber, ContactType
from linedesk.numbers import Certainty, Key
from linedesk.store import search_sqlite
from linedesk.store.tables import contact_keys, contact_numbers, contacts

_WEAK = 100_000  # added to the position of a key that is not sure; no contact has so many numbers
_COLUMNS = (
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
_CHANGED = tuple(name for name in _COLUMNS if name not in {"book", "record_id"})


@dataclass(frozen=True, slots=True)
class Hit:
    """A contact that holds one of the keys asked for; `label` is the label of the number that holds it."""

    contact: Contact
    certainty: Certainty
    label: str


def put(c: Connection, entries: Sequence[Indexed]) -> None:
    """Insert or replace contacts: a record of a book is one row; of two entries of it the last counts.

    What is stored as it is given is left alone.
    """
    if not entries:
        return
    unique = {(each.contact.book, each.contact.record_id): each for each in entries}
    known = _rowids(c, unique)
    same = _unchanged(c, {rowid: unique[record] for record, rowid in known.items()})
    next_rowid = c.execute(select(func.coalesce(func.max(contacts.c.rowid_), 0))).scalar_one() + 1
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    placed: list[tuple[int, Indexed]] = []
    for record, entry in unique.items():
        rowid = known.get(record)
        if rowid in same:
            continue
        if rowid is None:
            rowid = next_rowid + len(new)
            new.append({"rowid_": rowid, **_values(entry.contact)})
        else:
            changed.append({"at": rowid, **_values(entry.contact)})
        placed.append((rowid, entry))
    _clear(c, [row["at"] for row in changed])
    if changed:
        values: dict[str, Any] = {name: bindparam(name) for name in _CHANGED}
        c.execute(update(contacts).where(contacts.c.rowid_ == bindparam("at")).values(values), changed)
    if new:
        c.execute(insert(contacts), new)
    if placed:
        _put_details(c, placed)


def remove(c: Connection, book: str, record_ids: Collection[str]) -> int:
    """Remove records of a book; answers how many there were."""
    rowids = list(_rowids(c, [(book, record_id) for record_id in record_ids]).values())
    _clear(c, rowids)
    if rowids:
        c.execute(delete(contacts).where(contacts.c.rowid_.in_(rowids)))
    return len(rowids)


def record_ids(c: Connection, book: str) -> set[str]:
    """Every record id that is stored of a book."""
    return set(c.execute(select(contacts.c.record_id).where(contacts.c.book == book)).scalars())


def count(c: Connection, book: str | None = None) -> int:
    """How many contacts there are, in one book or in all."""
    query = select(func.count()).select_from(contacts)
    if book is not None:
        query = query.where(contacts.c.book == book)
    return c.execute(query).scalar_one()


def find(
    c: Connection, keys: Sequence[Key], boards: Sequence[str], books: Collection[str] | None, limit: int
) -> list[Hit]:
    """Contacts that hold one of `keys`, and companies that hold one of `boards` (those are only possible).

    Sure ones come first, archived ones last, then by name. One statement.
    """
    values: dict[str, Any] = {
        "keys": [key.text for key in keys],
        "all": [*(key.text for key in keys), *boards],
        "sure": [key.text for key in keys if key.certainty is Certainty.SURE],
        "limit": limit,
    }
    if books is not None:
        values["books"] = list(books)
    rows = c.execute(_FIND if books is None else _FIND_IN_BOOKS, values).all()
    best = {row.rowid_: row.best for row in rows}
    hits = []
    for rowid, contact, labels in _assembled(rows):
        weak, position = divmod(best[rowid], _WEAK)
        certainty = Certainty.POSSIBLE if weak else Certainty.SURE
        hits.append(Hit(contact, certainty, labels.get(position, "")))
    return hits


def by_rowid(c: Connection, rowids: Sequence[int]) -> list[Contact]:
    """The contacts at `rowids`, in that order."""
    found = {
        rowid: contact for rowid, contact, _ in _assembled(c.execute(_BY_ROWID, {"rowids": rowids}).all())
    }
    return [found[rowid] for rowid in rowids if rowid in found]


def _find_statement(in_books: bool) -> Select[Any]:
    k = contact_keys.c
    sure = and_(k.certainty == Certainty.SURE.value, k.key.in_(bindparam("sure", expanding=True)))
    best = func.min(case((sure, 0), else_=_WEAK) + k.position)
    own = or_(k.key.in_(bindparam("keys", expanding=True)), contacts.c.type == ContactType.COMPANY.value)
    owners = (
        select(k.contact_rowid, best.label("best"))
        .join(contacts, contacts.c.rowid_ == k.contact_rowid)
        .where(k.key.in_(bindparam("all", expanding=True)), own)
        .group_by(k.contact_rowid)
        .order_by(best >= _WEAK, contacts.c.archived, func.lower(contacts.c.name), k.contact_rowid)
        .limit(bindparam("limit"))
    )
    if in_books:
        # The concatenation keeps the planner from walking a whole book where a key names a few contacts.
        owners = owners.where(contacts.c.book.concat("").in_(bindparam("books", expanding=True)))
    found = owners.subquery()
    order = (found.c.best >= _WEAK, contacts.c.archived, func.lower(contacts.c.name), contacts.c.rowid_)
    return (
        _contact_rows(found.c.best)
        .join(found, found.c.contact_rowid == contacts.c.rowid_)
        .order_by(*order, contact_numbers.c.position)
    )


def _contact_rows(*extra: Any) -> Select[Any]:
    n = contact_numbers.c
    columns = [contacts.c[name] for name in _COLUMNS]
    return (
        select(contacts.c.rowid_, *columns, n.position, n.raw, n.label, *extra)
        .select_from(contacts)
        .outerjoin(contact_numbers, n.contact_rowid == contacts.c.rowid_)
    )


_FIND = _find_statement(in_books=False)
_FIND_IN_BOOKS = _find_statement(in_books=True)
_BY_ROWID = (
    _contact_rows()
    .where(contacts.c.rowid_.in_(bindparam("rowids", expanding=True)))
    .order_by(contacts.c.rowid_, contact_numbers.c.position)
)


def _assembled(rows: Sequence[Any]) -> list[tuple[int, Contact, dict[int, str]]]:
    """Contacts of joined rows, in their order, with the label of each number by position."""
    numbers: dict[int, dict[int, ContactNumber]] = defaultdict(dict)
    first: dict[int, Any] = {}
    for row in rows:
        first.setdefault(row.rowid_, row)
        if row.position is not None:
            numbers[row.rowid_][row.position] = ContactNumber(row.raw, row.label)
    return [
        (
            rowid,
            _contact(row, tuple(numbers[rowid].values())),
            {at: n.label for at, n in numbers[rowid].items()},
        )
        for rowid, row in first.items()
    ]


def _contact(row: Any, numbers: tuple[ContactNumber, ...]) -> Contact:
    return Contact(
        id=row.id,
        book=row.book,
        app=row.app,
        record_id=row.record_id,
        name=row.name,
        type=ContactType(row.type),
        company=row.company,
        emails=tuple(row.emails),
        numbers=numbers,
        page_url=row.page_url,
        archived=row.archived,
        blocked=row.blocked,
        company_url=row.company_url,
    )


def _values(contact: Contact) -> dict[str, Any]:
    values = {name: getattr(contact, name) for name in _COLUMNS}
    return {**values, "type": contact.type.value, "emails": list(contact.emails)}


def _rowids(c: Connection, records: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    by_book: dict[str, list[str]] = defaultdict(list)
    for book, record_id in records:
        by_book[book].append(record_id)
    found: dict[tuple[str, str], int] = {}
    for book, ids in by_book.items():
        query = select(contacts.c.record_id, contacts.c.rowid_).where(
            contacts.c.book == book, contacts.c.record_id.in_(ids)
        )
        found.update({(book, record_id): rowid for record_id, rowid in c.execute(query)})
    return found


def _unchanged(c: Connection, entries: Mapping[int, Indexed]) -> set[int]:
    """Of these rows, those that hold the entry already: the contact, and how its numbers were read."""
    if not entries:
        return set()
    rowids = list(entries)
    stored = {
        rowid: contact for rowid, contact, _ in _assembled(c.execute(_BY_ROWID, {"rowids": rowids}).all())
    }
    readings: dict[int, set[tuple[Any, ...]]] = defaultdict(set)
    n, k = contact_numbers.c, contact_keys.c
    for rowid, *reading in c.execute(
        select(n.contact_rowid, n.position, n.value).where(n.contact_rowid.in_(rowids))
    ):
        readings[rowid].add(tuple(reading))
    for rowid, *reading in c.execute(
        select(k.contact_rowid, k.position, k.key, k.certainty).where(k.contact_rowid.in_(rowids))
    ):
        readings[rowid].add(tuple(reading))
    return {
        rowid
        for rowid, entry in entries.items()
        if stored.get(rowid) == entry.contact and readings[rowid] == _readings(entry)
    }


def _readings(entry: Indexed) -> set[tuple[Any, ...]]:
    values: set[tuple[Any, ...]] = set(enumerate(entry.values))
    return values | {(at, key.text, key.certainty.value) for at, key in entry.keys}


def _clear(c: Connection, rowids: Sequence[int]) -> None:
    if rowids:
        search_sqlite.unindex(c, rowids)
        c.execute(delete(contact_keys).where(contact_keys.c.contact_rowid.in_(rowids)))
        c.execute(delete(contact_numbers).where(contact_numbers.c.contact_rowid.in_(rowids)))


def _put_details(c: Connection, placed: Sequence[tuple[int, Indexed]]) -> None:
    numbers = [
        {"contact_rowid": rowid, "position": at, "raw": number.raw, "label": number.label, "value": value}
        for rowid, entry in placed
        for at, (number, value) in enumerate(zip(entry.contact.numbers, entry.values, strict=True))
    ]
    if numbers:
        c.execute(insert(contact_numbers), numbers)
    keys = [
        {"key": key.text, "contact_rowid": rowid, "position": at, "certainty": key.certainty.value}
        for rowid, entry in placed
        for at, key in entry.keys
    ]
    if keys:
        c.execute(insert(contact_keys), keys)
    search_sqlite.index(
        c,
        [
            (rowid, entry.contact.book, entry.name_words, entry.rest_words, entry.digits)
            for rowid, entry in placed
        ],
    )
