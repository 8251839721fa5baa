"""Walks over pages: each way in which a list can lie ends in one sentence, or starts anew."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.apps.walk import Page, Walked, tried_again, walk
from linedesk.errors import ListingBroken

Pages = Mapping[str, Page[int]]


def page(*ids: int, to: str | None = None) -> Page[int]:
    return Page(tuple((str(each), each) for each in ids), to)


async def walked(pages: Pages, most_pages: int = 100) -> tuple[Walked[int], list[int]]:
    told: list[int] = []

    async def fetch(place: str) -> Page[int]:
        return pages[place]

    return await walk("The CRM", "1", fetch, told=told.append, most_pages=most_pages), told


@settings(max_examples=50, deadline=None)
@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=8))
async def test_every_row_of_every_page_comes_once(sizes: list[int]) -> None:
    pages, number = {}, 0
    for at, size in enumerate(sizes, 1):
        pages[str(at)] = page(*range(number, number + size), to=str(at + 1) if at < len(sizes) else None)
        number += size
    result, told = await walked(pages)
    assert list(result.rows.values()) == list(range(number))
    assert (result.pages, result.moved, told[-1]) == (len(sizes), frozenset(), number)


async def test_an_empty_list_is_one_empty_page() -> None:
    result, told = await walked({"1": page()})
    assert (result.rows, told) == ({}, [0])


async def test_rows_that_moved_over_a_border_are_named_and_count_once() -> None:
    result, _ = await walked({"1": page(1, 2, to="2"), "2": page(2, 3, to="3"), "3": page(3)})
    assert list(result.rows) == ["1", "2", "3"]
    assert result.moved == {"2", "3"}


async def test_a_row_that_came_twice_and_had_changed_is_told_apart_from_one_that_was_pushed_on() -> None:
    pages = {"1": Page((("a", 1), ("b", 2)), "2"), "2": Page((("b", 2), ("c", 3), ("a", 9)), None)}
    result, _ = await walked(pages)
    assert result.moved == {"a", "b"}
    assert result.altered == {"a"}
    assert result.rows["a"] == 9


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ({"1": page(1, to="2"), "2": page(to="3")}, "an empty page in the middle"),
        ({"1": page(1, 2, to="2"), "2": page(2, 1, to="3")}, "the same page of a list twice"),
        ({"1": page(1, to="2"), "2": page(2, to="1")}, "lead in a circle"),
        ({"1": page(1, to="1")}, "lead in a circle"),
    ],
)
async def test_S12_a_list_that_lies_is_broken(pages: Pages, words: str) -> None:
    with pytest.raises(ListingBroken, match=words) as raised:
        await walked(pages)
    assert str(raised.value).startswith("The CRM")


async def test_a_list_without_end_is_broken() -> None:
    endless = {str(at): page(at, to=str(at + 1)) for at in range(1, 50)}
    with pytest.raises(ListingBroken, match="more than 20 pages"):
        await walked(endless, most_pages=20)


@pytest.mark.parametrize(("broken", "well"), [(0, True), (2, True), (3, False)])
async def test_a_walk_is_tried_three_times(broken: int, well: bool) -> None:
    tries: list[int] = []

    async def attempt() -> Walked[int]:
        tries.append(1)
        if len(tries) <= broken:
            raise ListingBroken("The CRM gave the same page of a list twice.")
        return Walked({}, frozenset(), frozenset(), 1, ceiling=False)

    if well:
        await tried_again(3, attempt)
        assert len(tries) == broken + 1
    else:
        with pytest.raises(ListingBroken):
            await tried_again(3, attempt)
        assert len(tries) == 3
