"""Files as spreadsheets and address books write them: read right, or refused in one clear sentence."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.apps.registry import REGISTRY
from linedesk.contacts import csv_import
from linedesk.contacts.csv_import import CsvContacts, Target, read_contacts
from linedesk.contacts.model import ContactNumber, ContactType, contact_id
from linedesk.errors import CsvError
from linedesk.numbers import NumberPlan

TARGET = Target("crm", REGISTRY["freshdesk"].info, "https://acme.freshdesk.com", NumberPlan("IT"))


def load(text: str, target: Target = TARGET) -> CsvContacts:
    return read_contacts(text.encode(), target)


def test_a_plain_file() -> None:
    read = load(
        "ID,Name,Company,E-mail,Phone,Mobile,URL\n"
        "7,Anna Rossi,Rossi Srl,anna@rossi.test,02 1234 5678,333 1234567,https://crm.test/7\n"
        "8,Bea Verdi,,,,+39 333 7654321,\n"
    )
    anna, bea = read.contacts
    assert anna.id == contact_id("crm", "7")
    assert (anna.record_id, anna.name, anna.company, anna.emails) == (
        "7",
        "Anna Rossi",
        "Rossi Srl",
        ("anna@rossi.test",),
    )
    assert anna.numbers == (ContactNumber("02 1234 5678", "phone"), ContactNumber("333 1234567", "mobile"))
    assert (anna.book, anna.app, anna.type) == ("crm", "freshdesk", ContactType.PERSON)
    assert anna.page_url == "https://crm.test/7"
    assert bea.page_url == "https://acme.freshdesk.com/a/contacts/8"
    assert (read.damaged, read.unreadable, read.bad_links, read.repeated, read.empty) == ((), (), (), (), ())


@pytest.mark.parametrize(
    "header",
    [
        "Nome;Cognome;Azienda;Telefono;Cellulare;Indirizzo di posta elettronica",
        "Vorname;Nachname;Firma;Telefon;Handy;E-Mail-Adresse",
        "Prénom;Nom;Société;Téléphone;Portable;Courriel",
        "First Name;Last Name;Company;Business Phone;Mobile Phone;E-mail Address",
        "Given Name;Family Name;Organization Name;Phone 1 - Value;Mobile;E-mail 1 - Value",
    ],
)
def test_headers_of_four_languages_google_and_outlook(header: str) -> None:
    read = load(f"{header}\nAnna;Rossi;Rossi Srl;02 1234 5678;333 1234567;anna@rossi.test\n")
    (contact,) = read.contacts
    assert (contact.name, contact.company, contact.emails) == (
        "Anna Rossi",
        "Rossi Srl",
        ("anna@rossi.test",),
    )
    assert [number.raw for number in contact.numbers] == ["02 1234 5678", "333 1234567"]
    assert contact.numbers[1].label == "mobile"
    assert read.columns.unused == ()


@pytest.mark.parametrize(
    ("header", "name"), [("Nome,Telefono", "Anna Rossi"), ("Nom,Téléphone", "Anna Rossi")]
)
def test_nome_and_nom_alone_are_the_whole_name(header: str, name: str) -> None:
    assert load(f"{header}\nAnna Rossi,02 1234 5678\n").contacts[0].name == name


def test_a_google_export_keeps_each_numbers_own_label() -> None:
    read = load(
        "Name,Phone 1 - Type,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,Fax\n"
        "Anna,Mobile,333 1234567,Work,02 1234 5678,02 999\n"
    )
    assert read.contacts[0].numbers == (
        ContactNumber("333 1234567", "mobile"),
        ContactNumber("02 1234 5678", "work"),
    )
    assert read.columns.unused == ("Fax",)


def test_J08_all_numbers_of_one_kind_are_kept_in_order() -> None:
    read = load("Name,Mobile,Mobile 2,Mobile 3\nAnna,333 1234567,333 1234568,333 1234567\n")
    assert [number.raw for number in read.contacts[0].numbers] == ["333 1234567", "333 1234568"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_J02_J06_delimiters_line_ends_and_encodings(delimiter: str, newline: str, encoding: str) -> None:
    rows = [
        ["Name", "Telefon", "Notizen"],
        ["Jörg Müller", "030 23125014", '"two\nlines, and; more"'],
        ["Ann", "+44 20 7946 0018", ""],
    ]
    text = newline.join(delimiter.join(row) for row in rows)
    read = read_contacts(text.encode(encoding), Target("b", REGISTRY["csv"].info, "", NumberPlan("DE")))
    assert [(each.name, each.numbers[0].raw) for each in read.contacts] == [
        ("Jörg Müller", "030 23125014"),
        ("Ann", "+44 20 7946 0018"),
    ]
    assert read.delimiter == delimiter


def test_J01_damaged_numbers_are_named_with_their_line_and_kept_as_written() -> None:
    read = load(
        'Name,Phone\nA,212345678\n"B\nb",4.42E+11\nC,"4,42E+11"\nD,390212345678.0\nE,02 1234 5678\nF,+39\n'
    )
    assert [(each.line, each.what) for each in read.damaged] == [
        (2, "212345678"),
        (3, "4.42E+11"),
        (5, "4,42E+11"),
        (6, "390212345678.0"),
    ]
    assert [(each.line, each.what) for each in read.unreadable] == [(8, "+39")]
    assert [contact.numbers[0].raw for contact in read.contacts][:2] == ["212345678", "4.42E+11"]


@pytest.mark.parametrize(
    ("cell", "raw"),
    [("'+442079460018", "+442079460018"), ('"=""0212345678"""', "0212345678"), ("'0212345678", "0212345678")],
)
def test_J03_what_kept_a_cell_text_is_taken_off(cell: str, raw: str) -> None:
    assert load(f"Name,Phone\nA,{cell}\n").contacts[0].numbers[0].raw == raw


