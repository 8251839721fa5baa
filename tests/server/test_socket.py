"""The agent socket on real sockets, with a client library that is not the server's."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from linedesk.agents.model import Agent
from linedesk.agents.sessions import BROWSER
from server.house import CRM, LUCA, MIA, House, call, call_frame, open_house, until

WAIT_S = 5.0


async def say(client: ClientConnection, **frame: Any) -> None:
    await client.send(json.dumps(frame))


async def hear(client: ClientConnection) -> dict[str, Any]:
    document = json.loads(await asyncio.wait_for(client.recv(), WAIT_S))
    assert isinstance(document, dict)
    return document


async def hear_call(client: ClientConnection) -> dict[str, Any]:
    """The next call; other frames are passed over."""
    while (frame := await hear(client))["type"] != "call":
        pass
    call_of_frame = frame["call"]
    assert isinstance(call_of_frame, dict)
    return call_of_frame


async def end_of(client: ClientConnection) -> tuple[str, int]:
    """The code of the last error frame and the close code."""
    last = ""
    try:
        while True:
            frame = await hear(client)
            last = frame["code"] if frame["type"] == "error" else last
    except ConnectionClosed as closed:
        return last, closed.rcvd.code if closed.rcvd is not None else 1006


@asynccontextmanager
async def signed_in(
    house: House, agent: Agent = LUCA, *, visible: bool = True, token: str | None = None, **options: Any
) -> AsyncIterator[tuple[ClientConnection, dict[str, Any]]]:
    async with connect(house.socket_url, compression=None, **options) as client:
        await say(client, type="hello", v=1, token=token or await house.token(agent), visible=visible)
        yield client, await hear(client)


async def test_C07_welcome_tells_the_whole_truth(house: House) -> None:
    house.desk.calls = {LUCA.id: [call(1), call(2, "talking")], MIA.id: [call(3)]}
    async with signed_in(house) as (_, welcome):
        assert welcome == {
            "type": "welcome",
            "agent": {
                "id": LUCA.id,
                "login": "luca",
                "name": "Luca Rossi",
                "role": "agent",
                "account": "office",
                "extension": "201",
                "open_page": "click",
                "region": "IT",
            },
            "calls": [call(1), call(2, "talking")],
            "opener": True,
            "expires_at": house.clock.now_ms() + 900_000,
            "now": house.clock.now_ms(),
        }


async def test_C07_nothing_is_lost_between_the_welcome_and_the_first_frame(house: House) -> None:
    async with connect(house.socket_url) as client:
        await say(client, type="hello", v=1, token=await house.token())
        await until(lambda: len(house.sockets) == 1)
        house.bus.publish(LUCA.id, call_frame(1))
        assert [(await hear(client))["type"] for _ in range(2)] == ["welcome", "call"]


async def test_C12_frames_of_one_agent_never_reach_another(house: House) -> None:
    async with signed_in(house, LUCA) as (luca, _), signed_in(house, MIA) as (mia, _):
        house.bus.publish(LUCA.id, call_frame(1))
        house.bus.publish(MIA.id, call_frame(2))
        assert await hear(luca) == call_frame(1)
        assert await hear(mia) == call_frame(2)


async def test_C01_twelve_sockets_each_hear_a_call_once_and_one_is_the_opener(house: House) -> None:
    clients: list[ClientConnection] = []
    opens: list[bool] = []
    for number in range(12):
        client = await connect(house.socket_url)
        await say(client, type="hello", v=1, token=await house.token(), visible=number == 4)
        opens.append((await hear(client))["opener"])
        clients.append(client)
    house.bus.publish(LUCA.id, call_frame(1))
    belief = list(opens)
    for number, client in enumerate(clients):
        calls = 0
        while calls == 0:
            frame = await hear(client)
            calls += frame["type"] == "call"
            if frame["type"] == "opener":
                belief[number] = frame["opener"]
    assert [number for number, each in enumerate(belief) if each] == [4]
    await say(clients[9], type="focus")
    assert await hear(clients[9]) == {"type": "opener", "opener": True}
    assert await hear(clients[4]) == {"type": "opener", "opener": False}
    await clients[9].close()
    assert await hear(clients[4]) == {"type": "opener", "opener": True}
    for client in clients:
        await client.close()
    await until(lambda: len(house.sockets) == 0)
    assert house.metric("linedesk_sockets") == 0


async def test_the_first_frame_must_be_a_hello_with_a_good_token(house: House) -> None:
    code = (await house.tokens.mint_code(LUCA.id))[0]
    for frame, wanted in (
        ({"type": "focus"}, ("not_signed_in", 4001)),
        ({"type": "hello", "v": 1, "token": "wrong"}, ("not_signed_in", 4001)),
        ({"type": "hello", "v": 1, "token": code}, ("not_signed_in", 4001)),
        ({"type": "hello", "v": 2, "token": await house.token()}, ("bad_request", 4002)),
    ):
        async with connect(house.socket_url) as client:
            await say(client, **frame)
            assert await end_of(client) == wanted
    assert len(house.sockets) == 0


async def test_a_socket_that_says_nothing_is_closed(tmp_path: Path) -> None:
    async with open_house(tmp_path, socket_hello_s=0.05) as house, connect(house.socket_url) as client:
        assert await end_of(client) == ("not_signed_in", 4001)


@pytest.mark.parametrize("message", ["{", "[]", '{"type":"shout"}', b"{}"])
async def test_a_malformed_frame_ends_the_socket(house: House, message: str | bytes) -> None:
    async with signed_in(house) as (client, _):
        await client.send(message)
        assert await end_of(client) == ("bad_request", 4002)


async def test_an_oversized_frame_ends_the_socket(house: House) -> None:
    async with signed_in(house) as (client, _):
        await client.send(json.dumps({"type": "focus", "pad": "x" * 20_000}))
        assert (await end_of(client))[1] in {1009, 4002}
        await until(lambda: len(house.sockets) == 0)


@pytest.mark.parametrize("origin", [None, CRM, "own"])
async def test_own_listed_and_missing_origins_may_connect(house: House, origin: str | None) -> None:
    async with signed_in(house, origin=house.base if origin == "own" else origin) as (_, welcome):
        assert welcome["type"] == "welcome"


@pytest.mark.parametrize("origin", ["https://evil.example", CRM + ".evil.example", CRM.upper(), "null"])
async def test_other_origins_are_refused_before_the_upgrade(house: House, origin: str) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await connect(house.socket_url, origin=origin)  # type: ignore[arg-type]
    assert caught.value.response.status_code == 403
    assert b"origin_refused" in (caught.value.response.body or b"")


async def test_compression_is_off(house: House) -> None:
    async with connect(house.socket_url, compression="deflate") as client:
        assert client.response is not None
        assert "Sec-WebSocket-Extensions" not in client.response.headers


async def test_the_socket_ends_with_its_token(house: House) -> None:
    async with signed_in(house, token=await house.token(life_s=20)) as (client, _):
        await until(lambda: house.clock._sleepers)
        house.clock.advance(20)
        assert await end_of(client) == ("token_expired", 4004)


async def test_a_fresh_token_keeps_the_socket(house: House) -> None:
    async with signed_in(house, token=await house.token(life_s=20)) as (client, _):
        await say(client, type="token", token=await house.token(life_s=60))
        await until(lambda: len(house.tokens._cache) == 2)
        house.clock.advance(21)
        house.bus.publish(LUCA.id, call_frame(1))
        assert await hear(client) == call_frame(1)
        await until(lambda: house.clock._sleepers)
        house.clock.advance(25)
        await until(lambda: house.clock._sleepers)
        house.clock.advance(25)
        assert await end_of(client) == ("token_expired", 4004)


@pytest.mark.parametrize("bad", ["unknown", "mia"])
async def test_a_fresh_token_must_be_good_and_of_the_same_agent(house: House, bad: str) -> None:
    async with signed_in(house) as (client, _):
        await say(client, type="token", token=await house.token(MIA) if bad == "mia" else bad)
        assert await end_of(client) == ("not_signed_in", 4001)


async def test_a_revoked_token_cuts_its_socket_and_no_other(house: House) -> None:
    token = await house.token()
    async with signed_in(house, token=token) as (cut, _), signed_in(house) as (stays, _):
        await house.tokens.revoke(token)
        assert await end_of(cut) == ("revoked", 4005)
        house.bus.publish(LUCA.id, call_frame(1))
        assert await hear_call(stays) == call(1)


async def test_the_end_of_a_session_cuts_the_sockets_of_its_tokens(house: House) -> None:
    value, _ = await house.sessions.start(LUCA.id, BROWSER)
    session = await house.sessions.check(value, BROWSER)
    async with signed_in(house, token=await house.token(session=session.hash)) as (client, _):
        await house.sessions.end(value)
        assert await end_of(client) == ("revoked", 4005)


async def test_switching_an_agent_off_cuts_every_socket(house: House) -> None:
    async with signed_in(house) as (one, _), signed_in(house) as (two, _), signed_in(house, MIA) as (mia, _):
        await house.tokens.revoke_agent(LUCA.id)
        assert await end_of(one) == await end_of(two) == ("revoked", 4005)
        house.bus.publish(MIA.id, call_frame(1))
        assert await hear(mia) == call_frame(1)


async def test_a_reader_that_never_reads_is_cut_and_the_others_notice_nothing(house: House) -> None:
    small = sockets.socket(sockets.AF_INET, sockets.SOCK_STREAM)
    small.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    small.setblocking(False)
    await asyncio.get_running_loop().sock_connect(small, ("127.0.0.1", int(house.base.rpartition(":")[2])))
    async with signed_in(house, sock=small, max_queue=1, ping_interval=None) as (stuck, _):
        async with signed_in(house) as (well, _):
            for number in range(400):
                house.bus.publish(LUCA.id, call_frame(number, pad="x" * 60_000))
                assert (await hear_call(well))["id"] == f"call-{number}"
                if len(house.sockets) == 1:
                    break
            assert len(house.sockets) == 1, "the reader that never reads must be gone"
            await until(lambda: house.metric("linedesk_sockets_cut_total", code="slow_reader") == 1)
            house.bus.publish(LUCA.id, call_frame(1000))
            assert (await hear_call(well))["id"] == "call-1000"
        stuck.transport.abort()


async def test_a_slow_reader_gets_only_the_newest_state_of_each_call(house: House) -> None:
    async with signed_in(house) as (client, _):
        for state in ("ringing", "talking", "held", "ended") * 50:
            house.bus.publish(LUCA.id, call_frame(1, state))
        # All were published in one step of the loop, so all but the last were superseded in the queue.
        assert await hear(client) == call_frame(1, "ended")
        house.bus.publish(LUCA.id, call_frame(2))
        assert await hear(client) == call_frame(2)


async def test_too_many_waiting_frames_cut_with_4003_and_a_new_socket_gets_the_truth(house: House) -> None:
    house.desk.calls = {LUCA.id: [call(7)]}
    async with signed_in(house) as (client, _):
        for number in range(9):
            house.bus.publish(LUCA.id, call_frame(number))
        code, close = await end_of(client)
        assert (code, close) in {("slow_reader", 4003), ("", 1006)}
    async with signed_in(house) as (_, welcome):
        assert welcome["calls"] == [call(7)]


async def test_the_server_pings_and_drops_a_peer_that_is_silent(house: House) -> None:
    reader, writer = await raw_socket(house)
    assert b"welcome" in await asyncio.wait_for(reader.read(65_536), WAIT_S)
    pings = 0
    for _ in range(3):
        await until(lambda: house.clock._sleepers)
        house.clock.advance(25)
        pings += (await asyncio.wait_for(reader.read(2), WAIT_S))[:1] == b"\x89"
    assert pings == 3
    assert len(house.sockets) == 1, "75 s of silence are tolerated"
    await until(lambda: house.clock._sleepers)
    house.clock.advance(25)
    assert await asyncio.wait_for(reader.read(65_536), WAIT_S) == b""
    await until(lambda: len(house.sockets) == 0)
    writer.close()


async def raw_socket(house: House) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client that signs in and then answers nothing, not even a ping."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.base.rpartition(":")[2]))
    writer.write(
        b"GET /agent/socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WAIT_S)
    hello = json.dumps({"type": "hello", "v": 1, "token": await house.token()}).encode()
    # A masked text frame whose mask is zero: the payload stays as it is.
    writer.write(bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
    return reader, writer


async def test_a_restart_closes_with_1001(house: House) -> None:
    async with signed_in(house) as (client, _):
        await house.app.shutdown()
        assert await end_of(client) == ("", 1001)


async def test_a_plain_get_is_no_socket(house: House) -> None:
    async with house.http.get(f"{house.base}/agent/socket") as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["code"] == "bad_request"
