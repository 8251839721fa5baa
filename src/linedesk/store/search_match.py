"""From a query to FTS5's language. What a person typed reaches it only as quoted letters and digits. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from linedesk.contacts.search import Query
from linedesk.store.search_sqlite import GRAM, IN_NAME, IN_REST, LIVE, PUT_AWAY, grams, grams_with, place

Forms = Sequence[str]
_ALL = (IN_NAME, IN_REST)


def everywhere(query: Query, books: Collection[str] | None, *, last: bool | None = None) -> str:
    """Contacts that fit the query; `last`: only (True) or without (False) those put away."""
    ways = []
    if query.words:
        ways.append(_and(_either(forms, query.near_of(at)) for at, forms in enumerate(query.words)))
    if query.digits:
        near = dict(zip(query.words, query.near, strict=True)) if query.near else {}
        letters = [_either(forms, near.get(forms, ())) for forms in query.letters]
        ways.append(_and([_or(map(_digits, query.digits)), *letters]))
    return _in(books, last, _or(ways))


def whole_words(query: Query, books: Collection[str] | None) -> str:
    """Contacts with every word of the query as it stands: some of those that fit."""
    return _in(books, None, _and(_or(_whole(forms, _ALL)) for forms in query.words))


def whole_names(query: Query, books: Collection[str] | None) -> str:
    """Of those not put away, whose name has every word of the query as it stands."""
    return _in(books, False, _and(_or(_whole(forms, (IN_NAME,))) for forms in query.words))


def begun_names(query: Query, books: Collection[str] | None) -> str:
    """Of those not put away, whose name has words that begin as those of the query."""
    return _in(books, False, _and(_or(_begun(forms, (IN_NAME,))) for forms in query.words))


def _either(forms: Forms, near: Forms) -> str:
    return _or([*_begun(forms, _ALL), *_whole(near, _ALL)])


def _whole(forms: Forms, places: Iterable[str]) -> list[str]:
    return [f'"{mark}{form}"' for mark in places for form in forms]


def _begun(forms: Forms, places: Iterable[str]) -> list[str]:
    return [f'"{mark}{form}" *' for mark in places for form in forms]


def _digits(digits: str) -> str:
    if len(digits) < GRAM:
        return _or(f'"{gram}"' for gram in grams_with(digits))
    # The last gram is shorter, and is part of the one before it.
    return _and(f'"{gram}"' for gram in grams(digits)[:-1])


def _in(books: Collection[str] | None, last: bool | None, expression: str) -> str:
    parts = [expression]
    if books is not None:
        parts.append(_or(f'"{place(book)}"' for book in sorted(books)))
    if last is not None:
        parts.append(f'"{PUT_AWAY if last else LIVE}"')
    return _and(parts)


def _and(parts: Iterable[str]) -> str:
    return "(" + " AND ".join(parts) + ")"


def _or(parts: Iterable[str]) -> str:
    return "(" + " OR ".join(parts) + ")"
