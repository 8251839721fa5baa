"""The stable assignment of a list to places (J08, S3)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.sync.slots import Assigned, Item, Place, assign

PLACES = (
    Place("office", "work"),
    Place("mobile", "mobile"),
    Place("home", "home"),
    Place("fax", "fax"),
)
LABELS = ("work", "mobile", "home", "fax", "other", "")
numbers = st.lists(
    st.builds(lambda n, label: Item(n, f"+39045{n}", label), st.integers(0, 12), st.sampled_from(LABELS)),
    max_size=8,
    unique_by=lambda item: item.key,
)
Held = Mapping[str, Sequence[Item]]


def _where(done: Assigned) -> dict[object, str]:
    return {item.key: name for name, items in done.held.items() for item in items}


def _shown(done: Assigned) -> dict[str, list[str]]:
    return {name: [item.text for item in items] for name, items in done.held.items() if items}


def test_J08_a_number_takes_the_place_its_label_fits_and_the_rest_the_first_free_ones() -> None:
    wanted = [Item(1, "1", "other"), Item(2, "2", "home"), Item(3, "3", "work"), Item(4, "4", "work")]
    done = assign(PLACES, wanted, {})
    assert _shown(done) == {"office": ["3"], "home": ["2"], "mobile": ["1"], "fax": ["4"]}
    assert done.left_out == ()


def test_a_number_to_talk_to_goes_to_the_fax_place_last() -> None:
    done = assign(PLACES[2:], [Item(1, "1", "other")], {})
    assert _shown(done) == {"home": ["1"]}


def test_a_list_takes_what_has_no_place_of_its_own() -> None:
    places = (Place("email", "email"), Place("other_emails", "other emails", many=True))
    done = assign(places, [Item(n, str(n)) for n in range(4)], {})
    assert _shown(done) == {"email": ["0"], "other_emails": ["1", "2", "3"]}


def test_a_value_that_is_too_long_for_every_place_is_left_out() -> None:
    done = assign((Place("office", "work", longest=3),), [Item(1, "12345"), Item(2, "123")], {})
    assert _shown(done) == {"office": ["123"]}
    assert [item.key for item in done.left_out] == [1]


def test_a_value_in_its_place_keeps_the_spelling_it_has_there() -> None:
    done = assign(PLACES, [Item(1, "+390451234567")], {"home": [Item(1, "045 1234567")]})
    assert _shown(done) == {"home": ["045 1234567"]}


@settings(max_examples=150)
@given(numbers, numbers)
def test_S03_to_assign_the_same_list_again_moves_nothing(before: list[Item], wanted: list[Item]) -> None:
    once = assign(PLACES, wanted, assign(PLACES, before, {}).held)
    again = assign(PLACES, wanted, once.held)
    assert again == once
    keys = {item.key for item in wanted}
    assert set(_where(once)) | {item.key for item in once.left_out} == keys
    assert len(_where(once)) == min(len(keys), len(PLACES))


@settings(max_examples=150)
@given(numbers, st.randoms(use_true_random=False))
def test_the_order_of_a_list_never_moves_what_has_a_place(wanted: list[Item], luck: random.Random) -> None:
    once = assign(PLACES, wanted, {})
    mixed = luck.sample(wanted, len(wanted))
    assert _where(assign(PLACES, mixed, once.held)) == _where(once)


@settings(max_examples=150)
@given(numbers, st.integers(0, 7))
def test_J08_to_add_or_remove_one_moves_no_other(wanted: list[Item], at: int) -> None:
    full = assign(PLACES, wanted, {})
    fewer = [item for n, item in enumerate(wanted) if n != at]
    less = _where(assign(PLACES, fewer, full.held))
    for key, name in _where(full).items():
        assert less.get(key, name) == name
    back = _where(assign(PLACES, [*fewer, *wanted[at : at + 1]], assign(PLACES, fewer, full.held).held))
    assert all(back[key] == name for key, name in less.items())


@settings(max_examples=100)
@given(numbers, st.integers(0, 3))
def test_J08_what_was_left_out_comes_in_as_soon_as_a_place_is_free(wanted: list[Item], at: int) -> None:
    full = assign(PLACES, wanted, {})
    gone = next(iter(full.held[PLACES[at].name]), None)
    after = assign(PLACES, [item for item in wanted if item != gone], full.held)
    came_in = _where(after).keys() & {item.key for item in full.left_out}
    assert len(came_in) == min(len(full.left_out), 1 if gone else 0)
    assert all(_where(after)[key] == PLACES[at].name for key in came_in)
