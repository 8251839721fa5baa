"""One row of single values, written both ways: what each side gets, against what both last agreed on."""

from __future__ import annotations

import pytest

from linedesk.apps.records import Record, Value
from linedesk.sync.merge import conflict_about, merge_pair
from linedesk.sync.model import Agreed, Direction, MappingRow, Side
from linedesk.sync.policies import Blanks, Conflict
from sync.merge_house import BOTH, Pair, agreed_pair, lanes_of, policy

EMAIL = MappingRow("email", "email")
KEY = EMAIL.key
ROW = lanes_of(EMAIL)
X, Y, Z = "x@example.test", "y@example.test", "z@example.test"


def _pair(a: Value, b: Value, agreed: tuple[Value, Value] | None, lanes=ROW, ms=(None, None)) -> Pair:  # type: ignore[no-untyped-def]
    base = {} if agreed is None else {KEY: Agreed(*agreed)}
    one = Record("a1", {"email": a}, modified_ms=ms[0])
    return Pair(lanes, one, Record("b1", {"email": b}, modified_ms=ms[1]), base)


def _written(pair: Pair) -> dict[str, tuple[Value, Value]]:
    return {side.value: pair_["email"] for side, pair_ in pair.merge().fields.items()}


@pytest.mark.parametrize(
    ("a", "b", "agreed", "written", "settles"),
    [
        (X, X, (X, X), {}, True),
        (X, "X@Example.test", (X, X), {}, True),
        (Y, X, (X, X), {"b": (X, Y)}, False),
        (X, Y, (X, X), {"a": (X, Y)}, False),
        (Y, Y, (X, X), {}, True),
        (Y, "Y@example.test", (X, X), {}, True),
        ("", X, (X, X), {"b": (X, "")}, False),
        (X, None, (X, X), {"a": (X, "")}, False),
        ("", None, (X, X), {}, True),
        (X, "odd", (X, "odd"), {}, True),
        (X, "other", (X, "odd"), {"a": (X, "other")}, False),
        (X, "", None, {"b": ("", X)}, False),
        (None, X, None, {"a": (None, X)}, False),
        ("", None, None, {}, True),
        (X, X, None, {}, True),
    ],
)
def test_S08_what_a_row_writes_when_at_most_one_side_differs(
    a: Value, b: Value, agreed: tuple[Value, Value] | None, written: dict[str, object], settles: bool
) -> None:
    pair = _pair(a, b, agreed)
    assert _written(pair) == written
    base = pair.merge().base
    assert base == ({KEY: Agreed(a, b)} if settles else pair.base)


@pytest.mark.parametrize(
    ("conflict", "tie", "ms", "winner"),
    [
        (Conflict.A, Side.B, (1, 2), Side.A),
        (Conflict.B, Side.A, (2, 1), Side.B),
        (Conflict.NEWEST, Side.B, (2, 1), Side.A),
        (Conflict.NEWEST, Side.A, (1, 2), Side.B),
        (Conflict.NEWEST, Side.A, (1, 1), Side.A),
        (Conflict.NEWEST, Side.B, (1, 1), Side.B),
        (Conflict.NEWEST, Side.B, (None, 9), Side.B),
        (Conflict.NEWEST, Side.A, (None, 9), Side.A),
        (Conflict.NEWEST, Side.A, (0, 9), Side.B),
    ],
)
@pytest.mark.parametrize("agreed", [(X, X), None])
def test_H02_S21_who_wins_a_field_that_both_sides_changed(
    conflict: Conflict,
    tie: Side,
    ms: tuple[int | None, int | None],
    winner: Side,
    agreed: tuple[Value, Value] | None,
) -> None:
    """S4: the loser's value is the `before` of the write."""
    pair = _pair(Y, Z, agreed, lanes_of(EMAIL, connection=policy(conflict, tie=tie)), ms)
    merged = pair.merge()
    expected = {Side.A: {"b": (Z, Y)}, Side.B: {"a": (Y, Z)}}[winner]
    assert _written(pair) == expected
    (found,) = merged.conflicts
    assert (found.key, found.a, found.b, found.winner) == (KEY, Y, Z, winner)
    assert found.why
    assert merged.base is pair.base


def test_H02_the_row_s_own_policy_counts_before_the_connection_s() -> None:
    row = MappingRow("email", "email", conflict=Conflict.B)
    pair = _pair(Y, Z, (X, X), lanes_of(row, connection=policy(Conflict.A)))
    assert _written(pair) == {"a": (Y, Z)}


