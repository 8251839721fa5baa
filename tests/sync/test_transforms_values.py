"""Transforms of one value into another: a constant, a table of choices, a date."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.apps.records import Choice, FieldInfo, FieldKind, Value
from linedesk.sync.fitting import Made
from linedesk.sync.model import MappingRow, Side
from linedesk.sync.transforms import TRANSFORMS, Given, made_of, options_of, ways_of
from sync.plan_house import ITALY

TEXT = FieldInfo("text", "Text", FieldKind.TEXT)
DATE = FieldInfo("born", "Born", FieldKind.DATE)
TAGS = FieldInfo("tags", "Tags", FieldKind.TAGS, many=True)
KIND = FieldInfo("kind", "Kind", FieldKind.CHOICE, choices=(Choice("c", "Client"), Choice("p", "Partner")))
TABLE = {"Customer": "c", "Reseller": "p", "Agency": "p"}


def _made(
    name: str,
    value: Value,
    source: FieldInfo = TEXT,
    target: FieldInfo = TEXT,
    held: Value = None,
    /,
    *,
    to: Side = Side.B,
    **options: Any,
) -> Made:
    return made_of(TRANSFORMS[name], Given(value, source, target, ITALY, options, held), to)


def test_a_constant_is_written_wherever_the_source_holds_something() -> None:
    assert _made("constant", "Ada", value="crm").value == "crm"
    assert _made("constant", "", value="crm").value is None
    assert _made("constant", "Ada", TEXT, TAGS, ("a",), value="crm").value == ("a", "crm")
    assert _made("constant", "Ada", TEXT, TAGS, ("CRM",), value="crm").value == ("CRM",)


def test_a_choice_goes_by_the_table_without_case_and_comes_back_where_only_one_stands_for_it() -> None:
    assert _made("choices", " customer ", TEXT, KIND, table=TABLE).value == "c"
    assert _made("choices", "c", KIND, TEXT, to=Side.A, table=TABLE).value == "Customer"


def test_a_value_that_is_not_in_the_table_is_left_out_with_a_note() -> None:
    for to, value in ((Side.B, "Press"), (Side.A, "x")):
        made = _made("choices", value, to=to, table=TABLE)
        assert (made.value, made.left_out) == (None, True)
        assert "not in the table" in made.notes[0]


def test_of_several_choices_that_stand_for_a_value_the_one_that_is_there_stays() -> None:
    assert _made("choices", "p", KIND, TEXT, "Agency", to=Side.A, table=TABLE).value == "Agency"
    made = _made("choices", "p", KIND, TEXT, "Customer", to=Side.A, table=TABLE)
    assert made.left_out
    assert "Reseller, Agency all stand for" in made.notes[0]


tables = st.dictionaries(st.sampled_from("abcde"), st.sampled_from("vwxyz"), min_size=1)


@given(tables, st.data())
def test_S14_what_came_by_the_table_never_changes_its_source(
    table: dict[str, str], data: st.DataObject
) -> None:
    value = data.draw(st.sampled_from(sorted(table)))
    there = _made("choices", value, table=table).value
    assert _made("choices", there, TEXT, TEXT, value, to=Side.A, table=table).value == value


@pytest.mark.parametrize(
    ("text", "form", "day"),
    [
        ("31/01/2026", "%d/%m/%Y", "2026-01-31"),
        ("1.2.2026", "%d.%m.%Y", "2026-02-01"),
        ("2026-01-31", "%d/%m/%Y", "2026-01-31"),
        ("2026-01-31T23:30:00-11:00", "", "2026-01-31"),
        ("2026-01-31 00:00:00", "", "2026-01-31"),
        ("31/02/2026", "%d/%m/%Y", None),
        ("soon", "%d/%m/%Y", None),
        ("--05-17", "", None),
        ("2026-01-311", "", None),
    ],
)
def test_a_text_is_read_as_the_day_it_names_and_no_zone_moves_it(
    text: str, form: str, day: str | None
) -> None:
    made = _made("date", text, TEXT, DATE, format=form)
    assert made.value == day
    assert made.left_out is (day is None)


def test_a_date_is_written_into_a_text_as_the_format_says() -> None:
    assert _made("date", "2026-01-05", DATE, TEXT, format="%d/%m/%Y").value == "05/01/2026"
    assert _made("date", "2026-01-05", DATE, DATE, format="%d/%m/%Y").value == "2026-01-05"
    assert _made("date", "2026-01-05", format="%d/%m/%Y").value == "05/01/2026"
    assert _made("date", "05/01/2026", to=Side.A, format="%d/%m/%Y").value == "2026-01-05"


@given(st.dates(), st.sampled_from(["", "%d/%m/%Y", "%m-%d-%Y", "%Y.%m.%d"]), st.sampled_from([DATE, TEXT]))
def test_a_date_that_went_there_comes_back_the_same(day: date, form: str, source: FieldInfo) -> None:
    there = _made("date", day.isoformat(), source, TEXT, format=form).value
    assert _made("date", there, TEXT, source, to=Side.A, format=form).value == day.isoformat()


def _row(transform: str, **options: Any) -> MappingRow:
    return MappingRow("text", "kind", transform=transform, options=options)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (_row("constant"), "needs the option `value`"),
        (_row("constant", value=["a"]), "needs the option `value`"),
        (_row("constant", value="press"), "does not fit"),
        (_row("constant", value=" "), "does not fit"),
        (_row("choices"), "needs the option `table`"),
        (_row("choices", table={}), "needs the option `table`"),
        (_row("choices", table={"a": 1}), "a text for each text"),
        (_row("choices", table={"a": "b", "A ": "c"}), "names one value twice"),
        (_row("date", format="%d/%m/%y"), "%d, %m and %Y"),
        (_row("date", format="%d%m%Y"), "%d, %m and %Y"),
        (_row("date", format="%d/%m/%Y/%d"), "%d, %m and %Y"),
        (_row("date", format=5), "%d, %m and %Y"),
        (_row("join", between=3), "must be a text"),
    ],
)
def test_options_that_can_not_work_are_told_in_a_sentence(row: MappingRow, said: str) -> None:
    (sentence,) = TRANSFORMS[row.transform].check(row, TEXT, KIND)
    assert said in sentence
    assert sentence.endswith(".")


def test_which_ways_a_transform_goes_is_data_and_turns_with_the_row() -> None:
    assert ways_of(_row("constant")) == {Side.B}
    assert ways_of(_row("constant", reversed=True)) == {Side.A}
    assert [name for name, each in TRANSFORMS.items() if len(each.ways) < 2] == ["constant"]
    assert options_of(_row("same")) == {}
    assert options_of(_row("date", reversed=True)) == {"reversed": False}
