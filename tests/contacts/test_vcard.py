"""Contacts as vCards: read back as they were, and what other programs write is understood."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.file_house import ANY_TEXT, CONTACTS, TARGET, contact
from linedesk.contacts.csv_import import CsvContacts
from linedesk.contacts.model import Contact, ContactNumber, ContactType
from linedesk.contacts.vcard_export import VERSIONS, vcard_parts
from linedesk.contacts.vcard_import import looks_like_vcards, read_vcards
from linedesk.contacts.vcard_text import Property, escaped, line, properties, unescaped
from linedesk.errors import CsvError

_LINE_ENDS = re.compile("\r\n|\r")


def lined(contact: Contact) -> Contact:
    """A vCard knows one kind of line end."""

    def mended(text: str) -> str:
        return _LINE_ENDS.sub("\n", text)

    return replace(
        contact,
        name=mended(contact.name),
        company=mended(contact.company),
        emails=tuple(map(mended, contact.emails)),
        numbers=tuple(ContactNumber(mended(each.raw), mended(each.label)) for each in contact.numbers),
    )


def load(*lines: str, ends: str = "\r\n") -> CsvContacts:
    return read_vcards(ends.join(["BEGIN:VCARD", *lines, "END:VCARD", ""]).encode(), TARGET)


@settings(max_examples=50)
@given(CONTACTS.filter(bool), st.sampled_from(VERSIONS))
def test_S24_any_text_comes_back(contacts: list[Contact], version: str) -> None:
    plain = [each for each in contacts if "\r" not in each.record_id]
    if plain:
        read = read_vcards(b"".join(vcard_parts(plain, version)), TARGET)
        assert list(read.contacts) == [lined(each) for each in plain]
        assert (read.broken, read.repeated, read.bad_links, read.columns.unused) == ((), (), (), ())


@settings(max_examples=40)
@given(ANY_TEXT)
def test_S24_a_folded_line_is_the_same_line_and_no_part_is_too_long(text: str) -> None:
    folded = line("NOTE", escaped(text * 20))
    assert all(len(part.encode()) <= 75 for part in folded.split("\r\n"))
    (found,) = properties(folded)
    assert isinstance(found, Property)
    assert found.text == _LINE_ENDS.sub("\n", text * 20)
    assert unescaped(escaped(text)) == _LINE_ENDS.sub("\n", text)


def test_a_card_is_what_the_standard_says() -> None:
    anna = contact(
        "7",
        "Rossi; Anna",
        company="Rossi, Srl",
        emails=("anna@rossi.test",),
        numbers=(ContactNumber("+39 333 1234567", "mobile"), ContactNumber("02 1234 5678", "Centralino")),
        page_url="https://crm.test/7",
        blocked=True,
    )
    assert b"".join(vcard_parts([anna], "4.0")).decode().split("\r\n") == [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "PRODID:-//Linedesk//Contacts//EN",
        "UID;VALUE=text:7",
        "FN:Rossi\\; Anna",
        "N:;Rossi\\; Anna;;;",
        "ORG:Rossi\\, Srl",
        "EMAIL:anna@rossi.test",
        "TEL;TYPE=CELL:+39 333 1234567",
        "item2.TEL:02 1234 5678",
        "item2.X-ABLABEL:Centralino",
        "URL:https://crm.test/7",
        "X-LINEDESK-BLOCKED:TRUE",
        "END:VCARD",
        "",
    ]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("company", ["", "Rossi Srl", "Other"])
def test_a_company_stays_one(version: str, company: str) -> None:
    rossi = contact("7", "Rossi Srl", type=ContactType.COMPANY, company=company)
    assert read_vcards(b"".join(vcard_parts([rossi], version)), TARGET).contacts == (rossi,)


def test_J08_a_phones_export_keeps_all_numbers_with_their_labels() -> None:
    read = load(
        "VERSION:3.0",
        "N:Rossi;Anna;Maria;;",
        "FN:Anna Maria Rossi",
        "ORG:Rossi Srl;Sales",
        "TEL;type=CELL;type=VOICE;type=pref:333 1234567",
        "TEL;TYPE=WORK,VOICE:02 1234 5678",
        "item1.TEL:02 8765 4321",
        "item1.X-ABLabel:_$!<Mobile>!$_",
        "TEL;VALUE=uri:tel:+39-02-1111-2222;ext=5",
        "EMAIL;type=INTERNET:anna@rossi.test",
        "PHOTO;ENCODING=b;TYPE=JPEG:AAAA",
    )
    (anna,) = read.contacts
    assert (anna.name, anna.company, anna.emails) == ("Anna Maria Rossi", "Rossi Srl", ("anna@rossi.test",))
    assert [(each.raw, each.label) for each in anna.numbers] == [
        ("333 1234567", "mobile"),
        ("02 1234 5678", "work"),
        ("02 8765 4321", "mobile"),
        ("+39-02-1111-2222", "phone"),
    ]
    assert read.columns.unused == ("PHOTO",)


@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
def test_every_line_end_and_a_name_in_parts(ends: str) -> None:
    (anna,) = load("VERSION:3.0", "N:van der Berg;Anna;;Dr.;", "TEL:02 1234 5678", ends=ends).contacts
    assert anna.name == "Anna van der Berg"
    assert anna.record_id.startswith("row-")


def test_quoted_printable_of_version_2_1() -> None:
    (jorg,) = load(
        "VERSION:2.1",
        "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg=20=",
        "M=C3=BCller",
        "TEL;CELL:0171 5550100",
    ).contacts
    assert (jorg.name, jorg.numbers) == ("Jörg Müller", (ContactNumber("0171 5550100", "mobile"),))


def test_a_line_that_is_none_is_named_and_the_card_is_read() -> None:
    read = load("VERSION:3.0", "FN:Anna", "no property here", "TEL:02 1234 5678")
    assert read.broken == (4,)
    assert read.contacts[0].name == "Anna"


def test_J01_numbers_are_looked_at_with_their_line() -> None:
    read = load("FN:Anna", "TEL:212345678", "TEL:+39")
    assert [(each.line, each.what) for each in read.damaged] == [(3, "212345678")]
    assert [(each.line, each.what) for each in read.unreadable] == [(4, "+39")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Name,Phone\nAnna,1", "holds no vCard"),
        ("BEGIN:VCARD\nFN:A\n", "does not end; the file may be cut"),
        ("BEGIN:VCARD\nFN:A\nBEGIN:VCARD\nEND:VCARD", "line 1 does not end before the next begins"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(CsvError, match=sentence):
        read_vcards(text.encode(), TARGET)


def test_cards_without_anything_are_skipped_and_links_are_checked() -> None:
    read = load("VERSION:3.0", "NOTE:x")
    assert (read.contacts, read.empty) == ((), (1,))
    assert [each.what for each in load("FN:A", "URL:javascript:x").bad_links] == ["javascript:x"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_vcards_are_known_by_their_first_words(encoding: str) -> None:
    assert looks_like_vcards("begin:vcard\r\nFN:A\r\nEND:VCARD".encode(encoding))
    assert not looks_like_vcards("Name,Phone".encode(encoding))