def test_H02_ask_writes_nothing_until_a_person_answers_and_other_rows_go_on() -> None:
    rows = (MappingRow("email", "email", conflict=Conflict.ASK), MappingRow("company", "company"))
    pair = agreed_pair(lanes_of(*rows), {"email": X, "company": "Acme"}, {"email": X, "company": "Acme"})
    before = pair.base
    pair.edit(Side.A, email=Y, company="Acme Srl")
    pair.edit(Side.B, email=Z)
    merged = pair.run()
    assert merged.fields == {Side.B: {"company": ("Acme", "Acme Srl")}}
    assert [(each.key, each.winner) for each in merged.conflicts] == [(KEY, None)]
    assert pair.base[KEY] == before[KEY]
    again = pair.merge()
    assert again.fields == {}
    assert again.base is pair.base
    pair.settled = {KEY: Side.B}
    assert pair.run().fields == {Side.A: {"email": (Y, Z)}}
    pair.settled = {}
    assert pair.merge() == merge_pair(pair.lanes, pair.a, pair.b, pair.base, BOTH, {})
    assert not pair.merge().conflicts


def test_H02_a_question_is_another_once_a_value_is_and_the_same_while_none_is() -> None:
    lanes = lanes_of(EMAIL, connection=policy(Conflict.ASK))
    about = conflict_about(_pair(Y, Z, (X, X), lanes).merge().conflicts)
    assert about
    assert about == conflict_about(_pair(Y, Z, (X, X), lanes).merge().conflicts)
    assert about != conflict_about(_pair(Y, "w@example.test", (X, X), lanes).merge().conflicts)
    assert about != conflict_about(_pair(Z, Y, (X, X), lanes).merge().conflicts)
    decided = _pair(Y, Z, (X, X), lanes_of(EMAIL, connection=policy(Conflict.A))).merge().conflicts
    assert decided
    assert conflict_about(decided) == ""


@pytest.mark.parametrize(
    ("blanks", "a", "b", "agreed", "written"),
    [
        (Blanks.CLEARED, "", X, (X, X), {"b": (X, "")}),
        (Blanks.CLEARED, "", X, ("", Y), {"a": ("", X)}),
        (Blanks.CLEARED, "", X, ("", X), {}),
        (Blanks.CLEARED, "", X, None, {"a": ("", X)}),
        (Blanks.NEVER, "", X, (X, X), {}),
        (Blanks.NEVER, "", Y, (X, X), {"a": ("", Y)}),
        (Blanks.NEVER, "", X, None, {"a": ("", X)}),
        (Blanks.ALWAYS, "", X, (X, X), {"b": (X, "")}),
        (Blanks.ALWAYS, "", X, None, {"b": (X, "")}),
        (Blanks.ALWAYS, X, "", None, {"b": ("", X)}),
    ],
)
def test_H12_when_an_empty_field_empties_the_other_one(
    blanks: Blanks,
    a: Value,
    b: Value,
    agreed: tuple[Value, Value] | None,
    written: dict[str, tuple[Value, Value]],
) -> None:
    """Side A wins conflicts here, so with `ALWAYS` its empty field counts even at a first meeting."""
    pair = _pair(a, b, agreed, lanes_of(EMAIL, connection=policy(Conflict.A, blanks)))
    assert _written(pair) == written
    pair.run()
    assert pair.merge().fields == {}
    assert pair.merge().base is pair.base


def test_H12_at_a_first_meeting_a_value_wins_over_an_empty_field_while_a_person_would_be_asked() -> None:
    pair = _pair("", X, None, lanes_of(EMAIL, connection=policy(Conflict.ASK, Blanks.ALWAYS)))
    assert _written(pair) == {"a": ("", X)}


def test_H12_emptied_here_and_changed_there_is_a_conflict_and_the_loser_is_kept() -> None:
    for conflict, written in ((Conflict.A, {"b": (Y, "")}), (Conflict.B, {"a": ("", Y)})):
        assert _written(_pair("", Y, (X, X), lanes_of(EMAIL, connection=policy(conflict)))) == written


@pytest.mark.parametrize("blanks", Blanks)
def test_a_required_field_is_never_emptied(blanks: Blanks) -> None:
    lanes = lanes_of(MappingRow("name", "name", transform="first"), connection=policy(Conflict.A, blanks))
    pair = agreed_pair(lanes, {"name": "Ada"}, {"name": "Ada"})
    pair.edit(Side.A, name="")
    pair.run()
    assert pair.b.fields == {"name": "Ada"}
    assert pair.merge().base is pair.base


