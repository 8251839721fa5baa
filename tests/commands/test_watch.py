"""`linedesk watch` against the real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from websockets.asyncio.server import ServerConnection, serve

from linedesk.commands.watch import socket_url, watch
from linedesk.errors import LinedeskError, UserError
from server.house import LUCA, House, call_frame, open_house, until


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as running:
        yield running


def run(*args: str, token: str = "", **options: Any) -> Result:
    env = {"LINEDESK_TOKEN": token}
    return CliRunner(env=env).invoke(watch, list(args), **options)


async def test_prints_each_frame_as_one_line(house: House) -> None:
    token = await house.token()
    watching = asyncio.create_task(
        asyncio.to_thread(run, "--url", house.base, "--count", "2", "--timeout", "10", token=token)
    )
    await until(lambda: len(house.sockets))
    house.bus.publish(LUCA.id, call_frame(1, name="Anna\nWeiß"))
    result = await watching
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["welcome", "call"]
    assert json.loads(lines[1]) == call_frame(1, name="Anna\nWeiß")
    assert token not in result.output


async def test_the_token_is_asked_for_and_not_shown(house: House) -> None:
    token = await house.token()
    result = await asyncio.to_thread(run, "--url", house.base, "--count", "1", input=f"{token}\n")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["type"] == "welcome"
    assert token not in result.output


async def test_a_refused_token_ends_with_a_sentence(house: House) -> None:
    result = await asyncio.to_thread(run, "--url", house.base, token="wrong")
    assert json.loads(result.stdout)["code"] == "not_signed_in"
    assert isinstance(result.exception, LinedeskError)
    assert "4001" in result.exception.message


async def test_a_socket_that_closes_ends_with_a_sentence(house: House) -> None:
    token = await house.token()
    watching = asyncio.create_task(asyncio.to_thread(run, "--url", house.base, token=token))
    await until(lambda: len(house.sockets))
    await house.tokens.revoke(token)
    result = await watching
    assert isinstance(result.exception, LinedeskError)
    assert not isinstance(result.exception, UserError)
    assert "4005" in result.exception.message


async def test_too_few_frames_in_time_is_a_failure_but_the_time_alone_is_not(house: House) -> None:
    token = await house.token()
    short = ("--url", house.base, "--timeout", "0.3")
    result = await asyncio.to_thread(run, *short, "--count", "5", token=token)
    assert isinstance(result.exception, LinedeskError)
    assert "Fewer than 5 frames" in result.exception.message
    result = await asyncio.to_thread(run, *short, token=token)
    assert result.exit_code == 0


async def test_nobody_listens(house: House, unused_tcp_port: int) -> None:
    result = await asyncio.to_thread(run, "--url", f"http://127.0.0.1:{unused_tcp_port}", token="t")
    assert isinstance(result.exception, LinedeskError)
    assert "No agent socket answers" in result.exception.message


@asynccontextmanager
async def answering(first: str | bytes | None) -> AsyncIterator[str]:
    """A socket server that sends `first` to whom connects; None: it drops the connection at once."""

    async def answer(connection: ServerConnection) -> None:
        if first is None:
            connection.transport.abort()
        else:
            await connection.send(first)
            await connection.wait_closed()

    async with serve(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


@pytest.mark.parametrize("frame", ["hello there", b"\xff\xfe\xff", "[" * 100_000])
async def test_B4_a_frame_that_is_no_json_ends_with_a_sentence(frame: str | bytes) -> None:
    async with answering(frame) as url:
        result = await asyncio.to_thread(run, "--url", url, token="t")
    assert isinstance(result.exception, LinedeskError)
    assert "no JSON" in result.exception.message


async def test_B4_a_connection_that_breaks_before_the_hello_ends_with_a_sentence() -> None:
    async with answering(None) as url:
        result = await asyncio.to_thread(run, "--url", url, token="t" * 10_000_000)
    assert isinstance(result.exception, LinedeskError)
    assert "broke off" in result.exception.message


async def test_B4_half_a_character_in_a_frame_is_printed_all_the_same() -> None:
    async with answering('{"name":"\\ud83d"}') as url:
        result = await asyncio.to_thread(run, "--url", url, "--count", "1", token="t")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"name": "?"}


async def test_B4_a_host_that_no_name_can_have_ends_with_a_sentence() -> None:
    result = await asyncio.to_thread(run, "--url", f"http://{'a' * 70}.test", token="t")
    assert isinstance(result.exception, LinedeskError)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("http://127.0.0.1:8420", "ws://127.0.0.1:8420/agent/socket"),
        ("https://x.example/", "wss://x.example/agent/socket"),
        ("wss://x.example/agent/socket", "wss://x.example/agent/socket"),
        ("http://[::1]:8420", "ws://[::1]:8420/agent/socket"),
        ("https://x.example/linedesk/?a=b", "wss://x.example/linedesk/agent/socket"),
    ],
)
def test_the_address_of_the_socket(given: str, wanted: str) -> None:
    assert socket_url(given) == wanted


@pytest.mark.parametrize(
    "given",
    [
        "x.example",
        "ftp://x",
        "http://",
        "",
        "http://[::1",
        "http://h:99999",
        "http://h:http",
        "http://h:0",
        "http://:80",
        "http://user@",
        "http://[nowhere]",
    ],
)
def test_a_wrong_address_is_told(given: str) -> None:
    with pytest.raises(UserError, match="--url"):
        socket_url(given)


def test_the_command_has_its_options() -> None:
    assert isinstance(watch, click.Command)
    assert {"--url", "--config", "--count", "--timeout"} <= {o for p in watch.params for o in p.opts}
