"""One row a call (C11), seen only by the agents who were shown it (C12)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from linedesk.calls.model import AgentState, AgentView, Call, Direction, Outcome
from linedesk.store import history
from linedesk.store.migrate import Stores
from linedesk.store.tables import history as table
from linedesk.store.tables import history_agents

CALL = Call(
    id="main.1",
    account="main",
    call_id="1",
    direction=Direction.INBOUND,
    started_ms=1_000,
    remote="+390212345678",
    remote_name="ROSSI",
    queue="Sales",
    ended_ms=9_000,
    outcome=Outcome.ANSWERED,
    answered_ms=2_000,
    answered_by=("201",),
    views=(
        AgentView("201", AgentState.ENDED, 9_000, answered_ms=2_000, ended_ms=9_000),
        AgentView("202", AgentState.ANSWERED_ELSEWHERE, 2_000),
    ),
)


OWNERS = {"201": "luca", "202": "mia"}


async def rows_of(stores: Stores, agent_id: str, *, missed: bool = False) -> list[str]:
    page = await stores.calls.read(lambda c: history.list_for(c, agent_id, None, 50, missed))
    assert not page.more
    return [row.id for row in page.rows]


async def test_C11_a_late_body_completes_the_row_and_makes_no_second(stores: Stores) -> None:
    early = replace(CALL, outcome=Outcome.MISSED, answered_by=(), answered_ms=None, views=CALL.views[1:])
    await stores.calls.write(lambda c: history.put(c, early, OWNERS))
    await stores.calls.write(lambda c: history.put(c, CALL, OWNERS))
    await stores.calls.write(lambda c: history.put(c, CALL, OWNERS))
    (row,) = (await stores.calls.read(lambda c: history.list_for(c, "luca", None, 50, False))).rows
    assert row == history.HistoryRow(
        id="main.1",
        direction="inbound",
        party="+390212345678",
        party_name="ROSSI",
        caller_extension=None,
        outcome="answered",
        state="ended",
        answered_by=("201",),
        queue="Sales",
        started_ms=1_000,
        answered_ms=2_000,
        ended_ms=9_000,
    )
    assert (
        await stores.calls.read(lambda c: c.execute(select(func.count()).select_from(table)).scalar_one())
        == 1
    )


async def test_C12_an_agent_sees_only_the_calls_that_were_shown_to_that_agent(stores: Stores) -> None:
    await stores.calls.write(lambda c: history.put(c, CALL, OWNERS))
    other = replace(CALL, id="two.1", account="two", views=(CALL.views[0],))
    await stores.calls.write(lambda c: history.put(c, other, {"201": "anna"}))
    assert await rows_of(stores, "luca") == ["main.1"]
    assert await rows_of(stores, "mia") == ["main.1"]
    assert await rows_of(stores, "anna") == ["two.1"]
    assert await rows_of(stores, "noa") == []


async def test_C12_who_takes_an_extension_over_does_not_get_its_history(stores: Stores) -> None:
    await stores.calls.write(lambda c: history.put(c, CALL, OWNERS))
    await stores.calls.write(lambda c: history.put(c, CALL, {"201": "new", "202": "mia"}))
    assert await rows_of(stores, "luca") == ["main.1"]
    assert await rows_of(stores, "new") == []


async def test_a_call_of_nobody_is_in_nobodys_list(stores: Stores) -> None:
    await stores.calls.write(lambda c: history.put(c, CALL, {}))
    assert await rows_of(stores, "luca") == []


async def test_an_agent_whom_a_late_body_takes_out_is_taken_out(stores: Stores) -> None:
    await stores.calls.write(lambda c: history.put(c, CALL, OWNERS))
    await stores.calls.write(lambda c: history.put(c, replace(CALL, views=CALL.views[:1]), OWNERS))
    assert await rows_of(stores, "mia") == []


async def test_newest_first_in_pages_and_missed_only(stores: Stores) -> None:
    for n in range(6):
        state = AgentState.MISSED if n % 2 else AgentState.ENDED
        call = replace(CALL, id=f"main.{n}", ended_ms=n * 100, views=(AgentView("201", state, n),))
        await stores.calls.write(lambda c, call=call: history.put(c, call, OWNERS))  # type: ignore[misc]
    assert await rows_of(stores, "luca") == [f"main.{n}" for n in (5, 4, 3, 2, 1, 0)]
    assert await rows_of(stores, "luca", missed=True) == ["main.5", "main.3", "main.1"]
    page = await stores.calls.read(lambda c: history.list_for(c, "luca", 400, 2, False))
    assert [row.id for row in page.rows] == ["main.3", "main.2"]
    assert page.more
    page = await stores.calls.read(lambda c: history.list_for(c, "luca", 200, 2, False))
    assert [row.id for row in page.rows] == ["main.1", "main.0"]
    assert not page.more


async def walked(stores: Stores, limit: int, *, missed: bool = False) -> list[str]:
    """Every id, as a client pages: `before` is the end of the last row it has."""
    seen: list[str] = []
    before_ms: int | None = None
    while True:
        at = before_ms
        page = await stores.calls.read(
            lambda c, at=at: history.list_for(c, "luca", at, limit, missed)  # type: ignore[misc]
        )
        seen += [row.id for row in page.rows]
        if not page.more:
            return seen
        before_ms = page.rows[-1].ended_ms


@pytest.mark.parametrize("limit", range(1, 9))
async def test_C5_calls_that_ended_in_one_millisecond_are_all_paged_through(
    stores: Stores, limit: int
) -> None:
    ends = [100, 200, 200, 200, 300, 300, 400]
    for n, ended_ms in enumerate(ends):
        state = AgentState.MISSED if n % 2 else AgentState.ENDED
        call = replace(CALL, id=f"main.{n}", ended_ms=ended_ms, views=(AgentView("201", state, n),))
        await stores.calls.write(lambda c, call=call: history.put(c, call, OWNERS))  # type: ignore[misc]
    newest_first = ["main.6", "main.4", "main.5", "main.1", "main.2", "main.3", "main.0"]
    assert await walked(stores, limit) == newest_first
    assert await walked(stores, limit, missed=True) == ["main.5", "main.1", "main.3"]


@pytest.mark.parametrize(
    ("call", "party", "caller"),
    [
        (replace(CALL, remote=None, destination="0287654321"), "", None),
        (replace(CALL, direction=Direction.OUTBOUND, caller_extension="201"), "+390212345678", "201"),
        (
            replace(
                CALL, direction=Direction.OUTBOUND, remote=None, destination="112", caller_extension="201"
            ),
            "112",
            "201",
        ),
        (
            replace(
                CALL,
                direction=Direction.INTERNAL,
                remote=None,
                caller_extension="201",
                called_extension="202",
            ),
            "202",
            "201",
        ),
    ],
)
async def test_the_party_is_the_other_side(
    stores: Stores, call: Call, party: str, caller: str | None
) -> None:
    await stores.calls.write(lambda c: history.put(c, call, OWNERS))
    (row,) = (await stores.calls.read(lambda c: history.list_for(c, "luca", None, 50, False))).rows
    assert (row.party, row.caller_extension) == (party, caller)


async def test_a_call_that_lives_is_refused(stores: Stores) -> None:
    with pytest.raises(ValueError, match="has not ended"):
        await stores.calls.write(lambda c: history.put(c, replace(CALL, ended_ms=None), OWNERS))


async def test_purge_removes_old_calls_with_their_agents_in_slices(stores: Stores) -> None:
    for n in range(5):
        call = replace(CALL, id=f"main.{n}", ended_ms=n)
        await stores.calls.write(lambda c, call=call: history.put(c, call, OWNERS))  # type: ignore[misc]
    assert await stores.calls.write(lambda c: history.purge(c, 3, limit=2)) == 2
    assert await stores.calls.write(lambda c: history.purge(c, 3, limit=2)) == 1
    assert await rows_of(stores, "luca") == ["main.4", "main.3"]
    left = await stores.calls.read(
        lambda c: c.execute(select(func.count()).select_from(history_agents)).scalar_one()
    )
    assert left == 4
