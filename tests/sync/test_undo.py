"""S18 as data: a field that still holds what was written gets its old value, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.apps.records import Entry, FieldInfo, FieldKind, Record, Value
from linedesk.numbers.model import NumberPlan
from linedesk.sync.model import Applied, Change, Known, Link, LinkState, Op, Side, SkipKind
from linedesk.sync.undo import Past, SideNow, Undo, undo_in_slices, undone_entries
from linedesk.sync.undo_fields import NotHeld, restored
from linedesk.sync.values import same

PLAN = NumberPlan("IT")
FIELDS = {
    info.name: info
    for info in (
        FieldInfo("name", "Name", FieldKind.NAME, required=True),
        FieldInfo("email", "E-mail", FieldKind.EMAIL),
        FieldInfo("phone", "Phone", FieldKind.PHONE),
        FieldInfo("notes", "About", FieldKind.LONG_TEXT),
        FieldInfo("tags", "Tags", FieldKind.TAGS, many=True),
        FieldInfo("vip", "VIP", FieldKind.CHECKBOX),
        FieldInfo("seen", "Seen", FieldKind.TEXT, read_only=True, app_fills=True),
        FieldInfo("born", "Born", FieldKind.TEXT, read_only=True),
        FieldInfo("external_id", "External ID", FieldKind.ID),
    )
}
LINK = Link("ld-1", "a1", "b1", {})


def side(*records: Record, **known: Any) -> Known:
    by_id = {each.id: each for each in records}
    base = Known("book", "memory", FIELDS, by_id, PLAN, whole=True, external_id_field="external_id")
    return replace(base, **known)


def record(*, at: str = "b1", v: str | None = None, **fields: Value) -> Record:
    return of(fields, at=at, v=v)


def of(fields: Mapping[str, Value], *, at: str = "b1", v: str | None = None) -> Record:
    return Record(at, fields, version=v)


def past(
    entry: int = 1, op: Op = Op.UPDATE, applied: Mapping[str, Applied | None] = {}, **fields: object
) -> Past:
    pairs: Mapping[str, tuple[Value, Value]] = fields  # type: ignore[assignment]
    return Past(entry, Side.B, op, "ld-1", "b1", "a1", pairs, applied)


def joined(entry: int) -> Past:
    return replace(past(entry), fields={"@list:News": (False, True)})


def undo(
    pasts: Sequence[Past],
    b: Known,
    *,
    undone: Iterable[int] = (),
    links: Sequence[Link] = (LINK,),
    writes: bool = True,
    removes: bool = True,
) -> Undo:
    """Take these writes to side B back."""
    sides = {Side.A: SideNow(side(record(at="a1"))), Side.B: SideNow(b, writes, removes)}
    steps = undo_in_slices(pasts, frozenset(undone), sides, {each.id: each for each in links})
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Undo = end.value
            return result


def only(found: Undo) -> Change:
    assert found.left == ()
    (change,) = found.changes
    return change


def reason(found: Undo) -> tuple[SkipKind, str]:
    assert found.changes == ()
    (left,) = found.left
    return left.kind, left.reason


def test_S18_each_field_that_still_holds_what_was_written_gets_its_old_value() -> None:
    written = past(7, name=("Ada", "Ada Example"), phone=("", "02 1234567"))
    change = only(undo([written], side(record(v="v2", name="Ada Example", phone="+39021234567"))))
    assert change.fields == {"name": ("Ada Example", "Ada"), "phone": ("+39021234567", "")}
    assert (change.op, change.record_id, change.version, change.undoes) == (Op.UPDATE, "b1", "v2", 7)


def test_S18_a_field_that_somebody_changed_since_is_left_alone_and_named() -> None:
    written = past(name=("Ada", "Ada Example"), email=("", "ada@example.com"))
    change = only(undo([written], side(record(name="Ada Example", email="ada@else.example"))))
    assert change.fields == {"name": ("Ada Example", "Ada")}
    assert change.notes == ("Changed since and left alone: E-mail.",)


def test_S18_a_record_of_which_every_field_was_changed_since_is_listed_with_the_reason() -> None:
    found = undo([past(name=("Ada", "Ada Example"))], side(record(name="Countess")))
    assert reason(found) == (SkipKind.PERSON, "It was changed since: Name.")


def test_S18_what_holds_its_old_value_already_is_not_written() -> None:
    found = undo([past(name=("Ada", "Ada Example"))], side(record(name="Ada")))
    assert reason(found)[0] is SkipKind.HELD


def test_S18_a_text_that_the_app_spells_in_its_own_way_still_holds_what_was_written() -> None:
    written = replace(past(notes=("old", "one two three four")), read_back={"notes": "ONE TWO"})
    change = only(undo([written], side(record(notes="ONE TWO"))))
    assert change.fields == {"notes": ("ONE TWO", "old")}
    made = replace(past(op=Op.CREATE, name=(None, "Ada")), read_back={"name": "ADA"})
    assert only(undo([made], side(record(name="ADA")))).op is Op.DELETE


def test_S18_a_text_that_a_person_shortened_was_changed() -> None:
    found = undo([past(notes=("old", "one two three"))], side(record(notes="one two")))
    assert reason(found) == (SkipKind.PERSON, "It was changed since: About.")


@pytest.mark.parametrize(
    ("now", "kind", "said"),
    [
        ({}, SkipKind.GONE, "It is no more in book."),
        ({"merged": {"b1": "b2"}}, SkipKind.GONE, "It was merged into b2 since."),
    ],
)
def test_S18_a_record_that_is_gone_is_left_with_the_reason(
    now: dict[str, Any], kind: SkipKind, said: str
) -> None:
    assert reason(undo([past(name=("Ada", "Bob"))], side(**now))) == (kind, said)


def test_S18_what_was_taken_back_already_is_listed_and_not_done_again() -> None:
    found = undo([past(3, name=("Ada", "Bob"))], side(record(name="Bob")), undone=[3])
    assert reason(found) == (SkipKind.HELD, "This write was taken back already.")


def test_S10_a_side_that_the_connection_no_longer_writes_is_left_alone() -> None:
    found = undo([past(name=("Ada", "Bob"))], side(record(name="Bob")), writes=False)
    assert reason(found) == (SkipKind.BLOCKED, "The connection no longer writes to book.")


def test_S18_tags_of_a_person_stay_beside_those_that_are_taken_back() -> None:
    written = past(tags=(("old", "both"), ("both", "new")))
    change = only(undo([written], side(record(tags=("both", "new", "hers")))))
    assert change.fields["tags"] == (("both", "new", "hers"), ("both", "hers", "old"))


def test_S18_a_tag_that_a_person_removed_does_not_come_back() -> None:
    found = undo([past(tags=(("old",), ("old", "new")))], side(record(tags=("old", "hers"))))
    assert reason(found) == (SkipKind.PERSON, "It was changed since: Tags.")


def test_labels_of_many_numbers_are_put_back_with_their_numbers() -> None:
    info = FieldInfo("numbers", "Numbers", FieldKind.PHONE, many=True)
    old, new = Entry("+39021234567", "work"), Entry("02 1234567", "mobile")
    hers = Entry("+390298765432", "home")
    assert restored((new, hers), (old,), (new,), info, PLAN) == (hers, old)
    with pytest.raises(NotHeld):
        restored((replace(new, label="fax"), hers), (old,), (new,), info, PLAN)


def test_S18_a_new_record_that_nobody_touched_is_removed() -> None:
    made = past(5, Op.CREATE, name=(None, "Ada"), phone=(None, "+39021234567"))
    now = record(v="v1", name="Ada", phone="02 1234567", vip=False, seen="x", external_id="ld-1")
    change = only(undo([made], side(now)))
    assert (change.op, change.record_id, change.version, change.undoes) == (Op.DELETE, "b1", "v1", 5)
    assert change.fields["name"] == ("Ada", None)


@pytest.mark.parametrize(
    "edit", [{"name": "Countess"}, {"notes": "call back"}, {"phone": ""}, {"born": "1815-12-10"}]
)
def test_S18_a_new_record_that_a_person_touched_stays(edit: dict[str, Value]) -> None:
    made = past(5, Op.CREATE, name=(None, "Ada"), phone=(None, "+39021234567"))
    now = of({"name": "Ada", "phone": "+39021234567", **edit})
    kind, said = reason(undo([made], side(now)))
    assert kind is SkipKind.PERSON
    assert said == f"It was changed since it was made: {FIELDS[next(iter(edit))].label}."


def test_S18_an_app_that_cannot_delete_keeps_the_record_and_says_so() -> None:
    found = undo([past(5, Op.CREATE, name=(None, "Ada"))], side(record(name="Ada")), removes=False)
    assert reason(found) == (SkipKind.BLOCKED, "book can't delete records; delete it there by hand.")


def test_S18_a_deleted_record_is_made_again_from_what_it_held_and_its_link_is_tied_to_it() -> None:
    gone = past(
        9, Op.DELETE, name=("Ada", None), tags=(("vip",), None), seen=("x", None), external_id=("ld-1", None)
    )
    link = replace(LINK, state=LinkState.B_GONE)
    change = only(undo([gone], side(), links=[link]))
    assert (change.op, change.record_id, change.source_id, change.undoes) == (Op.CREATE, None, "a1", 9)
    assert change.fields == {"name": (None, "Ada"), "tags": (None, ("vip",))}


@pytest.mark.parametrize(
    ("now", "links", "said"),
    [
        ([record(name="Ada")], [LINK], "It is there again already."),
        ([record(at="b2", name="Ada")], [replace(LINK, b_id="b2")], "Another record has taken its place."),
        ([], [Link("ld-9", "a1", "b9", {})], "Its counterpart belongs to another record by now."),
    ],
)
def test_S6_a_deleted_record_is_not_made_beside_another_of_its_person(
    now: list[Record], links: list[Link], said: str
) -> None:
    found = undo([past(9, Op.DELETE, name=("Ada", None))], side(*now), links=links)
    assert reason(found) == (SkipKind.PERSON, said)


def test_S18_what_an_action_did_is_taken_back_with_its_note() -> None:
    did = Applied(Side.B, "tags", (), ("vip",), "VIPs")
    link = replace(LINK, applied={"b:add:tag:vip": did})
    written = past(applied={"b:add:tag:vip": did}, tags=((), ("vip",)))
    change = only(undo([written], side(record(tags=("vip",))), links=[link]))
    assert change.fields == {"tags": (("vip",), ())}
    assert change.applied == {"b:add:tag:vip": None}


def test_S18_where_a_person_undid_an_action_its_note_stays_so_that_it_is_not_done_again() -> None:
    did = Applied(Side.B, "tags", (), ("vip",), "VIPs")
    link = replace(LINK, applied={"b:add:tag:vip": did})
    written = past(applied={"b:add:tag:vip": did}, name=("Ada", "Bob"), tags=((), ("vip",)))
    change = only(undo([written], side(record(name="Bob", tags=("hers",))), links=[link]))
    assert change.applied == {}


def test_S18_an_action_that_was_reverted_is_noted_again_when_that_is_undone() -> None:
    did = Applied(Side.B, "tags", (), ("vip",), "VIPs")
    reverted = replace(
        past(applied={"b:add:tag:vip": None}, tags=(("vip",), ())), replaced={"b:add:tag:vip": did}
    )
    change = only(undo([reverted], side(record(tags=()))))
    assert change.fields == {"tags": ((), ("vip",))}
    assert change.applied == {"b:add:tag:vip": did}


@pytest.mark.parametrize(("members", "written"), [({"b1"}, True), (set(), False), (None, True)])
def test_S18_a_membership_goes_back_unless_the_record_is_as_before(
    members: set[str] | None, written: bool
) -> None:
    known = {} if members is None else {"@list:News": frozenset(members)}
    found = undo([joined(1)], side(record(name="Ada"), members=known))
    assert [dict(each.fields) for each in found.changes] == (
        [{"@list:News": (True, False)}] if written else []
    )


def test_a_new_record_that_goes_takes_its_memberships_with_it() -> None:
    made = past(5, Op.CREATE, name=(None, "Ada"))
    change = only(undo([made, joined(6)], side(record(name="Ada"))))
    assert change.op is Op.DELETE


def test_a_record_written_twice_is_taken_back_from_its_last_write_on() -> None:
    found = undo([past(1, name=("Ada", "Bob")), past(2, name=("Bob", "Eve"))], side(record(name="Eve")))
    assert [each.undoes for each in found.changes] == [2]
    assert [each.kind for each in found.left] == [SkipKind.BLOCKED]


def test_an_undo_that_was_undone_leaves_the_first_write_as_done() -> None:
    assert undone_entries({}) == frozenset()
    assert undone_entries({2: 1}) == {1}
    assert undone_entries({2: 1, 3: 2}) == {2}
    assert undone_entries({2: 1, 3: 2, 4: 3}) == {1, 3}


TEXTS = st.sampled_from(["", "Ada", "Ada Example", "Bob", "x@example.com", "+39021234567", "02 1234567"])
TAGS = st.lists(st.sampled_from(["vip", "new", "old", "hers"]), unique=True, max_size=4).map(tuple)
NAMES = ("name", "email", "phone", "notes", "tags")


@st.composite
def histories(draw: st.DrawFn) -> tuple[Past, Record, Record]:
    """A write, the record as it left it, and the record after a person's later edits."""

    def some(names: set[str] | tuple[str, ...]) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for name in sorted(names):
            values[name] = draw(TAGS) if name == "tags" else draw(TEXTS)
        return values

    before = some(NAMES)
    sent = some(draw(st.sets(st.sampled_from(NAMES), min_size=1)))
    later = {**before, **sent, **some(draw(st.sets(st.sampled_from(NAMES))))}
    written = replace(past(1), fields={name: (before[name], value) for name, value in sent.items()})
    return written, of({**before, **sent}), of(later)


