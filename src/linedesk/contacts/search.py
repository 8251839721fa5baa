"""How text is folded for search, and what a person's search text asks for. Pure; no database.

Names are found in any spelling that reads the same: case and accents do not count, German umlauts are found
in both ways of writing, other scripts also by their transliteration.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz import process
from rapidfuzz.distance import OSA

from linedesk.numbers import Kind, NumberPlan, read

_WORD = re.compile(r"[^\W_]+")
_JOINED = re.compile(r"[^\W_]+(?:['’ʼ`´-][^\W_]+)+")
_IDEOGRAPH = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")
_PHONE_LIKE = re.compile(r"[\d+()\[\]./\-\s\u00a0\u2010-\u2015]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_TEXT_MAX = 200
_WORDS_MAX = 8
_WORD_MAX = 40
_DIGITS_MIN = 3
_TYPO_MIN = 5


@dataclass(frozen=True, slots=True)
class Query:
    """A contact must have all `words`, each in one of its spellings at the start of a word.

    `digits` are the spellings of the digits in the text, one of which may stand anywhere in a number
    instead of the words that are all digits. `letters` are the words that are not all digits.
    """

    words: tuple[tuple[str, ...], ...]
    letters: tuple[tuple[str, ...], ...]
    digits: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Nothing to look for."""
        return not self.words and not self.digits


def parse(text: str, plan: NumberPlan) -> Query:
    """Read what a person typed. Any text is allowed; what is no letter or digit separates words."""
    text = text[:_TEXT_MAX]
    raw_words = list(dict.fromkeys(_plain_words(text)))[:_WORDS_MAX]
    words = tuple(spellings(word) for word in raw_words)
    letters = tuple(spellings(word) for word in raw_words if not _is_digits(word))
    chunks = [word for word in raw_words if _is_digits(word)]
    digits = "".join(_ascii_digits(chunk) for chunk in chunks)
    forms = {digits} if len(digits) >= _DIGITS_MIN else set()
    if forms and _PHONE_LIKE.fullmatch(unicodedata.normalize("NFKC", text)):
        number = read(text, plan)
        if number.kind is Kind.E164 and number.value is not None:
            forms.add(number.value.lstrip("+"))
    return Query(words, letters, tuple(sorted(forms)))


def folded(texts: Iterable[str]) -> str:
    """Every spelling of every word of `texts`, separated by spaces: what the index holds."""
    out: dict[str, None] = {}
    for text in texts:
        for word in _plain_words(text):
            out.update(dict.fromkeys(spellings(word)))
        for joined in _JOINED.findall(text):
            # O'Brien is also found as obrien, Jean-Luc as jeanluc.
            out.update(dict.fromkeys(spellings("".join(_plain_words(joined)))))
    return " ".join(out)


@lru_cache(maxsize=65_536)
def spellings(word: str) -> tuple[str, ...]:
    """The forms of one folded word under which it is stored and looked for; the first is its own."""
    if word.isascii():
        return (word[:_WORD_MAX],)
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    forms = [plain, *_plain_words(anyascii(word)), word.translate(_UMLAUTS)]
    return tuple(dict.fromkeys(form[:_WORD_MAX] for form in forms if _WORD.fullmatch(form)))


def may_be_typo(word: str) -> bool:
    """Whether a word is long enough to be searched with one mistake."""
    return len(word) >= _TYPO_MIN and not _is_digits(word)


def one_typo_away(word: str, terms: Sequence[str], limit: int = 20) -> tuple[str, ...]:
    """Those of `terms` that are `word` but for one mistake; two swapped letters are one mistake."""
    near = process.extract(word, terms, scorer=OSA.distance, score_cutoff=1, limit=limit)
    return tuple(term for term, _, _ in near)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contact that matches. `name_words` are the stored spellings of its name, `title` is shown."""

    rowid: int
    name_words: str
    title: str
    archived: bool


def ranked(query: Query, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Best first: archived last, then whole words of the name, then starts of words, then by name."""

    def key(candidate: Candidate) -> tuple[bool, int, int, str, int]:
        name = candidate.name_words.split()
        whole = sum(not set(forms).isdisjoint(name) for forms in query.words)
        begun = sum(any(each.startswith(forms) for each in name) for forms in query.words)
        return candidate.archived, -begun, -whole, candidate.title.casefold(), candidate.rowid

    return sorted(candidates, key=key)


def _plain_words(text: str) -> list[str]:
    if text.isascii():
        return _WORD.findall(text.lower())
    apart = _IDEOGRAPH.sub(r" \1 ", unicodedata.normalize("NFKC", text).casefold())
    # Composed again: casefold can leave a letter and its accent apart.
    return _WORD.findall(unicodedata.normalize("NFC", apart))


def _is_digits(word: str) -> bool:
    return word.isdecimal()


def _ascii_digits(word: str) -> str:
    return "".join(str(unicodedata.decimal(letter)) for letter in word)
