"""The field merge over random rows, values, policies and apps: S1 S2 S4 S5 S8 S9 S10 S11 S14."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.apps.records import Entry, FieldInfo, FieldKind, Value
from linedesk.sync.merge import PairRow, is_as_agreed, is_settled, rows_between
from linedesk.sync.model import Connection, Direction, MappingRow, Side
from linedesk.sync.policies import Blanks, Conflict
from linedesk.sync.transforms import TRANSFORMS
from linedesk.sync.values import elements
from sync.merge_house import BOTH, CONNECTION, FIELDS, ITALY, Normalise, Pair, as_given, flipped, known, texts

ROWS = (
    MappingRow("name", "name", transform="name"),
    MappingRow("first_name+last_name", "text"),
    MappingRow("text", "first_name+last_name"),
    MappingRow("email", "email"),
    MappingRow("emails", "emails"),
    MappingRow("emails", "email", transform="first"),
    MappingRow("company", "company"),
    MappingRow("text", "short"),
    MappingRow("note", "note"),
    MappingRow("office", "office", transform="number"),
    MappingRow("mobile", "mobile", transform="national"),
    MappingRow("numbers", "office+mobile+home", transform="number"),
    MappingRow("office+mobile", "office+mobile+home"),
    MappingRow("numbers", "home", transform="first"),
    MappingRow("numbers", "numbers"),
    MappingRow("tags", "labels"),
    MappingRow("tags", "text", transform="join"),
    MappingRow("company", "text", Direction.TO_B, "constant", {"value": "customer"}),
    MappingRow("text", "company", transform="choices", options={"table": {"one": "eins", "two": "zwei"}}),
    MappingRow("born", "text", transform="date", options={"format": "%d/%m/%Y"}),
    MappingRow("vip", "vip"),
)
EMAILS = ("ada@example.test", "ADA@example.test", "bob@example.test", "info@example.test")
NUMBERS = (
    "045 1234567",
    "+390451234567",
    "06 7654321 int. 5",
    "201",
    "no number",
    "333 1234567",
    "0451234568",
)
WORDS = (
    "one",
    "two",
    "zwei",
    "Ada van der Example",
    "Zoë",
    "Zoe\u0308",
    "x" * 14,
    "x" * 14 + "y",
    " one ",
    "-",
)
BLANK: st.SearchStrategy[Value] = st.sampled_from([None, "", " "])


def _values(info: FieldInfo) -> st.SearchStrategy[Value]:
    """Values that people put into a field."""
    samples = {
        FieldKind.EMAIL: EMAILS,
        FieldKind.PHONE: NUMBERS,
        FieldKind.DATE: ("2001-02-03", "1999-12-31"),
        FieldKind.CHECKBOX: (True, False),
    }.get(info.kind, WORDS)
    one = st.sampled_from(samples)
    if info.kind is FieldKind.TEXT and not info.max_length:
        one = st.sampled_from((*WORDS, "3/2/2001", "one, two"))
    if not info.many:
        return BLANK | one
    if info.kind is FieldKind.TAGS:
        return st.lists(st.sampled_from(("vip", "VIP", "one", "two")), max_size=3).map(tuple)
    labelled = st.builds(Entry, one, st.sampled_from(("", "work", "mobile", "MOBILE", "home")))
    return st.lists(labelled, max_size=4).map(tuple)


def _names(side: Side, row: MappingRow) -> tuple[str, ...]:
    return tuple((row.a if side is Side.A else row.b).split("+"))


@st.composite
def mappings(draw: st.DrawFn) -> tuple[MappingRow, ...]:
    """Rows of which no two share a field on one side, each with a direction and policies of its own."""
    chosen: list[MappingRow] = []
    taken: dict[Side, set[str]] = {side: set() for side in Side}
    for row in draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=5, unique_by=lambda row: row.key)):
        if any(taken[side] & set(_names(side, row)) for side in Side):
            continue
        for side in Side:
            taken[side] |= set(_names(side, row))
        ways = [row.direction] if row.direction is not Direction.BOTH else list(Direction)
        conflict, blanks = (
            draw(st.none() | st.sampled_from(Conflict)),
            draw(st.none() | st.sampled_from(Blanks)),
        )
        chosen.append(replace(row, direction=draw(st.sampled_from(ways)), conflict=conflict, blanks=blanks))
    return tuple(chosen)


@st.composite
def edits(draw: st.DrawFn, rows: tuple[MappingRow, ...], side: Side) -> dict[str, Value]:
    """New values for some of the mapped fields of one side."""
    names = sorted({name for row in rows for name in _names(side, row)})
    infos = {info.name: info for info in FIELDS}
    return {name: draw(_values(infos[name])) for name in names if draw(st.booleans())}


def _trimmed(info: FieldInfo, value: Value) -> Value:
    return " ".join(value.split()) if isinstance(value, str) else value


def _shouted(info: FieldInfo, value: Value) -> Value:
    return value.upper() if isinstance(value, str) else value


def _nationally(info: FieldInfo, value: Value) -> Value:
    return value.replace("+39", "") if info.kind is FieldKind.PHONE and isinstance(value, str) else value


def _sorted(info: FieldInfo, value: Value) -> Value:
    if not isinstance(value, tuple):
        return value
    return tuple(sorted(value, key=str))  # type: ignore[return-value]


VENDORS: st.SearchStrategy[Normalise] = st.sampled_from([as_given, _trimmed, _shouted, _nationally, _sorted])


@st.composite
def lives(
    draw: st.DrawFn, vendors: st.SearchStrategy[Normalise] = VENDORS
) -> tuple[Pair, tuple[MappingRow, ...], Connection]:
    """A pair that was merged once or never, and that people edited since."""
    rows = draw(mappings())
    connection = replace(
        CONNECTION,
        conflict=draw(st.sampled_from(Conflict)),
        blanks=draw(st.sampled_from(Blanks)),
        tie=draw(st.sampled_from(Side)),
    )
    pair = Pair(rows_between(rows, known("crm"), known("book"), connection))
    pair.vendors = {side: draw(vendors) for side in Side}
    for _ in range(draw(st.integers(1, 3))):
        if pair.a.fields or pair.b.fields:
            pair.ways = draw(st.sampled_from([BOTH, BOTH, frozenset({Side.A}), frozenset({Side.B})]))
            pair.run()
        for side in Side:
            if draw(st.booleans()):
                pair.edit(side, draw(st.sampled_from([None, 1, 2])), **draw(edits(rows, side)))
    pair.ways = draw(st.sampled_from([BOTH, BOTH, BOTH, frozenset({Side.A}), frozenset({Side.B})]))
    return pair, rows, connection


def _stands_in(pair: Pair, row: PairRow, side: Side) -> bool:
    reading = pair.lanes.read(row, side, pair.of(side))
    return reading is not None and bool(reading.stands_in)


def _all_texts(pair: Pair) -> set[str]:
    return {text for side in Side for value in pair.of(side).fields.values() for text in texts(value)}


@settings(max_examples=150, deadline=None)
@given(lives())
def test_S01_S02_S14_the_second_merge_is_quiet_and_gives_the_same_base(life: Any) -> None:
    """Whatever the two apps make of what is written to them; what waits for a person waits unchanged.

    Only a name may come later, if what stands in for it came with the first merge.
    """
    pair, _, _ = life
    first = pair.run()
    unnamed = {side.other for side in Side for row in pair.lanes.rows if _stands_in(pair, row, side)}
    second = pair.run()
    assert all(set(fields) == {"name"} and side in unnamed for side, fields in second.fields.items())
    pair.run()
    third = pair.merge()
    assert (third.fields, third.base is pair.base) == ({}, True)
    waiting = [each for each in first.conflicts if each.winner is None]
    assert [each for each in third.conflicts if each.winner is None] == waiting


@settings(max_examples=100, deadline=None)
@given(lives(st.just(as_given)))
def test_S01_both_sides_say_the_same_once_both_are_written(life: Any) -> None:
    """Each as far as its field can hold it; an empty field that never counts stays empty."""
    pair, _, _ = life
    pair.ways = BOTH
    merged = pair.run()
    waiting = {each.key for each in merged.conflicts if each.winner is None}
    for row in pair.lanes.rows:
        if row.key in waiting:
            continue
        assert row.key in pair.base
        assert _says_the_same(pair, row) or _may_differ(pair, row), row


def _says_the_same(pair: Pair, row: PairRow) -> bool:
    """Whether a side holds what the other one gives it, or as much of a list as it has places for."""
    readings = {side: pair.lanes.read(row, side, pair.of(side)) for side in Side}
    for to in row.lanes:
        source, target = readings[to.other], readings[to]
        assert source is not None
        assert target is not None
        made = pair.lanes.to(to).make(row.lanes[to], source.value, target.raw)
        placed = pair.lanes.to(to).place(row.lanes[to], made.value, target.fields)
        if made.left_out or pair.lanes.is_same(row, to, made.value, target.raw) or not placed.fields:
            return True
    return False


def _may_differ(pair: Pair, row: PairRow) -> bool:
    """Where one side is empty: emptied where blanks never count, insisted on, or the target's own."""
    readings = [pair.lanes.read(row, side, pair.of(side)) for side in Side]
    if all(reading is not None and reading.is_given for reading in readings):
        return False
    is_required = any(info.required for info in row.infos.values())
    return row.blanks is Blanks.NEVER or is_required or len(row.lanes) == 1


