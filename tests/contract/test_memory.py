"""The reference app with other capabilities, and the instruments that tests of the sync read from it."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contract.asking import complete, got, ids, made, since
from contract.memory import (
    CAPABILITIES,
    FIELDS,
    Fault,
    MemoryApp,
    MemoryServer,
    WriteNotDue,
    both,
    numbers_reformatted,
    spaces_trimmed,
    text_cut,
)
from linedesk.apps.base import Feed, Refused, Removal, Removed, Stored, Unsure, Vanished
from linedesk.apps.records import Changes, Complete, Draft, Entry, Group, Patch, RecordState, Tombstone
from linedesk.clock import ManualClock
from linedesk.errors import CursorLost, VendorAuth, VendorDuplicate, VersionStale


def _app(**capabilities: Any) -> MemoryApp:
    return MemoryApp(ManualClock(), capabilities=replace(CAPABILITIES, **capabilities))


async def test_S02_a_write_where_none_is_due_fails_the_test_even_when_it_is_swallowed() -> None:
    app = _app()

    with pytest.raises(WriteNotDue), app.server.no_write_due():
        await app.create([Draft({"name": "Ada"})])
    assert not app.server.records

    with pytest.raises(WriteNotDue):
        await _swallowing(app)


async def _swallowing(app: MemoryApp) -> None:
    with app.server.no_write_due(), contextlib.suppress(AssertionError):
        await app.create([Draft({"name": "Ada"})])


async def test_S12_a_token_feed_tells_tombstones_once_and_where_a_record_went() -> None:
    app = _app(feed=Feed.TOKEN, vanished=Vanished.TOMBSTONE, names_merge_winner=True)
    ada, twin, gone = (app.server.seed(name=name) for name in ("Ada", "Ada twin", "Gone"))
    first = await complete(app)
    app.server.merge(twin, ada)
    app.server.vanish(gone)

    changes = await since(app, first.cursor)

    assert isinstance(changes, Changes)
    assert set(changes.tombstones) == {Tombstone(twin, ada), Tombstone(gone)}
    assert [(each.id, each.former_ids) for each in changes.records] == [(ada, (twin,))]
    assert [each.id for each in await app.get_many([twin, ada])] == [ada]
    later = await since(app, changes.cursor)
    assert isinstance(later, Changes)
    assert (later.records, later.tombstones) == ((), ())


async def test_an_app_without_a_feed_reads_everything_each_time() -> None:
    app = _app(feed=Feed.NONE)
    app.server.seed(name="Ada")
    first = await complete(app)

    assert isinstance(await since(app, first.cursor), Complete)


async def test_S15_a_cursor_can_be_forgotten_by_the_vendor() -> None:
    app = _app(feed=Feed.TOKEN)
    first = await complete(app)
    app.server.lose_cursors()

    with pytest.raises(CursorLost):
        await since(app, first.cursor)


async def test_softly_deleted_records_are_listed_where_the_app_says_so() -> None:
    soft, absent = _app(vanished=Vanished.SOFT), _app(vanished=Vanished.ABSENT)
    for app in (soft, absent):
        app.server.trash(app.server.seed(name="Ada"))

    assert [each.state for each in (await complete(soft)).records] == [RecordState.DELETED]
    assert (await complete(absent)).records == ()


async def test_S14_a_lagging_listing_shows_a_write_when_its_time_has_come() -> None:
    app = _app(visibility_lag_s=30.0)
    first = await complete(app)
    record = await made(app, {"name": "Ada"})

    assert ids(await complete(app)) == []
    assert ids(await since(app, first.cursor)) == []
    assert (await got(app, record.id)).text("name") == "Ada"
    app.server.clock.advance(30)  # type: ignore[attr-defined]
    assert ids(await complete(app)) == [record.id]
    assert ids(await since(app, first.cursor)) == [record.id]


async def test_a_listing_omits_what_the_app_says_and_single_records_do_not() -> None:
    app = _app(list_omits=frozenset({"notes"}))
    record_id = app.server.seed(name="Ada", notes="x")

    (listed,) = (await complete(app)).records

    assert listed.missing == {"notes"}
    assert "notes" not in listed.fields
    assert (await got(app, record_id)).fields["notes"] == "x"


async def test_a_version_that_is_not_the_present_one_is_refused() -> None:
    app = _app(versions=True)
    record = await made(app, {"name": "Ada"})
    app.server.edit(record.id, name="Grace")

    (stale,) = await app.update([Patch(record.id, {"name": "Henry"}, record.version)])
    (fresh,) = await app.update([Patch(record.id, {"name": "Henry"}, (await got(app, record.id)).version)])

    assert isinstance(stale, Refused)
    assert isinstance(stale.error, VersionStale)
    assert isinstance(fresh, Stored)


async def test_S04_a_delete_that_was_planned_on_an_older_version_is_refused() -> None:
    app = _app(versions=True)
    record = await made(app, {"name": "Ada"})
    app.server.edit(record.id, name="Grace")

    (stale,) = await app.delete([record.id], {record.id: record.version or ""})
    assert isinstance(stale, Refused)
    assert isinstance(stale.error, VersionStale)
    (fresh,) = await app.delete([record.id], {record.id: (await got(app, record.id)).version or ""})

    assert isinstance(fresh, Removed)
    assert not app.server.active


async def test_a_batch_gives_an_outcome_for_each_row_and_no_more_rows_than_allowed() -> None:
    app = _app(create_batch=3)
    app.server.faults.script("create", None, Fault.REFUSE, Fault.LOST_AFTER)

    outcomes = await app.create([Draft({"name": name}) for name in ("Ada", "Bad", "Grace")])

    assert [type(each) for each in outcomes] == [Stored, Refused, Unsure]
    assert [each.text("name") for each in app.server.active] == ["Ada", "Grace"]
    with pytest.raises(ValueError, match="batch of 4"):
        await app.create([Draft({"name": "x"})] * 4)


async def test_S16_a_fault_of_a_whole_request_stores_no_row_of_its_batch() -> None:
    app = _app(create_batch=2)
    app.server.faults.script("create", None, Fault.AUTH)

    with pytest.raises(VendorAuth):
        await app.create([Draft({"name": "Ada"}), Draft({"name": "Grace"})])

    assert not app.server.records


async def test_a_unique_value_names_the_record_that_holds_it() -> None:
    fields = [replace(each, unique=each.name == "email") for each in FIELDS]
    app = MemoryApp(ManualClock(), fields=fields)
    holder = app.server.seed(name="Ada", email="ada@example.test")

    (outcome,) = await app.create([Draft({"name": "Grace", "email": "ada@example.test"})])

    assert isinstance(outcome, Refused)
    assert outcome.holder == holder
    assert isinstance(outcome.error, VendorDuplicate)


async def test_S14_texts_change_on_save_as_the_test_says_and_never_for_users() -> None:
    app = _app()
    app.server.faults.text = both(both(numbers_reformatted(), text_cut(16)), spaces_trimmed())

    record = await made(app, {"name": "  Ada   Example of a long name", "phone": "+390212345678"})
    by_user = app.server.seed(name="  Henry ", phone="+390212345678")

    assert record.text("phone") == "+39 021 234 5678"
    assert record.text("name") == "Ada Example"
    assert app.server.truth(by_user).text("name") == "  Henry "
    assert text_cut(1)("numbers", (Entry("12", "work"),)) == (Entry("1", "work"),)


async def test_stale_gets_show_the_record_before_its_last_write() -> None:
    app = _app()
    record_id = app.server.seed(name="Old")
    await app.update([Patch(record_id, {"name": "New"})])
    app.server.faults.stale_gets = 1

    assert (await got(app, record_id)).text("name") == "Old"
    assert (await got(app, record_id)).text("name") == "New"


async def test_groups_take_members_in_and_out() -> None:
    app = _app()
    app.server.add_group(Group("vip", "VIP", "tag"))
    one, two = app.server.seed(name="Ada"), app.server.seed(name="Grace")
    (group,) = await app.groups("tag")

    await app.regroup(group, [one, two], [])
    outcomes = await app.regroup(group, [], [one, "999"])

    assert await app.members(group) == app.server.members["vip"] == {two}
    assert [type(each) for each in outcomes] == [Stored, Refused]


async def test_an_app_that_deletes_nothing_says_so() -> None:
    app = _app(removal=Removal.NONE)
    record_id = app.server.seed(name="Ada")

    assert isinstance((await app.delete([record_id]))[0], Refused)
    assert record_id in app.server.records


async def test_S03_a_vendor_that_is_kept_in_a_file_outlives_its_process(tmp_path: Path) -> None:
    clock = ManualClock()
    first = MemoryApp(clock, server=MemoryServer(clock, keep=tmp_path / "vendor"))
    record = await made(first, {"name": "Ada", "tags": ("a",)}, "linedesk-1")

    second = MemoryApp(clock, server=MemoryServer(clock, keep=tmp_path / "vendor"))

    assert await second.find_by_external_id("linedesk-1") == (record,)
    assert (await made(second, {"name": "Grace"})).id != record.id
