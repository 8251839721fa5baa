"""The table of attempts: windows of the caps, freed keys, the audit and its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from linedesk.calls.guard import DialCounts
from linedesk.store import dials
from linedesk.store.database import Database
from linedesk.store.dials import DialRow, DialState
from linedesk.store.migrate import open_stores

NOW = 1_764_000_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@pytest.fixture
async def calls(tmp_path: Path) -> AsyncIterator[Database]:
    stores = await open_stores(tmp_path / "data")
    yield stores.calls
    await stores.close()


def row(row_id: str, **settings: Any) -> DialRow:
    values = {
        "agent_id": "a1",
        "account": "acme",
        "extension": "201",
        "idempotency_key": row_id,
        "number_raw": "02 1234 5678",
        "origin": "page",
        "state": DialState.ACCEPTED,
        "at_ms": NOW,
        "destination": "+390212345678",
        **settings,
    }
    return DialRow(id=row_id, **values)


async def put(calls: Database, *rows: DialRow) -> None:
    def work(c: Connection) -> None:
        for each in rows:
            dials.add(c, each)

    await calls.write(work)


async def count(calls: Database, agent_id: str = "a1") -> DialCounts:
    return await calls.read(
        lambda c: dials.counts(c, agent_id=agent_id, destination="+390212345678", now_ms=NOW)
    )


async def test_a_row_comes_back_as_it_was(calls: Database) -> None:
    full = row("r1", price_class="fixed", error_code="x", answer={"request": "r1"}, answer_status=202)
    await put(calls, full)
    assert await calls.read(lambda c: dials.by_id(c, "r1")) == full
    assert await calls.read(lambda c: dials.by_key(c, "a1", "r1")) == full
    assert await calls.read(lambda c: dials.by_key(c, "a2", "r1")) is None


async def test_no_calls_are_counts_of_zero(calls: Database) -> None:
    assert await count(calls) == DialCounts()


async def test_each_window_ends_exactly_at_its_length(calls: Database) -> None:
    ages = (0, MINUTE - 1, MINUTE, HOUR - 1, HOUR, DAY - 1, DAY)
    await put(calls, *(row(f"r{age}", at_ms=NOW - age) for age in ages))
    expected = DialCounts(minute=2, hour=4, day=6, destination_hour=4, company_hour=4, live=1)
    assert await count(calls) == expected


async def test_a_call_counts_as_live_until_the_pbx_must_have_told_of_it(calls: Database) -> None:
    ages = (0, 19_999, 20_000)
    await put(calls, *(row(f"r{age}", at_ms=NOW - age) for age in ages), row("other", agent_id="a2"))
    assert (await count(calls)).live == 2


async def test_only_attempts_that_may_have_led_to_a_call_count(calls: Database) -> None:
    await put(calls, *(row(str(state), state=state) for state in DialState))
    assert ((await count(calls)).minute, (await count(calls)).live) == (3, 3)


async def test_other_numbers_and_other_agents_are_told_apart(calls: Database) -> None:
    await put(
        calls,
        row("r1"),
        row("r2", destination="+390612345678"),
        row("r3", agent_id="a2"),
        row("r4", agent_id="a2", account="other"),
    )
    expected = DialCounts(minute=2, hour=2, day=2, destination_hour=1, company_hour=4, live=2)
    assert await count(calls) == expected


async def test_a_key_is_unique_for_an_agent_until_it_is_freed(calls: Database) -> None:
    await put(calls, row("r1", idempotency_key="k"))
    with pytest.raises(IntegrityError):
        await put(calls, row("r2", idempotency_key="k"))
    await calls.write(lambda c: dials.free_key(c, "r1"))
    await put(calls, row("r2", idempotency_key="k"))
    assert await calls.read(lambda c: dials.by_key(c, "a1", "k")) == row("r2", idempotency_key="k")


async def test_what_is_finished_stays_as_it_is(calls: Database) -> None:
    await put(calls, row("r1", state=DialState.STARTED))
    await calls.write(lambda c: dials.finish(c, "r1", DialState.ACCEPTED, status=202, answer={}))
    await calls.write(lambda c: dials.finish(c, "r1", DialState.UNKNOWN, status=504, answer={}))
    kept = await calls.read(lambda c: dials.by_id(c, "r1"))
    assert kept is not None
    assert (kept.state, kept.answer_status) == ("accepted", 202)


async def test_the_audit_is_newest_first_and_old_attempts_are_purged(calls: Database) -> None:
    await put(calls, row("old", at_ms=NOW - DAY), row("new"), row("bens", agent_id="a2", at_ms=NOW - 1))
    assert [each.id for each in await calls.read(lambda c: dials.latest(c, 10))] == ["new", "bens", "old"]
    assert [each.id for each in await calls.read(lambda c: dials.latest(c, 10, agent_id="a2"))] == ["bens"]
    assert await calls.write(lambda c: dials.purge(c, NOW - DAY + 1)) == 1
    assert [each.id for each in await calls.read(lambda c: dials.latest(c, 10))] == ["new", "bens"]
