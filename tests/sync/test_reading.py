"""Copies, cursors and what is gone: what a reading may say, and what it may not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from contract.memory import CAPABILITIES, Fault, MemoryApp
from linedesk.apps.base import Feed, Vanished, Watch
from linedesk.apps.records import Changes, Cursor, Reading, Record
from linedesk.store import records
from linedesk.sync import absent
from linedesk.sync.copies import load_copies
from linedesk.sync.engine import SCHEDULE
from linedesk.sync.model import RunState
from sync.engine_house import SOURCE, TARGET, House, house


class Cut(Exception):
    """The process ends here."""


async def place_of(home: House, account: str) -> records.Place | None:
    return await home.stores.books.read(lambda c: records.place(c, account))


async def test_S15_H18_the_cursor_waits_for_the_last_record(tmp_path: Path) -> None:
    """A long reading is stored in parts; cut between two of them, it is read again from where it began."""
    steps: list[str] = []

    async def cut(step: str) -> None:
        steps.append(step)
        if steps.count("copies") == 1 and step == "copies":
            raise Cut

    async with house(tmp_path, checkpoint=cut) as home:
        for number in range(600):
            home.a.seed(name=f"Person {number:03}")
        with pytest.raises(Cut):
            await home.sync(preview=True)
        assert await place_of(home, "crm") is None
        assert 0 < len(await load_copies(home.stores.books, "crm")) < 600
        report = await home.sync(preview=True)
        assert report.counts["create"] == 600
        assert await place_of(home, "crm") is not None


async def test_S12_a_feed_that_does_not_name_a_record_takes_nothing_away(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.a.seed(name="Ada")
        await home.sync()
        home.clock.advance(7200)
        home.a.seed(name="Bob")
        report = await home.sync()
        assert report.plan.skipped == ()
        assert {copy.gone for copy in (await load_copies(home.stores.books, "crm")).values()} == {False}


async def test_S12_absence_from_a_complete_listing_is_a_delete_and_nothing_is_made_again(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as home:
        home.a.seed(name="Ada")
        await home.sync()
        [there] = home.b.records
        home.b.vanish(there)
        with home.b.no_write_due():
            reports = [await home.sync(), await home.sync()]
        assert [report.counts["skip"] for report in reports] == [1, 1]
        assert home.b.records == {}


async def test_a_broken_listing_takes_nothing_away(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.a.page_size = home.b.page_size = 2
        for number in range(7):
            home.a.seed(name=f"Person {number}")
        await home.sync()
        home.b.faults.script("list", *[None, Fault.EMPTY_PAGE] * 3)
        assert (await home.sync()).state is RunState.FAILED
        assert (await home.sync()).writes == 0
        assert len(home.b.records) == 7


class Overlooking(MemoryApp):
    """Its listings leave records out that are there, as when they move to a page that was read already."""

    overlooked: frozenset[str] = frozenset()

    def _in_listing(self, record: Record) -> bool:
        return record.id not in self.overlooked and super()._in_listing(record)


def overlooking(home: House, ids: Iterable[str]) -> None:
    old = home.apps["book"]
    home.apps["book"] = app = Overlooking(
        home.clock, account="book", capabilities=old.capabilities, server=home.b
    )
    app.overlooked = frozenset(ids)


async def gone_of(home: House, account: str) -> set[str]:
    return {each for each, copy in (await load_copies(home.stores.books, account)).items() if copy.gone}


async def test_S12_what_a_complete_listing_lacks_is_asked_for_before_it_is_gone(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        for name in ("Ada", "Bob", "Cleo"):
            home.a.seed(name=name)
        await home.sync()
        there, deleted, _ = sorted(home.b.records)
        home.b.vanish(deleted)
        overlooking(home, [there])
        report = await home.sync()
        assert (report.writes, report.counts["skip"]) == (0, 1)
        assert await gone_of(home, "book") == {deleted}
        assert home.b.requests["get"] == 1
        await home.sync()
        assert home.b.requests["get"] == 2  # only the one that still is not listed


@pytest.mark.parametrize("really", [True, False], ids=["deleted", "overlooked"])
async def test_S12_where_very_many_are_lacking_a_sample_speaks_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, really: bool
) -> None:
    monkeypatch.setattr(absent, "MOST", 8)
    async with house(tmp_path, target=replace(TARGET, create_batch=100)) as home:
        for number in range(25):
            home.a.seed(name=f"Person {number:02}")
        await home.sync()
        lacking = sorted(home.b.records)[5:]
        if really:
            for each in lacking:
                home.b.vanish(each)
        else:
            overlooking(home, lacking)
        report = await home.sync()
        assert (report.writes, report.counts["skip"]) == (0, len(lacking) if really else 0)
        assert await gone_of(home, "book") == (set(lacking) if really else set())
        assert home.b.requests["get"] == 1


async def test_a_feed_is_read_and_everything_each_complete_scan(tmp_path: Path) -> None:
    target = replace(TARGET, feed=Feed.MODIFIED, complete_scan_s=3600)
    async with house(tmp_path, target=target) as home:
        for name in ("Ada", "Bob"):
            home.a.seed(name=name)
        await home.sync()
        gone = min(home.b.records)
        home.b.vanish(gone)
        home.clock.advance(3600 - 60 - 1)  # each sync of the house takes a minute
        assert (await home.sync(actor=SCHEDULE)).counts["skip"] == 0
        assert (await home.sync(actor=SCHEDULE)).counts["skip"] == 1
        assert await gone_of(home, "book") == {gone}


async def test_S21_a_clock_that_is_set_back_puts_no_complete_scan_off(tmp_path: Path) -> None:
    target = replace(TARGET, feed=Feed.MODIFIED, complete_scan_s=3600)
    async with house(tmp_path, target=target) as home:
        home.a.seed(name="Ada")
        await home.sync()
        home.b.vanish(min(home.b.records))
        home.clock.advance(-90_000)
        assert (await home.sync()).counts["skip"] == 1


async def test_an_app_that_can_not_prove_its_listing_walks_all_of_it_once_an_hour(tmp_path: Path) -> None:
    class Unproven(MemoryApp):
        async def read(self, since: Cursor | None, watch: Watch) -> Reading:
            asked.append(since is None)
            reading = await super().read(since, watch)
            return Changes(reading.records, (), reading.cursor)

    asked: list[bool] = []
    async with house(tmp_path) as home:
        home.apps["crm"] = Unproven(home.clock, account="crm", capabilities=SOURCE, server=home.a)
        ada = home.a.seed(name="Ada")
        await home.sync()
        home.a.edit(ada, name="Ada Married")
        assert (await home.sync()).writes == 1
        home.clock.advance(3600)
        await home.sync()
        assert asked == [True, False, True]


async def test_S12_an_app_that_recalls_is_told_of_the_last_place_before_everything_is_read(
    tmp_path: Path,
) -> None:
    class Recalling(MemoryApp):
        def recall(self, cursor: Cursor) -> None:
            told.append(cursor)

        async def read(self, since: Cursor | None, watch: Watch) -> Reading:
            told.append(since)
            return await super().read(since, watch)

    told: list[Cursor | None] = []
    source = replace(SOURCE, feed=Feed.NONE)
    async with house(tmp_path, source=source) as home:
        home.apps["crm"] = Recalling(home.clock, account="crm", capabilities=source, server=home.a)
        await home.sync()
        place = await place_of(home, "crm")
        await home.sync()
        assert place is not None
        assert told == [None, place.cursor, None]


async def test_I08_a_lost_cursor_means_a_complete_reading(tmp_path: Path) -> None:
    async with house(tmp_path, source=replace(SOURCE, feed=Feed.TOKEN)) as home:
        ada = home.a.seed(name="Ada")
        await home.sync()
        home.a.lose_cursors()
        home.a.edit(ada, name="Ada Married")
        assert (await home.sync()).writes == 1
        assert home.mapped(home.a) == home.mapped(home.b)


async def test_where_only_a_complete_listing_shows_deletes_one_is_read_each_day(tmp_path: Path) -> None:
    async with house(tmp_path, source=replace(SOURCE, vanished=Vanished.ABSENT)) as home:
        ada = home.a.seed(name="Ada")
        await home.sync()
        home.a.vanish(ada)
        assert (await home.sync(actor=SCHEDULE)).counts["skip"] == 0
        home.clock.advance(86_400)
        assert (await home.sync(actor=SCHEDULE)).counts["skip"] == 1
        assert len(home.b.records) == 1


async def test_S14_right_after_our_own_write_a_lagging_app_is_not_asked_for_all_by_a_person_either(
    tmp_path: Path,
) -> None:
    target = replace(
        TARGET, feed=Feed.MODIFIED, vanished=Vanished.ABSENT, complete_scan_s=3600, visibility_lag_s=200.0
    )
    async with house(tmp_path, target=target) as home:
        for name in ("Ada", "Bob"):
            home.a.seed(name=name)
        await home.sync()
        home.b.vanish(min(home.b.records))
        assert (await home.sync()).counts["skip"] == 0
        home.clock.advance(200)
        assert (await home.sync()).counts["skip"] == 1


async def test_a_person_who_starts_a_run_sees_what_is_deleted_at_once(tmp_path: Path) -> None:
    target = replace(TARGET, feed=Feed.MODIFIED, vanished=Vanished.ABSENT, complete_scan_s=3600)
    async with house(tmp_path, target=target) as home:
        for name in ("Ada", "Bob"):
            home.a.seed(name=name)
        await home.sync()
        gone = min(home.b.records)
        home.b.vanish(gone)
        assert (await home.sync(actor=SCHEDULE)).counts["skip"] == 0
        assert (await home.sync(preview=True)).counts["skip"] == 1
        assert await gone_of(home, "book") == {gone}


async def test_S14_a_new_record_that_the_target_does_not_show_yet_is_not_taken_for_deleted(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, target=replace(TARGET, visibility_lag_s=300.0)) as home:
        home.a.seed(name="Ada")
        await home.sync()
        with home.b.no_write_due():
            assert (await home.sync()).counts["skip"] == 0
            home.clock.advance(600)
            assert (await home.sync()).counts["skip"] == 0
        assert len(home.b.records) == 1


async def test_an_edit_within_the_lag_of_our_own_write_is_seen_when_the_lag_is_over(tmp_path: Path) -> None:
    async with house(tmp_path, target=replace(TARGET, visibility_lag_s=300.0)) as home:
        home.a.seed(name="Ada")
        await home.sync()
        [there] = home.b.records
        home.b.edit(there, name="Typed at the target")
        await home.sync()
        home.clock.advance(600)
        report = await home.sync()
        [change] = report.changes
        assert change.fields["name"] == ("Typed at the target", "Ada")


async def test_details_that_were_read_stay_until_the_record_changes(tmp_path: Path) -> None:
    source = replace(CAPABILITIES, vanished=Vanished.SOFT, list_omits=frozenset({"tags"}))
    async with house(tmp_path, source=source) as home:
        ada = home.a.seed(name="Ada", tags=("vip",))
        await home.sync()
        await home.engine.reader.take(dict(home.apps), "crm", [ada])
        await home.sync()
        assert (await load_copies(home.stores.books, "crm"))[ada].record.fields["tags"] == ("vip",)
        home.a.edit(ada, name="Ada Married", tags=("gold",))
        await home.sync()
        copy = (await load_copies(home.stores.books, "crm"))[ada]
        assert copy.incomplete
        assert copy.record.missing == {"tags"}
