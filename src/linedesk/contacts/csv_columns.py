"""What a contacts file's header means, in four languages and as Google and Outlook write it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


def _set(headers: str) -> frozenset[str]:
    return frozenset(headers.split())


# Field -> headers, folded: no case, accents, spaces or punctuation.
_NAMES: Mapping[str, frozenset[str]] = {
    "name": _set(
        "name fullname displayname contactname contact contatto nominativo nomecompleto nomevisualizzato"
        " vollstandigername anzeigename kontakt nomcomplet nomaffiche"
    ),
    "first": _set("firstname givenname forename vorname prenom first"),
    "middle": _set("middlename additionalname secondonome zweitervorname deuxiemeprenom"),
    "last": _set("lastname surname familyname cognome nachname familienname nomdefamille last"),
    "company": _set(
        "company companyname organization organisation organizationname organisationname organization1name"
        " azienda societa ragionesociale ditta impresa firma unternehmen firmenname entreprise societe"
        " account accountname associatedcompany"
    ),
    "id": _set(
        "id recordid contactid recordidcontact externalid uniqueexternalid uid uuid identificativo"
        " identifiant"
    ),
    "url": _set("url link pageurl page profileurl contacturl recordurl crmurl crmlink collegamento lien"),
    "type": _set("type recordtype contacttype tipo typ"),
    "archived": _set("archived inactive archiviato archiviert archive"),
    "blocked": _set("blocked bloccato gesperrt blockiert bloque"),
    "company_url": _set("companyurl companylink companypage companypageurl accounturl organizationurl"),
}
_EMAIL = re.compile(
    r"(?:e?mail|emailaddress|mailadresse|posta|courriel|adressemail|adresseemail|adressedemessagerie"
    r"|indirizzoemail|indirizzodipostaelettronica|postaelettronica)\d*(?:address|adresse|value)?"
)
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("mobile", re.compile(r"mobil|cell|handy|portable|gsm")),
    ("home", re.compile(r"home|casa|privat|domicile|abitazione|personal")),
    (
        "work",
        re.compile(r"work|business|office|ufficio|lavoro|geschaft|buro|dienst|bureau|travail|professionnel"),
    ),
    ("main", re.compile(r"main|primary|primar|principale|principal|haupt|zentrale|centralino")),
)
_PHONE = re.compile(
    r"phone|telef|telep|^tel\d*$|^tel(?:mobil|casa|ufficio|privat)|rufnummer|mobil|cell(?:ul|phone)?|handy"
    r"|portable|gsm|whatsapp|^numero(?:di.*)?$|^number$|centralino|interno|durchwahl"
)
_NO_PHONE = re.compile(r"fax|type$|label$|typ$|email|country|prefix|pager|telex|notes?$")
_PAIR = re.compile(r"^(phone\d*)value$")


@dataclass(frozen=True, slots=True)
class PhoneColumn:
    """A column with numbers. `label_at` is the column that labels each row's number (Google), or None."""

    at: int
    label: str
    label_at: int | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field is; several columns may hold e-mail addresses and numbers."""

    fields: Mapping[str, int]
    emails: tuple[int, ...]
    phones: tuple[PhoneColumn, ...]
    unused: tuple[str, ...]

    @property
    def known(self) -> int:
        """How many columns mean something."""
        return len(self.fields) + len(self.emails) + len(self.phones)

    @property
    def usable(self) -> bool:
        """Whether there is something to call a contact by."""
        return bool({"name", "first", "last", "company"} & self.fields.keys())


def understand(header: Sequence[str]) -> Columns:
    """Say what the columns are. A header that is not known is listed in `unused`."""
    folded = [_fold(text) for text in header]
    fields: dict[str, int] = {}
    emails: list[int] = []
    phones: list[PhoneColumn] = []
    unused: list[str] = []
    for at, text in enumerate(folded):
        name = _field(text, folded)
        if name is not None and name not in fields:
            fields[name] = at
        elif _EMAIL.fullmatch(text):
            emails.append(at)
        elif _PHONE.search(text) and not _NO_PHONE.search(text):
            phones.append(PhoneColumn(at, _label(text, header[at]), _label_column(text, folded)))
        elif text and not _is_label(text, folded):
            unused.append(header[at].strip())
    return Columns(fields, tuple(emails), tuple(phones), tuple(unused))


def number_kind(text: str) -> str:
    """The label of a kind of number (`mobile`, `home`, `work`, `main`), or the text itself, shortened."""
    folded = _fold(text)
    return next(
        (kind for kind, pattern in _KINDS if pattern.search(folded)), " ".join(text.lower().split())[:40]
    )


def _field(text: str, folded: Sequence[str]) -> str | None:
    # Italian "Nome" and French "Nom" mean the whole name, unless the other half stands beside them.
    if text == "nome":
        return "first" if "cognome" in folded else "name"
    if text == "nom":
        return "last" if "prenom" in folded else "name"
    return next((name for name, texts in _NAMES.items() if text in texts), None)


def _label(text: str, header: str) -> str:
    kind = next((kind for kind, pattern in _KINDS if pattern.search(text)), None)
    if kind is not None:
        return kind
    plain = re.sub(r"\d+|value$", "", text)
    if plain in {
        "phone",
        "phonenumber",
        "telephone",
        "telefono",
        "telefon",
        "telefonnummer",
        "tel",
        "number",
    }:
        return "phone"
    return number_kind(header)


def _label_column(text: str, folded: Sequence[str]) -> int | None:
    pair = _PAIR.match(text)
    if pair is None:
        return None
    names = {f"{pair[1]}type", f"{pair[1]}label"}
    return next((at for at, other in enumerate(folded) if other in names), None)


def _is_label(text: str, folded: Sequence[str]) -> bool:
    base = text.removesuffix("type").removesuffix("label")
    return base != text and f"{base}value" in folded


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
