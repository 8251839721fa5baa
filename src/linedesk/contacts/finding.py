"""Search as a person types: from the text to a page of contacts, best first, from the local index alone.

Up to a thousand hits are all ranked. Of more, only a bounded number is looked at, the likeliest first: names
that begin as typed, names with the typed words, names with words that begin so, then the rest. So a common
beginning costs no more than a rare one. Those put away (archived, blocked) come in when there is room.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from linedesk.contacts.model import Contact
from linedesk.contacts.search import Query, parse
from linedesk.contacts.search_rank import Candidate, is_whole, ranked
from linedesk.contacts.search_typos import may_be_typo
from linedesk.numbers import NumberPlan
from linedesk.store import contacts as rows
from linedesk.store import search_read
from linedesk.store.database import Database

TOTAL_MAX = 1_000
LOOKED_AT = 200
"""How many contacts of each kind are looked at when there are more than a thousand hits."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The best hits. `total` is exact up to 1,000 and stays there (then `exact` is False).

    `more`: there are hits beyond `items`.
    """

    items: tuple[Contact, ...]
    total: int
    more: bool
    exact: bool = True


async def search(
    books_db: Database, text: str, books: frozenset[str] | None, limit: int, plan: NumberPlan
) -> SearchPage:
    """Contacts whose words begin with all words of `text`, or whose number holds its digits.

    Where these leave room on the page, words of five letters and more may have one typing mistake; such hits
    come behind the others. Of `books` only (None: of all).
    """
    query = parse(text, plan)
    return await books_db.read(lambda c: _search(c, query, books, limit))


def _search(c: Connection, query: Query, books: Collection[str] | None, limit: int) -> SearchPage:
    hits = search_read.rowids(c, query, books, TOTAL_MAX + 1)
    if len(hits) > TOTAL_MAX:
        best = _best_of_many(c, query, books, hits, limit)
        total = TOTAL_MAX + 1
    else:
        best = ranked(query, search_read.candidates(c, hits))[:limit]
        total = len(hits)
        if total < limit:
            others, count = _with_a_mistake(c, query, books, frozenset(hits), limit)
            best += others[: limit - total]
            total += count
    return SearchPage(
        items=tuple(rows.by_rowid(c, [candidate.rowid for candidate in best])),
        total=min(total, TOTAL_MAX),
        more=total > limit,
        exact=total <= TOTAL_MAX,
    )


def _best_of_many(
    c: Connection, query: Query, books: Collection[str] | None, hits: list[int], limit: int
) -> list[Candidate]:
    cap = max(LOOKED_AT, limit)
    found: dict[int, Candidate] = {}

    def add(more: list[int]) -> None:
        new = [rowid for rowid in more if rowid not in found]
        found.update((each.rowid, each) for each in search_read.candidates(c, new))

    if query.words:
        found.update((each.rowid, each) for each in search_read.titled(c, query, books, cap))
        add(search_read.whole_names(c, query, books, cap))
        if sum(is_whole(query, each) for each in found.values()) < limit:
            add(search_read.begun_names(c, query, books, cap))
    if sum(not each.last for each in found.values()) < limit:
        add(hits[:cap])
    if sum(not each.last for each in found.values()) < limit:
        # Those put away do not crowd out others that happen to come later in the file.
        add(search_read.rowids(c, query, books, cap, last=False))
    return ranked(query, found.values())[:limit]


def _with_a_mistake(
    c: Connection, query: Query, books: Collection[str] | None, known: frozenset[int], limit: int
) -> tuple[list[Candidate], int]:
    """The best hits with one typing mistake in a word, without those of `known`, and how many are counted."""
    if books is not None and not books:
        return [], 0
    near = tuple(
        search_read.near_words(c, forms[0]) if may_be_typo(forms[0]) else () for forms in query.words
    )
    if not any(near):
        return [], 0
    loose = replace(query, near=near)
    hits = [rowid for rowid in search_read.rowids(c, loose, books, TOTAL_MAX + 1) if rowid not in known]
    looked_at, cap = hits, max(LOOKED_AT, limit)
    if len(hits) > 2 * cap:
        live = search_read.rowids(c, loose, books, cap + len(known), last=False)
        looked_at = list(dict.fromkeys([*(rowid for rowid in live if rowid not in known), *hits[:cap]]))
    return ranked(loose, search_read.candidates(c, looked_at)), len(hits)
