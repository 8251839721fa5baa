"""Several fields as one: lists of numbers and of e-mails, and names of two parts."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.apps.records import Entry, FieldInfo, FieldKind, Record, Value
from linedesk.sync.composite import field_of, is_told, parts_of, placed, value_of
from linedesk.sync.values import elements
from sync.plan_house import ITALY, named

SLOTS = "office+mobile+home"
FIELDS = named(
    [
        FieldInfo("first_name", "First name", FieldKind.NAME),
        FieldInfo("last_name", "Last name", FieldKind.NAME, required=True, max_length=10),
        FieldInfo("email", "E-mail", FieldKind.EMAIL),
        FieldInfo("other_emails", "Other e-mails", FieldKind.EMAIL, many=True, detail_only=True),
        *(FieldInfo(name, name.title(), FieldKind.PHONE, max_length=20) for name in SLOTS.split("+")),
        FieldInfo("city", "City", FieldKind.TEXT),
        FieldInfo("street", "Street", FieldKind.TEXT),
        FieldInfo("a+b", "Odd", FieldKind.TEXT),
    ]
)


def _parts(name: str, value: Value, held: Mapping[str, Value]) -> dict[str, Value]:
    return parts_of(field_of(FIELDS, name), value, held, ITALY)


def test_fields_together_are_a_list_a_name_or_a_text_that_is_only_read() -> None:
    slots, name, text = (field_of(FIELDS, each) for each in (SLOTS, "first_name+last_name", "street+city"))
    assert (slots.kind, slots.many, slots.read_only) == (FieldKind.PHONE, True, False)
    assert (slots.parts, slots.label) == (("office", "mobile", "home"), "Office + Mobile + Home")
    assert (name.kind, name.many, name.read_only, name.required) == (FieldKind.NAME, False, False, True)
    assert (text.kind, text.read_only) == (FieldKind.TEXT, True)
    emails = field_of(FIELDS, "email+other_emails")
    assert (emails.kind, emails.many, emails.detail_only) == (FieldKind.EMAIL, True, True)


def test_a_field_by_itself_is_itself_even_with_a_plus_in_its_name() -> None:
    assert field_of(FIELDS, "city") is FIELDS["city"]
    assert field_of(FIELDS, "a+b") is FIELDS["a+b"]
    record = Record("r", {"a+b": "x"}, missing=frozenset({"city"}))
    assert value_of(record, FIELDS["a+b"]) == "x"
    assert not is_told(record, FIELDS["city"])


@pytest.mark.parametrize("name", ["office+nowhere", "office+office", "nothing"])
def test_a_part_that_there_is_not_and_a_part_named_twice_are_refused(name: str) -> None:
    with pytest.raises(KeyError):
        field_of(FIELDS, name)


def test_numbers_are_read_as_a_list_with_the_labels_of_their_places() -> None:
    record = Record("r", {"office": "045 1234567", "mobile": " ", "home": "045 1234568"})
    assert value_of(record, field_of(FIELDS, SLOTS)) == (
        Entry("045 1234567", "work"),
        Entry("045 1234568", "home"),
    )


def test_a_composite_is_told_when_every_part_is() -> None:
    info = field_of(FIELDS, "email+other_emails")
    assert not is_told(Record("r", {"email": "a@x.test"}, missing=frozenset({"other_emails"})), info)
    assert is_told(Record("r", {"email": "a@x.test"}), info)


def test_S14_a_number_that_is_only_spelt_otherwise_is_not_written() -> None:
    held: dict[str, Value] = {"office": "045 1234567", "mobile": "", "home": ""}
    wanted = (Entry("+390451234567", "mobile"), Entry("+390451234568", "mobile"))
    assert _parts(SLOTS, wanted, held) == {"mobile": "+390451234568"}


def test_J08_numbers_that_find_no_place_are_named_in_a_note_and_come_in_later() -> None:
    numbers = tuple(f"+39045123456{n}" for n in range(4))
    info = field_of(FIELDS, SLOTS)
    full = placed(info, numbers, {}, ITALY)
    assert full.fields == {"office": numbers[0], "mobile": numbers[1], "home": numbers[2]}
    assert full.notes == (f"Left out, since no place is free in Office + Mobile + Home: {numbers[3]}.",)
    later = placed(info, numbers[1:], full.fields, ITALY)
    assert (later.fields, later.notes) == ({"office": numbers[3]}, ())


def test_a_number_that_is_gone_empties_its_place_only() -> None:
    held: dict[str, Value] = {"office": "045 1234567", "mobile": "045 1234568", "home": None}
    assert _parts(SLOTS, ("045 1234568",), held) == {"office": ""}
    assert _parts(SLOTS, (), held) == {"office": "", "mobile": ""}


def test_e_mails_are_the_main_one_and_the_others() -> None:
    held: dict[str, Value] = {"email": "Ada@x.test", "other_emails": ("b@x.test",)}
    wanted = ("c@x.test", "ada@X.test", "b@x.test")
    assert _parts("email+other_emails", wanted, held) == {"other_emails": ("b@x.test", "c@x.test")}
    assert _parts("email+other_emails", ("b@x.test",), held) == {"email": ""}


def test_labels_of_a_list_among_the_parts_are_kept() -> None:
    fields = named(
        [FieldInfo("p", "P", FieldKind.PHONE), FieldInfo("more", "More", FieldKind.PHONE, many=True)]
    )
    held: dict[str, Value] = {"p": "045 1234567", "more": (Entry("045 1234568", "Zia"),)}
    info = field_of(fields, "p+more")
    assert value_of(Record("r", held), info) == (Entry("045 1234567", "p"), Entry("045 1234568", "Zia"))
    wanted = ("045 1234567", Entry("045 1234568", "zia"), Entry("045 1234569", "home"))
    assert parts_of(info, wanted, held, ITALY) == {  # type: ignore[arg-type]
        "more": (Entry("045 1234568", "Zia"), Entry("045 1234569", "home"))
    }


def test_a_name_is_written_into_its_parts_and_only_where_it_changes() -> None:
    held: dict[str, Value] = {"first_name": "Maria", "last_name": "Garcia L"}
    both = "first_name+last_name"
    assert value_of(Record("r", held), field_of(FIELDS, both)) == "Maria Garcia L"
    assert _parts(both, "Maria Garcia L", held) == {}
    assert _parts(both, "Ana Garcia L", held) == {"first_name": "Ana"}
    assert _parts(both, "Cher", held) == {"first_name": "", "last_name": "Cher"}
    assert _parts(both, "Ada Example", {}) == {"first_name": "Ada", "last_name": "Example"}


def test_a_part_of_a_name_that_is_too_long_is_cut_with_a_note() -> None:
    info = field_of(FIELDS, "first_name+last_name")
    done = placed(info, "Ada Longexample-Example", {}, ITALY)
    assert done.fields["last_name"] == "Longexampl"
    assert "Last name takes 10 characters" in done.notes[0]


texts = st.sampled_from(["", "045 1234567", "+390451234567", "045 1234568", "201", "call me", "0451234569"])
held_slots = st.fixed_dictionaries(dict.fromkeys(SLOTS.split("+"), texts))
wanted_lists = st.lists(texts, max_size=6).map(tuple)


@settings(max_examples=100)
@given(held_slots, wanted_lists)
def test_S03_what_was_placed_is_placed_for_good(held: dict[str, Value], wanted: tuple[str, ...]) -> None:
    info = field_of(FIELDS, SLOTS)
    once = {**held, **parts_of(info, wanted, held, ITALY)}
    assert parts_of(info, wanted, once, ITALY) == {}
    assert parts_of(info, wanted[::-1], once, ITALY) == {}
    listed = value_of(Record("r", once), info)
    now = {key for key, _ in elements(listed, FieldKind.PHONE, ITALY)}
    assert now <= {key for key, _ in elements(wanted, FieldKind.PHONE, ITALY)}
    assert parts_of(info, listed, once, ITALY) == {}
