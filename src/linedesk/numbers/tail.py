"""What follows a number: an extension, digits to send after answer, and the words people put around it.

Whether the part before it is a number at all is for the caller to ask; this only says where to cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# words that introduce an extension, longest first where one begins another
_EXTENSION_WORDS = (
    "extension|extensión|extensao|extensão|extn?|xt|x"  # English, Spanish, Portuguese
    "|internal|interno|interna|interni|interne|internt|intern|interior|int|inter|derivato|deriv"  # Romance
    "|durchwahl|dw|nebenstelle|nebenst|nst|klappe|kl|apparat|app|anschl|anschluss|anschluß"  # German
    "|poste|local|p(?=\\.)|r(?=\\.)"  # French, Canadian, and short forms
    "|anexo|ramal|opción|opcion|option|opz|opt"  # Latin America, Portuguese
    "|toestel|tst|doorkiesnummer|doorkies"  # Dutch
    "|anknytning|anknyt|ankn|lokalnummer|lokalnr|lokal|lok|linje|alanumero|alanro|sisenumber"  # Nordic
    "|wewnętrzny|wewnetrzny|wewn|wew|linka|klapka|mellék|mellek|kućni|kucni|vidinis|vid"  # Central Europe
    "|добавочный|добав|доб|внутренний|внутр|вн|дод|вътр|εσωτερικό|εσωτ|dahili|dah"  # Cyrillic, Greek, Turkish
    "|内線|转|轉|分机|分機|내선|교환|שלוחה|تحويلة|داخلي"  # East Asia, Hebrew, Arabic
)
_DIGITS = r"\d(?:[\d*#;pw\s-]|,(?!\s+\d))*"
_WORD = re.compile(
    rf"(?P<base>.*[\d)\]])\s*[-,;/|]?\s*[(\[]?\s*(?<![^\W\d_])(?:{_EXTENSION_WORDS})"
    rf"(?:\s*(?:nr|no|num|n)?[.:°º#=]*\s*)(?P<ext>{_DIGITS})(?P<more>(?:(?:/|,\s)[\d\s]+)*)[)\]]?",
    re.IGNORECASE | re.DOTALL,
)
_BEHIND_LETTERS = re.compile(
    rf"(?P<base>\+?[(\d].*[A-Za-z]{{2}})[\s,;(-]+(?:{_EXTENSION_WORDS})[\s.:]*(?P<ext>\d+)[)\]]?",
    re.IGNORECASE,
)
"""A vanity number (`1-800-FLOWERS`) with an extension."""

_LONGEST_ROW = 7
_WORD_ONLY = re.compile(rf"(?:{_EXTENSION_WORDS})\s*(?:nr|no|num|n)?[.:°º#=]*\s*(?P<ext>\d+)", re.IGNORECASE)
_PAUSE = re.compile(
    r"(?P<base>[^*#,;]*?[\d)\]])(?:\s*[,;]+|\s*[pw](?!\s+[+0(][\d\s().-]{6})(?=[\s,;pw*#]*\d)|\s*[*#])(?P<ext>[\d*#,;pw\s.()-]*)",
    re.IGNORECASE,
)
_NOT_SENT = re.compile(r"[^\d*#]")

_LABELS = (
    "telephone|telefono|teléfono|telefone|telefon|telefoon|téléphone|telef|tel|tél|tlf|tfno|tfn"
    "|phone number|phone|fon|ph|mobile phone|mobile|mobil|mobiltelefon|mob|handy|gsm|natel|cellulare|cellular"
    "|cell|cel|celular|móvil|movil|portable|telemóvel|telefax|fax|whatsapp|wa|sms|voip|centralino|switchboard|main"
    "|zentrale|standard|numero|numéro|nummer|number|num|nr|no|n°|nº|call us|call|chiama"
    "|home|house|casa|abitazione|domicile|domicilio|privat|private|private number|personal|personale|zuhause"
    "|office|work|business|ufficio|lavoro|arbeit|büro|buero|dienstlich|geschäftlich|bureau|travail|oficina"
    "|trabajo|trabalho|direct|diretto|direkt|reception|emergency|urgent|notfall|day|night|assistant"
    "|тел|моб|телефон|мобильный|раб|дом|τηλ|κιν|電話|电话|携帯|手机|手機|전화|휴대폰|טלפון|נייד|هاتف|جوال"
)
_SHORT_LABELS = (
    "uff|abit|ab|lav|dom|cas|segr|amm|mag|dir|bur|trav|port|priv|gesch|dienstl|of|ofic|trab|res|off"
    "|[tfmphwcdo]"
)
"""Abbreviations, which count only with a stop or colon; a letter also before a `+`, `0` or bracket."""

_BEFORE = re.compile(
    # possessive: a row of labels with no number behind must not be tried in every way
    rf"(?>[(\[]?\s*+(?:(?:{_LABELS})(?![^\W\d_])|(?:{_SHORT_LABELS})(?=\s*+[.:])|[tfmphwcd](?=\s++[+0(]))\s*+[)\]]?"
    r"[.:°º\s-]*+)++(?=[+\d(\[])",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"(?<=[\d)\]])[\s,;:-]*[(\[]?\s*(?<![^\W\d_])(?:{_LABELS})[.:]?\s*[)\]]?\Z", re.IGNORECASE
)
_DANGLING = re.compile(
    rf"(?<=[\d)\]])[\s,;:-]*[(\[]?(?<![^\W\d_])(?:{_EXTENSION_WORDS}|r\.\s?a)[.:°º#]*[)\]]?\Z", re.IGNORECASE
)
"""An extension's word without digits, and Italy's `r.a.` (a hunt group): neither says anything."""

_BETWEEN = re.compile(
    rf"(?<=[\d)\]])[\s,;.:-]+(?=[(\[]?(?:(?:{_LABELS})(?![^\W\d_])|(?:{_SHORT_LABELS})(?=\s*[.:])|[tfmphwc](?=\s+[+0(]))"
    r"[)\]]?[.:°º\s-]*[+\d(\[])",
    re.IGNORECASE,
)
_CARRIER_PLACE = re.compile(r"([\s(]*0)[\s-]*xx[\s-]*(?=[\s)(-]*\d)", re.IGNORECASE)
"""Where the caller puts the code of a carrier, as numbers of Brazil are written: `0xx11`."""

_NOTE_BEFORE = re.compile(r"[(\[][^\d()\[\]*#+]*[^\W\d_][^\d()\[\]*#+]*[)\]]\s*:?\s*")
_REMARK = re.compile(r"(?<=\d)\s*[(\[](?=(?:[^()\[\]]*\b[^\W\d_]{2,}\b){2})[^()\[\]*#+]*[)\]]\Z")
_REMARK_DIGITS = 4
_LETTER = re.compile(r"[^\W\d_]")
"""Nothing that is taken off is without a letter, and most numbers are."""
_NOTE_AFTER = re.compile(r"(?<=[\d)\]])\s*[(\[][^\d()\[\]*#+]*[^\W\d_][^\d()\[\]*#+]*[)\]]\Z")


@dataclass(frozen=True, slots=True)
class Cut:
    """A text cut in two. `mark` is the sign between: a single comma or semicolon, behind which `rest` (as
    written) may as well be another number, `*` or `#`; `pause` for other signs, "" for words, behind which
    `rest` are further extensions."""

    base: str
    ext: str
    mark: str = ""
    rest: str = ""


def cut(text: str) -> Cut | None:
    """`text` as a number and what follows it, or None when nothing does."""
    if match := _WORD.fullmatch(text):
        return _with_word(match)
    if match := _BEHIND_LETTERS.fullmatch(text):
        return Cut(match["base"].strip(), match["ext"])
    if match := _PAUSE.fullmatch(text):
        between = text[match.end("base") : match.start("ext")].strip()
        if between in {"*", "#"}:
            return Cut(match["base"].strip(), _sent(match["ext"]), between)
        mark = between if between in {",", ";"} else "pause"
        return Cut(match["base"].strip(), _sent(match["ext"]), mark, text[match.end("base") :].lstrip()[1:])
    return None


def _with_word(match: re.Match[str]) -> Cut:
    """A number with an extension's word. Many digits behind a blank are something else than the extension."""
    ext, rest = match["ext"], match["more"]
    row, blank, behind = ext.strip().partition(" ")
    if blank and row.isdecimal() and sum(map(str.isdecimal, behind)) >= _LONGEST_ROW:
        ext, rest = row, behind + rest
    return Cut(match["base"].strip(), _sent(ext), rest=rest)


