"""Lists written both ways, element by element: what each side put in, took out, or spelt in another way."""

from __future__ import annotations

import pytest

from linedesk.apps.records import Entry, FieldInfo, Value
from linedesk.sync.model import MappingRow, Side
from linedesk.sync.policies import Blanks, Conflict
from sync.merge_house import BOTH, Pair, agreed_pair, lanes_of, policy

TAGS = MappingRow("tags", "labels")
LISTS = lanes_of(TAGS)
NUMBERS = MappingRow("numbers", "office+mobile", transform="number")
PLACES = lanes_of(NUMBERS)
N = tuple(f"+39045123456{n}" for n in range(8))


def _tags(*words: str) -> Pair:
    return agreed_pair(LISTS, {"tags": words}, {"labels": words})


def _lists(pair: Pair) -> tuple[Value, Value]:
    return pair.a.fields.get("tags"), pair.b.fields.get("labels")


def test_S08_what_either_side_put_in_or_took_out_comes_out_on_both() -> None:
    pair = _tags("vip", "old", "stays")
    pair.edit(Side.A, tags=("vip", "stays", "from a"))
    pair.edit(Side.B, labels=("from b", "old", "stays"))
    merged = pair.run()
    assert _lists(pair) == (("stays", "from a", "from b"), ("from b", "stays", "from a"))
    assert merged.conflicts == ()
    again = pair.run()
    assert again.fields == {}
    assert pair.merge().base is pair.base


def test_S08_both_took_out_everything_that_the_other_left() -> None:
    pair = _tags("one", "two")
    pair.edit(Side.A, tags=("one",))
    pair.edit(Side.B, labels=("two",))
    pair.run()
    assert _lists(pair) == ((), ())


def test_S08_at_a_first_meeting_both_lists_are_put_together() -> None:
    pair = Pair(LISTS)
    pair.edit(Side.A, tags=("vip", "a"))
    pair.edit(Side.B, labels=("VIP", "b"))
    pair.run()
    assert _lists(pair) == (("vip", "a", "b"), ("VIP", "b", "a"))
    assert pair.merge().fields == {}


@pytest.mark.parametrize(
    ("blanks", "expected"),
    [
        (Blanks.CLEARED, ((), ())),
        (Blanks.ALWAYS, ((), ())),
        (Blanks.NEVER, ((), ("vip",))),
    ],
)
def test_H12_a_list_that_was_emptied(blanks: Blanks, expected: tuple[Value, Value]) -> None:
    pair = agreed_pair(
        lanes_of(TAGS, connection=policy(blanks=blanks)), {"tags": ("vip",)}, {"labels": ("vip",)}
    )
    pair.edit(Side.A, tags=())
    pair.run()
    assert _lists(pair) == expected
    assert pair.merge().fields == {}


def test_H12_a_list_emptied_here_and_longer_there_keeps_what_is_new() -> None:
    pair = _tags("vip")
    pair.edit(Side.A, tags=())
    pair.edit(Side.B, labels=("vip", "new"))
    pair.run()
    assert _lists(pair) == (("new",), ("new",))


@pytest.mark.parametrize("way", Side)
def test_S11_what_was_taken_out_where_no_way_leads_back_is_not_put_in_again(way: Side) -> None:
    """The other side took something out and may write later: until then nothing brings it back."""
    pair = _tags("stays", "gone")
    pair.ways = frozenset({way})
    names = {Side.A: "tags", Side.B: "labels"}
    pair.edit(way, None, **{names[way]: ("stays",)})
    pair.edit(way.other, None, **{names[way.other]: ("stays", "gone", "new")})
    pair.run()
    assert set(pair.of(way).fields[names[way]]) == {"stays", "new"}  # type: ignore[arg-type]
    assert pair.run().fields == {}
    pair.ways = BOTH
    pair.run()
    assert set(pair.of(way.other).fields[names[way.other]]) == {"stays", "new"}  # type: ignore[arg-type]
    assert pair.merge().fields == {}


def test_S14_an_element_that_an_app_drops_is_sent_once_and_stays_where_it_was() -> None:
    def forgetful(info: FieldInfo, value: Value) -> Value:
        return tuple(word for word in value if word != "odd") if isinstance(value, tuple) else value  # type: ignore[return-value]

    pair = _tags("vip")
    pair.vendors = {Side.A: lambda info, value: value, Side.B: forgetful}
    pair.edit(Side.A, tags=("vip", "odd", "fine"))
    pair.run()
    assert _lists(pair) == (("vip", "odd", "fine"), ("vip", "fine"))
    assert pair.run().fields == {}
    pair.edit(Side.B, labels=("vip", "fine", "more"))
    pair.run()
    assert _lists(pair) == (("vip", "odd", "fine", "more"), ("vip", "fine", "more"))