@settings(max_examples=100, deadline=None)
@given(lives())
def test_S09_swapped_sides_give_the_mirrored_result(life: Any) -> None:
    pair, rows, connection = life
    turned = [flipped(row) for row in rows]
    policies = {Conflict.A: Conflict.B, Conflict.B: Conflict.A}
    mirrored = replace(
        connection,
        tie=connection.tie.other,
        conflict=policies.get(connection.conflict, connection.conflict),
    )
    lanes = rows_between(turned, known("book"), known("crm"), mirrored)
    base = {
        new.key: type(agreed)(agreed.b, agreed.a)
        for row, new in zip(rows, turned, strict=True)
        if (agreed := pair.base.get(row.key)) is not None
    }
    mirror = Pair(lanes, pair.b, pair.a, base, frozenset(way.other for way in pair.ways))
    merged, other = pair.merge(), mirror.merge()
    assert {side.other: fields for side, fields in other.fields.items()} == merged.fields
    assert {side.other for side in other.restores} == merged.restores
    assert [(each.a, each.b) for each in other.conflicts] == [(each.b, each.a) for each in merged.conflicts]
    assert [each.winner.other if each.winner else None for each in other.conflicts] == [
        each.winner for each in merged.conflicts
    ]


@settings(max_examples=100, deadline=None)
@given(lives())
def test_S04_every_value_is_still_there_or_stands_in_a_before(life: Any) -> None:
    pair, _, _ = life
    pair.vendors = dict.fromkeys(Side, as_given)
    before = _all_texts(pair)
    merged = pair.run()
    kept = {text for fields in merged.fields.values() for old, _ in fields.values() for text in texts(old)}
    assert before <= _all_texts(pair) | kept


