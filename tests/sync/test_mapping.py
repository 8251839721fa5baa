"""Default rows by kind, and sentences for rows that can't work."""

from __future__ import annotations

import pytest

from linedesk.apps.records import FieldInfo, FieldKind
from linedesk.sync.mapping import check_rows, default_rows
from linedesk.sync.model import Direction, MappingRow
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
