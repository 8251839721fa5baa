"""The same person in two apps is one entry; whoever may be either of two is nobody's."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.contacts.model import Contact, ContactNumber, ContactType
from linedesk.contacts.persons import Entry, merged, name_forms
from linedesk.contacts.policy import MatchPolicy
from linedesk.numbers import Number, NumberPlan, lookup_keys, read

PLAN = NumberPlan("GB")
POLICY = MatchPolicy(open_first=("phonebook",))


def reading(book: str, raw: str) -> Number:
    return read(raw, PLAN)


def contact(
    record: str, book: str = "crm", name: str = "Ada Example", *numbers: str, **more: object
) -> Contact:
    made = Contact(
        f"{book}:{record}", book, book, record, name, numbers=tuple(ContactNumber(each) for each in numbers)
    )
    return replace(made, **more)  # type: ignore[arg-type]


def ids(entries: tuple[Entry, ...]) -> list[list[str]]:
    return [[each.id for each in entry.records] for entry in entries]


def together(*contacts: Contact) -> list[list[str]]:
    return ids(merged(contacts, reading, POLICY))


A = contact("1", "crm", "Ada Example", "020 7946 0018")
B = contact("1", "phonebook", "EXAMPLE ada", "+44 20 7946 0018")


def test_one_name_in_any_order_and_one_number_are_one_person() -> None:
    assert together(A, B) == [["phonebook:1", "crm:1"]]


@pytest.mark.parametrize(
    ("name", "companies", "joined"),
    [
        ("Info", ("Alpha Srl", "Beta Srl"), False),  # two firms behind one switchboard
        ("Info", ("Alpha Srl", "ALPHA"), True),
        ("Info", ("Alpha Srl", ""), True),
        ("Müller", ("Bäckerei Nord", "Kanzlei Süd"), False),
        ("Ada Example", ("Alpha Srl", "Beta Srl"), True),  # one of the two is out of date
    ],
)
def test_a_name_of_one_word_counts_within_one_company(
    name: str, companies: tuple[str, str], joined: bool
) -> None:
    a = contact("1", "crm", name, "020 7946 0018", company=companies[0])
    b = contact("1", "phonebook", name, "+44 20 7946 0018", company=companies[1])
    assert (len(together(a, b)) == 1) is joined


def test_one_name_and_one_address_are_one_person() -> None:
    a = contact("1", emails=("Ada@Example.test",))
    b = contact("1", "phonebook", emails=("ada@example.test ",))
    (entry,) = merged([a, b], reading, POLICY)
    assert len(entry.records) == 2
    assert entry.emails == ("ada@example.test ",)


@pytest.mark.parametrize(
    "other",
    [
        replace(B, name="Ada Other"),
        replace(B, name=""),
        replace(B, name="…"),
        replace(B, type=ContactType.COMPANY),
        replace(B, numbers=(ContactNumber("+44 20 7946 0019"),)),
        replace(B, numbers=()),
        replace(B, book="crm", id="crm:2", record_id="2"),
    ],
    ids=["name", "no name", "no letters", "type", "number", "no number", "same book"],
)
def test_whoever_differs_stays_apart(other: Contact) -> None:
    assert len(together(A, other)) == 2


def test_nameless_records_are_never_joined() -> None:
    assert len(together(replace(A, name=""), replace(B, name=""))) == 2


def test_a_mere_reading_in_common_joins_nobody() -> None:
    italy = NumberPlan("IT")
    a = contact("1", "crm", "Ada Example", "0212345678/79")
    b = contact("1", "phonebook", "Ada Example", "+39 02 12345679")
    assert len(merged([a, b], lambda book, raw: read(raw, italy), POLICY)) == 2
    first_line = replace(b, numbers=(ContactNumber("+39 02 12345678"),))
    assert len(merged([a, first_line], lambda book, raw: read(raw, italy), POLICY)) == 1


def test_B05_an_internal_number_in_common_joins_nobody() -> None:
    assert len(together(contact("1", "crm", "Ada", "201"), contact("1", "phonebook", "Ada", "201"))) == 2


def test_whoever_fits_two_records_of_a_book_is_joined_with_neither() -> None:
    twin = replace(A, id="crm:2", record_id="2")
    assert together(A, twin, B) == [["crm:1"], ["crm:2"], ["phonebook:1"]]


def test_a_namesake_of_the_same_book_with_nothing_in_common_does_not_keep_two_apart() -> None:
    namesake = contact("2", "crm", "Ada Example", "+44 20 7946 0999")
    assert together(A, namesake, B) == [["phonebook:1", "crm:1"], ["crm:2"]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jürgen Müller", "MUELLER Juergen"),
        ("Jürgen Müller", "Muller Jurgen"),
        ("Zoë O'Brien", "zoe o’brien"),
        ("Иван Петров", "Ivan Petrov"),
        ("Łukasz Żółć", "lukasz zolc"),
    ],
)
def test_spellings_of_one_name_have_a_form_in_common(one: str, other: str) -> None:
    assert name_forms(one) & name_forms(other)


def test_other_names_have_none() -> None:
    assert not name_forms("Ali Ali") & name_forms("Ali")
    assert not name_forms("Ada Example") & name_forms("Ada Exampel")
    assert name_forms(" - ") == frozenset()


def test_the_page_that_opens_first_is_of_the_account_named_first() -> None:
    assert merged([A, B], reading, MatchPolicy(("crm",)))[0].head is A
    assert merged([A, B], reading, MatchPolicy())[0].head is A


def test_a_page_without_address_and_a_put_away_one_stand_behind() -> None:
    a = replace(A, page_url="https://crm.example.test/1")
    assert together(a, B) == [["crm:1", "phonebook:1"]]
    assert together(replace(a, archived=True), B) == [["phonebook:1", "crm:1"]]
    (entry,) = merged([replace(a, blocked=True), B], reading, POLICY)
    assert (entry.page_url, entry.last, entry.blocked) == (a.page_url, False, False)


def test_all_put_away_is_put_away() -> None:
    (entry,) = merged([replace(A, archived=True), replace(B, blocked=True)], reading, POLICY)
    assert (entry.archived, entry.blocked, entry.last) == (True, True, True)


def test_an_entry_has_every_number_and_the_first_company() -> None:
    a = replace(
        A, numbers=(*A.numbers, ContactNumber("0800 123"), ContactNumber("no number")), company="Acme"
    )
    b = replace(B, numbers=(*B.numbers, ContactNumber("020 7946 0018 ext 5"), ContactNumber("no number")))
    (entry,) = merged([a, b], reading, POLICY)
    raws = [each.number.raw for each in entry.numbers]
    assert raws == ["+44 20 7946 0018", "020 7946 0018 ext 5", "no number", "0800 123"]
    assert entry.company == "Acme"


_NUMBERS = ("020 7946 0018", "+44 20 7946 0018", "020 7946 0019", "201", "")
_contacts = st.lists(
    st.builds(
        lambda book, record, name, raws, mail, archived: contact(
            str(record),
            book,
            name,
            *raws,
            emails=(mail,) if mail else (),
            archived=archived,
            page_url=f"https://{book}.example.test/{record}" if record % 2 else None,
        ),
        st.sampled_from(["crm", "phonebook", "other"]),
        st.integers(1, 3),
        st.sampled_from(["Ada Example", "example ADA", "Bob", ""]),
        st.lists(st.sampled_from(_NUMBERS), max_size=2),
        st.sampled_from(["", "ada@example.test", "ADA@example.test", "b@example.test"]),
        st.booleans(),
    ),
    max_size=8,
    unique_by=lambda each: each.id,
)


@given(_contacts, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_nobody_is_lost_or_twice_and_the_order_of_input_does_not_matter(
    contacts: list[Contact], random: Random
) -> None:
    entries = merged(contacts, reading, POLICY)
    records = [each for entry in entries for each in entry.records]
    assert sorted(each.id for each in records) == sorted(each.id for each in contacts)
    shuffled = random.sample(contacts, len(contacts))
    assert sorted(map(repr, merged(shuffled, reading, POLICY))) == sorted(map(repr, entries))
    for entry in entries:
        books = [each.book for each in entry.records]
        assert len(set(books)) == len(books)
        assert entry.last == all(each.last for each in entry.records)
        held = {
            key.text
            for each in entry.records
            for n in each.numbers
            for key in lookup_keys(reading("", n.raw))
        }
        assert {key.text for n in entry.numbers for key in lookup_keys(reading(n.book, n.number.raw))} == held


@given(_contacts)
@settings(max_examples=100, deadline=None)
def test_joining_again_changes_nothing(contacts: list[Contact]) -> None:
    entries = merged(contacts, reading, POLICY)
    again = merged([each for entry in entries for each in entry.records], reading, POLICY)
    assert again == entries
