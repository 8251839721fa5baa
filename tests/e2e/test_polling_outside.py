"""A PBX that can't reach Linedesk: no webhook ever comes, and the popups come all the same, by polling.

Nothing is set up for it: an account whose webhooks never came is polled by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection

from e2e.conftest import Demo, start_demo
from e2e.test_outside import hello, next_call

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("e2e-polling"), pytest.mark.timeout(150)]

ADA = "+442079460018"
SILENT = {"call_events": False, "presence_events": False, "auto_answer_agent": False}


def silenced(demo: Demo) -> Demo:
    """The PBX sends no webhook from now on."""
    httpx.put(f"{demo.pbx}/_sim/switches", json=SILENT, timeout=10).raise_for_status()
    return demo


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = silenced(start_demo(tmp_path_factory.mktemp("polling"), contacts=20))
    yield running
    running.stop()


@pytest.fixture
def behind_a_firewall(shared: Demo) -> Iterator[Demo]:
    """With no call on it, before and after."""
    yield shared
    shared.hang_up_all()


async def until_state(socket: ClientConnection, state: str) -> tuple[dict[str, Any], list[str]]:
    """The first frame with this state, and the ids of all calls up to it."""
    ids: list[str] = []
    while (call := await next_call(socket)) is not None:
        ids.append(call["id"])
        if call["state"] == state:
            return call, ids
    raise AssertionError(f"{state} did not come; calls before: {ids}")


async def test_C01_a_call_is_one_popup_from_its_ring_to_its_end(behind_a_firewall: Demo) -> None:
    demo = behind_a_firewall
    socket, _ = await hello(demo, "201")
    async with socket:
        call = await asyncio.to_thread(demo.ring, ADA, "201")
        rings, _ = await until_state(socket, "ringing")
        assert (rings["direction"], rings["number"], rings["contact"]["certainty"]) == (
            "inbound",
            ADA,
            "sure",
        )
        await asyncio.to_thread(demo.steer, call, "answer")
        await until_state(socket, "talking")
        await asyncio.to_thread(demo.steer, call, "hangup")
        _, ids = await until_state(socket, "ended")
        assert set(ids) == {rings["id"]}


async def test_C01_a_call_that_is_passed_on_pops_up_at_the_next_agent_once(behind_a_firewall: Demo) -> None:
    demo = behind_a_firewall
    luca, _ = await hello(demo, "201")
    mia, _ = await hello(demo, "202")
    async with luca, mia:
        call = await asyncio.to_thread(demo.ring, ADA, "201")
        await asyncio.to_thread(demo.steer, call, "answer", by="201")
        await until_state(luca, "talking")
        await asyncio.to_thread(demo.steer, call, "transfer", by="201", to="202")
        rings, _ = await until_state(mia, "ringing")
        assert rings["number"] == ADA
        await until_state(luca, "ended")
        await asyncio.to_thread(demo.steer, call, "hangup")
        _, ids = await until_state(mia, "missed")
        assert set(ids) == {rings["id"]}


async def test_C03_C07_killed_in_mid_call_there_is_one_popup_afterwards_and_it_ends(tmp_path: Path) -> None:
    demo = silenced(await asyncio.to_thread(start_demo, tmp_path / "demo", 20))
    try:
        socket, _ = await hello(demo, "201")
        async with socket:
            call = await asyncio.to_thread(demo.ring, ADA, "201")
            rings, _ = await until_state(socket, "ringing")
            await asyncio.to_thread(demo.steer, call, "answer")
            await until_state(socket, "talking")
        await asyncio.to_thread(demo.kill)
        demo = await asyncio.to_thread(start_demo, tmp_path / "demo", 20)
        socket, welcome = await hello(demo, "201")
        async with socket:
            assert [each["id"] for each in welcome["calls"]] == [rings["id"]]
            await asyncio.to_thread(demo.steer, call, "hangup")
            last, ids = await until_state(socket, "ended")
            assert set(ids) == {rings["id"]}
            assert last["answered_at"] is not None
            # What a second popup would take: a look or two after the end.
            await asyncio.to_thread(demo.ring, "+442079460112", "201")
            after, more = await until_state(socket, "ringing")
            assert set(more) == {after["id"]} != {rings["id"]}
        with demo.api("201") as api:
            rows = api.get("/api/history").json()["items"]
        assert [row["number"] for row in rows] == [ADA]
    finally:
        await asyncio.to_thread(demo.stop)