@settings(max_examples=100, deadline=None)
@given(lives())
def test_S10_S11_only_ways_are_written_and_only_fields_of_rows_that_go_there(life: Any) -> None:
    pair, rows, _ = life
    merged = pair.merge()
    assert set(merged.fields) <= pair.ways
    for side, fields in merged.fields.items():
        mapped = {name for row in rows if row.direction.writes(side) for name in _names(side, row)}
        assert set(fields) <= mapped
        assert all(before != after for before, after in fields.values())


@settings(max_examples=100, deadline=None)
@given(lives())
def test_S02_a_pair_that_is_settled_says_so_without_a_merge(life: Any) -> None:
    pair, _, _ = life
    pair.run()
    pair.run()
    merged = pair.merge()
    if is_settled(pair.lanes, pair.a, pair.b, pair.base):
        assert merged.base is pair.base
        assert not merged.conflicts
        assert is_as_agreed(pair.lanes, pair.a, pair.b, pair.base)


LISTS = st.lists(st.sampled_from(("vip", "one", "two", "three", "four")), unique=True).map(tuple)


@settings(max_examples=100, deadline=None)
@given(base=LISTS, a=LISTS, b=LISTS)
def test_S08_lists_are_merged_element_by_element(base: Any, a: Any, b: Any) -> None:
    """What either put in is in both, what either took out is in neither, and the rest stays."""
    row = MappingRow("tags", "labels")
    pair = Pair(rows_between((row,), known("crm"), known("book"), CONNECTION))
    pair.edit(Side.A, tags=base)
    pair.edit(Side.B, labels=base)
    pair.run()
    pair.edit(Side.A, tags=a)
    pair.edit(Side.B, labels=b)
    pair.run()
    added = (set(a) | set(b)) - set(base)
    kept = set(a) & set(b) & set(base)
    assert set(pair.a.fields["tags"] or ()) == set(pair.b.fields["labels"] or ()) == added | kept  # type: ignore[arg-type]


PLACES = ("office", "mobile", "home")
MANY = st.lists(st.sampled_from([f"045 123456{n}" for n in range(8)]), unique=True, max_size=6)


@settings(max_examples=150, deadline=None)
@given(first=MANY, places=st.lists(st.sampled_from(NUMBERS), max_size=3, unique=True), later=MANY)
def test_S04_a_number_that_found_no_place_is_never_taken_out_of_its_list(
    first: list[str], places: list[str], later: list[str]
) -> None:
    row = MappingRow("numbers", "+".join(PLACES), transform="number")
    pair = Pair(rows_between((row,), known("crm"), known("book"), CONNECTION))
    pair.edit(Side.A, numbers=tuple(Entry(text) for text in first))
    pair.run()
    assert set(first) <= texts(pair.a.fields["numbers"])
    held: Mapping[str, Value] = dict(zip(PLACES, (*places, "", "", ""), strict=False))
    had = {name: pair.b.fields.get(name) for name in PLACES}
    pair.edit(Side.B, None, **held)
    pair.run()
    gone = _keys(tuple(had.values())) - _keys(tuple(held.values()))
    assert _keys(pair.a.fields["numbers"]) == _keys(tuple(first)) - gone | _keys(tuple(held.values()))
    pair.run()
    pair.edit(Side.A, numbers=tuple(Entry(text) for text in later))
    pair.run()
    assert _keys(tuple(later)) <= _keys(pair.a.fields["numbers"])


def _keys(value: Any) -> set[Any]:
    given_ = tuple(item for item in value or () if item)
    return {key for key, _ in elements(given_, FieldKind.PHONE, ITALY)}


def test_the_rows_of_these_tests_name_every_transform() -> None:
    assert {row.transform for row in ROWS} == set(TRANSFORMS)
