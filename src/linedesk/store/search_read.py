"""Reading the text index: which contacts fit, and what their order hangs on; no more rows than asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from linedesk.contacts.search import Query
from linedesk.contacts.search_rank import Candidate
from linedesk.contacts.search_typos import near, near_stems, typed_keys
from linedesk.store import search_match
from linedesk.store.contacts_sqlite import fetch, marks
from linedesk.store.search_sqlite import BEGINNING_MAX, GRAM, IN_NAME, IN_REST, STEMS, TERMS

_HITS = "SELECT rowid FROM contact_find WHERE contact_find MATCH ? LIMIT ?"
# CROSS JOIN keeps the planner from asking the index once for each contact.
_CHECKED = """
    SELECT f.rowid FROM contact_find f CROSS JOIN contact_texts t ON t.rowid_ = f.rowid
    WHERE contact_find MATCH ? AND ({conditions}) LIMIT ?
"""
_TEXTS = "SELECT rowid_, name, title, alt, last FROM contact_texts WHERE "
_TITLES = "book = ? AND last = 0 AND {column} >= ? AND {column} < ? ORDER BY {column} LIMIT ?"
_BOOKS = """
    WITH RECURSIVE b (book) AS (
        SELECT min(book) FROM contact_texts
        UNION ALL
        SELECT (SELECT min(book) FROM contact_texts WHERE book > b.book) FROM b WHERE book IS NOT NULL)
    SELECT book FROM b WHERE book IS NOT NULL
"""
_STEMS = f"SELECT DISTINCT stem FROM {STEMS} WHERE key IN ({{}}) LIMIT ?"  # noqa: S608 - a name of ours
_TERMS = f"SELECT word FROM {TERMS} WHERE word >= ? AND word < ? LIMIT ?"  # noqa: S608
_BEHIND_ALL = "\U0010ffff"
_NEAR_MAX = 12
_STEMS_MAX = 4_000
_TERMS_OF_STEM = 100
_STEMS_LOOKED_AT = 200


def rowids(
    c: Connection, query: Query, books: Collection[str] | None, cap: int, *, last: bool | None = None
) -> list[int]:
    """At most `cap` contacts that fit, only of `books` (None: of all).

    `last`: only (True) or without (False) those put away.
    """
    if query.empty or (books is not None and not books):
        return []
    if last is None and any(len(form) > BEGINNING_MAX for forms in query.words for form in forms):
        # The words as they stand are read row by row, beginnings of more letters only as a whole: when
        # the former are enough, the latter are not asked for.
        whole = _first(fetch(c, _HITS, [search_match.whole_words(query, books), cap]))
        if len(whole) == cap:
            return whole
    match = search_match.everywhere(query, books, last=last)
    if all(len(digits) <= GRAM for digits in query.digits):
        return _first(fetch(c, _HITS, [match, cap]))
    # The index knows four digits in a row; that they hang together is seen in the text.
    conditions, values = _conditions(query)
    return _first(fetch(c, _CHECKED.format(conditions=conditions), [match, *values, cap]))


def whole_names(c: Connection, query: Query, books: Collection[str] | None, cap: int) -> list[int]:
    """At most `cap` contacts not put away whose name has every word of the query as it stands."""
    return _first(fetch(c, _HITS, [search_match.whole_names(query, books), cap]))


def begun_names(c: Connection, query: Query, books: Collection[str] | None, cap: int) -> list[int]:
    """At most `cap` contacts not put away whose name has words that begin as those of the query."""
    return _first(fetch(c, _HITS, [search_match.begun_names(query, books), cap]))


def titled(c: Connection, query: Query, books: Collection[str] | None, cap: int) -> list[Candidate]:
    """Contacts not put away whose whole name begins as typed: of each book and spelling the first `cap`."""
    names = [row[0] for row in fetch(c, _BOOKS)] if books is None else sorted(books)
    found: dict[int, Candidate] = {}
    for title in query.titles:
        for column in ("title", "alt"):
            statement = _TEXTS + _TITLES.format(column=column)
            for book in names:
                rows = fetch(c, statement, [book, title, title + _BEHIND_ALL, cap])
                found.update((each.rowid, each) for each in map(_candidate, rows))
    return list(found.values())


def candidates(c: Connection, rowids: Iterable[int]) -> list[Candidate]:
    """What the order of these contacts hangs on."""
    wanted = list(rowids)
    if not wanted:
        return []
    return [_candidate(row) for row in fetch(c, f"{_TEXTS} rowid_ IN ({marks(len(wanted))})", wanted)]


def near_words(c: Connection, word: str) -> tuple[str, ...]:
    """Stored words that are `word` but for one typing mistake, or begin so; the likeliest few."""
    keys = sorted(typed_keys(word))
    stems = near_stems(word, _first(fetch(c, _STEMS.format(marks(len(keys))), [*keys, _STEMS_MAX])))
    terms: list[str] = []
    for stem in stems[:_STEMS_LOOKED_AT]:
        terms.extend(_first(fetch(c, _TERMS, [stem, stem + _BEHIND_ALL, _TERMS_OF_STEM])))
    return near(word, terms, _NEAR_MAX)


def _conditions(query: Query) -> tuple[str, list[str]]:
    """That the digits stand in a number, or all words are words of the contact."""
    values = [*query.digits]
    ways = ["instr(t.digits, ?)"] * len(query.digits)
    words = []
    for at, forms in enumerate(query.words):
        places = [f" {mark}{form}" for mark in (IN_NAME, IN_REST) for form in forms]
        places += [f" {mark}{form} " for mark in (IN_NAME, IN_REST) for form in query.near_of(at)]
        words.append("(" + " OR ".join(["instr(t.parts, ?)"] * len(places)) + ")")
        values.extend(places)
    if words:
        ways.append("(" + " AND ".join(words) + ")")
    return " OR ".join(ways), values


def _candidate(row: Sequence[Any]) -> Candidate:
    rowid, name, title, alt, last = row
    return Candidate(rowid, name, title, alt, bool(last))


def _first(rows: Sequence[Sequence[Any]]) -> list[Any]:
    return [row[0] for row in rows]
