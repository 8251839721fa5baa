"""Webhook posted -> frame on the agent's socket during a first sync, beside a service that does none.

Both are the same service with the same agents and contacts; the books are simulators in a third process.
Turns are taken between the two, so that what the sync costs the machine hits both.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx

from bench.books import CONNECTION
from bench.popup import Post, service_posts, take_turns
from bench.stage import prepare, running
from bench.table import Row, quantile


async def measure(
    agents: int, contact_count: int, synced: int, rounds: int, rate: float, *, rebuilding: bool = False
) -> Row:
    """One row. `synced`: contacts of the first sync, which must outlast `rounds` at `rate` a second.

    `rebuilding`: besides, the index of all contacts is made anew, by the command and without a break.
    """
    async with AsyncExitStack() as stack:
        at, quiet_at, busy_at = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(3))
        set_up = await stack.enter_async_context(_books(at, synced))
        client = await stack.enter_async_context(httpx.AsyncClient())
        named: list[float] = []
        quiet = await _posts(stack, client, quiet_at, agents, contact_count, set_up, [])
        busy = await _posts(stack, client, busy_at, agents, contact_count, set_up, named)
        sync = await stack.enter_async_context(_sync(busy_at))
        if rebuilding:
            await stack.enter_async_context(_rebuilds(busy_at))
        samples, floor_samples = await take_turns(busy, quiet, rounds, rate)
        if sync.returncode is not None:
            raise RuntimeError(f"the sync ended ({sync.returncode}) before the measurement did")
    return Row(
        f"webhook to frame, first sync of {synced:,} going on"
        + (f", index of {contact_count:,} rebuilt" if rebuilding else ""),
        samples,
        "the same service at rest",
        floor_samples,
        f"p99 <= 50 ms; the name within {quantile(named, 0.99) * 1000:.0f} ms",
        quantile(samples, 0.99) <= 0.050,
    )


async def _posts(  # noqa: PLR0917 - one service, as it is set up
    stack: AsyncExitStack,
    client: httpx.AsyncClient,
    folder: Path,
    agents: int,
    contact_count: int,
    more: str,
    named: list[float],
) -> Post:
    tokens = await prepare(folder, agents, contact_count, more)
    url = await stack.enter_async_context(running(folder))
    return await service_posts(stack, client, url, tokens, contact_count, named)


@asynccontextmanager
async def _books(folder: Path, count: int) -> AsyncIterator[str]:
    """The simulators; gives the set-up of their accounts and the connection."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.books", str(folder), str(count), stdout=PIPE
    )
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        await _end(process)


@asynccontextmanager
async def _sync(folder: Path) -> AsyncIterator[Process]:
    """`linedesk sync`, which the service carries out."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "linedesk",
        "sync",
        CONNECTION,
        "--json",
        "--config",
        str(folder / "config.toml"),
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    try:
        yield process
    finally:
        await _end(process)


@asynccontextmanager
async def _rebuilds(folder: Path) -> AsyncIterator[None]:
    """`linedesk contacts rebuild` beside the service, again and again."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_rebuild_for_ever(folder))
        try:
            yield
        finally:
            task.cancel()


async def _rebuild_for_ever(folder: Path) -> None:
    command = (sys.executable, "-m", "linedesk", "contacts", "rebuild")
    while True:
        process = await asyncio.create_subprocess_exec(
            *command, "--config", str(folder / "config.toml"), stdout=DEVNULL
        )
        try:
            if await process.wait() != 0:
                raise RuntimeError("the index could not be rebuilt")
        finally:
            await _end(process)


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()