@settings(max_examples=200, deadline=None)
@given(histories())
def test_S18_undo_restores_what_still_holds_and_never_an_edit(history: tuple[Past, Record, Record]) -> None:
    written, after, later = history
    found = undo([written], side(later))
    changed = dict(found.changes[0].fields) if found.changes else {}
    assert set(changed) <= set(written.fields)
    for name, (old, sent) in written.fields.items():
        if later.fields[name] == sent and name != "tags" and not _same(name, sent, old):
            assert _same(name, changed[name][1], old), name
        elif name != "tags" and not _same(name, later.fields[name], sent):
            assert name not in changed, name
    if "tags" in changed:
        hers = set(later.fields["tags"] or ()) - set(after.fields["tags"] or ())  # type: ignore[arg-type]
        assert hers <= set(changed["tags"][1] or ())  # type: ignore[arg-type]
    assert bool(found.changes) != bool(found.left)


@settings(max_examples=100, deadline=None)
@given(histories())
def test_S18_without_later_edits_undo_gives_the_record_as_it_was(
    history: tuple[Past, Record, Record],
) -> None:
    written, after, _ = history
    found = undo([written], side(after))
    back = dict(after.fields)
    for change in found.changes:
        back |= {name: value for name, (_, value) in change.fields.items()}
    assert all(_same(name, back[name], old) for name, (old, _) in written.fields.items())
    again = undo([written], side(of(back)))
    assert again.changes == ()


def _same(name: str, left: Value, right: Value) -> bool:
    return same(left, right, FIELDS[name].kind, PLAN)
