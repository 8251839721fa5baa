"""How words of Greek and Cyrillic are written with Latin letters: declared tables, no guesses. Pure.

Several systems are in use for one script, and a name's spelling follows one of them; a word is indexed under
each. What lies between the systems (Julia, julija) is left to the search with one typing mistake.
"""

from __future__ import annotations

import re
import unicodedata

# Cyrillic as passports have it (ICAO 9303) and as libraries have it (ISO 9, without its accents). The third
# way, that of English maps (ya, yu), is the one the caller's own transliteration gives.
_SHARED = dict(zip("абвгдезиклмнопрстуфыэіґў", "abvgdeziklmnoprstufyeigu", strict=True))
_PASSPORT = {
    **_SHARED,
    "ё": "e",
    "ж": "zh",
    "й": "i",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ю": "iu",
    "я": "ia",
    "ь": "",
    "ъ": "ie",
    "є": "ie",
    "ї": "i",
    "ј": "j",
    "љ": "lj",
    "њ": "nj",
    "ћ": "c",
    "ђ": "dj",
    "џ": "dz",
    "'": "",
}
_LIBRARY = {
    **_SHARED,
    "ё": "e",
    "ж": "z",
    "й": "j",
    "х": "h",
    "ц": "c",
    "ч": "c",
    "ш": "s",
    "щ": "sc",
    "ю": "ju",
    "я": "ja",
    "ь": "",
    "ъ": "",
    "є": "je",
    "ї": "i",
    "ј": "j",
    "љ": "lj",
    "њ": "nj",
    "ћ": "c",
    "ђ": "d",
    "џ": "dz",
    "'": "",
}
_CYRILLIC = re.compile(r"[\u0400-\u04ff]+")

# Greek as ELOT 743 has it; a "υ" sounds as v or f after a vowel, which the letter behind it decides.
_GREEK_PAIRS = (
    (re.compile("(?<=[αεη])υ(?=[αεηιουωβγδζλμνρ])"), "v"),
    (re.compile("(?<=[αεη])υ(?=[θκξπσφχψτ]|$)"), "f"),
    (re.compile("ου"), "ou"),
    (re.compile("γγ"), "ng"),
    (re.compile("γξ"), "nx"),
    (re.compile("γχ"), "nch"),
)
_GREEK_FIRST = (("μπ", "b"), ("ντ", "d"), ("γκ", "g"))
_GREEK = {
    **dict(zip("αβγδεζηικλμνξοπρστυφω", "avgdeziiklmnxoprstyfo", strict=True)),
    "θ": "th",
    "χ": "ch",
    "ψ": "ps",
}
_IS_GREEK = re.compile(r"[\u0370-\u03ff]+")


def romanised(word: str) -> tuple[str, ...]:
    """The declared Latin spellings of a folded Greek or Cyrillic word; nothing for any other word."""
    if _CYRILLIC.fullmatch(word):
        return tuple("".join(table.get(letter, "") for letter in word) for table in (_PASSPORT, _LIBRARY))
    if _IS_GREEK.fullmatch(word):
        return _greek(word)
    return ()


def _greek(word: str) -> tuple[str, ...]:
    # A diaeresis keeps two vowels apart.
    word = word.replace("ϋ", "y").replace("ΰ", "y")
    word = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    for pattern, latin in _GREEK_PAIRS:
        word = pattern.sub(latin, word)
    forms = [word]
    for pair, latin in _GREEK_FIRST:
        if word.startswith(pair):
            forms.append(latin + word[len(pair) :])
    # The last is the plainest: what a stranger would type.
    return tuple("".join(_GREEK.get(letter, letter) for letter in form) for form in reversed(forms))
