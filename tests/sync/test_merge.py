"""One pair of records, field by field, against what was last agreed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from linedesk.apps.records import Record, Value
from linedesk.sync.merge import Lanes, base_of, draft, lanes_to, merge
from linedesk.sync.model import Agreed, Direction, Known, MappingRow, Side
from sync.plan_house import BOOK_FIELDS, CRM_FIELDS, ITALY, ROWS, named


def _lanes(rows: tuple[MappingRow, ...] = ROWS) -> Lanes:
    a = Known("crm", "freshdesk", named(CRM_FIELDS), {}, ITALY, True)
    b = Known("book", "wildix", named(BOOK_FIELDS), {}, ITALY, True)
    return lanes_to(Side.B, rows, a, b)


EMAIL = (MappingRow("email", "email"),)


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
    base = {} if agreed is None else {EMAIL[0].key: Agreed(*agreed)}
    merged = merge(_lanes(EMAIL), Record("c", {"email": source}), Record("b", {"email": target}), base)
    assert merged.fields == ({} if written is None else {"email": (target, written)})
    assert merged.base == {EMAIL[0].key: Agreed(source, target)}


def test_a_required_field_is_never_cleared() -> None:
    rows = ROWS[:1]
    base = {rows[0].key: Agreed("Ada", "Ada")}
    merged = merge(_lanes(rows), Record("c", {"name": ""}), Record("b", {"name": "Ada"}), base)
    assert merged.fields == {}


def test_a_row_that_one_reading_does_not_tell_is_left_and_keeps_its_base() -> None:
    base = {EMAIL[0].key: Agreed("a@x.test", "a@x.test")}
    untold = Record("c", {}, missing=frozenset({"email"}))
    other = Record("b", {"email": "b@x.test"})
    assert merge(_lanes(EMAIL), untold, other, base).fields == {}
    assert base_of(_lanes(EMAIL), untold, other, base) == base
    assert base_of(_lanes(EMAIL), untold, other, {}) == {}
    told = Record("c", {"email": "c@x.test"})
    hidden = replace(other, missing=frozenset({"email"}))
    assert merge(_lanes(EMAIL), told, hidden, base).fields == {}


def test_the_base_of_a_row_that_is_no_longer_mapped_is_dropped() -> None:
    base = {"old=old": Agreed("x", "y")}
    assert base_of(_lanes(EMAIL), Record("c", {}), Record("b", {}), base) == {
        EMAIL[0].key: Agreed(None, None)
    }


def test_a_merge_says_whether_the_target_alone_was_changed() -> None:
    base = {EMAIL[0].key: Agreed("a@x.test", "a@x.test")}
    lanes = _lanes(EMAIL)
    source, target = Record("c", {"email": "a@x.test"}), Record("b", {"email": "b@x.test"})
    assert merge(lanes, source, target, base).restores
    assert not merge(lanes, replace(source, fields={"email": "c@x.test"}), target, base).restores
    assert not merge(lanes, source, target, {}).restores


def test_a_draft_says_what_it_lacks() -> None:
    drafted = draft(_lanes(), Record("c", {"address": "Via Roma 1"}))
    assert drafted.lacking == ("Name",)
    assert drafted.fields == {"address": (None, "Via Roma 1")}


def test_S09_the_lanes_to_a_are_the_mirror_of_those_to_b() -> None:
    a = Known("crm", "freshdesk", named(CRM_FIELDS), {}, ITALY, True)
    b = Known("book", "wildix", named(BOOK_FIELDS), {}, ITALY, True)
    lanes = lanes_to(Side.A, EMAIL, a, b)
    base = {EMAIL[0].key: Agreed("a@x.test", "a@x.test")}
    merged = merge(lanes, Record("b", {"email": "b@x.test"}), Record("c", {"email": "a@x.test"}), base)
    assert merged.fields == {"email": ("a@x.test", "b@x.test")}
    assert merged.base == {EMAIL[0].key: Agreed("a@x.test", "b@x.test")}


def test_S10_a_row_of_the_other_direction_has_no_lane() -> None:
    assert _lanes((replace(EMAIL[0], direction=Direction.TO_A),)).each == ()
