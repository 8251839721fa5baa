"""A caller who hides the number, or an event that has none: every textual and keypad spelling."""

from __future__ import annotations

import re
import unicodedata

# Asterisk, carriers and phones spell "withheld" on the keypad when a number must be sent
KEYPAD = frozenset({"266696687", "7378742833", "2562533", "8656696", "86282452253"})
"""ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE."""

# How PBXs, carriers and phones say it, by language, without accents. A text says it when all its words are
# of these lists and one of them hides something, or one denies what another names ("no number").
_HIDES = {
    "en": "anonymous anonymus anon unknown private restricted withheld unavailable blocked hidden suppressed"
    " unidentified undisclosed unassigned unlisted clir payphone",
    "it": "anonimo anonima anonimi sconosciuto sconosciuta privato privata nascosto nascosta riservato"
    " riservata oscurato",
    "de": "anonym anonymer anonyme anonymes unbekannt unbekannte unbekannter unbek unterdruckt unterdrueckt"
    " unterdruckte unterdrueckte privat privater private gesperrt gesperrte verborgen verborgene",
    "fr": "anonyme inconnu inconnue masque masquee prive privee cache cachee indisponible bloque bloquee"
    " secret confidentiel",
    "es pt": "desconocido desconocida oculto oculta privado privada restringido restringida bloqueado"
    " bloqueada desconhecido desconhecida confidencial indisponivel restrito",
    "nl": "anoniem anonieme onbekend onbekende afgeschermd afgeschermde prive privenummer geblokkeerd",
    "pl cs sk hu": "anonim anonimowy anonimowe nieznany nieznane prywatny zastrzezony zastrzezone ukryty"
    " ukryte anonymni neznamy nezname skryty skryte utajene anonymny anonymne ismeretlen rejtett privat",
    "sv da nb fi": "okand okant hemligt dolt skyddat anonymt ukendt ukjent hemmeligt hemmelig skjult"
    " tuntematon salainen salattu peitetty",
    "sl hr ro tr": "neznano neznana neznan skrita skrit zasebna nepoznat nepoznato nepoznati skriven skriveni"
    " sakriven sakriveni privatni necunoscut ascuns privat bilinmeyen gizli ozel",
    "et lv lt": "anonuumne tundmatu varjatud nezinams anonims slepts nezinomas pasleptas anonimas anoniminis",
    "el": "ανωνυμος ανωνυμη αγνωστος αγνωστη αγνωστο αποκρυψη απορρητος απορρητο",
    "ru uk bg": "неизвестно неизвестен неизвестныи неизвестна скрыт скрытыи скрыто аноним анонимно анонимныи"
    " анонимен частныи приватныи скрит скрито засекречен засекреченныи невідомии невідомо приховании"
    " приховано анонімно анонімнии непознат",
    "id vi ms": "tersembunyi",
}
_NAMES = {
    "en": "number caller call id callerid cid name identity party presentation line asserted clid cli the",
    "it": "numero chiamante chiamata id nome interlocutore utente",
    "de": "nummer rufnummer anrufer anruf teilnehmer name anrufernummer",
    "fr es pt": "numero appel appelant nom identite identifiant correspondant llamada llamante identidad"
    " identificador chamada nome nombre",
    "nl": "nummer beller oproep naam",
    "pl cs sk hu": "numer rozmowca dzwoniacy polaczenie cislo volajici volajuci hovor szam hivo hivoszam",
    "sv da nb fi": "nummer samtal numero soittaja opkald anrop",
    "sl hr ro tr": "stevilka klicatelj broj pozivatelj numar apel numara arayan",
    "et lv lt": "number numurs numeris",
    "el": "αριθμος κληση αριθμου κλησης",
    "ru uk bg": "номер номера абонент вызов звонок дзвінок номерът",
}
_DENIES = (
    "no not non sans pas sin sem nao kein keine keinen ohne nicht geen niet zonder bez nincs ingen inget"
    " intet uten uden ei fara yok без нет не немає χωρις"
)
_DENIED = (
    "available provided disponible disponibile disponivel verfugbar verfuegbar ubermittelt uebermittelt"
    " beschikbaar identificado identificada identificar identificato dostepny dostupne определен определён"
    " указан identifie refusee refuse"
)
_PHRASES = (
    "p|o|u|n/a|na|nil|null|none|undefined|k.a"
    "|out of area|coin line|identite refusee|nomor tidak dikenal|tidak dikenal|so an|khong ro|so rieng"
    "|非通知|無通知|通知不可能|公衆電話|表示圏外|番号非通知|不明|未知|匿名|未知号码|未知來電|未知来电|匿名来电|匿名來電|隐藏号码|隱藏號碼|私人号码|無號碼"
    "|發信者匿名|발신번호표시제한|발신번호 표시제한|익명|알 수 없음|알수없음|알 수 없는 번호"
    "|ไม่ทราบ|ไม่ทราบหมายเลข|ไม่แสดงหมายเลข|หมายเลขส่วนตัว"
    "|غير معروف|مجهول|رقم خاص|رقم مجهول|رقم غير معروف|محجوب|خاص|חסוי|מספר חסוי|לא ידוע|מספר לא ידוע|ניסתר"
    "|अज्ञात|निजी नंबर|अज्ञात नंबर"
)

_WITHOUT_SIGNS = str.maketrans("", "", "+ ().-")
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
    digits = text.translate(_WITHOUT_SIGNS)
    if digits.isascii() and digits.isdecimal():  # nearly every text
        return is_withheld_digits(digits)
    if _NO_CONTENT.fullmatch(text):
        return True
    if len(text) > _LONGEST_PHRASE:
        return False
    if _LETTER.search(text):
        return _says_withheld(_folded(text))
    if _CODE_SIGNS.search(text):
        return False
    return is_withheld_digits(_NOT_DIGITS.sub("", text))


def is_withheld_digits(digits: str) -> bool:
    """Whether ASCII `digits` (no plus) are all zeros or a keypad spelling; False for none."""
    return digits.removeprefix("00") in KEYPAD or (digits != "" and not digits.strip("0"))


def _folded(text: str) -> str:
    """Words in small letters without accents, one blank between them."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NOT_WORDS.sub(" ", text).strip().casefold()


def _words(*lists: str) -> frozenset[str]:
    return frozenset(_folded(word) for each in lists for word in each.split())


_HIDING = _words(*_HIDES.values())
_NAMED = _words(*_NAMES.values())
_DENYING = _words(_DENIES)
_DENIABLE = _words(_DENIED) | _NAMED
_WHOLE = frozenset(map(_folded, _PHRASES.split("|")))


def _says_withheld(folded: str) -> bool:
    """Whether a folded text is a phrase for it, or made of nothing but words that together say it."""
    if folded in _WHOLE:
        return True
    words = frozenset(folded.split(" "))
    if not words <= _HIDING | _DENYING | _DENIABLE:
        return False
    return bool(words & _HIDING) or bool(words & _DENYING and words & _DENIABLE)
