"""The service as a stranger sees it: only HTTP, the socket, signals and the contract of the ready line."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from e2e.conftest import Demo, start_demo

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("e2e")]

# Calls made here never end; Noa's desk is in no other test.
NOA = "203"


def ringing(call_id: str, extension: str, caller: str) -> bytes:
    """A first body of a call to `extension`, generation B, as the wire page shows it."""
    now_ms = time.time_ns() // 1_000_000
    flow = {
        "flowIndex": 0,
        "talkTime": 0,
        "caller": {"type": "REMOTE", "phone": caller, "name": caller},
        "callee": {"type": "LOCAL", "phone": extension, "userExtension": extension},
        "destination": "+442079460100",
        "direction": "INBOUND",
        "status": "RINGING",
    }
    body = {
        "id": call_id,
        "pbx": "000000000042",
        "company": "gb_w000042",
        "time": now_ms,
        "type": "call:live:progress",
        "integrationId": "ab12cd",
        "data": {"id": call_id, "event": "call", "eventTrigger": "call.start", "flows": [flow]},
    }
    return json.dumps(body).encode()


def post(demo: Demo, body: bytes, secret: str | None = None) -> httpx.Response:
    key = secret if secret is not None else demo.ready["hook"]["secret"]
    signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-signature": signature, "content-type": "application/json"}
    return httpx.post(demo.ready["hook"]["url"], content=body, headers=headers, timeout=10)


async def hello(demo: Demo, extension: str) -> tuple[ClientConnection, dict[str, Any]]:
    socket = await connect(demo.service.replace("http", "ws", 1) + "/agent/socket")
    await socket.send(json.dumps({"type": "hello", "v": 1, "token": demo.agent(extension)["token"]}))
    return socket, json.loads(await asyncio.wait_for(socket.recv(), 10))


async def next_call(socket: ClientConnection) -> dict[str, Any] | None:
    try:
        async with asyncio.timeout(10):
            while True:
                frame = json.loads(await socket.recv())
                if frame["type"] == "call":
                    call: dict[str, Any] = frame["call"]
                    return call
    except TimeoutError:
        return None


async def calls_before(socket: ClientConnection, last: str) -> list[str]:
    """The ids of the calls that this socket is told of before the call `last`.

    That something does not come is seen by what was sent after it, not by waiting for a while.
    """
    seen: list[str] = []
    while (call := await next_call(socket)) is not None and call["call_id"] != last:
        seen.append(call["call_id"])
    assert call is not None, f"{last} did not come; before it: {seen}"
    return seen


async def test_C12_a_signed_body_from_outside_reaches_its_agent_and_nobody_else(quiet: Demo) -> None:
    noa, _ = await hello(quiet, NOA)
    mia, _ = await hello(quiet, "202")
    try:
        answer = await asyncio.to_thread(post, quiet, ringing("outside.1", NOA, "+442079460018"))
        assert answer.status_code == 200
        call = await next_call(noa)
        assert call is not None
        assert (call["call_id"], call["state"], call["number"]) == ("outside.1", "ringing", "+442079460018")
        assert call["contact"]["certainty"] == "sure"
        after = await asyncio.to_thread(quiet.ring, "anonymous", "202")
        assert "outside.1" not in await calls_before(mia, after)
    finally:
        await noa.close()
        await mia.close()


async def test_K04_the_same_bytes_again_are_one_call(quiet: Demo) -> None:
    noa, _ = await hello(quiet, NOA)
    try:
        body = ringing("outside.2", NOA, "+442079460018")
        first = await asyncio.to_thread(post, quiet, body)
        again = await asyncio.to_thread(post, quiet, body)
        assert (first.json()["status"], again.json()["status"]) == ("stored", "duplicate")
        await asyncio.to_thread(post, quiet, ringing("outside.3", NOA, "+442079460018"))
        assert (await calls_before(noa, "outside.3")).count("outside.2") == 1
    finally:
        await noa.close()


@pytest.mark.parametrize(
    ("body", "secret", "status", "code"),
    [
        (ringing("forged", "201", "+442079460018"), "not-the-secret", 401, "hook_bad_signature"),
        (b"no json", None, 400, "hook_not_json"),
        (b'{"pad":"' + b"x" * 300_000 + b'"}', None, 413, "hook_too_large"),
    ],
)
def test_a_bad_webhook_gets_one_clear_sentence(
    demo: Demo, body: bytes, secret: str | None, status: int, code: str
) -> None:
    answer = post(demo, body, secret)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["code"] == code
    assert error["message"]
    assert error["remedy"]


def test_an_unknown_type_is_counted_and_not_refused(demo: Demo) -> None:
    body = json.dumps({"id": "x", "time": time.time_ns() // 1_000_000, "type": "fax:live:odd", "data": {}})
    assert post(demo, body.encode()).status_code == 200


async def named(socket: ClientConnection, call: dict[str, Any] | None) -> dict[str, Any]:
    """The call when its lookup is done: on a busy machine it may come with its number alone first (C6)."""
    while call is not None and call["lookup"] == "pending":
        call = await next_call(socket)
    assert call is not None
    return call


async def test_C03_C07_killed_in_mid_call_the_popup_is_back_after_a_start_on_the_same_data(
    tmp_path: Path,
) -> None:
    demo = start_demo(tmp_path / "demo", contacts=60)
    try:
        luca, _ = await hello(demo, "201")
        call_id = await asyncio.to_thread(demo.ring, "+442079460018", "201")
        shown = await named(luca, await next_call(luca))
        assert shown["call_id"] == call_id
        await luca.close()
        await asyncio.to_thread(demo.kill)
        again = await asyncio.to_thread(start_demo, tmp_path / "demo", 60)
        try:
            assert again.ready["agents"] == demo.ready["agents"]
            assert again.ready["hook"]["secret"] == demo.ready["hook"]["secret"]
            luca, welcome = await hello(again, "201")
            # Killed before the popup was stored, its body is read again after the start and makes it anew.
            back = await named(luca, *(welcome["calls"] or [await next_call(luca)]))
            await luca.close()
            assert back["id"] == shown["id"]
            assert back["contact"]["id"] == shown["contact"]["id"]
        finally:
            await asyncio.to_thread(again.stop)
    finally:
        await asyncio.to_thread(demo.stop)
