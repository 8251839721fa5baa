"""What a person types finds the contact, whatever the spelling, and never breaks the search."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact, ContactNumber
from linedesk.contacts.search import folded, parse, spellings
from linedesk.numbers import NumberPlan
from linedesk.store.migrate import Stores

IT = NumberPlan("IT")
DE = NumberPlan("DE")

PEOPLE = (
    ("1", "Jürgen Müller", "Bäckerei Groß", "j.mueller@baeckerei.test", "+49 30 23125014"),
    ("2", "Anna Maria Rossi", "Rossi & Figli S.p.A.", "anna@rossi.test", "02 1234 5678"),
    ("3", "Łukasz Żółć", "Żubr", "lukasz@zubr.test", "+48 22 123 45 67"),
    ("4", "Иван Петров", "Ромашка", "", "+7 495 123-45-67"),
    ("5", "李小明", "北京公司", "", "+86 10 6552 9988"),
    ("6", "Conor O'Brien", "3M", "conor@3m.test", "+1 212-555-0142"),
    ("7", "Jean-Luc Søndergård", "Studio 54", "", "201"),
    ("8", "Rossana Annunziata", "", "rossana@x.test", "333 1234567"),
)


def contact(
    record: str, name: str, company: str = "", email: str = "", number: str = "", **more: Any
) -> Contact:
    return Contact(
        id=f"crm-{record}",
        book="crm",
        app="csv",
        record_id=record,
        name=name,
        company=company,
        emails=(email,) if email else (),
        numbers=(ContactNumber(number),) if number else (),
        **more,
    )


@pytest.fixture
async def directory(stores: Stores) -> Directory:
    directory = Directory(stores.books)
    await directory.put([contact(*each) for each in PEOPLE], IT)
    return directory


async def found(directory: Directory, text: str, plan: NumberPlan = IT, **more: Any) -> list[str]:
    page = await directory.search(text, more.get("books"), more.get("limit", 20), plan)
    return [each.record_id for each in page.items]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Müller", ["1"]),
        ("muller", ["1"]),
        ("MUELLER", ["1"]),
        ("müll jür", ["1"]),
        ("juergen", ["1"]),
        ("gross", ["1"]),
        ("rossi anna", ["2"]),
        ("ANNA MARIA ROSSI", ["2"]),
        ("ross", ["2", "8"]),
        ("s.p.a", ["2"]),
        ("lukasz zolc", ["3"]),
        ("żółć", ["3"]),
        ("ivan petrov", ["4"]),
        ("петров", ["4"]),
        ("李小明", ["5"]),
        ("小明", ["5"]),
        ("xiao ming", ["5"]),
        ("o'brien", ["6"]),
        ("obrien", ["6"]),
        ("O’Brien", ["6"]),
        ("3m", ["6"]),
        ("jeanluc", ["7"]),
        ("sondergard", ["7"]),
        ("studio 54", ["7"]),
        ("anna@rossi.test", ["2"]),
        ("conor@3m", ["6"]),
        ("nobody", []),
        ("", []),
        ("   ", []),
        ("!!!", []),
    ],
)
async def test_words_are_found_in_any_order_and_spelling(
    directory: Directory, text: str, wanted: list[str]
) -> None:
    assert sorted(await found(directory, text)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("12345678", ["2"]),
        ("0212345678", ["2"]),
        ("02 1234 5678", ["2"]),
        ("+39 02 1234", ["2"]),
        ("3902123", ["2"]),
        ("5678", ["2"]),
        ("231250", ["1"]),
        ("23125", ["1"]),
        ("03023125", ["1"]),
        ("(212) 555-0142", ["6"]),
        ("5550142", ["6"]),
        ("201", ["7"]),
        ("rossi 5678", ["2"]),
        ("müller 5678", []),
        ("٠٢١٢٣٤٥٦٧٨", ["2"]),
        ("99999", []),
    ],
)
async def test_digits_are_found_anywhere_in_a_number(
    directory: Directory, text: str, wanted: list[str]
) -> None:
    assert sorted(await found(directory, text)) == wanted


async def test_a_local_number_is_found_in_the_region_of_the_one_who_asks(directory: Directory) -> None:
    assert await found(directory, "030 23125014", DE) == ["1"]
    assert await found(directory, "0049 30 23125014", DE) == ["1"]


@pytest.mark.parametrize("text", ["Mulelr", "Petrof", "rosssi", "annunciata", "Sondergart"])
async def test_one_mistake_in_a_long_word_is_forgiven(directory: Directory, text: str) -> None:
    assert await found(directory, text) != []


@pytest.mark.parametrize("text", ["Anma", "Muxxler", "12345679"])
async def test_short_words_two_mistakes_and_numbers_are_not_forgiven(directory: Directory, text: str) -> None:
    assert await found(directory, text) == []


async def test_what_fits_as_typed_comes_before_what_fits_with_a_mistake(directory: Directory) -> None:
    await directory.put([contact("9", "Rossa Verdi"), contact("10", "Russo Neri")], IT)
    assert await found(directory, "rossa") == ["9", "8", "2"]
    # A page that is full as typed is not filled with mistakes.
    assert await found(directory, "rossa", limit=2) == ["9", "8"]


@pytest.mark.parametrize("text", ["annun", "annnun", "anunzi", "nanunzi", "annumziat"])
async def test_a_mistake_is_forgiven_while_the_word_is_still_being_typed(
    directory: Directory, text: str
) -> None:
    assert await found(directory, text) == ["8"]


async def test_C12_only_visible_books_are_searched(directory: Directory) -> None:
    hidden = Contact("hr-1", "hr", "csv", "h1", "Anna Rossi", numbers=(ContactNumber("02 1234 5678"),))
    await directory.put([hidden], IT)
    for text in ("rossi", "12345678", "rossi 5678", "rossj"):
        assert "h1" not in await found(directory, text, books=frozenset({"crm"}))
        assert await found(directory, text, books=frozenset({"hr"})) in (["h1"], [])
        assert await found(directory, text, books=frozenset()) == []
    assert await found(directory, "12345678", books=frozenset({"hr"})) == ["h1"]


async def test_best_hits_come_first_and_archived_last(directory: Directory) -> None:
    await directory.put(
        [
            contact("20", "Ann Zed"),
            contact("21", "Zoe Quick", company="Ann Ltd"),
            contact("22", "Annabel Berg"),
            contact("23", "Ann Old", archived=True),
        ],
        IT,
    )
    hits = [each for each in await found(directory, "ann") if each in {"20", "21", "22", "23"}]
    assert hits == ["20", "22", "21", "23"]


async def test_C21_a_common_name_is_counted_to_a_thousand(directory: Directory) -> None:
    await directory.put([contact(f"m{n}", f"Bianchi Numero {n}") for n in range(1_200)], IT)
    page = await directory.search("bianchi", None, 20, IT)
    assert (len(page.items), page.total, page.more, page.exact) == (20, 1_000, True, False)
    page = await directory.search("bianchi 11", None, 200, IT)
    assert (page.total, page.more, page.exact) == (len(page.items), False, True)


async def test_total_and_more_are_exact_for_few(directory: Directory) -> None:
    page = await directory.search("ross", None, 1, IT)
    assert (len(page.items), page.total, page.more) == (1, 2, True)
    page = await directory.search("ross", None, 2, IT)
    assert (len(page.items), page.total, page.more) == (2, 2, False)


@pytest.mark.parametrize(
    "text",
    [
        '"',
        '" OR *',
        "name:rossi",
        "NEAR(a b)",
        "a AND",
        "NOT x",
        "(",
        "^rossi",
        "rossi*",
        "{name}",
        "-- x",
        "';",
        "\x00",
        "*" * 300,
    ],
)
async def test_search_syntax_in_the_text_is_only_text(directory: Directory, text: str) -> None:
    await directory.search(text, None, 10, IT)
    await directory.search(text, frozenset({'b" OR "x'}), 10, IT)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60), name=st.text(max_size=20))
async def test_no_text_breaks_the_search(directory: Directory, text: str, name: str) -> None:
    await directory.put([contact("h", name)], IT)
    page = await directory.search(text, None, 10, IT)
    assert page.total >= len(page.items)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(
        st.characters(codec="utf-8", categories=["Lu", "Ll", "Lo", "Nd", "Zs", "Pd"]), min_size=1, max_size=20
    )
)
async def test_a_contact_is_found_by_its_own_name(directory: Directory, name: str) -> None:
    await directory.put([contact("h", name)], IT)
    query = parse(name, IT)
    page = await directory.search(name, None, 2_000, IT)
    assert query.empty or "h" in [each.record_id for each in page.items]


@given(text=st.text(max_size=40))
def test_what_is_stored_is_made_of_plain_words(text: str) -> None:
    for word in folded([text]).split():
        assert all(letter.isalnum() for letter in word)


def test_spellings_begin_with_the_words_own() -> None:
    assert spellings("müller") == ("muller", "mueller")
    assert spellings("rossi") == ("rossi",)
    assert spellings("иван") == ("иван", "ivan")
