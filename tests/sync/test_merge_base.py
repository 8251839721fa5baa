"""What both sides agreed on: after a write, as a quick look, and beside records that were left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from linedesk.apps.records import Entry, Record
from linedesk.sync.merge import as_written, base_after, is_as_agreed, is_settled
from linedesk.sync.model import Agreed, MappingRow, Side
from sync.merge_house import agreed_pair, lanes_of

EMAIL, COMPANY = MappingRow("email", "email"), MappingRow("company", "company")
NUMBERS = MappingRow("numbers", "office+mobile")
NAMES = MappingRow("text", "first_name+last_name")
LANES = lanes_of(EMAIL, COMPANY)
X, Y, Z = "x@example.test", "y@example.test", "z@example.test"
N = tuple(f"+39045123456{n}" for n in range(4))


def test_S14_after_a_write_exactly_the_rows_that_were_sent_are_agreed_on_as_they_read_back() -> None:
    before = {EMAIL.key: Agreed(X, X), COMPANY.key: Agreed("A", "A")}
    source = Record("a1", {"email": Y, "company": "B"})
    planned = Record("b1", {"email": X, "company": "A"})
    stored = Record("b1", {"email": "Y@EXAMPLE.test", "company": "changed meanwhile"})
    base = base_after(LANES.b, source, stored, before, planned=planned, sent={"email"})
    assert base == {EMAIL.key: Agreed(Y, "Y@EXAMPLE.test"), COMPANY.key: Agreed("A", "A")}
    towards_a = base_after(LANES.a, stored, source, {}, planned=source, sent={"company"})
    assert towards_a == {COMPANY.key: Agreed("B", "changed meanwhile")}


def test_after_a_create_every_row_that_is_told_is_agreed_on() -> None:
    source = Record("a1", {"email": X}, missing=frozenset({"company"}))
    stored = Record("b1", {"email": X, "company": "the app's own"})
    assert base_after(LANES.b, source, stored, {}, planned=None, sent={"email"}) == {EMAIL.key: Agreed(X, X)}
    told = replace(source, missing=frozenset())
    base = base_after(LANES.b, told, stored, {}, planned=None, sent={"email"})
    assert base[COMPANY.key] == Agreed(None, "the app's own")


def test_S04_a_part_of_a_list_that_somebody_changed_meanwhile_is_still_an_edit() -> None:
    lanes = lanes_of(NUMBERS)
    pair = agreed_pair(lanes, {"numbers": (Entry(N[0]),)}, {"office": N[0]})
    pair.edit(Side.A, numbers=(Entry(N[1]),))
    pair.edit(Side.B, office=N[1])
    planned = Record("b1", {"office": N[0], "mobile": ""})
    stored = Record("b1", {"office": N[1], "mobile": N[3]})
    base = base_after(lanes.b, pair.a, stored, pair.base, planned=planned, sent={"office"})
    assert base[NUMBERS.key].b == (Entry(N[1], "work"),)
    pair.b, pair.base = stored, base
    assert pair.merge().fields[Side.A]["numbers"][1] == (Entry(N[1]), Entry(N[3], "mobile"))


def test_a_record_as_written_tells_what_was_sent_and_keeps_the_rest_as_planned() -> None:
    planned = Record("b1", {"email": X, "note": "old"}, version="1", missing=frozenset({"tags", "email"}))
    stored = Record("b1", {"email": Y, "note": "new"}, version="2", missing=frozenset({"company"}))
    record = as_written(planned, stored, {"email", "company"})
    assert record.fields == {"email": Y, "note": "old"}
    assert record.version == "2"
    assert record.missing == {"tags", "company"}


@pytest.mark.parametrize(
    ("row", "a", "b", "edit"),
    [
        (EMAIL, {"email": X}, {"email": X}, {"email": Y}),
        (NUMBERS, {"numbers": (Entry(N[0], "work"),)}, {"office": N[0]}, {"mobile": N[1]}),
        (NAMES, {"text": "Ada E"}, {"first_name": "Ada", "last_name": "E"}, {"last_name": "F"}),
    ],
)
def test_S02_a_quick_look_tells_a_settled_pair_from_an_edited_one(row, a, b, edit) -> None:  # type: ignore[no-untyped-def]
    lanes = lanes_of(row)
    pair = agreed_pair(lanes, a, b)
    assert is_settled(lanes, pair.a, pair.b, pair.base)
    assert not is_settled(lanes, pair.a, pair.b, {})
    assert not is_settled(lanes, pair.a, pair.b, {**pair.base, "old=old": Agreed(None, None)})
    untold = replace(pair.b, missing=frozenset(edit))
    assert is_settled(lanes, pair.a, untold, pair.base)
    assert is_settled(lanes, pair.a, untold, {})
    pair.edit(Side.B, None, **edit)
    assert not is_settled(lanes, pair.a, pair.b, pair.base)


def test_S18_whether_a_pair_is_as_agreed() -> None:
    pair = agreed_pair(LANES, {"email": X, "company": "A"}, {"email": "odd", "company": "A"})
    assert is_as_agreed(LANES, pair.a, pair.b, pair.base)
    assert is_as_agreed(LANES, replace(pair.a, fields={"email": X.upper(), "company": "A "}), None, pair.base)
    changed = replace(pair.b, fields={"email": Y, "company": "A"})
    assert not is_as_agreed(LANES, None, changed, pair.base)
    assert is_as_agreed(LANES, pair.a, None, pair.base)
    assert is_as_agreed(LANES, None, None, pair.base)
    assert is_as_agreed(LANES, None, replace(changed, missing=frozenset({"email"})), pair.base)


def test_H03_a_row_that_was_never_agreed_on_counts_as_changed_unless_it_is_empty() -> None:
    base = {EMAIL.key: Agreed(X, X)}
    assert not is_as_agreed(LANES, Record("a1", {"email": X, "company": "A"}), None, base)
    assert is_as_agreed(LANES, Record("a1", {"email": X, "company": ""}), None, base)
