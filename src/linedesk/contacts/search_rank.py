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

    # Looked for as text in the words with blanks around them: up to a thousand are ranked at a keystroke.
    words = [
        (
            [f" {form} " for form in forms],
            [f" {form}" for form in forms],
            [f" {n} " for n in query.near_of(at)],
        )
        for at, forms in enumerate(query.words)
    ]

    def key(candidate: Candidate) -> tuple[bool, bool, int, int, bool, str, int]:
        name = f" {candidate.words} "
        whole = begun = 0
        for ends, starts, near in words:
            if _has(name, ends):
                whole += 1
                begun += 1
            elif _has(name, starts) or _has(name, near):
                begun += 1
        title, alt = candidate.title, candidate.alt
        same = title in query.titles or alt in query.titles
        begins = title.startswith(query.titles) or (alt is not None and alt.startswith(query.titles))
        return candidate.last, not same, -begun, -whole, not begins, title, candidate.rowid

    return sorted(candidates, key=key)


def is_whole(query: Query, candidate: Candidate) -> bool:
    """Whether every word of the query is a whole word of the candidate's name."""
    name = frozenset(candidate.words.split())
    return all(not name.isdisjoint(forms) for forms in query.words)


def _has(name: str, parts: Iterable[str]) -> bool:
    for part in parts:  # noqa: SIM110 - half the time of any()
        if part in name:
            return True
    return False