@pytest.mark.parametrize("to", Side)
def test_S11_a_way_that_was_lost_by_scope_writes_nothing_and_restores_nothing(to: Side) -> None:
    pair = agreed_pair(ROW, {"email": X}, {"email": X})
    pair.ways = BOTH - {to}
    pair.edit(to.other, email=Y)
    assert pair.run().fields == {}
    assert pair.base == {KEY: Agreed(X, X)}
    pair.ways = BOTH
    assert pair.run().fields == {to: {"email": (X, Y)}}


@pytest.mark.parametrize("conflict", [Conflict.A, Conflict.B])
def test_S11_a_winner_whose_target_is_no_way_writes_nothing(conflict: Conflict) -> None:
    pair = _pair(Y, Z, (X, X), lanes_of(EMAIL, connection=policy(conflict)))
    pair.ways = frozenset({Side.A if conflict is Conflict.A else Side.B})
    merged = pair.merge()
    assert merged.fields == {}
    assert merged.base is pair.base
    assert merged.conflicts[0].winner is not None


@pytest.mark.parametrize("to", Side)
def test_S10_a_one_way_row_of_a_two_way_connection_follows_its_source(to: Side) -> None:
    row = MappingRow("email", "email", Direction.TO_B if to is Side.B else Direction.TO_A)
    pair = agreed_pair(lanes_of(row), {"email": X}, {"email": X})
    pair.edit(to, email=Y)
    merged = pair.merge()
    assert merged.fields == {to: {"email": (Y, X)}}
    assert merged.restores == {to}
    pair.ways = BOTH - {to}
    assert pair.merge().fields == {}
    pair.ways = BOTH
    pair.edit(to.other, email=Z)
    assert pair.merge().fields == {to: {"email": (Y, Z)}}
    assert pair.merge().restores == frozenset()


def test_a_row_that_one_reading_does_not_tell_is_left_and_keeps_its_base() -> None:
    pair = agreed_pair(ROW, {"email": X}, {"email": X})
    for untold in (Side.A, Side.B):
        one = Record("a1", {"email": Y}, missing=frozenset({"email"} if untold is Side.A else ()))
        other = Record("b1", {"email": Z}, missing=frozenset({"email"} if untold is Side.B else ()))
        merged = merge_pair(ROW, one, other, pair.base, BOTH, {})
        assert merged.fields == {}
        assert merged.base is pair.base
        assert merge_pair(ROW, one, other, {}, BOTH, {}).base == {}


def test_a_row_that_is_no_longer_mapped_is_dropped_from_the_base() -> None:
    pair = agreed_pair(ROW, {"email": X}, {"email": X})
    pair.base = {**pair.base, "old=old": Agreed("1", "1")}
    merged = pair.merge()
    assert merged.fields == {}
    assert merged.base == {KEY: Agreed(X, X)}


def test_H01_edits_of_different_fields_both_survive() -> None:
    lanes = lanes_of(EMAIL, MappingRow("company", "company"), MappingRow("text", "note"))
    pair = agreed_pair(
        lanes, {"email": X, "company": "A", "text": "t"}, {"email": X, "company": "A", "note": "t"}
    )
    pair.edit(Side.A, email=Y)
    pair.edit(Side.B, company="B", note="n")
    merged = pair.run()
    assert merged.fields == {
        Side.B: {"email": (X, Y)},
        Side.A: {"company": ("A", "B"), "text": ("t", "n")},
    }
    assert merged.conflicts == ()
    assert pair.merge().fields == {}


def test_S02_a_pair_that_agrees_gives_the_same_base_and_nothing_else() -> None:
    pair = agreed_pair(ROW, {"email": X}, {"email": "odd"})
    merged = pair.merge()
    assert merged.base is pair.base
    assert (merged.fields, merged.notes, merged.conflicts, merged.restores) == ({}, {}, (), frozenset())


def test_S13_a_row_that_is_not_told_stays_as_it_was_while_another_is_written() -> None:
    lanes = lanes_of(EMAIL, MappingRow("company", "company"))
    pair = agreed_pair(lanes, {"email": X, "company": "A"}, {"email": X, "company": "A"})
    untold = Record("a1", {"company": "B"}, missing=frozenset({"email"}))
    merged = merge_pair(lanes, untold, pair.b, pair.base, BOTH, {})
    assert merged.fields == {Side.B: {"company": ("A", "B")}}
    assert merged.base is pair.base
    never = merge_pair(lanes, untold, pair.b, {}, BOTH, {})
    assert KEY not in never.base
