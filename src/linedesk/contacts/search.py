"""How text is folded for search, and what a person's search text asks for. Pure; no database.

Names are found in any spelling that reads the same: case and accents do not count, German umlauts are found
in both ways of writing, other scripts also by their transliteration.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

from linedesk.contacts.search_scripts import romanised
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
_TITLE_MAX = 120
_TRUNK_ZERO = re.compile(r"\(0\)")
_MARKS = frozenset("'’ʼ`´-")


@dataclass(frozen=True, slots=True)
class Query:
    """A contact must have all `words`, each in one of its spellings at the start of a word.

    `digits` are the spellings of the digits in the text, one of which may stand anywhere in a number
    instead of the words that are all digits. `letters` are the words that are not all digits. `titles` are
    the spellings of the whole text, for those whose name it is. `near` are, for each of `words`, whole
    words that may stand for it although they are spelled otherwise; () for none at all.
    """

    words: tuple[tuple[str, ...], ...]
    letters: tuple[tuple[str, ...], ...]
    digits: tuple[str, ...]
    titles: tuple[str, ...] = ()
    near: tuple[tuple[str, ...], ...] = ()

    @property
    def empty(self) -> bool:
        """Nothing to look for."""
        return not self.words and not self.digits

    def near_of(self, at: int) -> tuple[str, ...]:
        """Other words that may stand for the word at `at`."""
        return self.near[at] if self.near else ()


def parse(text: str, plan: NumberPlan) -> Query:
    """Read what a person typed. Any text is allowed; what is no letter or digit separates words."""
    text = text[:_TEXT_MAX]
    typed = _plain_words(text)
    raw_words = list(dict.fromkeys(typed))[:_WORDS_MAX]
    words = tuple(forms for word in raw_words if (forms := spellings(word)))
    letters = tuple(forms for word in raw_words if not _is_digits(word) and (forms := spellings(word)))
    title, other = _titles(typed)
    return Query(
        words,
        letters,
        _digits(text, raw_words, plan),
        titles=tuple(each for each in (title, other) if each),
    )


def _digits(text: str, raw_words: Iterable[str], plan: NumberPlan) -> tuple[str, ...]:
    """The digits of the text as typed, without what is no part of a number, and as the number they are."""
    typed = "".join(_ascii_digits(word) for word in raw_words if _is_digits(word))
    forms = {typed}
    plain = unicodedata.normalize("NFKC", text)
    if typed and _PHONE_LIKE.fullmatch(plain):
        whole = "".join(_ascii_digits(word) for word in _WORD.findall(_TRUNK_ZERO.sub(" ", plain)))
        forms |= {whole, whole.removeprefix("00")}
        number = read(text, plan)
        if number.kind is Kind.E164 and number.value is not None:
            forms.add(number.value.lstrip("+"))
    return tuple(sorted(form for form in forms if len(form) >= _DIGITS_MIN))


def title_of(text: str) -> tuple[str, str | None]:
    """A name as plain words, each in its own spelling; and in its last, Latin one, None where it is no other.

    It is what the directory orders names by and finds them under when they are typed from their beginning.
    """
    return _titles(_plain_words(text))


def _titles(words: Iterable[str]) -> tuple[str, str | None]:
    forms = [each for word in words if (each := spellings(word))]
    title = " ".join(each[0] for each in forms)[:_TITLE_MAX]
    other = " ".join(each[-1] for each in forms)[:_TITLE_MAX]
    return title, other if other != title else None


def folded(texts: Iterable[str]) -> str:
    """Every spelling of every word of `texts`, separated by spaces: what the index holds."""
    out: dict[str, None] = {}
    for text in texts:
        for word in _plain_words(text):
            out.update(dict.fromkeys(spellings(word)))
        if _MARKS.isdisjoint(text):
            continue
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
    forms = [plain, *romanised(word), *_latin(word), word.translate(_UMLAUTS)]
    if forms[-1] == word:
        # Without umlauts the form is the word itself, and its Latin spelling is to stand last.
        forms.pop()
    return tuple(dict.fromkeys(form[:_WORD_MAX] for form in forms if _WORD.fullmatch(form)))


def _latin(word: str) -> list[str]:
    # Signs inside a word (natal'ya) are no letters; blanks part what another script writes together.
    latin = anyascii(word)
    return _plain_words("".join(c for c in latin if c.isalnum() or c.isspace()))


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
