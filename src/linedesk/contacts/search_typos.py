"""Words one typing mistake away from a typed one, found by keys instead of a look at every word. Pure.

Two beginnings that differ by one letter more, less, other or swapped become the same when a letter is left
out of one or both. So the first letters of each stored word ("stem") are kept under what is left of them
(`stem_keys`), and a typed word asks for what is left of its own (`typed_keys`). That finds the candidates
for a word typed to the end and for one still being typed; `near` looks at them closely.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

TYPO_MIN = 5
_TYPED = 5
_STEM = 6
_BEGUN_MIN = 6  # of fewer letters too many words begin with nearly the same


def may_be_typo(word: str) -> bool:
    """Whether a word is long enough to be searched with one mistake, and no number."""
    return len(word) >= TYPO_MIN and not any(letter.isdecimal() for letter in word)


def stem(word: str) -> str:
    """The part of a stored word that is kept under keys."""
    return word[:_STEM]


def stem_keys(stem: str) -> frozenset[str]:
    """Under which keys `stem` is found."""
    return typed_keys(stem)


def typed_keys(word: str) -> frozenset[str]:
    """Which keys a typed word asks for; `word` may be typed to the end or not.

    The first five letters of both less one: a letter too many pushes one out, a missing one lets one in, and
    what is pushed out or let in may be the one left out.
    """
    return frozenset(_shorter(word[:_TYPED]))


def near_stems(word: str, stems: Sequence[str]) -> list[str]:
    """Those of `stems` that a word one mistake away from `word`, or from its beginning, may begin with."""
    size = min(len(word), _STEM)
    # As many letters of both; one more of what was typed; one more of what is stored.
    pairs = (
        ((size, size), (size, size - 1), (size - 1, size))
        if size == _STEM
        else ((size, size), (size, size - 1), (size, size + 1))
    )
    found: dict[str, None] = {}
    for typed, stored in pairs:
        heads = frozenset(_close(word[:typed], [stem[:stored] for stem in stems]))
        found.update((stem, None) for stem in stems if stem[:stored] in heads)
    return list(found)


def near(word: str, terms: Iterable[str], limit: int) -> tuple[str, ...]:
    """At most `limit` of `terms` that are `word` but for one mistake, or begin so; whole words first."""
    others = sorted({term for term in terms if not term.startswith(word)})
    whole = sorted(_close(word, others), key=lambda term: (abs(len(term) - len(word)), term))
    begun: dict[str, None] = {}
    if len(word) < _BEGUN_MIN:
        return tuple(whole[:limit])
    for size in (len(word), len(word) + 1, len(word) - 1):
        longer = [term for term in others if len(term) > size]
        heads = frozenset(_close(word, [term[:size] for term in longer]))
        begun.update((term, None) for term in sorted(longer, key=len) if term[:size] in heads)
    return tuple(dict.fromkeys([*whole, *begun]))[:limit]


def _close(word: str, terms: Sequence[str]) -> list[str]:
    hits = process.extract(word, terms, scorer=OSA.distance, score_cutoff=1, limit=None)
    return [term for term, _, _ in hits]


def _shorter(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}
