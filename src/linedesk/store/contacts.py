"""Rows of contacts with their numbers, keys and search entries, always written together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from linedesk.contacts.index import Indexed
from linedesk.numbers import Key
from linedesk.store import search_sqlite
from linedesk.store.contact_rows import COLUMNS, Held, by_rowid, columns_of, held, keys_of, keys_text
from linedesk.store.contacts_sqlite import fetch, marks

__all__ = ["by_rowid", "count", "page", "put", "record_ids", "remove", "reread"]

_WRITTEN = (*COLUMNS, "company_words", "text_mark")
_INSERT_INTO = "INSERT INTO contacts (rowid_, {columns}) VALUES ({values})"
_INSERT = _INSERT_INTO.format(columns=", ".join(_WRITTEN), values=marks(len(_WRITTEN) + 1))
_UPDATE_SET = "UPDATE contacts SET {columns} WHERE rowid_ = ?"
_UPDATE = _UPDATE_SET.format(columns=", ".join(f"{name} = ?" for name in _WRITTEN))
_KNOWN = "SELECT record_id, rowid_ FROM contacts WHERE book = ? AND record_id IN ({ids})"
_PAGE = (
    "SELECT record_id, rowid_ FROM contacts WHERE book = ? AND record_id {after} ? ORDER BY record_id LIMIT ?"
)
_COUNT = "SELECT count(*) FROM contacts"
_INSERT_NUMBER = (
    'INSERT INTO contact_numbers (contact_rowid, position, raw, label, value, "keys") VALUES (?,?,?,?,?,?)'
)
_INSERT_KEY = 'INSERT INTO contact_keys ("key", contact_rowid, position, certainty) VALUES (?,?,?,?)'
_DELETE_KEY = 'DELETE FROM contact_keys WHERE "key" = ? AND contact_rowid = ? AND position = ?'
Placed = Sequence[tuple[int, Indexed]]


def put(c: Connection, entries: Sequence[Indexed]) -> int:
    """Insert or replace contacts: a record of a book is one row; of two entries of it the last counts.

    What is stored as it is given is left alone. Answers how many were written.
    """
    unique = {(each.contact.book, each.contact.record_id): each for each in entries}
    known = _rowids(c, unique)
    stored = {each.rowid: each for each in held(c, list(known.values()))}
    new: list[tuple[int, Indexed]] = []
    changed: list[tuple[int, Indexed]] = []
    next_rowid = fetch(c, "SELECT coalesce(max(rowid_), 0) + 1 FROM contacts")[0][0]
    for record, entry in unique.items():
        rowid = known.get(record)
        if rowid is None:
            new.append((next_rowid + len(new), entry))
        elif not _same(stored[rowid], entry):
            changed.append((rowid, entry))
    _write(c, [stored[rowid] for rowid, _ in changed], changed, new)
    return len(changed) + len(new)


def reread(c: Connection, entries: Sequence[Indexed]) -> int:
    """Store readings of contacts that are there; one that was changed or removed meanwhile is left alone.

    Answers how many were written.
    """
    unique = {(each.contact.book, each.contact.record_id): each for each in entries}
    known = {rowid: unique[record] for record, rowid in _rowids(c, unique).items()}
    stored = [each for each in held(c, list(known)) if each.contact == known[each.rowid].contact]
    changed = [each for each in stored if not _same(each, known[each.rowid])]
    _write(c, changed, [(each.rowid, known[each.rowid]) for each in changed], [])
    return len(changed)


def differing(stored: Iterable[Held], entries: Iterable[Indexed]) -> list[Indexed]:
    """Those of the entries that are not stored as they are given; all are of one book."""
    known = {each.contact.record_id: each for each in stored}
    return [each for each in entries if not _same(known[each.contact.record_id], each)]


def remove(c: Connection, book: str, record_ids: Collection[str]) -> int:
    """Remove records of a book; answers how many there were."""
    stored = held(c, list(_rowids(c, [(book, record_id) for record_id in record_ids]).values()))
    _clear(c, stored)
    _many(c, "DELETE FROM contacts WHERE rowid_ = ?", [(each.rowid,) for each in stored])
    return len(stored)


def record_ids(c: Connection, book: str, after: str | None, limit: int) -> list[str]:
    """The next record ids of a book behind `after` (None: the first), in order."""
    return [record_id for record_id, _ in _page(c, book, after, limit)]


def page(c: Connection, book: str, after: str | None, limit: int) -> list[Held]:
    """What is stored next of a book behind the record `after` (None: the first), in the order of its ids."""
    stored = held(c, [rowid for _, rowid in _page(c, book, after, limit)])
    return sorted(stored, key=lambda each: each.contact.record_id)


def _page(c: Connection, book: str, after: str | None, limit: int) -> list[tuple[str, int]]:
    # A record's id may be the empty text.
    return fetch(c, _PAGE.format(after=">=" if after is None else ">"), [book, after or "", limit])


def count(c: Connection, book: str | None = None) -> int:
    """How many contacts there are, in one book or in all."""
    rows = fetch(c, _COUNT) if book is None else fetch(c, f"{_COUNT} WHERE book = ?", [book])
    number: int = rows[0][0]
    return number


def _rowids(c: Connection, records: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    by_book: dict[str, list[str]] = defaultdict(list)
    for book, record_id in records:
        by_book[book].append(record_id)
    found: dict[tuple[str, str], int] = {}
    for book, ids in by_book.items():
        rows = fetch(c, _KNOWN.format(ids=marks(len(ids))), [book, *ids])
        found.update({(book, record_id): rowid for record_id, rowid in rows})
    return found


def _same(stored: Held, entry: Indexed) -> bool:
    """Whether a row holds the entry already: the contact, how its numbers were read, and its words."""
    if stored.contact != entry.contact or stored.text_mark != entry.text_mark:
        return False
    readings = [(number.value, number.keys) for number in stored.numbers.values()]
    return readings == list(zip(entry.values, _keys(entry), strict=True))


def _keys(entry: Indexed) -> list[str]:
    """The keys of each number as contact_numbers has them."""
    keys: list[list[Key]] = [[] for _ in entry.values]
    for at, key in entry.keys:
        keys[at].append(key)
    return [keys_text(each) for each in keys]


def _values(entry: Indexed) -> tuple[Any, ...]:
    return (*columns_of(entry.contact), entry.company_words, entry.text_mark)


def _write(c: Connection, old: Sequence[Held], changed: Placed, new: Placed) -> None:
    """Put `changed` in place of `old`, and add `new`."""
    _clear(c, old)
    _many(c, _UPDATE, [(*_values(entry), rowid) for rowid, entry in changed])
    _many(c, _INSERT, [(rowid, *_values(entry)) for rowid, entry in new])
    _put_details(c, [*changed, *new])


def _clear(c: Connection, stored: Sequence[Held]) -> None:
    if not stored:
        return
    search_sqlite.unindex(c, [each.rowid for each in stored])
    keys = [
        (key.text, each.rowid, at)
        for each in stored
        for at, number in each.numbers.items()
        for key in keys_of(number.keys)
    ]
    _many(c, _DELETE_KEY, sorted(keys))
    _many(c, "DELETE FROM contact_numbers WHERE contact_rowid = ?", [(each.rowid,) for each in stored])


def _put_details(c: Connection, placed: Placed) -> None:
    numbers = [
        (rowid, at, number.raw, number.label, value, keys)
        for rowid, entry in placed
        for at, (number, value, keys) in enumerate(
            zip(entry.contact.numbers, entry.values, _keys(entry), strict=True)
        )
    ]
    keys = [(key.text, rowid, at, key.certainty.value) for rowid, entry in placed for at, key in entry.keys]
    _many(c, _INSERT_NUMBER, numbers)
    # In the order of the index: neighbours share a page.
    _many(c, _INSERT_KEY, sorted(keys))
    search_sqlite.index(c, placed)


def _many(c: Connection, sql: str, rows: list[Any]) -> None:
    if rows:
        c.exec_driver_sql(sql, rows)
