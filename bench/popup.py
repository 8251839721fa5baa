"""Webhook posted -> frame on the agent's socket, with many agents connected, beside a bare handler.

Both servers run in their own processes on the same loop implementation; this process is the PBX and all
the browsers, the same code for both, and takes turns between them so that a busy moment of the machine
hits both.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect

from bench.stage import ACCOUNT, FIRST_EXTENSION, number_of, prepare, ring, running, sign
from bench.table import Row, quantile

Post = Callable[[int], Awaitable[float]]

_WARMING = 20


async def measure(agents: int, contact_count: int, rounds: int, rate: float) -> Row:
    """One row. `rate` is posts per second to each server; a call is posted as often to each of the two."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tokens = await prepare(folder, agents, contact_count)
        async with AsyncExitStack() as stack:
            service = await stack.enter_async_context(running(folder))
            floor = await stack.enter_async_context(_floor(folder / "floor.db"))
            client = await stack.enter_async_context(httpx.AsyncClient())
            mine = await service_posts(stack, client, service, tokens, contact_count)
            least = await _floor_posts(stack, client, floor, list(tokens))
            samples, floor_samples = await take_turns(mine, least, range(-_WARMING, rounds), rate)
    p99, floor_p99 = quantile(samples, 0.99), quantile(floor_samples, 0.99)
    return Row(
        f"webhook to frame, {agents} agents, {contact_count:,} contacts",
        samples,
        "bare handler, one row, fixed frame",
        floor_samples,
        "p99 <= 50 ms and <= 3 x floor",
        p99 <= 0.050 and p99 <= 3 * floor_p99,
    )


async def take_turns(
    mine: Post, least: Post, turns: Iterable[int], rate: float
) -> tuple[list[float], list[float]]:
    """Samples of both, one of each a turn. Turns below 0 only warm both up; the first is -20."""
    samples: list[float] = []
    floor_samples: list[float] = []
    for number in turns:
        for post, kept in ((mine, samples), (least, floor_samples)):
            took = await post(number + _WARMING)
            if number >= 0:
                kept.append(took)
            await asyncio.sleep(max(0.0, 0.5 / rate - took))
    return samples, floor_samples


async def service_posts(  # noqa: PLR0917 - one service and who asks it
    stack: AsyncExitStack,
    client: httpx.AsyncClient,
    url: str,
    tokens: dict[str, str],
    contact_count: int,
    named: list[float] | None = None,
) -> Post:
    """Posts a ring; answers how long its popup took. `named` takes when the name stood in it, in seconds."""
    sockets: dict[str, ClientConnection] = {}
    for extension, token in tokens.items():
        socket = await stack.enter_async_context(connect(url.replace("http", "ws") + "/agent/socket"))
        await socket.send(json.dumps({"type": "hello", "v": 1, "token": token, "visible": False}))
        while json.loads(await socket.recv())["type"] != "welcome":
            pass
        sockets[extension] = socket

    async def post(number: int) -> float:
        extension = str(FIRST_EXTENSION + number % len(sockets))
        caller = number_of(number * 7919 % contact_count)
        body = ring(number, extension, caller, time.time_ns() // 1_000_000)
        headers = {"x-signature": sign(body), "content-type": "application/json"}
        started = time.perf_counter()
        answer = asyncio.ensure_future(
            client.post(f"{url}/hooks/wildix/{ACCOUNT}", content=body, headers=headers)
        )
        frame = await _next_call(sockets[extension])
        took = time.perf_counter() - started
        while frame["lookup"] == "pending":  # the number came first
            frame = await _next_call(sockets[extension])
        if named is not None:
            named.append(time.perf_counter() - started)
        (await answer).raise_for_status()
        if frame["number"] != caller or frame["contact"] is None:
            raise RuntimeError(f"wrong popup: {frame}")
        return took

    return post


async def _next_call(socket: ClientConnection) -> dict[str, object]:
    async with asyncio.timeout(10):
        while True:
            frame = json.loads(await socket.recv())
            if frame["type"] == "call":
                call: dict[str, object] = frame["call"]
                return call


async def _floor_posts(
    stack: AsyncExitStack, client: httpx.AsyncClient, url: str, extensions: list[str]
) -> Post:
    sockets = {
        extension: await stack.enter_async_context(
            connect(url.replace("http", "ws") + f"/socket?agent={extension}")
        )
        for extension in extensions
    }

    async def post(number: int) -> float:
        extension = extensions[number % len(extensions)]
        body = ring(number, extension, number_of(number), time.time_ns() // 1_000_000)
        headers = {"x-signature": sign(body), "content-type": "application/json"}
        started = time.perf_counter()
        answer = asyncio.ensure_future(
            client.post(f"{url}/hook?agent={extension}", content=body, headers=headers)
        )
        await _next_call(sockets[extension])
        took = time.perf_counter() - started
        (await answer).raise_for_status()
        return took

    return post


@asynccontextmanager
async def _floor(path: Path) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.floor", str(path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.kill()
        await process.wait()
