"""What is typed in other letters, half, with signs or as digits still finds who is meant."""

from __future__ import annotations

import pytest

from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact, ContactNumber
from linedesk.contacts.search import parse, spellings, title_of
from linedesk.contacts.search_scripts import romanised
from linedesk.numbers import NumberPlan
from linedesk.store.migrate import Stores

IT = NumberPlan("IT")

PEOPLE = (
    ("1", "Юлия Щербакова", "Ромашка", "", "+7 495 123-45-67"),
    ("2", "Γιώργος Παπαδόπουλος", "Ευσταθίου Α.Ε.", "", "+30 21 2345 6789"),
    ("3", "Yuliya Shcherbakova", "", "j.shch@shop.test", "+49 (0)30 23125014"),
    ("4", "Giorgos Vlachos", "", "info@big-shop.example.test", "00390212345678"),
    ("5", "Наталья Объедкова", "", "", ""),
    ("6", "Ντίνος Μπάμπης", "", "", "347 000 1122"),
    ("7", "Mario Rossi", "Officina 347", "m.rossi@officina.test", "06 1347 2211"),
)


@pytest.fixture
async def directory(stores: Stores) -> Directory:
    directory = Directory(stores.books)
    await directory.put(
        [
            Contact(
                f"crm-{record}",
                "crm",
                "csv",
                record,
                name,
                company=company,
                emails=(email,) if email else (),
                numbers=(ContactNumber(number),) if number else (),
            )
            for record, name, company, email, number in PEOPLE
        ],
        IT,
    )
    return directory


async def found(directory: Directory, text: str) -> list[str]:
    """The ids of the records on the first page, sorted."""
    page = await directory.search(text, None, 20, IT)
    return sorted(each.record_id for each in page.items)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("yuliya", ["1", "3"]),
        ("iuliia", ["1"]),
        ("julija", ["1"]),
        ("julia", ["1"]),
        ("юлия", ["1", "3"]),
        ("shcherbakov", ["1", "3"]),
        ("scerbakova", ["1"]),
        ("щербакова", ["1", "3"]),
        ("giorgos", ["2", "4"]),
        ("ΓΙΩΡΓΟΣ", ["2", "4"]),
        ("γιωργος", ["2", "4"]),
        ("papadopoulos", ["2"]),
        ("efstathiou", ["2"]),
        ("βλάχος", ["4"]),
        ("natalya", ["5"]),
        ("natalia", ["5"]),
        ("obedkova", ["5"]),
        ("obiedkova", ["5"]),
        ("dinos bampis", ["6"]),
        ("ntinos mpampis", ["6"]),
        ("romaska", ["1"]),
    ],
)
async def test_a_name_is_found_in_the_letters_of_the_one_who_types(
    directory: Directory, text: str, wanted: list[str]
) -> None:
    assert await found(directory, text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("j.shch@shop.test", ["3"]),
        ("j.shch", ["1", "3"]),
        ("@shop.test", ["3", "4"]),
        ("info@big-shop.example.test", ["4"]),
        ("big-shop", ["4"]),
        ("bigshop", ["4"]),
        ("big-shop.ex", ["4"]),
        ("@officina", ["7"]),
        ("M.ROSSI@OFFICINA.TEST", ["7"]),
    ],
)
async def test_an_address_is_found_whole_and_by_its_parts(
    directory: Directory, text: str, wanted: list[str]
) -> None:
    assert await found(directory, text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("+49 (0)30 231", ["3"]),
        ("+49(0)3023125014", ["3"]),
        ("0049 30 231", ["3"]),
        ("030 231", ["3"]),
        ("3023125", ["3"]),
        ("0039 02 123", ["4"]),
        ("+39 02 1234 56", ["4"]),
        ("02-1234.5678", ["2", "4"]),
        ("347", ["6", "7"]),
        ("rossi 347", ["7"]),
        ("347 rossi", ["7"]),
        ("rossi 1347 22", ["7"]),
        ("rossi 3472211", ["7"]),
        ("dinos 3470001122", ["6"]),
        ("rossi 3479", []),
        ("13472299", []),
    ],
)
async def test_digits_are_found_however_they_are_typed(
    directory: Directory, text: str, wanted: list[str]
) -> None:
    assert await found(directory, text) == wanted


def test_a_trunk_zero_in_brackets_and_a_leading_00_are_left_out_as_well() -> None:
    assert parse("+49 (0)30 231", IT).digits == ("49030231", "4930231")
    assert parse("0049 30 231", IT).digits == ("004930231", "4930231")


def test_other_letters_have_their_declared_spellings() -> None:
    assert romanised("щука") == ("shchuka", "scuka")
    assert romanised("ντίνος".replace("ς", "σ")) == ("dinos", "ntinos")
    assert romanised("rossi") == romanised("müller") == ()
    assert spellings("юлия")[0] == "юлия"


def test_a_title_is_the_name_in_its_own_words_and_in_plain_letters() -> None:
    assert title_of("Rossi, Mario") == ("rossi mario", None)
    assert title_of("Jürgen MÜLLER") == ("jurgen muller", "juergen mueller")
    assert title_of("Иван Петров") == ("иван петров", "ivan petrov")
    assert title_of("!!") == ("", None)
