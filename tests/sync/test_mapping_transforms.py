"""Values on their way: transforms, fitting, comparison and text (S14, S24)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.apps.records import Choice, Entry, FieldInfo, FieldKind, Record, Value
from linedesk.sync.fitting import Made, fit
from linedesk.sync.number_texts import public_form
from linedesk.sync.texts import cut, folded_name, plain
from linedesk.sync.transforms import TRANSFORMS, Given, made_of, transform_for
from linedesk.sync.values import elements, is_blank, same
from sync.plan_house import ITALY

TEXT = FieldInfo("text", "Text", FieldKind.TEXT)
MANY = FieldInfo("many", "Many", FieldKind.TEXT, many=True)


@pytest.mark.parametrize(
    ("text", "sent", "notes"),
    [
        ("045 1234567", "+390451234567", 0),
        ("+44 (0)20 7946 0000", "+442079460000", 0),
        ("045 1234567 int. 5", "045 1234567 int. 5", 0),
        ("201", "201", 0),
        ("112", "112", 0),
        ("call me", "call me", 0),
        ("045 1234567 / 333 1234567", "+390451234567", 1),
        ("reception; 045 1234567; 333 1234567", "+390451234567", 1),
        ("one, two", "one, two", 0),
        ("", "", 0),
    ],
)
def test_C10_a_public_number_is_sent_in_international_form_and_the_rest_as_written(
    text: str, sent: str, notes: int
) -> None:
    made = public_form(text, ITALY, "Phone")
    assert made.value == sent
    assert len(made.notes) == notes


@given(st.text(max_size=40))
def test_S02_a_number_that_was_made_is_made_the_same_again(text: str) -> None:
    once = str(public_form(text, ITALY, "Phone").value)
    assert public_form(once, ITALY, "Phone").value == once


@pytest.mark.parametrize(
    ("left", "right", "kind", "equal"),
    [
        (None, "", FieldKind.TEXT, True),
        ("", ("", " "), FieldKind.TEXT, True),
        (False, None, FieldKind.CHECKBOX, False),
        (True, "true", FieldKind.CHECKBOX, True),
        ("1", 1.0, FieldKind.NUMBER, True),
        ("1,0", 1.0, FieldKind.NUMBER, False),
        ("snan", "x", FieldKind.NUMBER, False),
        (" Zoe\u0308 ", "Zoë", FieldKind.NAME, True),
        ("Zoe", "Zoë", FieldKind.NAME, False),
        ("ada", "Ada", FieldKind.NAME, False),
        ("Ada@X.test", "ada@x.TEST", FieldKind.EMAIL, True),
        ("a\r\nb", "a\nb", FieldKind.ADDRESS, True),
        ("a\rb", "a\nb", FieldKind.ADDRESS, True),
        ("a\n\nb", "a\nb", FieldKind.ADDRESS, False),
        ("045 1234567", "+39 045 123 45 67", FieldKind.PHONE, True),
        ("045 1234567", "045 1234568", FieldKind.PHONE, False),
        ("045 1234567 int. 5", "+390451234567 int 5", FieldKind.PHONE, True),
        ("045 1234567 int. 5", "+390451234567 int 6", FieldKind.PHONE, False),
        ("045 1234567 int. 5", "+390451234567", FieldKind.PHONE, False),
        ("045 1234567 / 333 1234567", "045 1234567", FieldKind.PHONE, False),
        ("201", "202", FieldKind.PHONE, False),
        ("no number", "none", FieldKind.PHONE, False),
        ("045 1234567", "+39 045 123 45 67", FieldKind.TEXT, False),
        (("b", "a"), ("a", "b"), FieldKind.TAGS, True),
        (("a",), ("a", "b"), FieldKind.TAGS, False),
        ((Entry("045 1234567", "Work"),), (Entry("+390451234567", "work"),), FieldKind.PHONE, True),
        ((Entry("045 1234567", "work"),), (Entry("045 1234567", "home"),), FieldKind.PHONE, False),
        ((Entry("201", "MOBILE"),), (Entry("201", "mobile phone"),), FieldKind.PHONE, True),
        (("VIP",), ("vip",), FieldKind.TAGS, True),
        (("A@x.test", "b@x.test"), ("B@x.test", "a@x.test"), FieldKind.EMAIL, True),
        (("a", "b", "a"), ("b", "a"), FieldKind.TAGS, True),
    ],
)
def test_S14_two_values_are_the_same_by_their_kind(
    left: Value, right: Value, kind: FieldKind, equal: bool
) -> None:
    assert same(left, right, kind, ITALY) is equal
    assert same(right, left, kind, ITALY) is equal


@given(st.text(max_size=20), st.sampled_from(FieldKind))
def test_S24_every_text_is_the_same_as_itself_in_any_normal_form_that_is_equivalent(
    text: str, kind: FieldKind
) -> None:
    assert same(text, text, kind, ITALY)
    assert same(text, unicodedata.normalize("NFD", text), FieldKind.NAME, ITALY)


@given(
    st.text(st.characters() | st.sampled_from("e\u0301👩\u200d🔬🇮🇹👍🏽\ufe0f"), max_size=30),
    st.integers(0, 30),
)
def test_S24_a_cut_is_a_beginning_of_the_text_within_the_length(text: str, length: int) -> None:
    shorter = cut(text, length)
    assert len(shorter) <= length
    assert text.startswith(shorter)
    if len(text) <= length:
        assert shorter == text


@pytest.mark.parametrize(
    ("text", "length", "shorter"),
    [
        ("Zoe\u0308x", 3, "Zo"),
        ("ab👩\u200d🔬", 3, "ab"),
        ("ab👩\u200d🔬", 4, "ab"),
        ("a👍🏽", 2, "a"),
        ("🇮🇹🇩🇪", 3, "🇮🇹"),
        ("🇮🇹🇩🇪", 2, "🇮🇹"),
        ("ab cd", 3, "ab"),
        ("👩\u200d🔬", 2, ""),
    ],
)
def test_S24_no_cut_goes_through_what_a_person_sees_as_one_sign(text: str, length: int, shorter: str) -> None:
    assert cut(text, length) == shorter


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("Ada Example", "EXAMPLE, Ada", True),
        ("Zoë D'Arc", "zoe d’arc", True),
        ("Müller", "Muller", True),
        ("Straße", "STRASSE", True),
        ("Ada Example", "Ada", False),
        ("Ada Ada", "Ada", False),
        ("कि", "का", False),
        ("ガ", "カ", False),
    ],
)
def test_names_are_paired_without_case_accents_and_order(one: str, other: str, equal: bool) -> None:
    assert (folded_name(one) == folded_name(other)) is equal


@pytest.mark.parametrize(
    ("value", "field", "made"),
    [
        ("x" * 10, FieldInfo("f", "F", FieldKind.TEXT, max_length=4), "xxxx"),
        ("x" * 10, FieldInfo("f", "F", FieldKind.EMAIL, max_length=4), None),
        ("0" * 10, FieldInfo("f", "F", FieldKind.PHONE, max_length=4), None),
        ("Gold", FieldInfo("f", "F", FieldKind.CHOICE, choices=(Choice("g", "gold"),)), "g"),
        ("tin", FieldInfo("f", "F", FieldKind.CHOICE, choices=(Choice("g", "gold"),)), None),
        ("Yes", FieldInfo("f", "F", FieldKind.CHECKBOX), True),
        ("perhaps", FieldInfo("f", "F", FieldKind.CHECKBOX), None),
        (3, FieldInfo("f", "F", FieldKind.NUMBER), 3),
        (3, TEXT, "3"),
        (("a", "b"), MANY, ("a", "b")),
        ("a", MANY, ("a",)),
    ],
)
def test_a_value_is_made_to_fit_or_left_out_with_a_note(value: Value, field: FieldInfo, made: Value) -> None:
    fitted = fit(value, field)
    assert fitted.value == made
    assert fitted.left_out is (made is None)
    assert bool(fitted.notes) is (made in (None, "xxxx"))


def test_J07_of_many_values_those_that_are_too_long_are_left_out_and_named() -> None:
    field = FieldInfo("f", "F", FieldKind.TAGS, many=True, max_length=4)
    fitted = fit(("north", "vip", "a-lot-longer-than-four"), field)
    assert fitted.value == ("vip",)
    assert fitted.notes == ("F takes 4 characters in each value. Left out: north, a-lot-longer-than-four.",)
    assert fit((Entry("12345", "home"), Entry("201", "work")), field).value == (Entry("201", "work"),)


def test_elements_have_one_key_for_every_spelling_and_blank_ones_are_none() -> None:
    values = (Entry("045 1234567", "work"), Entry(" "), Entry("+39 045 1234567"), Entry("201"))
    first, second, third = elements(values, FieldKind.PHONE, ITALY)
    assert first[0] == second[0] != third[0]
    assert (first[1], third[1]) == (values[0], values[3])
    assert elements(("VIP",), FieldKind.TAGS, ITALY)[0][0] == elements("vip", FieldKind.TAGS, ITALY)[0][0]
    assert elements(None, FieldKind.TAGS, ITALY) == ()


def _made(name: str, value: Value, **options: str) -> Made:
    return made_of(TRANSFORMS[name], Given(value, MANY, TEXT, ITALY, options))


def test_many_values_become_one_by_first_with_a_note_or_by_join() -> None:
    assert _made("first", ("a", "b")).value == "a"
    assert "2 values" in _made("first", ("a", "b")).notes[0]
    assert _made("first", ("a",)).notes == ()
    assert _made("join", ("a", Entry("b").value)).value == "a, b"
    assert _made("join", ("a", "b"), between=" | ").value == "a | b"
    assert _made("same", (" ",)).value is None


def test_a_name_that_says_nothing_takes_company_email_or_number_in_this_order() -> None:
    name = FieldInfo("name", "Name", FieldKind.NAME, required=True)
    fields = {
        "name": name,
        "phone": FieldInfo("phone", "Phone", FieldKind.PHONE),
        "email": FieldInfo("email", "E-mail", FieldKind.EMAIL),
        "company": FieldInfo("company", "Company", FieldKind.COMPANY),
    }
    transform = transform_for("same", name)
    held: dict[str, Value] = {"name": " - ", "company": "Example Srl", "email": "a@x.test", "phone": "201"}
    for source in ("company", "email", "phone"):
        told = transform.tell(Record("c", held), name, fields)
        assert (told.value, told.stands_in) == (held[source], fields[source].label)
        del held[source]
    assert is_blank(transform.tell(Record("c", held), name, fields).value)


@pytest.mark.parametrize("text", ["null", "0", "👩\u200d🔬", "\u202eAda", "=cmd()", "A"])
def test_S24_an_odd_name_is_a_name(text: str) -> None:
    name = FieldInfo("name", "Name", FieldKind.NAME, required=True)
    told = TRANSFORMS["name"].tell(Record("c", {"name": text}), name, {"name": name})
    assert (told.value, told.stands_in) == (text, "")
    assert plain(str(fit(told.value, name).value)) == plain(text)
