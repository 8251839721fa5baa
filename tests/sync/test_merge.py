"""One pair of records under a one-way connection, against what was last agreed; and drafts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from linedesk.apps.records import Record, Value
from linedesk.sync.merge import MergedPair, PairLanes, base_of, draft, merge_pair, rows_between
from linedesk.sync.model import Agreed, Connection, Direction, Known, MappingRow, Side
from linedesk.sync.policies import Blanks
from sync.plan_house import BOOK_FIELDS, CRM_FIELDS, ITALY, ROWS, named

CONNECTION = Connection("crm to pbx", "crm", "book", Direction.TO_B)
EMAIL = (MappingRow("email", "email"),)
KEY = EMAIL[0].key
TO_B = frozenset({Side.B})


def _lanes(rows: tuple[MappingRow, ...] = ROWS, connection: Connection = CONNECTION) -> PairLanes:
    a = Known("crm", "freshdesk", named(CRM_FIELDS), {}, ITALY, True)
    b = Known("book", "wildix", named(BOOK_FIELDS), {}, ITALY, True)
    return rows_between(rows, a, b, connection)


def _merge(a: Value, b: Value, base: dict[str, Agreed], lanes: PairLanes | None = None) -> MergedPair:
    one, other = Record("c", {"email": a}), Record("b", {"email": b})
    return merge_pair(lanes or _lanes(EMAIL), one, other, base, TO_B, {})


@pytest.mark.parametrize(
    ("source", "target", "agreed", "written"),
    [
        ("a@x.test", "a@x.test", ("a@x.test", "a@x.test"), None),
        ("a@x.test", "A@X.test", ("a@x.test", "a@x.test"), None),
        ("b@x.test", "a@x.test", ("a@x.test", "a@x.test"), "b@x.test"),
        ("a@x.test", "b@x.test", ("a@x.test", "a@x.test"), "a@x.test"),
        ("b@x.test", "b@x.test", ("a@x.test", "a@x.test"), None),
        ("b@x.test", "c@x.test", ("a@x.test", "a@x.test"), "b@x.test"),
        ("a@x.test", "odd", ("a@x.test", "odd"), None),
        ("a@x.test", "", ("a@x.test", "a@x.test"), "a@x.test"),
        ("", "a@x.test", ("a@x.test", "a@x.test"), ""),
        ("", "b@x.test", ("a@x.test", "a@x.test"), ""),
        ("", "", ("a@x.test", "a@x.test"), None),
        ("", "b@x.test", ("", "a@x.test"), None),
        (None, "b@x.test", ("", ""), None),
        ("a@x.test", "b@x.test", None, "a@x.test"),
        ("", "b@x.test", None, None),
        ("a@x.test", None, None, "a@x.test"),
    ],
)
def test_S14_what_one_row_writes(
    source: Value, target: Value, agreed: tuple[Value, Value] | None, written: Value
) -> None:
    """A row that waits for its write keeps its base; one without a write is agreed on as it is."""
    base = {} if agreed is None else {KEY: Agreed(*agreed)}
    merged = _merge(source, target, base)
    assert merged.fields == ({} if written is None else {Side.B: {"email": (target, written)}})
    assert merged.base == ({KEY: Agreed(source, target)} if written is None else base)
    assert merged.conflicts == ()


def test_H12_blanks_of_a_one_way_row() -> None:
    agreed = {KEY: Agreed("a@x.test", "a@x.test")}
    for blanks, written in ((Blanks.NEVER, {}), (Blanks.ALWAYS, {Side.B: {"email": ("a@x.test", "")}})):
        lanes = _lanes(EMAIL, replace(CONNECTION, blanks=blanks))
        assert _merge("", "a@x.test", agreed, lanes).fields == written
        assert _merge("", "a@x.test", {}, lanes).fields == written


def test_a_required_field_is_never_cleared() -> None:
    base = {ROWS[0].key: Agreed("Ada", "Ada")}
    source, target = Record("c", {"name": ""}), Record("b", {"name": "Ada"})
    assert merge_pair(_lanes(ROWS[:1]), source, target, base, TO_B, {}).fields == {}


def test_a_row_that_one_reading_does_not_tell_keeps_its_base() -> None:
    base = {KEY: Agreed("a@x.test", "a@x.test")}
    untold = Record("c", {}, missing=frozenset({"email"}))
    other = Record("b", {"email": "b@x.test"})
    assert base_of(_lanes(EMAIL).b, untold, other, base) == base
    assert base_of(_lanes(EMAIL).b, untold, other, {}) == {}


def test_a_merge_says_whether_the_target_alone_was_changed() -> None:
    base = {KEY: Agreed("a@x.test", "a@x.test")}
    assert _merge("a@x.test", "b@x.test", base).restores == {Side.B}
    assert _merge("c@x.test", "b@x.test", base).restores == frozenset()
    assert _merge("a@x.test", "b@x.test", {}).restores == frozenset()


def test_a_write_that_restores_one_field_and_brings_another_is_no_restoring() -> None:
    lanes = _lanes(ROWS[1:2] + ROWS[4:5])
    base = {row.key: Agreed("x", "x") for row in ROWS[1:2] + ROWS[4:5]}
    source = Record("c", {"email": "x", "company": "new"})
    target = Record("b", {"email": "changed", "organization": "x"})
    merged = merge_pair(lanes, source, target, base, TO_B, {})
    assert merged.fields == {Side.B: {"email": ("changed", "x"), "organization": ("x", "new")}}
    assert merged.restores == frozenset()


def test_a_draft_says_what_it_lacks() -> None:
    drafted = draft(_lanes().b, Record("c", {"address": "Via Roma 1"}))
    assert drafted.lacking == ("Name",)
    assert drafted.fields == {"address": (None, "Via Roma 1")}


def test_a_draft_names_what_stands_in_for_a_name() -> None:
    drafted = draft(_lanes().b, Record("c", {"company": "Acme"}))
    assert drafted.fields == {"name": (None, "Acme"), "organization": (None, "Acme")}
    assert drafted.notes == ("Name is empty; Company stands in for it.",)


def test_S09_a_connection_to_a_is_the_mirror_of_one_to_b() -> None:
    lanes = _lanes(EMAIL, replace(CONNECTION, direction=Direction.TO_A))
    base = {KEY: Agreed("a@x.test", "a@x.test")}
    one, other = Record("c", {"email": "a@x.test"}), Record("b", {"email": "b@x.test"})
    merged = merge_pair(lanes, one, other, base, frozenset({Side.A}), {})
    assert merged.fields == {Side.A: {"email": ("a@x.test", "b@x.test")}}


def test_S10_a_row_of_the_other_direction_is_not_used() -> None:
    lanes = _lanes((replace(EMAIL[0], direction=Direction.TO_A),))
    assert (lanes.a.each, lanes.b.each, lanes.rows) == ((), (), ())
