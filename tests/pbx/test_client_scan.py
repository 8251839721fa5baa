"""Reading a book whole while others edit it: nothing is lost, nothing comes twice, or it says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.errors import ListingBroken
from linedesk.pbx.wildix.recent import recent
from linedesk.pbx.wildix.scan import PAGE, Page, Row, scan
from linedesk.pbx.wildix.stamps import parse_stamp

WHO = "The PBX acme"


class Listing:
    """A listing in memory; `before` runs ahead of each page with its number."""

    def __init__(self, rows: list[dict[str, Any]], *, cap: int = PAGE, newest_first: bool = False) -> None:
        self.rows = rows
        self.cap = cap
        self.newest_first = newest_first
        self.before: Callable[[int], None] = lambda _page: None
        self.asked: list[int] = []

    async def fetch(self, start: int) -> Page:
        self.before(len(self.asked))
        self.asked.append(start)
        if self.newest_first:
            rows = sorted(self.rows, key=lambda row: -int(row["last_update"] or 0))
        else:
            rows = sorted(self.rows, key=lambda row: int(row["id"]))
        return Page(tuple(rows[start : start + self.cap]), len(rows))

    def drop(self, *ids: int) -> None:
        self.rows = [row for row in self.rows if int(row["id"]) not in ids]


def rows_of(count: int) -> list[dict[str, Any]]:
    return [{"id": n if n % 2 else str(n), "last_update": 1_700_000_000 + n} for n in range(1, count + 1)]


def ids(rows: tuple[Row, ...]) -> list[int]:
    return [int(row["id"]) for row in rows]


async def whole(listing: Listing) -> list[int]:
    return ids(await scan(listing.fetch, WHO, lambda done, total: None))


@pytest.mark.parametrize("count", [0, 1, 2, 99, 100, 101, 199, 200, 250])
@pytest.mark.parametrize("cap", [2, 30, 100])
async def test_every_row_comes_once_whatever_a_page_holds(count: int, cap: int) -> None:
    assert await whole(Listing(rows_of(count), cap=cap)) == list(range(1, count + 1))


async def test_progress_is_told_with_the_total() -> None:
    told: list[tuple[int, int | None]] = []
    await scan(Listing(rows_of(150)).fetch, WHO, lambda done, total: told.append((done, total)))
    assert told == [(100, 150), (150, 150)]


async def test_S12_rows_deleted_in_front_of_the_walk_hide_no_other_row() -> None:
    listing = Listing(rows_of(350))
    listing.before = lambda page: listing.drop(*range(page * 10, page * 10 + 7)) if page else None
    found = await whole(listing)
    assert set(ids(tuple(listing.rows))) <= set(found)
    assert len(set(found)) == len(found)
    assert len(listing.asked) < 15


async def test_S12_most_of_what_was_read_deleted_does_not_end_the_walk_early() -> None:
    listing = Listing(rows_of(250))

    def before(page: int) -> None:
        if page == 2:
            listing.drop(*range(1, 70))

    listing.before = before
    assert set(range(70, 251)) <= set(await whole(listing))


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_S12_no_row_that_stayed_is_ever_missing(data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 60))
    listing = Listing(rows_of(count), cap=data.draw(st.integers(2, 20)))
    stayed, newest = set(range(1, count + 1)), [count]

    def before(_page: int) -> None:
        for _ in range(data.draw(st.integers(0, 2))):
            if data.draw(st.booleans()) and listing.rows:
                gone = int(data.draw(st.sampled_from(listing.rows))["id"])
                stayed.discard(gone)
                listing.drop(gone)
            else:
                newest[0] += 1
                listing.rows.append({"id": newest[0], "last_update": None})

    listing.before = before
    try:
        found = asyncio.run(whole(listing))
    except ListingBroken:
        return
    assert stayed <= set(found)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        (lambda start: Page(({"id": 1},), None), "how many rows"),
        (lambda start: Page(tuple(rows_of(100)), 250), "same page again"),
        (lambda start: Page(({"id": 1}, {"id": "1"}), 2), "twice"),
        (lambda start: Page(({"name": "x"},), 1), "without an id"),
        (lambda start: Page(({"id": None},), 1), "without an id"),
        (lambda start: Page(() if start else tuple(rows_of(100)), 250), "don't fit"),
        (lambda start: Page((), 5), "don't fit"),
        (lambda start: Page(tuple(rows_of(100)), 40), "don't fit"),
        (lambda start: Page(tuple(rows_of(300)[start + (90 if start else 0) :][:100]), 300), "don't fit"),
        (
            lambda start: Page(tuple({"id": n} for n in range(start * 7, start * 7 + 100)), 10_000),
            "don't fit",
        ),
    ],
)
async def test_S12_a_listing_that_can_not_be_whole_is_never_taken(
    pages: Callable[[int], Page], words: str
) -> None:
    asked = []

    async def fetch(start: int) -> Page:
        asked.append(start)
        return pages(start)

    with pytest.raises(ListingBroken, match=words) as caught:
        await scan(fetch, WHO, lambda done, total: None)
    assert caught.value.message.startswith(WHO)
    assert len(asked) < 100


async def test_rows_in_another_order_are_read_whole_while_nobody_edits_them() -> None:
    rows = rows_of(150)
    names = sorted(rows, key=lambda row: str(row["id"])[::-1])

    async def fetch(start: int) -> Page:
        return Page(tuple(names[start : start + 100]), len(names))

    found = await scan(fetch, WHO, lambda done, total: None)
    assert sorted(ids(found)) == list(range(1, 151))


async def test_S12_rows_in_another_order_with_a_count_that_moves_are_not_trusted() -> None:
    names = sorted(rows_of(150), key=lambda row: str(row["id"])[::-1])
    asked = []

    async def fetch(start: int) -> Page:
        asked.append(start)
        return Page(tuple(names[start : start + 100]), len(names) + (1 if start == 0 else 0))

    with pytest.raises(ListingBroken):
        await scan(fetch, WHO, lambda done, total: None)


def stamped(row: Row) -> int | None:
    return parse_stamp(row["last_update"])


async def changed(listing: Listing, since_s: int) -> list[int]:
    return sorted(ids(await recent(listing.fetch, WHO, since_s * 1000, stamped)))


async def test_changes_are_read_only_as_far_as_they_reach() -> None:
    listing = Listing(rows_of(1000), newest_first=True)
    assert await changed(listing, 1_700_000_850) == list(range(850, 1001))
    assert listing.asked == [0, 99]


async def test_rows_without_a_readable_stamp_count_as_changed() -> None:
    rows = rows_of(5)
    rows[1]["last_update"] = ""
    assert await changed(Listing(rows, newest_first=True), 1_700_000_004) == [2, 4, 5]


async def test_where_rows_do_not_come_by_stamp_the_whole_book_is_walked() -> None:
    rows = [{"id": n, "last_update": 1_700_000_000 + n * 7919 % 997} for n in range(1, 251)]
    found = await changed(Listing(rows), 1_700_000_900)
    assert found == [row["id"] for row in rows if row["last_update"] >= 1_700_000_900]


async def test_changes_during_the_walk_lose_none_of_the_others() -> None:
    listing = Listing(rows_of(400), newest_first=True)

    def before(page: int) -> None:
        if page in {1, 2}:
            listing.drop(400 - page, 390 - page, 380 - page)
            listing.rows[5]["last_update"] = 1_800_000_000 + page

    listing.before = before
    found = await changed(listing, 1_700_000_100)
    assert {int(row["id"]) for row in listing.rows if int(row["id"]) >= 100} <= set(found)


async def test_S12_changes_from_pages_that_repeat_are_not_taken() -> None:
    async def fetch(start: int) -> Page:
        return Page(tuple(rows_of(100)[::-1]), 250)

    with pytest.raises(ListingBroken):
        await recent(fetch, WHO, 0, stamped)


@pytest.mark.parametrize(
    ("value", "ms"),
    [
        (1_764_000_000, 1_764_000_000_000),
        ("1764000000", 1_764_000_000_000),
        (1_764_000_000_123, 1_764_000_000_123),
        ("1764000000123", 1_764_000_000_123),
        (1_764_000_000.5, 1_764_000_000_500),
        ("2025-11-24 16:00:00", 1_764_000_000_000),
        ("2025-11-24T16:00:00", 1_764_000_000_000),
        ("2025-11-24T16:00:00Z", 1_764_000_000_000),
        ("2025-11-24T17:00:00.250+01:00", 1_764_000_000_250),
    ],
)
def test_stamps_are_read_in_every_form_that_is_known(value: object, ms: int | None) -> None:
    assert parse_stamp(value) == ms


UNREADABLE: list[object] = ["", None, "never", "0", 0, -5, "0000-00-00 00:00:00", True, [], {"a": 1}]


@pytest.mark.parametrize(
    "value", [*UNREADABLE, "9" * 400, float("nan"), float("inf"), 10**40, "1900-01-01 00:00:00"]
)
def test_a_stamp_that_can_not_be_read_is_none(value: object) -> None:
    assert parse_stamp(value) is None


def test_a_stamp_without_a_zone_is_read_in_the_one_that_is_set() -> None:
    assert parse_stamp("2025-11-24 17:00:00", timezone(timedelta(hours=1))) == 1_764_000_000_000
    assert parse_stamp("2025-11-24T16:00:00Z", timezone(timedelta(hours=1))) == 1_764_000_000_000


@given(st.text(max_size=80) | st.integers() | st.floats())
@settings(max_examples=200)
def test_reading_a_stamp_never_raises(value: object) -> None:
    assert parse_stamp(value, UTC) is None or isinstance(parse_stamp(value, UTC), int)