def only_extension(text: str) -> str | None:
    """The digits of `ext. 201`: an extension word with no number before it."""
    match = _WORD_ONLY.fullmatch(text)
    return match["ext"] if match else None


def parted(text: str) -> str:
    """`text` with a bar before each word for a kind of phone that leads to a second number."""
    return _BETWEEN.sub(" | ", text)


def without_labels(text: str) -> str:
    """`text` without the words for a kind of phone around the number (`Tel.`, `(ufficio)`)."""
    if text[:1].isdecimal() and text[-1:].isdecimal() and text[1:2] not in "xX-":
        return text
    if _LETTER.search(text) is None:
        return text.strip()
    text = _CARRIER_PLACE.sub(r"\1", text, count=1)
    for pattern in (_NOTE_BEFORE, _BEFORE):
        if match := pattern.match(text):
            text = text[match.end() :]
    for pattern in (_NOTE_AFTER, _AFTER, _DANGLING):
        if match := pattern.search(text):
            text = text[: match.start()]
    return text.strip()


def without_remark(text: str) -> str:
    """`text` without the words in brackets at its end that hold a few digits too (`(Anna, after 18:00)`)."""
    match = _REMARK.search(text)
    if match is None or not 0 < sum(map(str.isdecimal, match[0])) <= _REMARK_DIGITS:
        return text
    return text[: match.start()]


def _sent(text: str) -> str:
    return _NOT_SENT.sub("", text)
