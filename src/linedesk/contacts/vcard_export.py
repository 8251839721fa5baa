"""Contacts as vCards, version 3.0 or 4.0, that `vcard_import` reads back as they were. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from linedesk.contacts.model import Contact, ContactType
from linedesk.contacts.vcard_text import escaped, line

PRODUCT = "-//Linedesk//Contacts//EN"
"""Cards that name it are read exactly."""

TYPES = {"mobile": "CELL", "work": "WORK", "home": "HOME"}
"""Labels of numbers that every program has a word for; others stand in a label of their own."""

VERSIONS = ("3.0", "4.0")
_CARDS_A_PART = 500


def vcard_parts(contacts: Sequence[Contact], version: str = "3.0") -> Iterator[bytes]:
    """The file in parts, UTF-8; cards in the order given."""
    for start in range(0, len(contacts), _CARDS_A_PART):
        cards = contacts[start : start + _CARDS_A_PART]
        yield "".join(text for each in cards for text in card(each, version)).encode()


def card(contact: Contact, version: str) -> Iterator[str]:
    """The lines of one card."""
    yield line("BEGIN", "VCARD")
    yield line("VERSION", version)
    yield line("PRODID", escaped(PRODUCT))
    yield line("UID;VALUE=text" if version == "4.0" else "UID", escaped(contact.record_id))
    yield line("FN", escaped(contact.name))
    yield from _kind(contact, version)
    yield from (line("EMAIL", escaped(email)) for email in contact.emails)
    yield from _numbers(contact)
    if contact.page_url is not None:
        yield line("URL", contact.page_url)
    if contact.company_url is not None:
        yield line("X-LINEDESK-COMPANY-URL", contact.company_url)
    if contact.archived:
        yield line("X-LINEDESK-ARCHIVED", "TRUE")
    if contact.blocked:
        yield line("X-LINEDESK-BLOCKED", "TRUE")
    yield line("END", "VCARD")


def _kind(contact: Contact, version: str) -> Iterator[str]:
    if contact.type is ContactType.PERSON:
        # Which part of a name is the surname nobody knows for sure, so the whole of it is the given name.
        yield line("N", f";{escaped(contact.name)};;;")
    else:
        yield line("N", ";;;;")
        yield line("KIND", "org") if version == "4.0" else line("X-ABSHOWAS", "COMPANY")
    if organization := contact.company or (contact.name if contact.type is ContactType.COMPANY else ""):
        yield line("ORG", escaped(organization))
    if contact.type is ContactType.COMPANY and contact.company == contact.name != "":
        yield line("X-LINEDESK-COMPANY", escaped(contact.company))


def _numbers(contact: Contact) -> Iterator[str]:
    for at, number in enumerate(contact.numbers, start=1):
        if not number.label:
            yield line("TEL", escaped(number.raw))
        elif number.label in TYPES:
            yield line(f"TEL;TYPE={TYPES[number.label]}", escaped(number.raw))
        else:
            yield line(f"item{at}.TEL", escaped(number.raw))
            yield line(f"item{at}.X-ABLABEL", escaped(number.label))
