"""`linedesk demo` as a process of its own: the ready line, a call from outside, a kill in mid-call."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from websockets.asyncio.client import ClientConnection, connect

ADA = "+442079460018"
_START_S = 40

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]


@asynccontextmanager
async def demo(data: Path, *more: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, Any]]]:
    """A demo process and its ready line; it is killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "linedesk", "demo", "--json", "--no-browser", "--port", "0",
        "--contacts", "20", "--data", str(data), *more,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START_S):
            line = await process.stdout.readline()
        assert line, (await process.stderr.read()).decode() if process.stderr else ""
        yield process, json.loads(line)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@asynccontextmanager
async def desk(ready: dict[str, Any], agent: int) -> AsyncIterator[tuple[ClientConnection, dict[str, Any]]]:
    """An agent's socket and its welcome."""
    url = ready["service"].replace("http://", "ws://") + "/agent/socket"
    async with connect(url) as connection:
        hello = {"type": "hello", "v": 1, "token": ready["agents"][agent]["token"], "visible": True}
        await connection.send(json.dumps(hello))
        yield connection, await frame(connection)


async def frame(connection: ClientConnection) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(await asyncio.wait_for(connection.recv(), 5))
    return said


async def call_frame(connection: ClientConnection, state: str) -> dict[str, Any]:
    while True:
        said = await frame(connection)
        if said["type"] == "call" and said["call"]["state"] == state:
            call: dict[str, Any] = said["call"]
            return call


async def post(url: str, body: Any = None) -> Any:
    async with aiohttp.ClientSession() as http, http.post(url, json=body) as answer:
        return await answer.json()


async def test_the_ready_line_holds_what_the_contract_names(tmp_path: Path) -> None:
    async with demo(tmp_path / "data") as (process, ready):
        assert set(ready) == {
            "service", "pbx", "apps", "hook", "agents", "admin", "connections", "config", "data",
        }  # fmt: skip
        assert set(ready["pbx"]) == {"url", "token", "phonebook"}
        assert [each["extension"] for each in ready["agents"]][:2] == ["201", "202"]
        assert ready["hook"]["url"] == f"{ready['service']}/hooks/wildix/demo"
        credentials = {"user": ready["admin"]["user"], "password": ready["admin"]["password"]}
        assert "token" in await post(f"{ready['service']}/api/session", credentials)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_C03_C07_a_kill_in_mid_call_loses_nothing_and_seeds_nothing_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with demo(data) as (process, first):
        async with desk(first, 0) as (luca, _), desk(first, 1) as (mia, _):
            made = await post(f"{first['pbx']['url']}/_sim/calls", {"from": ADA, "to": "201"})
            shown = await call_frame(luca, "ringing")
            assert shown["contact"]["name"] == "Ada Lindqvist"
            await post(f"{first['pbx']['url']}/_sim/calls/{made['id']}/answer")
            await call_frame(luca, "talking")
            # C12: nothing of Luca's call came to Mia: her own, made after it, is the first she hears of.
            hers = await post(f"{first['pbx']['url']}/_sim/calls", {"from": ADA, "to": "202"})
            assert (await call_frame(mia, "ringing"))["call_id"] == hers["id"]
        process.send_signal(signal.SIGKILL)
        await process.wait()
    async with demo(data, "--contacts", "90", "--seed", "5") as (_, again):
        assert again == first, "ports, secrets, tokens and passwords stay"
        async with desk(again, 0) as (luca, welcome):
            assert [(call["call_id"], call["state"]) for call in welcome["calls"]] == [
                (made["id"], "talking")
            ]
            await post(f"{again['pbx']['url']}/_sim/calls/{made['id']}/hangup")
            assert (await call_frame(luca, "ended"))["id"] == shown["id"]


async def test_a_click_in_the_demo_reaches_the_simulated_pbx(tmp_path: Path) -> None:
    async with demo(tmp_path / "data") as (_, ready), desk(ready, 0) as (luca, _):
        headers = {"Authorization": f"Bearer {ready['agents'][0]['token']}", "Idempotency-Key": "one-click"}
        url = f"{ready['service']}/api/calls"
        async with aiohttp.ClientSession(headers=headers) as http:
            for _ in range(2):
                async with http.post(url, json={"number": ADA}) as answer:
                    assert answer.status == 202, await answer.text()
        call = await call_frame(luca, "talking")
        assert (call["direction"], call["contact"]["name"]) == ("outbound", "Ada Lindqvist")
        url = f"{ready['pbx']['url']}/_sim/calls"
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            assert len((await answer.json())["calls"]) == 1, "C8: one click, one call"


async def test_a_taken_port_and_a_taken_folder_are_each_one_sentence(tmp_path: Path) -> None:
    async def refused(*options: str) -> str:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "linedesk", "demo", "--no-browser", *options,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={**os.environ},
        )  # fmt: skip
        _, said = await asyncio.wait_for(process.communicate(), _START_S)
        assert process.returncode == 2, said
        return said.decode()

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = await refused("--port", port, "--data", str(tmp_path / "other"))
        assert f"Port {port}" in said
        assert "Traceback" not in said
    async with demo(tmp_path / "data"):
        said = await refused("--port", "0", "--data", str(tmp_path / "data"))
        assert "Another demo runs" in said
        assert "Traceback" not in said
