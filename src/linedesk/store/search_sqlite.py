"""The text index of contacts: what of a contact is written to it, and how it is kept.

`contact_texts` holds for each contact its parts: every word and every four digits in a row, marked. In
`contact_find` (FTS5, without a copy of the text) they point to the rows, and so does each beginning of a word
of up to twelve letters: a search walks one list and merges none. FTS5 itself makes the beginnings, so a
contact costs some 40 us, of which 15 are the parts. `contact_terms` and `contact_stems` have the words for
typing mistakes; they only grow until the index is made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from linedesk.contacts.index import Indexed
from linedesk.contacts.search import title_of
from linedesk.contacts.search_typos import may_be_typo, stem, stem_keys
from linedesk.store.contacts_sqlite import fetch, marks

BEGINNING_MAX = 12
"""Beginnings of so many letters have a list of their own: FTS5's `prefix`, which counts the mark as well."""
GRAM = 4
INDEX, NEW, FILLED = "contact_find", "contact_find_new", "contact_filled"
TERMS, STEMS = "contact_terms", "contact_stems"
IN_NAME, IN_REST = "n", "r"
"""The letter put before a word of a name, and of the rest (company, e-mail addresses)."""
# A part of one letter has no beginnings that FTS5 would keep. No word is one letter long: it has its mark.
LIVE, PUT_AWAY = "\ue000", "\ue001"
_DIGITS_FROM = 0x4E00
_GRAMS = MappingProxyType(
    {f"{each:04}": chr(_DIGITS_FROM + each) for each in range(10**GRAM)}
    | {f"{each:03}": chr(_DIGITS_FROM + 10**GRAM + each) for each in range(1_000)}
)
"""Four digits, or the last three, to the letter that stands for them."""

_OF_BOOK_FROM, _OF_BOOK_LETTERS = 0xF0000, 5
_SLICE = 500
_TEXTS = """
    INSERT INTO contact_texts (rowid_, book, last, title, alt, name, digits, parts) VALUES (?,?,?,?,?,?,?,?)
"""
_FIND = "INSERT INTO {table} (rowid, parts) SELECT rowid_, parts FROM contact_texts WHERE rowid_ IN ({rows})"
_FORGET = "INSERT INTO {table} ({table}, rowid, parts) VALUES ('delete',?,?)"
_STORED = "SELECT rowid_, parts FROM contact_texts WHERE rowid_ IN ({})"
_KNOWN = "SELECT word FROM {table} WHERE word IN ({words})"


def index(c: Connection, placed: Sequence[tuple[int, Indexed]]) -> None:
    """Add contacts at their rowids, which must not be in the index."""
    # Plain tuples to the driver: a first import brings hundreds of thousands of rows through here.
    texts = []
    words: set[str] = set()
    for rowid, entry in placed:
        contact, last = entry.contact, int(entry.contact.last)
        title, alt = title_of(contact.name or contact.company)
        row = (rowid, contact.book, last, title, alt, entry.name_words, entry.digits, _parts(entry))
        texts.append(row)
        words.update(entry.name_words.split(), entry.rest_words.split())
    _many(c, _TEXTS, texts)
    filled = filled_to(c)
    for some in _slices([rowid for rowid, _ in placed]):
        _point(c, INDEX, some)
        _point(c, NEW, [rowid for rowid in some if filled is not None and rowid <= filled])
    learn(c, words)
    if filled is not None:
        learn(c, words, of="_new")


def unindex(c: Connection, rowids: Iterable[int]) -> None:
    """Take rows out of the index."""
    filled = filled_to(c)
    for some in _slices(list(rowids)):
        stored = [tuple(row) for row in fetch(c, _STORED.format(marks(len(some))), some)]
        _many(c, _FORGET.format(table=INDEX), stored)
        if filled is not None:
            _many(c, _FORGET.format(table=NEW), [row for row in stored if row[0] <= filled])
        _many(c, "DELETE FROM contact_texts WHERE rowid_ = ?", [row[:1] for row in stored])


def learn(c: Connection, words: Iterable[str], *, of: str = "") -> None:
    """Remember words for the search with typing mistakes, in the tables in use or in those `of` "_new"."""
    new: list[str] = []
    for some in _slices(sorted(filter(may_be_typo, words))):
        sql = _KNOWN.format(table=TERMS + of, words=marks(len(some)))
        known = {word for (word,) in fetch(c, sql, some)}
        new.extend(word for word in some if word not in known)
    _many(c, f"INSERT INTO {TERMS + of} (word) VALUES (?)", [(word,) for word in new])  # noqa: S608
    keys = sorted({(key, each) for each in {stem(word) for word in new} for key in stem_keys(each)})
    _many(c, f"INSERT OR IGNORE INTO {STEMS + of} (key, stem) VALUES (?,?)", keys)  # noqa: S608


def filled_to(c: Connection) -> int | None:
    """Up to which rowid a new index beside the one in use is filled (`search_refill`); None: no new one."""
    if not fetch(c, "SELECT 1 FROM sqlite_master WHERE name = ?", [FILLED]):
        return None
    upto: int = fetch(c, f"SELECT upto FROM {FILLED}")[0][0]  # noqa: S608 - a name of ours
    return upto


@lru_cache(maxsize=1_024)
def place(book: str) -> str:
    """The part that stands for a book, whose name may hold anything: letters that no word has.

    It is short because FTS5 keeps its beginnings too; that two books share one is out of the question.
    """
    digest = hashlib.blake2s(book.encode("utf-8", "surrogatepass"), digest_size=2 * _OF_BOOK_LETTERS).digest()
    pairs = (int.from_bytes(digest[at : at + 2]) for at in range(0, len(digest), 2))
    # The last two of a plane are no letters: they are taken from the next one.
    return "".join(chr(_OF_BOOK_FROM + (each if each < 0xFFFE else each + 2)) for each in pairs)


def grams(digits: str) -> list[str]:
    """The parts for digits: four in a row, at every place; at the end also the last three. Of fewer: none."""
    found = [_GRAMS[digits[at : at + GRAM]] for at in range(len(digits) - GRAM + 1)]
    if digits[2:]:
        found.append(_GRAMS[digits[-3:]])
    return found


def grams_with(three: str) -> list[str]:
    """Every part that three digits in a row may be in."""
    return [_GRAMS[three], *(_GRAMS[f"{three}{last}"] for last in range(10))]


def _parts(entry: Indexed) -> str:
    """A blank before each part and behind the last: what is to be found whole has both."""
    parts = [""]
    parts += [IN_NAME + word for word in entry.name_words.split()]
    parts += [IN_REST + word for word in entry.rest_words.split()]
    digits: dict[str, None] = {}
    for each in entry.digits.split():
        digits |= dict.fromkeys(grams(each))
    parts += digits
    parts += [PUT_AWAY if entry.contact.last else LIVE, place(entry.contact.book), ""]
    return " ".join(parts)


def _point(c: Connection, table: str, rowids: Sequence[int]) -> None:
    if rowids:
        sql = _FIND.format(table=table, rows=marks(len(rowids)))
        c.exec_driver_sql(sql, tuple(rowids))


def _slices(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _SLICE):
        yield items[start : start + _SLICE]


def _many(c: Connection, sql: str, rows: Sequence[Any]) -> None:
    if rows:
        c.exec_driver_sql(sql, list(rows))
