"""The pollers as tasks: accounts come and go, failures are said once, a polled ring reaches the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from structlog.testing import capture_logs

from calls.desk_house import LUCA, House, open_house
from linedesk.accounts.model import EventsWay, PbxAccount
from linedesk.agents.model import Agent, Role
from linedesk.clock import ManualClock
from linedesk.errors import ConfigError, VendorTimeout
from linedesk.pbx.base import LiveCall
from linedesk.pbx.health import PbxHealth
from linedesk.pbx.polling import Polling, Sources, extensions_of
from linedesk.store import history
from pbx.polled import ACCOUNT, Desk, FakePbx, ring, talk

POLLING = replace(ACCOUNT, events=EventsWay.POLLING)


@asynccontextmanager
async def running(polling: Polling) -> AsyncIterator[None]:
    task = asyncio.get_running_loop().create_task(polling.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def pass_time(clock: ManualClock, seconds: float) -> None:
    for _ in range(round(seconds * 10)):
        for _ in range(8):
            await asyncio.sleep(0)
        clock.advance(0.1)


async def test_a_failure_is_said_once_slows_down_and_its_end_is_said_once() -> None:
    desk = Desk(POLLING)
    desk.pbx.failure = VendorTimeout("office did not answer within 5 s.")
    polling = Polling(lambda: [POLLING], desk.sources, desk.health, desk.clock)
    with capture_logs() as logs:
        async with running(polling):
            await pass_time(desk.clock, 100)
            asked = len(desk.pbx.asked)
            assert asked <= 16
            assert desk.health.of("office").problem == "office did not answer within 5 s."
            desk.pbx.failure = None
            await pass_time(desk.clock, 70)
    events = [entry["event"] for entry in logs if entry["event"].startswith("polling_")]
    assert events == ["polling_failed", "polling_works_again"]
    assert desk.health.of("office").problem is None


async def test_a_defect_neither_ends_the_poller_nor_fills_the_log() -> None:
    desk = Desk(POLLING)
    desk.pbx.failures["201"] = ZeroDivisionError()
    with capture_logs() as logs:
        async with running(Polling(lambda: [POLLING], desk.sources, desk.health, desk.clock)):
            await pass_time(desk.clock, 130)
            assert "a fault of its own" in (desk.health.of("office").problem or "")
            del desk.pbx.failures["201"]
            desk.pbx.calls["201"] = [ring()]
            await pass_time(desk.clock, 70)
            assert desk.health.of("office").problem is None
    assert desk.news[0] == "201:new"
    assert [entry["event"] for entry in logs].count("polling_failed") == 1


async def test_accounts_come_change_and_go_while_it_runs() -> None:
    desk, accounts = Desk(POLLING), list[PbxAccount]()
    async with running(Polling(lambda: accounts, desk.sources, desk.health, desk.clock)):
        await pass_time(desk.clock, 5)
        assert desk.pbx.asked == []
        accounts.append(POLLING)
        await pass_time(desk.clock, 5)
        assert desk.pbx.asked
        accounts[0] = replace(POLLING, events=EventsWay.WEBHOOK)
        await pass_time(desk.clock, 5)
        desk.pbx.asked.clear()
        await pass_time(desk.clock, 5)
        assert desk.pbx.asked == []
        accounts.clear()
        await pass_time(desk.clock, 5)
        assert desk.health.of("office") == PbxHealth().of("office")


async def test_S16_an_account_that_cannot_be_opened_does_not_stop_another() -> None:
    desk = Desk(POLLING)

    def pbx_of(name: str) -> FakePbx:
        if name == "broken":
            raise ConfigError("The PBX account broken has no token.")
        return desk.pbx

    sources = replace(desk.sources, pbx_of=pbx_of)
    desk.pbx.calls["201"] = [ring()]
    both = [replace(POLLING, name="broken"), POLLING]
    async with running(Polling(lambda: both, sources, desk.health, desk.clock)):
        await pass_time(desk.clock, 10)
    assert desk.news == ["201:new"]
    assert desk.health.of("broken").problem == "The PBX account broken has no token."


def test_extensions_of_an_account_are_its_active_agents_who_are_here() -> None:
    agents = [
        Agent("a", "a", "A", Role.AGENT, account="office", extension="201"),
        Agent("b", "b", "B", Role.AGENT, account="office", extension="202", active=False),
        Agent("c", "c", "C", Role.AGENT, account="branch", extension="203"),
        Agent("d", "d", "D", Role.OWNER),
        Agent("e", "e", "E", Role.AGENT, account="office", extension="204"),
    ]
    assert extensions_of("office", agents) == {"201", "204"}
    assert extensions_of("office", agents, {"a", "c"}.__contains__) == {"201"}


def _sources(house: House, pbx: FakePbx) -> Sources:
    def here(agent_id: str) -> bool:
        return agent_id == LUCA.id

    return Sources(
        pbx_of=lambda _: pbx,
        wanted=lambda account: extensions_of(account, house.roster.all(), here),
        known=lambda account: extensions_of(account, house.roster.all()),
        parts=house.desk.live_parts,
        accept=house.intake.accept,
    )


async def _until(house: House, polling_s: float) -> None:
    for _ in range(round(polling_s * 2)):
        house.clock.advance(0.5)
        # Real database threads: each look may store a body.
        for _ in range(6):
            await asyncio.sleep(0.002)
        await house.work()


async def test_C01_C11_with_webhooks_off_a_polled_call_rings_talks_ends_and_has_one_row(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path / "data") as house:
        pbx, screen = FakePbx(house.clock), house.screens[LUCA.id]
        polling = Polling(lambda: [POLLING], _sources(house, pbx), PbxHealth(), house.clock)
        async with running(polling):
            await _until(house, 2)
            pbx.calls["201"] = [ring()]
            await _until(house, 3)
            assert screen.states == ["sip-1:ringing"]
            call = screen.frames[0]["call"]
            assert (call["direction"], call["contact"]["name"]) == ("inbound", "Ada Example")
            pbx.calls["201"] = [talk()]
            await _until(house, 3)
            pbx.calls["201"] = []
            await _until(house, 3)
            assert screen.states == ["sip-1:ringing", "sip-1:talking", "sip-1:ended"]
            page = await house.stores.calls.read(lambda c: history.list_for(c, LUCA.id, None, 10, False))
            assert [(row.outcome, row.answered_by) for row in page.rows] == [("answered", ("201",))]


async def test_C07_a_polled_call_that_ended_while_the_service_was_down_is_closed(tmp_path: Path) -> None:
    pbx = FakePbx(ManualClock())
    for calls, states in (([ring()], ["sip-1:ringing"]), (list[LiveCall](), [])):
        async with open_house(tmp_path / "data") as house:
            pbx.clock, pbx.calls["201"] = house.clock, calls
            if not calls:
                assert [part.handle for part in house.desk.live_parts("office")] == ["sip-1"]
            async with running(Polling(lambda: [POLLING], _sources(house, pbx), PbxHealth(), house.clock)):
                await _until(house, 4)
            if calls:
                assert house.screens[LUCA.id].states == states
            else:
                assert house.desk.live_parts("office") == ()
                page = await house.stores.calls.read(lambda c: history.list_for(c, LUCA.id, None, 10, False))
                assert [row.outcome for row in page.rows] == ["missed"]
