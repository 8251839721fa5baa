"""Full-text search of contacts on SQLite's FTS5. Everything that only SQLite understands is here.

`contact_words` holds folded words with a token for the book, `contact_digits` the digits of numbers cut into
trigrams, `contact_terms` shows the words of the first. What a person typed reaches a MATCH only as quoted
letters and digits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, text

from linedesk.contacts.search import Candidate, Query

_WORDS = "SELECT rowid FROM contact_words WHERE contact_words MATCH :words LIMIT :cap"
_DIGITS = (
    "SELECT d.rowid FROM contact_digits d {join} WHERE contact_digits MATCH :digits {letters} LIMIT :cap"
)
# CROSS JOIN and the plus keep the planner from asking the digits once for each contact.
_DIGITS_BOOKS = "CROSS JOIN contacts b ON b.rowid_ = d.rowid AND b.book IN :books"
_DIGITS_LETTERS = "AND +d.rowid IN (SELECT rowid FROM contact_words WHERE contact_words MATCH :letters)"
_HITS = """
    SELECT h.rowid, w.name, CASE WHEN c.name <> '' THEN c.name ELSE c.company END, c.archived
    FROM (SELECT rowid FROM ({arms})) h
    JOIN contact_words w ON w.rowid = h.rowid JOIN contacts c ON c.rowid_ = h.rowid
    LIMIT :cap
"""
_TERMS = text("""
    SELECT term FROM contact_terms
    WHERE term >= :low AND term < :high AND length(term) BETWEEN :short AND :long LIMIT 50000
""")


def index(c: Connection, rows: Sequence[tuple[int, str, str, str, str]]) -> None:
    """Add (rowid, book, folded name, folded rest, digits); the rowids must not be in the index."""
    # Plain tuples to the driver: a first import brings hundreds of thousands of rows through here.
    words = [(rowid, _token(book), name, rest) for rowid, book, name, rest, _ in rows]
    digits = [(rowid, digits) for rowid, _, _, _, digits in rows if digits]
    c.exec_driver_sql("INSERT INTO contact_words(rowid, book, name, rest) VALUES (?, ?, ?, ?)", words)
    if digits:
        c.exec_driver_sql("INSERT INTO contact_digits(rowid, digits) VALUES (?, ?)", digits)


def unindex(c: Connection, rowids: Iterable[int]) -> None:
    """Take rows out of the index."""
    rows = [(rowid,) for rowid in rowids]
    if rows:
        c.exec_driver_sql("DELETE FROM contact_words WHERE rowid = ?", rows)
        c.exec_driver_sql("DELETE FROM contact_digits WHERE rowid = ?", rows)


def search(c: Connection, query: Query, books: Collection[str] | None, cap: int) -> list[Candidate]:
    """At most `cap` contacts that match, in no order, only of `books` (None: of all)."""
    if query.empty or (books is not None and not books):
        return []
    arms: list[str] = []
    values: dict[str, Any] = {"cap": cap}
    if query.words:
        arms.append(_WORDS)
        values["words"] = _match(query.words, books)
    if query.digits:
        join = _DIGITS_BOOKS if books is not None else ""
        letters = _DIGITS_LETTERS if query.letters else ""
        arms.append(_DIGITS.format(join=join, letters=letters))
        values["digits"] = " OR ".join(f'"{digits}"' for digits in query.digits)
        if query.letters:
            values["letters"] = _match(query.letters, books)
        if books is not None:
            values["books"] = sorted(books)
    statement = text(_HITS.format(arms=") UNION SELECT rowid FROM (".join(arms)))
    if "books" in values:
        statement = statement.bindparams(bindparam("books", expanding=True))
    rows = c.execute(statement, values)
    return [Candidate(rowid, name, title, bool(archived)) for rowid, name, title, archived in rows]


def terms_like(c: Connection, word: str) -> list[str]:
    """Words of the index that begin as `word` does and are as long, give or take one letter."""
    found: list[str] = []
    # A swap of the first two letters is as common a mistake as any.
    for first in dict.fromkeys((word[0], word[1])):
        span = {"low": first, "high": first + "\U0010ffff", "short": len(word) - 1, "long": len(word) + 1}
        found.extend(c.execute(_TERMS, span).scalars())
    return found


def _match(words: Sequence[Sequence[str]], books: Collection[str] | None) -> str:
    parts = ["(" + " OR ".join(f'"{form}"*' for form in forms) + ")" for forms in words]
    expression = "{name rest} : (" + " AND ".join(parts) + ")"
    if books is None:
        return expression
    tokens = " OR ".join(f'"{_token(book)}"' for book in sorted(books))
    return f"book : ({tokens}) AND {expression}"


def _token(book: str) -> str:
    # A book's name may hold anything; the index needs one plain word that no other book shares.
    return "b" + hashlib.blake2s(book.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
