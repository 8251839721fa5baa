"""Contacts out of a file of vCards: read, understood and checked, before anything is written. Pure.

Versions 3.0 and 4.0, and what phones still write of 2.1. Linedesk's own cards are read exactly as written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from linedesk.apps.info import safe_url
from linedesk.contacts.csv_columns import Columns, number_kind
from linedesk.contacts.csv_import import (
    MAX_ROWS,
    NO_LINK,
    UNREADABLE,
    CsvContacts,
    Target,
    Warned,
    damage,
    decoded,
    made_id,
)
from linedesk.contacts.model import Contact, ContactNumber, ContactType, contact_id
from linedesk.contacts.vcard_export import PRODUCT, TYPES
from linedesk.contacts.vcard_text import Property, properties
from linedesk.errors import CsvError
from linedesk.numbers import read

_TEXT_MAX = 300
_NUMBERS_MAX = 50
_LABELS = {word: label for label, word in TYPES.items()}
_SAY_NOTHING = {"VOICE", "PREF", "INTERNET", "TEXT", "MSG", "OTHER"}
_APPLE = re.compile(r"_\$!<(.*)>!\$_")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_USED = frozenset({"FN", "N", "ORG", "EMAIL", "TEL", "URL", "UID", "KIND", "X-ABSHOWAS", "X-ABLABEL"})
_OF_FILES = frozenset({"VERSION", "PRODID", "REV"})
_OWN = "X-LINEDESK-"


def looks_like_vcards(data: bytes) -> bool:
    """Whether a file holds vCards, by its first words."""
    plain = data[:200].lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\x00", b"").lstrip()
    return plain.upper().startswith(b"BEGIN:VCARD")


def read_vcards(data: bytes, target: Target) -> CsvContacts:
    """Understand a file. Raises `CsvError` if it is too large, holds no card, or one that does not end."""
    text, encoding = decoded(data)
    reader = _Reader(target)
    for card in _cards(text, reader.broken):
        reader.add(card)
    if not reader.cards:
        raise CsvError("The file holds no vCard.", remedy="Export the contacts as vCard (.vcf) or as CSV.")
    return CsvContacts(
        contacts=tuple(reader.contacts.values()),
        columns=Columns({}, (), (), tuple(sorted(reader.unused))),
        delimiter="",
        encoding=encoding,
        damaged=tuple(reader.damaged),
        unreadable=tuple(reader.unreadable),
        bad_links=tuple(reader.bad_links),
        repeated=tuple(reader.repeated),
        empty=tuple(reader.empty),
        broken=tuple(reader.broken),
    )


@dataclass(frozen=True, slots=True)
class _Card:
    """The properties of one card, in order; `line`: where it begins. `own`: Linedesk wrote it."""

    line: int
    given: tuple[Property, ...]
    own: bool

    def all(self, name: str) -> Iterator[Property]:
        return (each for each in self.given if each.name == name)

    def has(self, name: str, word: str) -> bool:
        return any(each.text.strip().upper() == word for each in self.all(name))

    def text(self, name: str) -> str:
        """The first of that name that says something."""
        return next((text for each in self.all(name) if (text := self.tidy(each.text))), "")

    def tidy(self, text: str, limit: int = _TEXT_MAX) -> str:
        """On one line and not too long; what Linedesk wrote stays as it is."""
        return text if self.own else _CONTROL.sub(" ", text).strip()[:limit]


def _cards(text: str, broken: list[int]) -> Iterator[_Card]:
    begins, count = 0, 0
    given: list[Property] = []
    for each in properties(text):
        if isinstance(each, int):
            broken.append(each)
        elif each.name == "BEGIN" and each.text.strip().upper() == "VCARD":
            if begins:
                raise CsvError(f"The vCard of line {begins} does not end before the next begins.")
            begins, given, count = each.line, [], count + 1
            if count > MAX_ROWS:
                raise CsvError(f"The file has more than {MAX_ROWS:,} vCards.", remedy="Split the file.")
        elif each.name == "END" and begins:
            own = any(one.name == "PRODID" and one.text == PRODUCT for one in given)
            yield _Card(begins, tuple(given), own)
            begins = 0
        elif begins:
            given.append(each)
        else:
            broken.append(each.line)
    if begins:
        raise CsvError(f"The vCard of line {begins} does not end; the file may be cut.")


@dataclass(slots=True)
class _Reader:
    """Collects contacts card by card."""

    target: Target
    cards: int = 0
    contacts: dict[str, Contact] = field(default_factory=dict)
    damaged: list[Warned] = field(default_factory=list)
    unreadable: list[Warned] = field(default_factory=list)
    bad_links: list[Warned] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    unused: set[str] = field(default_factory=set)

    def add(self, card: _Card) -> None:
        """Take one card."""
        self.cards += 1
        names = {each.name for each in card.given if not each.name.startswith(_OWN)}
        self.unused |= names - _USED - _OF_FILES
        name, company, kind = _who(card)
        emails = tuple(dict.fromkeys(_emails(card))) if not card.own else tuple(_emails(card))
        numbers = tuple(self._numbers(card))
        if not card.own and not (name or emails or numbers):
            self.empty.append(card.line)
            return
        record_id = card.text("UID")
        if not record_id and not card.own:
            record_id = made_id(name, company, emails, numbers)
        contact = Contact(
            id=contact_id(self.target.book, record_id),
            book=self.target.book,
            app=self.target.app.name,
            record_id=record_id,
            name=name,
            type=kind,
            company=company,
            emails=emails,
            numbers=numbers,
            page_url=self._link(card, "URL"),
            archived=card.has("X-LINEDESK-ARCHIVED", "TRUE"),
            blocked=card.has("X-LINEDESK-BLOCKED", "TRUE"),
            company_url=self._link(card, "X-LINEDESK-COMPANY-URL"),
        )
        if contact.page_url is None and card.text("UID") and not card.own:
            page = self.target.app.page_url(self.target.base, contact)
            contact = replace(contact, page_url=page)
        if record_id in self.contacts:
            self.repeated.append(card.line)
        self.contacts[record_id] = contact

    def _link(self, card: _Card, name: str) -> str | None:
        # A link is a URI, in which nothing is escaped.
        url = next((each.value.strip() for each in card.all(name)), "")
        if not url or safe_url(url):
            return url or None
        self.bad_links.append(Warned(card.line, url, NO_LINK))
        return None

    def _numbers(self, card: _Card) -> Iterator[ContactNumber]:
        labels = {each.group: each.text for each in card.all("X-ABLABEL") if each.group}
        seen: set[str] = set()
        for each in card.all("TEL"):
            raw = card.tidy(each.text) if card.own else _number(each)
            if not raw or (not card.own and (raw in seen or len(seen) >= _NUMBERS_MAX)):
                continue
            seen.add(raw)
            self._examine(each.line, raw)
            yield ContactNumber(raw, _label(each, labels.get(each.group, ""), own=card.own))

    def _examine(self, line: int, raw: str) -> None:
        if reason := damage(raw, self.target.plan):
            self.damaged.append(Warned(line, raw, reason))
        elif read(raw, self.target.plan).value is None:
            self.unreadable.append(Warned(line, raw, UNREADABLE))


def _who(card: _Card) -> tuple[str, str, ContactType]:
    """Name, company and type."""
    organization = next((card.tidy(each.parts()[0]) for each in card.all("ORG")), "")
    name = card.text("FN") if card.own else card.text("FN") or _joined_name(card)
    is_company = card.has("KIND", "ORG") or card.has("X-ABSHOWAS", "COMPANY")
    if not card.own and not name:
        is_company = is_company or bool(organization)
        name = organization
    if is_company and organization == name:
        organization = card.text("X-LINEDESK-COMPANY") if card.own else ""
    return name, organization, ContactType.COMPANY if is_company else ContactType.PERSON


def _joined_name(card: _Card) -> str:
    """Given, further and family name of the structured one."""
    parts = next((each.parts() for each in card.all("N")), [])
    family, given, further = (*parts, "", "", "")[:3]
    return card.tidy(" ".join(part for part in (given, further, family) if part.strip()))


def _emails(card: _Card) -> Iterator[str]:
    for each in card.all("EMAIL"):
        email = card.tidy(each.text)
        if card.own:
            yield email
        elif "@" in email:
            yield email.removeprefix("mailto:")


def _number(given: Property) -> str:
    """A number of another program's card, also as a URI."""
    text = _CONTROL.sub(" ", given.text).strip()
    if text[:4].lower() == "tel:":
        text = unquote(text[4:].partition(";")[0]).strip()
    return text[:_TEXT_MAX]


def _label(given: Property, label: str, *, own: bool) -> str:
    if own:
        return label or next((_LABELS[word] for word in given.types if word in _LABELS), "")
    if apple := _APPLE.fullmatch(label.strip()):
        label = apple[1]
    if label.strip():
        return number_kind(label)
    words = [word for word in given.types if word not in _SAY_NOTHING and not word.startswith("X-")]
    best = next((word for word in ("FAX", "CELL", "IPHONE") if word in words), words[0] if words else "")
    return {"CELL": "mobile", "IPHONE": "mobile", "": "phone"}.get(best) or number_kind(best)
