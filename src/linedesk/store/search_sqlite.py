"""The text index of contacts: what of a contact is written to it, and how it is kept.

`contact_texts` holds folded words and digits, one row a contact. `contact_find` (FTS5, without a copy of
the text) points from their parts to the rows: each word, its first one, two and three letters, each four
digits in a row of a number, and the book. A mark before a part tells which it is. `contact_terms` and
`contact_stems` have the words for typing mistakes; they only grow until the index is made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from linedesk.contacts.index import Indexed
from linedesk.contacts.search import title_of
from linedesk.contacts.search_typos import may_be_typo, stem, stem_keys
from linedesk.store.contacts_sqlite import fetch, marks

BEGINNING_MAX = 3
GRAM = 4
INDEX, NEW, FILLED = "contact_find", "contact_find_new", "contact_filled"
# What marks a part is no letter, so that no word begins with it. Words of a name have no mark.
LIVE, PUT_AWAY = "§live", "§last"
IN_NAME, IN_REST = ("", "·"), ("¦", "¬")
"""The marks of a word and of its beginning, in a name and in the rest (company, e-mail addresses)."""

_OF_NUMBER, _OF_BOOK = "÷", "§"
_SLICE = 500
_TEXTS = """
    INSERT INTO contact_texts (rowid_, book, last, title, alt, name, rest, digits) VALUES (?,?,?,?,?,?,?,?)
"""
_FIND = "INSERT INTO {table} (rowid, parts) VALUES (?,?)"
_FORGET = "INSERT INTO {table} ({table}, rowid, parts) VALUES ('delete',?,?)"
_STORED = "SELECT rowid_, book, last, name, rest, digits FROM contact_texts WHERE rowid_ IN ({})"
_KNOWN = "SELECT word FROM contact_terms WHERE word IN ({})"
Row = tuple[int, str, int, str, str, str]


def index(c: Connection, placed: Sequence[tuple[int, Indexed]]) -> None:
    """Add contacts at their rowids, which must not be in the index."""
    # Plain tuples to the driver: a first import brings hundreds of thousands of rows through here.
    texts = []
    rows: list[Row] = []
    for rowid, entry in placed:
        contact, last = entry.contact, int(entry.contact.last)
        title, alt = title_of(contact.name or contact.company)
        words = (entry.name_words, entry.rest_words, entry.digits)
        texts.append((rowid, contact.book, last, title, alt, *words))
        rows.append((rowid, contact.book, last, *words))
    _many(c, _TEXTS, texts)
    point(c, INDEX, rows)
    filled = _filled(c)
    point(c, NEW, [row for row in rows if row[0] <= filled])
    learn(c, rows)


def unindex(c: Connection, rowids: Iterable[int]) -> None:
    """Take rows out of the index."""
    filled = _filled(c)
    for some in _slices(list(rowids)):
        stored = fetch(c, _STORED.format(marks(len(some))), some)
        _many(c, _FORGET.format(table=INDEX), [_pointers(row) for row in stored])
        _many(c, _FORGET.format(table=NEW), [_pointers(row) for row in stored if row[0] <= filled])
        _many(c, "DELETE FROM contact_texts WHERE rowid_ = ?", [(row[0],) for row in stored])


def point(c: Connection, table: str, rows: Sequence[Row]) -> None:
    """Have `table` (`INDEX` or `NEW`) point from the parts of these texts to their rows."""
    _many(c, _FIND.format(table=table), [_pointers(row) for row in rows])


def learn(c: Connection, rows: Sequence[Row]) -> None:
    """Remember the words of these texts for the search with typing mistakes."""
    words = sorted({word for row in rows for text in row[3:5] for word in text.split() if may_be_typo(word)})
    new: list[str] = []
    for some in _slices(words):
        known = {word for (word,) in fetch(c, _KNOWN.format(marks(len(some))), some)}
        new.extend(word for word in some if word not in known)
    _many(c, "INSERT INTO contact_terms (word) VALUES (?)", [(word,) for word in new])
    keys = sorted({(key, each) for each in {stem(word) for word in new} for key in stem_keys(each)})
    _many(c, "INSERT OR IGNORE INTO contact_stems (key, stem) VALUES (?,?)", keys)


@lru_cache(maxsize=1_024)
def place(book: str) -> str:
    """The token of a book. Its name may hold anything; the index needs a plain word that no other shares."""
    return _OF_BOOK + hashlib.blake2s(book.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def grams(digits: str) -> list[str]:
    """Four digits in a row, at every place; at the end also the last three (or all of fewer). Marked."""
    return [_OF_NUMBER + digits[at : at + GRAM] for at in range(max(1, len(digits) - GRAM + 2))]


def _filled(c: Connection) -> int:
    """Up to which rowid a new index beside the one in use is filled (`search_refill`); 0: there is none."""
    if not fetch(c, "SELECT 1 FROM sqlite_master WHERE name = ?", [FILLED]):
        return 0
    upto: int = fetch(c, f"SELECT upto FROM {FILLED}")[0][0]  # noqa: S608 - a name of ours
    return upto


def _pointers(row: Row) -> tuple[int, str]:
    rowid, book, last, name, rest, digits = row
    parts = [place(book), PUT_AWAY if last else LIVE]
    parts.extend(map(_name_parts, name.split()))
    parts.extend(map(_rest_parts, rest.split()))
    parts.extend(dict.fromkeys(gram for each in digits.split() for gram in grams(each)))
    return rowid, " ".join(parts)


@lru_cache(maxsize=65_536)
def _name_parts(word: str) -> str:
    return _parts(word, *IN_NAME)


@lru_cache(maxsize=65_536)
def _rest_parts(word: str) -> str:
    return _parts(word, *IN_REST)


def _parts(word: str, mark: str, start: str) -> str:
    starts = (start + word[:size] for size in range(1, min(BEGINNING_MAX, len(word)) + 1))
    return " ".join((mark + word, *starts))


def _slices(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _SLICE):
        yield items[start : start + _SLICE]


def _many(c: Connection, sql: str, rows: Sequence[Any]) -> None:
    if rows:
        c.exec_driver_sql(sql, list(rows))