def test_J03_a_formula_is_only_text() -> None:
    (contact,) = load('Name,Phone\n"=HYPERLINK(""http://evil.test"")",02 1234 5678\n').contacts
    assert contact.name == '=HYPERLINK("http://evil.test")'


def test_J05_several_values_in_one_cell_are_split() -> None:
    (contact,) = load(
        "Name,Phone,E-mail\nA,+49 30 23125014 ::: +49 30 23125015,a@x.test ::: b@x.test\n"
    ).contacts
    assert [number.raw for number in contact.numbers] == ["+49 30 23125014", "+49 30 23125015"]
    assert contact.emails == ("a@x.test", "b@x.test")


def test_a_row_without_a_persons_name_is_a_company() -> None:
    read = load("Name,Company,Phone,Type\n,Rossi Srl,0212345678,\nVerdi,,0287654321,Company\n")
    assert [(each.name, each.type) for each in read.contacts] == [
        ("Rossi Srl", ContactType.COMPANY),
        ("Verdi", ContactType.COMPANY),
    ]


def test_A27_a_number_alone_is_a_contact_and_an_empty_row_is_none() -> None:
    read = load("Name,Phone,Note\n,0212345678,\n,,only a note\n,,\n")
    assert [each.numbers[0].raw for each in read.contacts] == ["0212345678"]
    assert read.empty == (3,)


@pytest.mark.parametrize("url", ["http://crm.test/7", "javascript:alert(1)", "crm.test/7", "//crm.test"])
def test_a_link_that_is_not_https_is_left_out_and_named(url: str) -> None:
    read = load(f"ID,Name,Phone,URL\n7,Anna,0212345678,{url}\n")
    assert read.contacts[0].page_url == "https://acme.freshdesk.com/a/contacts/7"
    assert [each.line for each in read.bad_links] == [2]


def test_blocked_contacts_and_the_page_of_the_company_are_read_and_a_bad_link_is_named() -> None:
    read = load(
        "Name,Phone,Blocked,Company URL\n"
        "Anna,0212345678,yes,https://crm.test/companies/7\n"
        "Luca,0212345679,no,javascript:alert(1)\n"
    )
    assert [(each.blocked, each.company_url) for each in read.contacts] == [
        (True, "https://crm.test/companies/7"),
        (False, None),
    ]
    assert [each.line for each in read.bad_links] == [3]


def test_a_made_id_is_never_put_into_the_apps_address() -> None:
    assert load("Name,Phone\nAnna,0212345678\n").contacts[0].page_url is None


def test_the_same_file_gives_the_same_records_and_others_differ() -> None:
    text = "Name,Company,Phone\nAnna,X,0212345678\nAnna,Y,0212345678\nAnna,X,0287654321\n"
    first, again = load(text), load(text)
    assert first.contacts == again.contacts
    assert len({each.record_id for each in first.contacts}) == 3


def test_of_a_repeated_record_the_last_row_counts() -> None:
    read = load("ID,Name,Phone\n7,Old,0212345678\n7,New,0212345678\n")
    assert [each.name for each in read.contacts] == ["New"]
    assert read.repeated == (3,)


def test_control_characters_and_length_do_not_get_in() -> None:
    (contact,) = load(f'Name,Phone\n"A\x07\nB\t{"x" * 10_000}",0212345678\n').contacts
    assert contact.name.startswith("A B xxx")
    assert len(contact.name) == 300


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty"),
        (b"\n\n", "The file is empty"),
        (b"a,b\n1,2\n", "no column for a name or a company; it has: a, b"),
        (b"Name,Colour\nAnna,red\n", "no column for a phone number"),
        (b"PK\x03\x04\x00\x00", "is no text"),
        (b"Name,Phone\n" + b",".join([b"x"] * 300) + b"\n", "Line 2 has more than 256 columns"),
        (b'Name,Phone\nA,"' + b"x" * 200_000 + b'"\n', "Line 2 is no CSV: field larger"),
    ],
)
def test_a_file_that_can_not_be_used_is_refused_in_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(CsvError, match=sentence):
        read_contacts(data, TARGET)


def test_limits_of_size_and_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_import, "MAX_ROWS", 2)
    assert len(load("Name,Phone\na,1234567\nb,1234567\n").contacts) == 2
    with pytest.raises(CsvError, match="more than 2 rows"):
        load("Name,Phone\na,1\nb,2\nc,3\n")
    monkeypatch.setattr(csv_import, "MAX_BYTES", 10)
    with pytest.raises(CsvError, match="larger than"):
        load("Name,Phone\na,1\n")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(CsvError):
        read = read_contacts(b"Name,Phone\n" + data, TARGET)
        assert all(each.name or each.numbers for each in read.contacts)
