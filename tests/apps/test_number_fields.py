"""Numbers of a record by the fields that hold them; what a check says of the choice. Pure."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.apps.base import Level
from linedesk.apps.freshdesk import FreshdeskSettings
from linedesk.apps.number_fields import check_number_fields, contact_numbers, number_infos
from linedesk.apps.records import Entry, FieldInfo, FieldKind, Record, Value
from linedesk.contacts.model import ContactNumber

FIELDS = (
    FieldInfo("name", "Name", FieldKind.NAME),
    FieldInfo("phone", "Work phone", FieldKind.PHONE),
    FieldInfo("more", "More numbers", FieldKind.PHONE, many=True),
    FieldInfo("custom_fields.second", "Second phone", FieldKind.PHONE, custom=True),
    FieldInfo("custom_fields.whatsapp", "WhatsApp", FieldKind.TEXT, custom=True),
    FieldInfo("custom_fields.floor", "Floor", FieldKind.NUMBER, custom=True),
    FieldInfo("vip", "VIP", FieldKind.CHECKBOX),
)


def numbers(wanted: tuple[str, ...] = (), **fields: Value) -> list[tuple[str, str]]:
    record = Record("1", {name.replace("__", "."): value for name, value in fields.items()})
    return [(each.raw, each.label) for each in contact_numbers(record, FIELDS, wanted, {"phone": "work"})]


def test_A22_without_a_choice_every_phone_field_counts_custom_ones_included() -> None:
    found = numbers(
        phone=" +39021 ", more=(Entry("5", "home"), Entry("6")), custom_fields__second="7", name="123"
    )
    assert found == [("+39021", "work"), ("5", "home"), ("6", "More numbers"), ("7", "Second phone")]


def test_A22_the_choice_decides_which_and_in_which_order() -> None:
    found = numbers(("custom_fields.whatsapp", "phone"), phone="1234", custom_fields__whatsapp="+39 333 1")
    assert found == [("+39 333 1", "WhatsApp"), ("1234", "work")]


@pytest.mark.parametrize(
    ("text", "raws"),
    [
        ("+39 333 1; 02 2 | 03 33", ["+39 333 1", "02 2", "03 33"]),
        ("+39 333 1\r\n\r\n02 22", ["+39 333 1", "02 22"]),
        ("none; n/a", []),
        ("floor 3", []),
        (393331234567, ["393331234567"]),
        (393331234567.0, ["393331234567"]),
        (True, []),
        (None, []),
        ("", []),
    ],
)
def test_A22_a_field_of_text_may_hold_several_numbers_or_none(text: Value, raws: list[str]) -> None:
    assert [raw for raw, _ in numbers(("custom_fields.whatsapp",), custom_fields__whatsapp=text)] == raws


def test_the_same_number_twice_is_shown_once_under_its_first_label() -> None:
    assert numbers(phone="1234", custom_fields__second="1234") == [("1234", "work")]


def test_a_field_that_the_app_may_not_tell_is_read_all_the_same() -> None:
    record = Record("1", {"custom_fields.other": "+39021"})
    assert contact_numbers(record, FIELDS, ("custom_fields.other",)) == (
        ContactNumber("+39021", "custom_fields.other"),
    )
    assert [each.name for each in number_infos(FIELDS, ("x",))] == ["x"]


def test_a_check_names_what_is_no_field_with_what_is() -> None:
    (wrong,) = check_number_fields("CRM (crm)", FIELDS, ("phone", "custom_fields.whatsap"))
    assert wrong.level is Level.MISSING
    assert wrong.sentence.startswith("CRM (crm) has no field custom_fields.whatsap,")
    assert "did you mean custom_fields.whatsapp?" in wrong.sentence
    assert "custom_fields.second" in wrong.remedy
    assert check_number_fields("CRM (crm)", FIELDS[:2], ("custom_fields.whatsapp",), told=False) == []


def test_a_check_hints_at_text_fields_that_seem_to_hold_numbers_until_somebody_chose() -> None:
    (hint,) = check_number_fields("CRM (crm)", FIELDS, ())
    assert hint.level is Level.HINT
    assert "WhatsApp" in hint.sentence
    assert (
        'number_fields = ["phone", "more", "custom_fields.second", "custom_fields.whatsapp"]' in hint.remedy
    )
    assert check_number_fields("CRM (crm)", FIELDS, ("phone",)) == []


@pytest.mark.parametrize("given", ["phone", [1], [""], ["x" * 201], [f"f{n}" for n in range(51)], {"a": 1}])
def test_a_wrong_list_of_fields_is_a_sentence(given: object) -> None:
    with pytest.raises(ValueError, match="must be a list of at most 50 names of fields"):
        FreshdeskSettings.model_validate({"number_fields": given})


def test_names_lose_blanks_and_doubles() -> None:
    made = FreshdeskSettings.model_validate({"number_fields": [" phone ", "phone", "mobile"]})
    assert made.number_fields == ("phone", "mobile")


@settings(max_examples=60)
@given(st.text(max_size=60), st.sampled_from(["phone", "custom_fields.whatsapp"]))
def test_S05_every_number_is_a_part_of_what_the_field_holds(text: str, name: str) -> None:
    for each in contact_numbers(Record("1", {name: text}), FIELDS, (name,)):
        assert each.raw
        assert each.raw in text
