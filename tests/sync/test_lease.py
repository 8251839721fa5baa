"""One run a connection: what holds others off, and what a dead process can't hold."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from functools import cache

import pytest

from linedesk.clock import ManualClock
from linedesk.errors import SyncBusy
from linedesk.store import leases
from linedesk.store.migrate import Stores, open_stores
from linedesk.sync.lease import LEASE_S, held, is_dead, new_owner


@pytest.fixture(name="stores")
async def _stores(tmp_path):  # type: ignore[no-untyped-def]
    stores = await open_stores(tmp_path / "data")
    yield stores
    await stores.close()


@cache
def owner_of_a_dead_process() -> str:
    script = "from linedesk.sync.lease import new_owner; print(new_owner())"
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.strip()


async def take(stores: Stores, clock: ManualClock, owner: str) -> str | None:
    until_ms = clock.now_ms() + round(LEASE_S * 1000)
    return await stores.books.write(
        lambda c: leases.take(
            c, "sync:office", owner, now_ms=clock.now_ms(), until_ms=until_ms, is_dead=is_dead
        )
    )


async def test_a_second_holder_is_refused_until_the_first_is_done(stores: Stores) -> None:
    clock = ManualClock()
    async with held(stores.books, clock, "office", "one"):
        with pytest.raises(SyncBusy, match="office"):
            async with held(stores.books, clock, "office", "two"):
                pass
        async with held(stores.books, clock, "warehouse", "two"):
            pass
    async with held(stores.books, clock, "office", "two"):
        pass


async def test_the_heartbeat_holds_it_as_long_as_the_run_takes(stores: Stores) -> None:
    clock = ManualClock()
    async with held(stores.books, clock, "office", "one"):
        for _ in range(10):
            clock.advance(LEASE_S / 3)
            for _ in range(20):
                await asyncio.sleep(0.005)
                if await _until_ms(stores) >= clock.now_ms() + LEASE_S * 900:
                    break
            assert await take(stores, clock, "two") == "one"


async def _until_ms(stores: Stores) -> int:
    from sqlalchemy import select

    from linedesk.store.sync_tables import leases as table

    return await stores.books.read(lambda c: int(c.execute(select(table.c.until_ms)).scalar_one()))


async def test_a_process_that_stood_still_loses_it_and_stops(stores: Stores) -> None:
    clock = ManualClock()
    stopped = False

    async def stand_still() -> None:
        nonlocal stopped
        async with held(stores.books, clock, "office", "one"):
            # Its time is over and another took it, before the heartbeat came to run.
            now_ms = clock.now_ms() + 61_000
            await stores.books.write(
                lambda c: leases.take(
                    c, "sync:office", "two", now_ms=now_ms, until_ms=now_ms + 60_000, is_dead=is_dead
                )
            )
            clock.advance(LEASE_S)
            try:
                await asyncio.sleep(20)
            except asyncio.CancelledError:
                stopped = True
                raise

    with pytest.raises(SyncBusy, match="stood still"):
        await stand_still()
    assert stopped
    assert await take(stores, clock, "three") == "two"


async def test_what_a_dead_process_of_this_machine_holds_is_free_at_once(stores: Stores) -> None:
    clock = ManualClock()
    dead = owner_of_a_dead_process()
    assert await take(stores, clock, dead) is None
    assert is_dead(dead)
    assert await take(stores, clock, new_owner()) is None


async def test_the_holder_of_another_machine_is_waited_for(stores: Stores) -> None:
    clock = ManualClock()
    away = "/".join(("elsewhere-", *owner_of_a_dead_process().split("/")[1:]))
    assert await take(stores, clock, away) is None
    assert await take(stores, clock, new_owner()) == away
    clock.advance(LEASE_S)
    assert await take(stores, clock, new_owner()) is None


def test_a_living_process_is_never_dead() -> None:
    assert not is_dead(new_owner())
    assert not is_dead("written by an older version")


async def test_an_error_of_the_run_comes_out_as_itself(stores: Stores) -> None:
    with pytest.raises(KeyError, match="mine"):
        async with held(stores.books, ManualClock(), "office", "one"):
            raise KeyError("mine")
    assert await take(stores, ManualClock(), "two") is None