def test_J08_a_number_without_a_place_waits_and_is_named_and_comes_in_when_one_is_free() -> None:
    pair = Pair(PLACES)
    pair.edit(Side.A, numbers=tuple(Entry(text) for text in N[:3]))
    merged = pair.run()
    assert (pair.b.fields["office"], pair.b.fields["mobile"]) == N[:2]
    assert any(N[2] in note for note in merged.notes[Side.B])
    assert pair.run().fields == {}
    pair.edit(Side.B, office="")
    pair.run()
    assert pair.b.fields == {"office": N[2], "mobile": N[1]}
    assert [item.value for item in pair.a.fields["numbers"]] == list(N[1:3])  # type: ignore[union-attr]
    assert pair.run().fields == {}


def test_S04_an_edit_of_a_place_does_not_lose_a_number_that_has_none() -> None:
    pair = Pair(PLACES)
    pair.edit(Side.A, numbers=tuple(Entry(text) for text in N[:3]))
    pair.run()
    pair.edit(Side.B, mobile=N[5])
    pair.run()
    assert {item.value for item in pair.a.fields["numbers"]} == {N[0], N[2], N[5]}  # type: ignore[union-attr]
    assert pair.b.fields == {"office": N[0], "mobile": N[5]}


def test_C10_another_spelling_of_a_number_is_no_other_number() -> None:
    pair = Pair(PLACES)
    pair.edit(Side.A, numbers=(Entry("045 1234560", "work"),))
    pair.edit(Side.B, office="+390451234560", mobile="")
    pair.run()
    assert pair.a.fields["numbers"] == (Entry("045 1234560", "work"),)
    assert pair.b.fields["office"] == "+390451234560"


def test_G18_a_label_follows_the_side_that_changed_it() -> None:
    row = MappingRow("numbers", "numbers")
    one, other = Entry(N[0], "work"), Entry(N[1], "home")
    pair = agreed_pair(lanes_of(row), {"numbers": (one, other)}, {"numbers": (one, other)})
    pair.edit(Side.A, numbers=(Entry(N[0], "mobile"), other))
    pair.edit(Side.B, numbers=(one, other, Entry(N[2], "fax")))
    pair.run()
    expected = {Entry(N[0], "mobile"), other, Entry(N[2], "fax")}
    assert set(pair.a.fields["numbers"]) == set(pair.b.fields["numbers"]) == expected  # type: ignore[arg-type]
    pair.edit(Side.A, numbers=(Entry(N[0], "MOBILE"), other, Entry(N[2], "fax")))
    assert pair.merge().fields == {}


@pytest.mark.parametrize(("conflict", "label"), [(Conflict.A, "mobile"), (Conflict.B, "home")])
def test_G18_of_two_labels_for_one_number_the_policy_s_counts(conflict: Conflict, label: str) -> None:
    row = MappingRow("numbers", "numbers")
    lanes = lanes_of(row, connection=policy(conflict))
    pair = agreed_pair(lanes, {"numbers": (Entry(N[0], "work"),)}, {"numbers": (Entry(N[0], "work"),)})
    pair.edit(Side.A, numbers=(Entry(N[0], "mobile"),))
    pair.edit(Side.B, numbers=(Entry(N[0], "home"),))
    pair.run()
    assert pair.a.fields["numbers"] == pair.b.fields["numbers"] == (Entry(N[0], label),)


def test_a_list_and_a_single_field_keep_the_others_on_the_way_back() -> None:
    pair = Pair(lanes_of(MappingRow("emails", "email", transform="first")))
    pair.edit(Side.A, emails=("a@x.test", "b@x.test"))
    pair.run()
    assert pair.b.fields["email"] == "a@x.test"
    pair.edit(Side.B, email="c@x.test")
    pair.run()
    assert pair.a.fields["emails"] == ("c@x.test", "b@x.test")
    assert pair.run().fields == {}


def test_H12_where_blanks_never_count_an_emptied_list_is_filled_by_the_next_edit_of_the_other() -> None:
    lanes = lanes_of(TAGS, connection=policy(blanks=Blanks.NEVER))
    pair = agreed_pair(lanes, {"tags": ("vip",)}, {"labels": ("vip",)})
    pair.edit(Side.A, tags=())
    pair.edit(Side.B, labels=("vip", "new"))
    pair.run()
    assert _lists(pair) == (("vip", "new"), ("vip", "new"))


def test_H12_where_blanks_always_count_an_empty_list_that_wins_empties_the_other_at_a_first_meeting() -> None:
    pair = Pair(lanes_of(TAGS, connection=policy(Conflict.A, Blanks.ALWAYS)))
    pair.edit(Side.A, tags=())
    pair.edit(Side.B, labels=("vip",))
    pair.run()
    assert _lists(pair) == ((), ())
    assert pair.merge().fields == {}
