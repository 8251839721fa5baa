"""Contacts as CSV: safe to open in a spreadsheet, and read back exactly."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.file_house import ANY_TEXT, CONTACTS, TARGET, contact
from linedesk.contacts.csv_cells import neutral, restored
from linedesk.contacts.csv_export import csv_parts, widths
from linedesk.contacts.csv_import import read_contacts
from linedesk.contacts.csv_own import MOST_EMAILS, MOST_NUMBERS, OwnColumns, own_columns
from linedesk.contacts.model import Contact, ContactNumber


def exported(contacts: list[Contact], delimiter: str = ",") -> bytes:
    return b"".join(csv_parts(contacts, widths(contacts).columns, delimiter))


def cells(data: bytes) -> list[list[str]]:
    """As a spreadsheet takes the file in."""
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@settings(max_examples=50)
@given(CONTACTS, st.sampled_from([",", ";", "\t"]))
def test_S24_J03_any_text_comes_back_exactly(contacts: list[Contact], delimiter: str) -> None:
    read = read_contacts(exported(contacts, delimiter), TARGET)
    assert list(read.contacts) == contacts
    assert read.delimiter == delimiter
    assert (read.repeated, read.empty, read.bad_links, read.columns.unused) == ((), (), (), ())


@settings(max_examples=40)
@given(ANY_TEXT)
def test_J03_no_cell_is_computed(text: str) -> None:
    cell = neutral(text)
    assert restored(cell) == text
    assert cell.lstrip()[:1] not in {*"=+-@|%"}
    assert cell[:1] not in {"\t", "\r", "\n"}


@pytest.mark.parametrize(
    "raw",
    [
        "+442079460018",
        "0212345678",
        "00390212345678",
        "442079460018000",
        "02-1234",
        "1/2",
        "02 1234 5678",
        "4.42E+11",
    ],
)
def test_J01_J03_a_number_is_text_to_a_spreadsheet_and_comes_back_byte_by_byte(raw: str) -> None:
    data = exported([contact("7", "Anna", numbers=(ContactNumber(raw, "mobile"),))])
    assert cells(data)[1][-1] == f"'{raw}"
    assert read_contacts(data, TARGET).contacts[0].numbers == (ContactNumber(raw, "mobile"),)


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://evil.test")', "@SUM(A1)", "\t=1", "＝1", " +1", "|calc"]
)
def test_J03_a_formula_in_a_name_is_only_text(name: str) -> None:
    data = exported([contact("7", name)])
    assert cells(data)[1][2] == f"'{name}"
    assert read_contacts(data, TARGET).contacts[0].name == name


def test_J02_the_file_begins_with_the_mark_and_the_mark_is_no_part_of_a_header() -> None:
    data = exported([contact("7", "Jörg")])
    assert data.startswith(b"\xef\xbb\xbfContact ID,")
    assert read_contacts(data, TARGET).contacts[0].name == "Jörg"


def test_J06_line_ends_and_cells_of_several_lines() -> None:
    data = exported([contact("7", "Anna\r\nRossi"), contact("8", "Bea")], ";")
    assert data.count(b"\r\n") == 4
    assert [each.name for each in read_contacts(data, TARGET).contacts] == ["Anna\r\nRossi", "Bea"]


def test_J08_all_numbers_of_one_kind_are_kept_in_order() -> None:
    three = tuple(ContactNumber(f"333 000000{at}", "mobile") for at in range(3))
    (read,) = read_contacts(exported([contact("7", "Anna", numbers=three)]), TARGET).contacts
    assert read.numbers == three


def test_J01_damage_in_an_exported_file_is_still_warned_of() -> None:
    data = exported([contact("7", "Anna", numbers=(ContactNumber("02 1234 5678"),))])
    saved = data.replace(b"'02 1234 5678", b"212345678")
    assert [each.what for each in read_contacts(saved, TARGET).damaged] == ["212345678"]


def test_what_a_file_has_no_room_for_is_counted() -> None:
    many = tuple(ContactNumber(f"0{at}") for at in range(MOST_NUMBERS + 3))
    found = widths([contact("7", "Anna", numbers=many, emails=("a@x.test",) * (MOST_EMAILS + 1))])
    assert (found.columns, found.left_out) == (OwnColumns(MOST_EMAILS, MOST_NUMBERS), 4)


def test_a_file_with_other_columns_is_another_programs() -> None:
    header = OwnColumns(1, 1).header()
    assert own_columns(header) == OwnColumns(1, 1)
    assert own_columns([*header, "Notes"]) is None
    assert own_columns(header[1:]) is None


def test_a_link_that_may_be_none_is_left_out_and_named() -> None:
    data = exported([contact("7", "Anna", page_url="javascript:alert(1)")])
    read = read_contacts(data, TARGET)
    assert read.contacts[0].page_url is None
    assert [each.what for each in read.bad_links] == ["javascript:alert(1)"]


def test_half_a_surrogate_pair_does_not_stop_an_export() -> None:
    (read,) = read_contacts(exported([contact("7", "An\ud800na\x00")]), TARGET).contacts
    assert read.name == "An\ufffdna\ufffd"
