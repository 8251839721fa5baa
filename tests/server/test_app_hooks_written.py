"""From a webhook of an app to the write on the other side: within five seconds, whatever ran just before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from contract.memory import FIELDS
from linedesk.apps.hearing import Hearing
from linedesk.sync.scheduler import Scheduler
from server import house as served
from server.test_app_hooks import Ringing, post
from sync.engine_house import OFFICE, SOURCE, House, house

HOURLY = replace(OFFICE, every_s=3600)
LONGEST_S = 5.0


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[served.House, House]]:
    """The service's address with the schedule of one connection behind it."""
    async with house(folder / "sync", connection=HOURLY) as home:
        home.apps["crm"] = Ringing(
            home.clock, account="crm", capabilities=SOURCE, fields=FIELDS, server=home.a
        )
        scheduler = Scheduler(home.stores.books, home.clock, home.engine)
        hears = Hearing(home.clock, home.apps.__getitem__, scheduler.nudge_account)
        async with served.open_house(folder / "served", app_hooks=hears) as service:
            schedule = asyncio.create_task(scheduler.run())
            try:
                yield service, home
            finally:
                schedule.cancel()
                await asyncio.gather(schedule, return_exceptions=True)


async def until_written(home: House, name: str) -> float:
    """Let the clock go on until the other side has the name; answers how many seconds that took."""
    began_ms = home.clock.now_ms()
    async with asyncio.timeout(20):
        while name not in {each.text("name") for each in home.b.active}:
            # A step of the clock only when whatever is due now has had its time.
            for _ in range(20):
                await asyncio.sleep(0.005)
                if name in {each.text("name") for each in home.b.active}:
                    break
            else:
                home.clock.advance(0.5)
    return (home.clock.now_ms() - began_ms) / 1000


@pytest.mark.parametrize("since_last_s", [0.0, 2.5, 600.0])
async def test_a_webhook_is_written_on_the_other_side_within_five_seconds(
    tmp_path: Path, since_last_s: float
) -> None:
    (tmp_path / "served").mkdir()
    async with running(tmp_path) as (service, home):
        ada = home.a.seed(name="Ada Example")
        await until_written(home, "Ada Example")
        await asyncio.sleep(0.1)
        home.clock.advance(since_last_s)
        home.a.edit(ada, name="Ada Married")
        word = {"X-Word": f"open sesame POST {service.base}/hooks/app/crm"}
        status, _ = await post(service, b'{"ids": ["%s"]}' % ada.encode(), word)
        assert status == 200
        assert await until_written(home, "Ada Married") <= LONGEST_S


async def test_a_webhook_that_is_refused_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "served").mkdir()
    async with running(tmp_path) as (service, home):
        ada = home.a.seed(name="Ada Example")
        await until_written(home, "Ada Example")
        home.clock.advance(600)
        home.a.edit(ada, name="Ada Married")
        status, _ = await post(service, b'{"ids": ["1"]}', {"X-Word": "guessed"})
        assert status == 401
        for _ in range(10):
            home.clock.advance(1)
            await asyncio.sleep(0.02)
        assert [each.text("name") for each in home.b.active] == ["Ada Example"]
