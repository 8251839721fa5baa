"""The persistent mapping against a dict."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from linedesk.calls.shelf import Shelf


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40), st.integers())))
def test_it_holds_what_a_dict_holds_and_the_past_stays(steps: list[tuple[bool, int, int]]) -> None:
    shelf: Shelf[int, int] = Shelf()
    plain: dict[int, int] = {}
    past = []
    for put, key, value in steps:
        past.append((shelf, dict(plain)))
        shelf = shelf.put(key, value) if put else shelf.drop(key)
        plain.update({key: value}) if put else plain.pop(key, None)
    for before, holds in [*past, (shelf, plain)]:
        assert dict(before.items()) == holds
        assert len(before) == len(holds)
        assert all(before.get(key) == holds.get(key) for key in range(41))


def test_changed_names_only_the_buckets_that_differ() -> None:
    old = Shelf[int, str]().put(1, "a").put(2, "b")
    new = old.put(2, "c")
    assert list(old.changed(new)) == [({2: "b"}, {2: "c"})]
    assert list(old.changed(old.drop(7))) == []


@given(st.lists(st.tuples(st.integers(0, 5_000), st.integers())))
def test_made_at_once_is_the_same_as_put_one_by_one(pairs: list[tuple[int, int]]) -> None:
    one_by_one: Shelf[int, int] = Shelf()
    for key, value in pairs:
        one_by_one = one_by_one.put(key, value)
    at_once = Shelf.of(pairs)
    assert list(at_once.items()) == list(one_by_one.items())
