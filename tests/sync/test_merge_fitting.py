"""Values that a field can't hold as they are: cut, left out, stood in for, or spelt anew by the app."""

from __future__ import annotations

import pytest

from linedesk.apps.records import Record, Value
from linedesk.sync.model import Agreed, Direction, MappingRow, Side
from linedesk.sync.policies import Conflict
from sync.merge_house import Pair, agreed_pair, lanes_of, policy

CUT = MappingRow("text", "short")
NAME = MappingRow("name", "name", transform="name")
CHOICE = MappingRow("text", "company", transform="choices", options={"table": {"one": "eins", "two": "zwei"}})
LONG = "A text of more than ten"


def _met(row: MappingRow, a: Value, b: Value, conflict: Conflict = Conflict.A) -> Pair:
    """Two records that never met."""
    lanes = lanes_of(row, connection=policy(conflict))
    return Pair(lanes, Record("a1", {row.a: a}), Record("b1", {row.b: b}))


def test_S14_a_text_that_was_cut_does_not_travel_back() -> None:
    pair = _met(CUT, LONG, "")
    merged = pair.run()
    assert pair.b.fields["short"] == "A text of"
    assert any("10 characters" in note for note in merged.notes[Side.B])
    assert pair.run().fields == {}
    assert pair.a.fields["text"] == LONG


def test_S14_a_change_behind_the_cut_writes_nothing_and_one_of_the_cut_text_travels_back() -> None:
    pair = _met(CUT, LONG, "")
    pair.run()
    pair.edit(Side.A, text=LONG + " characters")
    assert pair.run().fields == {}
    assert pair.merge().base is pair.base
    pair.edit(Side.B, short="Edited")
    assert pair.run().fields == {Side.A: {"text": (LONG + " characters", "Edited")}}
    assert pair.run().fields == {}


def test_S14_at_a_first_meeting_a_cut_text_is_the_same() -> None:
    merged = _met(CUT, LONG, "A text of").merge()
    assert (merged.fields, merged.conflicts) == ({}, ())


def test_S14_what_an_app_makes_of_a_write_is_no_edit_of_either_side() -> None:
    pair = _met(MappingRow("text", "note"), "some  text", "")
    pair.vendors = {
        Side.A: lambda info, value: value,
        Side.B: lambda info, value: value.upper()[:6] if isinstance(value, str) else value,
    }
    pair.run()
    assert pair.b.fields["note"] == "SOME  "
    assert pair.base == {"text=note": Agreed("some  text", "SOME  ")}
    assert pair.run().fields == {}
    pair.edit(Side.B, note="else")
    assert pair.run().fields == {Side.A: {"text": ("some  text", "else")}}


@pytest.mark.parametrize("conflict", [Conflict.A, Conflict.NEWEST, Conflict.ASK])
def test_a_value_that_the_other_field_cannot_hold_stays_where_it_is(conflict: Conflict) -> None:
    pair = agreed_pair(lanes_of(CHOICE, connection=policy(conflict)), {"text": "one"}, {"company": "eins"})
    pair.edit(Side.A, text="three")
    merged = pair.run()
    assert merged.fields == {}
    assert any("not in the table" in note for note in merged.notes[Side.B])
    assert merged.conflicts == ()
    assert pair.merge().base is pair.base
    pair.edit(Side.A, text="two")
    assert pair.run().fields == {Side.B: {"company": ("eins", "zwei")}}


def test_two_values_that_neither_field_can_hold_are_nobody_s_question() -> None:
    pair = _met(CHOICE, "three", "drei", Conflict.ASK)
    merged = pair.run()
    assert (merged.fields, merged.conflicts) == ({}, ())
    assert pair.merge().base is pair.base


def test_a_conflict_that_a_winner_cannot_carry_out_is_none() -> None:
    merged = _met(CHOICE, "three", "zwei", Conflict.A).merge()
    assert (merged.fields, merged.conflicts) == ({}, ())
    other = _met(CHOICE, "three", "zwei", Conflict.B).merge()
    assert other.fields == {Side.A: {"text": ("three", "two")}}


def test_a_value_of_which_nothing_is_left_never_empties_the_other_field() -> None:
    row = MappingRow("text", "tags", Direction.TO_B, "join", {"between": ","})
    pair = agreed_pair(lanes_of(row), {"text": "vip"}, {"tags": ("vip",)})
    pair.edit(Side.A, text=" , ")
    assert pair.run().fields == {}
    assert pair.b.fields["tags"] == ("vip",)


def test_S04_what_stands_in_for_a_name_never_replaces_a_person_s_and_never_travels_back() -> None:
    lanes = lanes_of(NAME, optional="name")
    pair = Pair(lanes, Record("a1", {"name": "", "company": "Acme"}), Record("b1", {"name": ""}))
    assert pair.run().fields == {Side.B: {"name": ("", "Acme")}}
    assert pair.run().fields == {}
    pair.edit(Side.A, company="Acme Srl")
    assert pair.run().fields == {Side.B: {"name": ("Acme", "Acme Srl")}}
    pair.edit(Side.A, company="Acme Spa")
    pair.edit(Side.B, name="Ada Example")
    assert pair.run().fields == {Side.A: {"name": ("", "Ada Example")}}
    assert pair.run().fields == {}


def test_S04_a_person_s_value_wins_at_a_first_meeting_over_what_stands_in() -> None:
    lanes = lanes_of(NAME, optional="name")
    pair = Pair(lanes, Record("a1", {"name": "-", "company": "Acme"}), Record("b1", {"name": "Ada"}))
    merged = pair.run()
    assert merged.fields == {Side.A: {"name": ("-", "Ada")}}
    assert merged.conflicts == ()


def test_two_records_without_a_name_leave_each_other_alone() -> None:
    lanes = lanes_of(NAME, optional="name")
    pair = Pair(lanes, Record("a1", {"company": "Acme"}), Record("b1", {"office": "+390451234567"}))
    assert pair.run().fields == {}
    assert pair.merge().base is pair.base
    pair.edit(Side.A, company="Acme Srl")
    assert pair.run().fields == {}


def test_S04_what_stands_in_leaves_a_name_alone_that_never_came_from_the_source() -> None:
    row = MappingRow("name", "name", Direction.TO_B, "name")
    pair = agreed_pair(lanes_of(row, optional="name"), {"name": ""}, {"name": "Bob"})
    pair.edit(Side.A, company="Acme")
    assert pair.run().fields == {}


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [("Ada", "Example", {}), ("Ada", "van der Example", {"text": ("Ada Example", "Ada van der Example")})],
)
def test_a_name_of_two_parts_is_one_value(first: str, last: str, written: dict[str, object]) -> None:
    lanes = lanes_of(MappingRow("first_name+last_name", "text"))
    names: dict[str, Value] = {"first_name": "Ada", "last_name": "Example"}
    pair = agreed_pair(lanes, names, {"text": "Ada Example"})
    pair.edit(Side.A, first_name=first, last_name=last)
    assert pair.run().fields == ({Side.B: written} if written else {})
    pair.edit(Side.B, text=f"Zoe {last}")
    assert pair.run().fields == {Side.A: {"first_name": ("Ada", "Zoe")}}
    assert pair.run().fields == {}
