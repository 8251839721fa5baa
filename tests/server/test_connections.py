"""The connection below the handlers: unfinished headers, bad HTTP, and what must go on unharmed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import structlog
from structlog.testing import capture_logs

from server.house import LUCA, House, open_house

QUICK_S = 0.2
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
async def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A house that waits less long for a header, and long for everything else."""
    monkeypatch.setattr("linedesk.server.connections.HEADER_S", QUICK_S)
    async with open_house(tmp_path, socket_hello_s=5) as house:
        yield house


@asynccontextmanager
async def connected(house: House) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.base.rpartition(":")[2]))
    try:
        yield reader, writer
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Header and body of one answer."""
    async with asyncio.timeout(5):
        head = await reader.readuntil(b"\r\n\r\n")
        [length] = [
            line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        ]
        return head, await reader.readexactly(int(length))


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_a_connection_without_a_whole_header_is_closed(quick: House, sent: bytes) -> None:
    async with connected(quick) as (reader, writer):
        writer.write(sent)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        assert reader.at_eof()


async def test_a_header_that_drips_in_gets_no_more_time(quick: House) -> None:
    async with connected(quick) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n")
        async with asyncio.timeout(5):
            while not reader.at_eof() and reader.exception() is None:
                writer.write(b"X-Slow: 1\r\n")
                await asyncio.sleep(QUICK_S / 10)


async def test_a_kept_connection_outlives_the_time_for_its_header(quick: House) -> None:
    async with connected(quick) as (reader, writer):
        for _ in range(2):
            writer.write(GET)
            assert (await answer(reader))[0].startswith(b"HTTP/1.1 200")
            await asyncio.sleep(QUICK_S * 1.5)


async def test_a_slow_body_outlives_the_time_for_its_header(quick: House) -> None:
    async with connected(quick) as (reader, writer):
        writer.write(b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
        await asyncio.sleep(QUICK_S * 1.5)
        writer.write(b"}")
        head, body = await answer(reader)
        assert head.startswith(b"HTTP/1.1 400")
        assert b"`user`" in body


async def test_a_socket_outlives_the_time_for_its_header(quick: House) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(quick.socket_url) as socket:
        await asyncio.sleep(QUICK_S * 1.5)
        await socket.send_json({"type": "hello", "v": 1, "token": await quick.token(LUCA)})
        assert (await socket.receive_json(timeout=5))["type"] == "welcome"


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /healthz-leak HTTP/1.1\r\nHost x-leak\r\n\r\n",
        b"\x16\x03\x01 leak\r\n\r\n",
        b"GET /leak HTTP/1.1\r\nX-Leak: " + b"leak" * 5000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: leak\r\n\r\n",
    ],
    ids=["header", "tls", "long", "length"],
)
async def test_bad_http_is_refused_without_an_echo_and_with_the_headers(
    house: House, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    structlog.reset_defaults()
    with capture_logs() as said:
        async with connected(house) as (reader, writer):
            writer.write(sent)
            head, body = await answer(reader)
            assert await asyncio.wait_for(reader.read(), 5) == b"", "the connection ends"
    assert head.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
    assert body == b"This is not a valid HTTP request.\n"
    lines = head.decode().lower().split("\r\n")
    assert "x-content-type-options: nosniff" in lines
    assert "server: linedesk" in lines
    assert any(line.startswith("content-security-policy: default-src 'none'") for line in lines)
    assert b"leak" not in head
    assert [each["event"] for each in said] == ["malformed_request"]
    assert "leak" not in str(said).lower()
    assert [each for each in caplog.records if each.name.startswith("aiohttp")] == []


@pytest.mark.parametrize("path", ["/healthz", "/agent", "/nothing", "/assets/desk.js", "/sign-in"])
async def test_no_answer_names_a_version_of_anything(house: House, path: str) -> None:
    async with house.http.get(house.base + path, allow_redirects=False) as got:
        assert got.headers.getall("Server") == ["linedesk"]


async def test_an_expectation_that_cannot_be_met_carries_the_headers_too(house: House) -> None:
    async with connected(house) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n\r\n")
        head, _ = await answer(reader)
        assert head.startswith(b"HTTP/1.1 417")
        assert b"nosniff" in head
        assert b"aiohttp" not in head.lower()
