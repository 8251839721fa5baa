"""In which order contacts that fit a search are shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from linedesk.contacts.search import Query


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contact that fits. `words` are the stored spellings of its name.

    `title` is its name as plain words, `alt` the same in other letters, None where there are none. `last`:
    archived or blocked.
    """

    rowid: int
    words: str
    title: str
    alt: str | None
    last: bool


def ranked(query: Query, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Best first; archived and blocked ones last.

    Whose name is what was typed comes first. Then: most words that begin a word of the name, most that are
    a whole word of it, those whose name begins as typed, the name.
    """

    def key(candidate: Candidate) -> tuple[bool, bool, int, int, bool, str, int]:
        name = frozenset(candidate.words.split())
        whole = begun = 0
        for at, forms in enumerate(query.words):
            if not name.isdisjoint(forms):
                whole += 1
                begun += 1
            elif any(word.startswith(forms) for word in name) or not name.isdisjoint(query.near_of(at)):
                begun += 1
        titles = [candidate.title] if candidate.alt is None else [candidate.title, candidate.alt]
        same = any(title in query.titles for title in titles)
        starts = any(title.startswith(query.titles) for title in titles)
        return candidate.last, not same, -begun, -whole, not starts, candidate.title, candidate.rowid

    return sorted(candidates, key=key)


def is_whole(query: Query, candidate: Candidate) -> bool:
    """Whether every word of the query is a whole word of the candidate's name."""
    name = frozenset(candidate.words.split())
    return all(not name.isdisjoint(forms) for forms in query.words)
