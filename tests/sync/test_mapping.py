"""Default rows by kind, what was changed of them, and sentences for rows that can't work."""

from __future__ import annotations

import pytest

from linedesk.apps.freshdesk import KIND as FRESHDESK
from linedesk.apps.freshdesk_fields import DEFAULTS as FRESHDESK_FIELDS
from linedesk.apps.records import FieldInfo, FieldKind
from linedesk.apps.wildix_phonebook_fields import FIELDS as PHONEBOOK_FIELDS
from linedesk.sync.mapping import check_rows, default_rows, described, mirrored
from linedesk.sync.model import Direction, MappingRow, RowEdit
from linedesk.sync.policies import Blanks, Conflict
from linedesk.sync.row_edits import edited
from sync.plan_house import BOOK_FIELDS, CRM_FIELDS, named

A, B = named(CRM_FIELDS), named(BOOK_FIELDS)


def test_the_default_rows_join_like_with_like() -> None:
    rows = default_rows(A, B)
    assert [(row.a, row.b, row.transform) for row in rows] == [
        ("name", "name", "name"),
        ("email", "email", "same"),
        ("company", "organization", "same"),
        ("address", "address", "same"),
        ("phone", "office", "number"),
        ("mobile", "mobile", "number"),
    ]
    assert check_rows(rows, A, B) == ()


def test_numbers_without_a_namesake_take_the_free_slots_in_order_and_no_slot_twice() -> None:
    left = named(
        FieldInfo(name, name, FieldKind.PHONE) for name in ("direct", "mobile", "other", "third", "last")
    )
    slots = named(FieldInfo(name, name, FieldKind.PHONE) for name in ("fax", "phone", "mobile", "office"))
    rows = default_rows(left, slots)
    assert {row.a: row.b for row in rows} == {
        "mobile": "mobile",
        "direct": "office",
        "other": "phone",
        "third": "fax",
    }


def test_a_field_that_can_only_be_read_is_mapped_one_way_or_not_at_all() -> None:
    free = FieldInfo("name", "Name", FieldKind.NAME)
    fixed = FieldInfo("name", "Name", FieldKind.NAME, read_only=True)
    assert default_rows(named([fixed]), named([free]))[0].direction is Direction.TO_B
    assert default_rows(named([free]), named([fixed]))[0].direction is Direction.TO_A
    assert default_rows(named([fixed]), named([fixed])) == ()


FIXED = FieldInfo("hash", "Hash", FieldKind.TEXT, read_only=True)
TAGS = FieldInfo("tags", "Tags", FieldKind.TAGS, many=True)
VISITS = FieldInfo("visits", "Visits", FieldKind.NUMBER)
EXTRA = named([*CRM_FIELDS, *BOOK_FIELDS, FIXED, TAGS, VISITS])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (MappingRow("nick", "name", Direction.TO_B), 'no field "nick"'),
        (MappingRow("name", "nick", Direction.TO_B), 'no field "nick"'),
        (MappingRow("name", "name", Direction.TO_B, "shout"), 'no transform "shout"'),
        (MappingRow("name", "hash", Direction.TO_B), "only be read"),
        (MappingRow("address", "email", Direction.TO_B), "does not fit"),
        (MappingRow("email", "office", Direction.TO_B), "does not fit"),
        (MappingRow("name", "visits", Direction.TO_B), "does not fit"),
        (MappingRow("name", "document_id", Direction.TO_B), "does not fit"),
        (MappingRow("tags", "note", Direction.TO_B), '"first" or "join"'),
        (MappingRow("shortcut", "tags", Direction.TO_B), "does not fit"),
    ],
)
def test_a_row_that_can_not_work_is_told_in_a_sentence(row: MappingRow, said: str) -> None:
    (sentence,) = check_rows([row], EXTRA, EXTRA)
    assert said in sentence
    assert sentence.endswith(".")


