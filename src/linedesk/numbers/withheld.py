"""A caller who hides the number, or an event that has none: every textual and keypad spelling."""

from __future__ import annotations

import re
import unicodedata

# Asterisk, carriers and phones spell "withheld" on the keypad when a number must be sent
KEYPAD = frozenset({"266696687", "7378742833", "2562533", "8656696", "86282452253"})
"""ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE."""

# as PBXs, carriers and phones write it, by language; without accents
_PHRASES_BY_LANGUAGE = {
    "en": "anonymous|anonymus|anon|unknown|private|restricted|withheld|unavailable|blocked|hidden|suppressed"
    "|unidentified|not available|not provided|out of area|no number|no name|no caller id|coin line|payphone"
    "|number withheld|number hidden|number unavailable|number blocked|number unknown|number private"
    "|withheld number|hidden number|unavailable number|blocked number|unknown number|private number"
    "|restricted number|anonymous number|caller unknown|caller withheld|unknown caller|private caller"
    "|anonymous caller|blocked caller|hidden caller|restricted caller|id withheld|id unavailable"
    "|caller id blocked|caller id withheld|caller id unavailable|caller id restricted|caller id hidden"
    "|presentation restricted|identity withheld|clir",
    "marks": "p|o|u|n a|na|nil|null|none|undefined",
    "it": "anonimo|sconosciuto|privato|nascosto|riservato|non disponibile|numero anonimo|numero privato"
    "|numero sconosciuto|numero nascosto|numero riservato|numero non disponibile|chiamata anonima"
    "|chiamante sconosciuto|chiamante anonimo|id nascosto",
    "de": "anonym|unbekannt|unterdruckt|unterdrueckt|privat|gesperrt|nicht verfugbar|nicht verfuegbar"
    "|nummer unterdruckt|nummer unterdrueckt|rufnummer unterdruckt|rufnummer unterdrueckt|nummer unbekannt"
    "|unbekannte nummer|unbekannter anrufer|anonymer anrufer|anonymer anruf|private nummer|privater anrufer",
    "fr": "anonyme|inconnu|masque|prive|cache|indisponible|bloque|appel masque|appel anonyme|appel inconnu"
    "|numero masque|numero inconnu|numero prive|numero cache|appelant inconnu|appelant anonyme",
    "es": "anonimo|desconocido|oculto|privado|restringido|no disponible|bloqueado|numero oculto"
    "|numero desconocido|numero privado|llamada anonima|llamada oculta|sin identificar|identidad oculta",
    "pt": "anonimo|desconhecido|confidencial|indisponivel|numero privado|numero desconhecido"
    "|numero confidencial|nao identificado|chamada anonima",
    "nl": "anoniem|onbekend|afgeschermd|prive|prive nummer|privenummer|onbekend nummer|afgeschermd nummer"
    "|anonieme beller|onbekende beller|niet beschikbaar",
    "pl cs sk hu": "anonim|anonimowy|nieznany|prywatny|zastrzezony|numer zastrzezony|numer prywatny"
    "|numer nieznany|anonymni|neznamy|nezname|skryty|skryte cislo|nezname cislo|ismeretlen|rejtett"
    "|privat szam|rejtett szam|ismeretlen szam|anonymny",
    "sv da nb fi": "okand|hemligt nummer|dolt nummer|skyddat nummer|okant nummer|ukendt|ukendt nummer|ukjent"
    "|ukjent nummer|hemmeligt nummer|skjult|skjult nummer|tuntematon|salainen numero|tuntematon numero",
    "sl hr ro tr": "neznano|skrita stevilka|nepoznat|nepoznati broj|skriveni broj|necunoscut|numar ascuns"
    "|numar privat|bilinmeyen|bilinmeyen numara|gizli numara|ozel numara",
    "el": "ανωνυμος|αγνωστος|αποκρυψη|αποκρυψη αριθμου|αγνωστος αριθμος",
    "ru uk bg": "неизвестно|неизвестен|неизвестныи|скрыт|скрытыи|аноним|анонимно|анонимныи|номер скрыт"
    "|скрытыи номер|неизвестныи номер|частныи номер|приватныи номер|невідомии|приховании|неизвестен номер"
    "|скрит номер",
}
_PHRASES = frozenset("|".join(_PHRASES_BY_LANGUAGE.values()).split("|"))

_LETTER = re.compile(r"[^\W\d_]")
_NOT_WORDS = re.compile(r"[\W_]+")
_NOT_DIGITS = re.compile(r"[^0-9]+")
_CODE_SIGNS = re.compile(r"[*#@]")
_LONGEST_PHRASE = 60
_NO_CONTENT = re.compile(r"[\s.?_-]*")


def is_withheld(text: str) -> bool:
    """Whether a cleaned text says that there is no caller id.

    That is: nothing, a word for it, only zeros, or a keypad spelling as the whole number, with or without
    its plus and separators.
    """
    if _NO_CONTENT.fullmatch(text):
        return True
    if len(text) > _LONGEST_PHRASE:
        return False
    if _LETTER.search(text):
        return _folded(text) in _PHRASES
    if _CODE_SIGNS.search(text):
        return False
    return is_withheld_digits(_NOT_DIGITS.sub("", text))


def is_withheld_digits(digits: str) -> bool:
    """Whether ASCII `digits` (no plus) are all zeros or a keypad spelling; False for none."""
    return digits in KEYPAD or (digits != "" and not digits.strip("0"))


def _folded(text: str) -> str:
    """Words in small letters without accents, one blank between them."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NOT_WORDS.sub(" ", text).strip().casefold()
