"""What the PBX's times of change are worth, in every spelling, and when only a whole reading will do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.asking import complete, ids, quiet, since
from contract.rig_phonebook import PhonebookRig, phonebook_rig
from linedesk.apps.base import Feed
from linedesk.apps.records import Changes, Complete, Cursor
from linedesk.apps.wildix_phonebook_place import Place, newest_ms
from linedesk.errors import CursorLost

_DAY_MS = 86_400_000


@pytest.fixture
async def rig() -> AsyncIterator[PhonebookRig]:
    async with phonebook_rig() as opened:
        yield opened


def _settled(rig: PhonebookRig, count: int) -> list[str]:
    """Contacts of long ago, and the first of them changed lately: the overlap holds that one alone."""
    made = rig.fill(count)
    rig.clock.advance(86_400)
    rig.rename(made[0], "Changed lately")
    return made


def _listings(rig: PhonebookRig) -> int:
    return sum("/contacts" in path.lower() for method, path in rig.wire.asked)


@pytest.mark.parametrize("form", ["datetime", "epoch_s", "epoch_ms", "iso"])
@pytest.mark.parametrize("zone_h", [-5, 0, 9])
async def test_S15_changes_are_told_whatever_the_spelling_of_the_times(
    rig: PhonebookRig, form: str, zone_h: int
) -> None:
    rig.switch(last_update_as=form, last_update_zone_h=zone_h)
    made = _settled(rig, 150)
    first = await complete(rig.app)
    rig.clock.advance(3600)
    rig.rename(made[7], "Grace")

    later = await since(rig.app, first.cursor)

    assert isinstance(later, Changes)
    assert sorted(ids(later)) == [made[0], made[7]]


async def test_S22_a_reading_without_changes_takes_one_page_however_large_the_book_is(
    rig: PhonebookRig,
) -> None:
    _settled(rig, 250)
    first = await complete(rig.app)
    rig.clock.advance(3600)
    before = _listings(rig)

    later = await since(rig.app, first.cursor)

    assert isinstance(later, Changes)
    assert _listings(rig) - before == 1


async def test_S14_a_write_of_the_api_that_bumps_no_time_is_seen_in_the_next_whole_reading(
    rig: PhonebookRig,
) -> None:
    rig.switch(writes_bump_last_update=False)
    made = _settled(rig, 3)
    first = await complete(rig.app)
    rig.clock.advance(7200)
    rig.books.update(int(made[1]), {"name": "Unstamped"}, None)

    assert "Unstamped" not in [each.text("name") for each in (await since(rig.app, first.cursor)).records]
    assert "Unstamped" in [each.text("name") for each in (await complete(rig.app)).records]
    assert rig.app.capabilities.complete_scan_s == 3600


async def test_S21_a_record_from_the_far_future_hides_no_change(rig: PhonebookRig) -> None:
    (known, odd) = rig.fill(2)
    rig.books.update(int(odd), {"name": "From 2099"}, 4_070_908_800)
    first = await complete(rig.app)
    rig.clock.advance(3600)
    rig.rename(known, "Grace")

    later = await since(rig.app, first.cursor)

    assert "Grace" in [each.text("name") for each in later.records]


async def test_S15_a_record_without_a_readable_time_makes_every_reading_whole(rig: PhonebookRig) -> None:
    made = rig.fill(3)
    rig.books.update(int(made[1]), {"name": "No time"}, 0)
    rig.switch(last_update_as="epoch_s")
    first = await complete(rig.app)
    rig.rename(made[0], "Grace")

    later = await since(rig.app, first.cursor)

    assert isinstance(later, Complete)
    assert len(later.records) == 3


async def test_S15_a_time_that_becomes_unreadable_makes_the_next_reading_whole(rig: PhonebookRig) -> None:
    made = rig.fill(3)
    rig.switch(last_update_as="epoch_s")
    first = await complete(rig.app)
    rig.clock.advance(3600)
    rig.books.update(int(made[1]), {"name": "No time"}, 0)

    assert isinstance(await since(rig.app, first.cursor), Complete)


async def test_changes_by_time_can_be_switched_off(rig: PhonebookRig) -> None:
    rig.fill(2)
    app = rig.reopen(changes_by_time=False)
    assert app.capabilities.feed is Feed.NONE
    assert app.capabilities.complete_scan_s is None

    first = await app.read(None, quiet)

    assert isinstance(await app.read(first.cursor, quiet), Complete)


@pytest.mark.parametrize(
    ("total_as", "ids_as"), [("string", "number"), ("number", "string"), ("mixed", "mixed")]
)
async def test_totals_and_ids_may_be_texts_or_numbers(rig: PhonebookRig, total_as: str, ids_as: str) -> None:
    rig.switch(total_as=total_as, ids_as=ids_as)
    made = rig.fill(101)

    assert sorted(ids(await complete(rig.app))) == sorted(made)
    assert [each.id for each in await rig.app.get_many(made[:1])] == made[:1]


async def test_S13_pins_and_credit_are_never_read_and_stamps_are_no_content(rig: PhonebookRig) -> None:
    (known,) = rig.fill(1)
    rig.books.update(int(known), {"pin": "4711", "credit": "20"}, 1)

    (record,) = (await complete(rig.app)).records

    assert not {"pin", "credit", "hash", "last_update", "phonebook_id"} & set(record.fields)
    assert "4711" not in repr(record)
    assert {each.name for each in await rig.app.fields()} == set(record.fields)


async def test_a_contact_of_another_phonebook_is_none_of_this_one(rig: PhonebookRig) -> None:
    (known,) = rig.fill(1)
    stranger = str(rig.books.add(1, {"name": "Stranger", "document_id": "linedesk-1"}, 1))

    assert [each.id for each in await rig.app.get_many([known, stranger])] == [known]
    assert await rig.app.find_by_external_id("linedesk-1") == ()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["book", "mark_ms", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(_JSON)
def test_S15_a_cursor_reads_back_or_is_lost_whatever_it_holds(value: Any) -> None:
    try:
        place = Place.of(Cursor(json.dumps(value)), "The phonebook")
    except CursorLost:
        return
    assert Place.of(place.cursor(), "The phonebook") == place


@given(st.lists(st.none() | st.integers(0, 4_000_000_000_000), max_size=6), st.integers(0, 2_000_000_000_000))
def test_S21_the_mark_is_never_beyond_what_a_right_clock_can_say(
    stamps: list[int | None], now_ms: int
) -> None:
    mark_ms = newest_ms(stamps, now_ms)

    if mark_ms is not None:
        assert mark_ms in stamps
        assert mark_ms <= now_ms + 2 * _DAY_MS
        assert None not in stamps