def test_rows_are_judged_in_the_directions_that_are_written() -> None:
    rows = [MappingRow("hash", "note")]
    assert check_rows(rows, EXTRA, EXTRA, Direction.TO_B) == ()
    assert len(check_rows(rows, EXTRA, EXTRA)) == 1
    assert "No row" in check_rows([MappingRow("name", "name", Direction.TO_A)], A, B, Direction.TO_B)[0]


def test_two_rows_that_write_one_field_are_refused() -> None:
    rows = [MappingRow("phone", "office", Direction.TO_B), MappingRow("mobile", "office", Direction.TO_B)]
    (sentence,) = check_rows(rows, A, B)
    assert '"office"' in sentence


def test_many_values_go_to_one_field_by_first_or_join_and_one_value_never_replaces_many() -> None:
    assert check_rows([MappingRow("tags", "note", Direction.TO_B, "join")], EXTRA, EXTRA) == ()
    many = named([FieldInfo("numbers", "Numbers", FieldKind.PHONE, many=True)])
    (sentence,) = check_rows([MappingRow("phone", "numbers", Direction.TO_B)], A, many)
    assert "replace them all" in sentence


PERSON = named(
    [
        FieldInfo("first_name", "First name", FieldKind.NAME),
        FieldInfo("last_name", "Last name", FieldKind.NAME),
        FieldInfo("emails", "E-mails", FieldKind.EMAIL, many=True),
        FieldInfo("numbers", "Numbers", FieldKind.PHONE, many=True),
        FieldInfo("company", "Company", FieldKind.COMPANY),
        FieldInfo("kind", "Kind", FieldKind.TEXT),
        FieldInfo("born", "Born", FieldKind.DATE),
        FieldInfo("owner", "Owner", FieldKind.OWNER),
    ]
)
PHONEBOOK = named(PHONEBOOK_FIELDS)
LISTED = "office+mobile+home+home_mobile+phone+fax"


def test_the_default_rows_join_two_names_with_one_and_a_list_with_the_six_places() -> None:
    rows = default_rows(PERSON, PHONEBOOK)
    assert [(row.a, row.b, row.transform) for row in rows] == [
        ("first_name+last_name", "name", "name"),
        ("emails", "email", "first"),
        ("company", "organization", "same"),
        ("numbers", LISTED, "number"),
    ]
    assert {row.direction for row in rows} == {Direction.BOTH}
    assert check_rows(rows, PERSON, PHONEBOOK) == ()
    assert default_rows(PHONEBOOK, PERSON) == tuple(map(mirrored, rows))


def test_first_and_family_names_of_two_apps_go_each_to_its_own() -> None:
    turned = named(reversed(PERSON.values()))
    assert [row.key for row in default_rows(PERSON, turned)][:2] == [
        "first_name=first_name",
        "last_name=last_name",
    ]


def test_the_rows_of_freshdesk_and_the_phonebook_work_both_ways() -> None:
    freshdesk = named(FRESHDESK_FIELDS)
    assert {row.direction for row in FRESHDESK.phonebook_rows} == {Direction.BOTH}
    assert check_rows(FRESHDESK.phonebook_rows, freshdesk, PHONEBOOK) == ()
    assert check_rows(tuple(map(mirrored, FRESHDESK.phonebook_rows)), PHONEBOOK, freshdesk) == ()
    assert check_rows([MappingRow("phone+mobile", LISTED, transform="number")], freshdesk, PHONEBOOK) == ()
    assert (
        check_rows([MappingRow("email+other_emails", "email", transform="first")], freshdesk, PHONEBOOK) == ()
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (MappingRow("first_name+nick", "name"), 'no field "nick"'),
        (MappingRow("first_name+first_name", "name"), "names one field twice"),
        (MappingRow("kind+company", "note"), "can only be read together"),
        (MappingRow("numbers", LISTED, transform="same", options={"between": ","}), 'no option "between"'),
        (MappingRow("kind", "note", transform="constant", options={"value": "x"}), "no way back"),
        (MappingRow("numbers", "note", transform="join", options={"between": " "}), "can't be taken apart"),
        (MappingRow("born", "note", transform="date", options={"format": "%d"}), "%d, %m and %Y"),
        (MappingRow("born", "note", transform="date", options={"reversed": "no"}), "true or false"),
        (MappingRow("company", "note", transform="date"), "does not fit"),
        (MappingRow("numbers", "office", transform="choices", options={"table": {"a": "b"}}), "does not fit"),
        (MappingRow("owner", "note"), "does not fit"),
        (MappingRow("numbers", "email", Direction.TO_B, "first"), "does not fit"),
    ],
)
def test_a_row_with_a_transform_that_can_not_do_it_is_told_in_a_sentence(row: MappingRow, said: str) -> None:
    sentences = check_rows([row], PERSON, PHONEBOOK)
    assert said in sentences[0]
    assert sentences[0].endswith(".")


