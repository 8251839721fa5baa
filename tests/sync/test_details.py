"""What listings leave out is filled in behind, a few records at a time, and the counts say how far it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from contract.memory import Fault
from linedesk.sync.copies import load_copies
from linedesk.sync.details import Details
from sync.engine_house import SOURCE, House, house

OMITS = replace(SOURCE, list_omits=frozenset({"tags"}))


@asynccontextmanager
async def listed(folder: Path, people: int) -> AsyncIterator[tuple[House, Details]]:
    """A house whose source was read from its listing alone."""
    async with house(folder, source=OMITS) as home:
        for number in range(people):
            home.a.seed(name=f"Person {number:02}", tags=(f"tag {number}",))
        await home.sync()
        yield home, Details(home.stores.books, home.clock, home.engine, home.apps.__getitem__)


async def test_details_fill_in_a_few_at_a_time_and_counts_say_how_far(tmp_path: Path) -> None:
    async with listed(tmp_path, 25) as (home, details):
        counts = [await details.counts("crm")]
        while await details.step():
            counts.append(await details.counts("crm"))
        assert counts == [(0, 25), (10, 25), (20, 25), (25, 25)]
        tags = {copy.record.fields["tags"] for copy in (await load_copies(home.stores.books, "crm")).values()}
        assert tags == {(f"tag {number}",) for number in range(25)}
        assert home.a.requests["get"] == 3
        assert (await home.sync()).writes == 0


async def test_a_restart_goes_on_where_it_stopped(tmp_path: Path) -> None:
    async with listed(tmp_path, 25) as (home, details):
        await details.step()
        again = Details(home.stores.books, home.clock, home.engine, home.apps.__getitem__)
        await again.step()
        assert await again.counts("crm") == (20, 25)


async def test_an_account_that_fails_rests_a_minute(tmp_path: Path) -> None:
    async with listed(tmp_path, 5) as (home, details):
        home.a.faults.script("get", Fault.BUSY)
        assert not await details.step()
        home.clock.advance(59)
        assert not await details.step()
        home.clock.advance(1)
        assert await details.step()
        assert await details.counts("crm") == (5, 5)


async def test_a_record_that_is_gone_when_its_details_are_asked_for_is_no_longer_waited_for(
    tmp_path: Path,
) -> None:
    async with listed(tmp_path, 3) as (home, details):
        home.a.vanish(min(home.a.records))
        await details.step()
        assert await details.counts("crm") == (2, 2)
        assert not await details.step()