def test_S10_a_transform_without_a_way_back_is_fine_one_way_and_turns_with_its_row() -> None:
    row = MappingRow("kind", "note", Direction.TO_B, "constant", {"value": "crm"})
    assert check_rows([row], PERSON, PHONEBOOK) == ()
    assert check_rows([mirrored(row)], PHONEBOOK, PERSON) == ()
    wrong = MappingRow("kind", "note", Direction.TO_A, "constant", {"value": "crm"})
    assert "no way back" in check_rows([wrong], PERSON, PHONEBOOK)[0]


def test_rows_collide_also_through_fields_that_are_taken_together() -> None:
    rows = [MappingRow("numbers", LISTED, transform="number"), MappingRow("kind", "mobile")]
    assert '2 rows write the field "mobile" of side B; keep one.' in check_rows(rows, PERSON, PHONEBOOK)


def test_S09_a_mirrored_row_is_the_same_row_seen_from_the_other_side() -> None:
    row = MappingRow("a", "b", Direction.TO_B, "national", conflict=Conflict.A, blanks=Blanks.NEVER)
    assert mirrored(row) == MappingRow(
        *("b", "a", Direction.TO_A, "national"),
        options={"reversed": True},
        conflict=Conflict.B,
        blanks=Blanks.NEVER,
    )
    assert mirrored(mirrored(row)).options == {"reversed": False}
    plain = MappingRow("a", "b", conflict=Conflict.ASK)
    assert mirrored(mirrored(plain)) == plain


def test_edits_replace_switch_off_and_add_rows() -> None:
    rows = default_rows(A, B)
    one_way = MappingRow("email", "email", Direction.TO_B)
    note = MappingRow("notes", "note")
    edits = (
        RowEdit(MappingRow("address", "address"), off=True),
        RowEdit(note),
        RowEdit(MappingRow("notes", "shortcut"), off=True),
        RowEdit(one_way),
    )
    changed = edited(rows, edits)
    assert [row.key for row in changed] == [row.key for row in rows if row.a != "address"] + [note.key]
    assert changed[1] is one_way
    assert edited(rows, ()) == rows


def test_a_mapping_is_told_row_by_row_in_sentences() -> None:
    rows = (
        MappingRow("first_name+last_name", "name", transform="name"),
        MappingRow("kind", "note", Direction.TO_A),
        MappingRow("nowhere", "note", Direction.TO_B, "shout"),
    )
    name, kind, odd = described(rows, PERSON, PHONEBOOK)
    assert name == {
        "from": "first_name+last_name",
        "to": "name",
        "direction": "both",
        "transform": "name",
        "sentence": "Both ways between First name + Last name and Name. The name; a record without one "
        "takes its company, else its e-mail, else its number.",
    }
    assert (kind["direction"], kind["sentence"]) == ("from", "From Note to Kind. The value as it is.")
    assert (odd["direction"], odd["sentence"]) == ("to", "From nowhere to Note. No such transform.")
