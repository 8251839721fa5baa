"""Webhook posted -> frame on the agent's socket during a first sync, beside a service that does none.

Both are the same service with the same agents and contacts; the books are simulators in a third process.
Turns are taken between the two, so that what the sync costs the machine hits both. `measure_stages` tells the
stages of the sync apart, and waits for the writing.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import httpx

from bench.books import CONNECTION
from bench.popup import Post, service_posts, take_turns
from bench.stage import prepare, running
from bench.table import Row, quantile

_MOST_S = 0.050
_WARMING = 20


async def measure(
    agents: int, contact_count: int, synced: int, rounds: int, rate: float, *, rebuilding: bool = False
) -> Row:
    """One row. `synced`: contacts of the first sync, which must outlast `rounds` at `rate` a second.

    `rebuilding`: besides, the index of all contacts is made anew, by the command and without a break.
    """
    async with _services(agents, contact_count, synced) as services:
        if rebuilding:
            await services.stack.enter_async_context(_rebuilds(services.folder))
        turns = range(-_WARMING, rounds)
        samples, floor_samples = await take_turns(services.busy, services.quiet, turns, rate)
        services.check()
    rebuilt = f", index of {contact_count:,} rebuilt" if rebuilding else ""
    return _row(f"first sync of {synced:,} going on{rebuilt}", samples, floor_samples, services.named)


async def measure_stages(agents: int, contact_count: int, synced: int, rounds: int, rate: float) -> list[Row]:
    """A row for each stage of one first sync, all of them under the same calls until `rounds` were made
    during the writing; `synced` contacts must take longer than that.
    """
    async with _services(agents, contact_count, synced) as services:
        stages = services.stages
        kept: dict[str, tuple[list[float], list[float], list[float]]] = {}

        def turns() -> Iterator[int]:
            yield from range(-_WARMING, 0)
            for number in count():
                services.check()
                yield number
                if stages.now == WRITING and len(kept.get(WRITING, ((),))[0]) >= rounds:
                    return

        async def busy(number: int) -> float:
            stage = stages.now
            took = await services.busy(number)
            if number >= _WARMING and stage:
                kept.setdefault(stage, ([], [], []))[0].append(took)
                kept[stage][2].append(services.named[-1])
            return took

        async def quiet(number: int) -> float:
            stage = stages.now
            took = await services.quiet(number)
            if number >= _WARMING and stage:
                kept.setdefault(stage, ([], [], []))[1].append(took)
            return took

        await take_turns(busy, quiet, turns(), rate)
    return [
        _row(f"first sync of {synced:,}, {stage}", samples, floor_samples, named)
        for stage, (samples, floor_samples, named) in kept.items()
        if samples and floor_samples
    ]


def _row(what: str, samples: list[float], floor_samples: list[float], named: list[float]) -> Row:
    p99 = quantile(samples, 0.99)
    return Row(
        f"webhook to frame, {what}",
        samples,
        "the same service at rest",
        floor_samples,
        f"p99 <= {_MOST_S * 1000:.0f} ms; the name within {quantile(named, 0.99) * 1000:.0f} ms",
        p99 <= _MOST_S,
    )


WRITING = "writing"
_STAGES = {"Reading": "reading", "Comparing": "planning"}
"""By the first word of what `linedesk sync` tells on standard error; what else it tells is of the writing."""


@dataclass(slots=True)
class _Stages:
    """`now`: the stage of the sync, "" before the first."""

    now: str = ""

    async def follow(self, process: Process) -> None:
        assert process.stderr is not None
        while line := (await process.stderr.readline()).decode():
            first, _, rest = line.partition(" ")
            self.now = _STAGES.get(first.strip(), WRITING if " to write" in rest else self.now)


@dataclass(slots=True)
class _Services:
    """A service that syncs and one at rest. `named`: when the name stood in each popup of the first."""

    stack: AsyncExitStack
    folder: Path
    busy: Post
    quiet: Post
    sync: Process
    named: list[float]
    stages: _Stages = field(default_factory=_Stages)

    def check(self) -> None:
        """The sync goes on still."""
        if self.sync.returncode is not None:
            raise RuntimeError(f"the sync ended ({self.sync.returncode}) before the measurement did")


@asynccontextmanager
async def _services(agents: int, contact_count: int, synced: int) -> AsyncIterator[_Services]:
    async with AsyncExitStack() as stack:
        at, quiet_at, busy_at = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(3))
        set_up = await stack.enter_async_context(_books(at, synced))
        client = await stack.enter_async_context(httpx.AsyncClient())
        named: list[float] = []
        quiet = await _posts(stack, client, quiet_at, agents, contact_count, set_up, [])
        busy = await _posts(stack, client, busy_at, agents, contact_count, set_up, named)
        sync = await stack.enter_async_context(_sync(busy_at))
        services = _Services(stack, busy_at, busy, quiet, sync, named)
        following = asyncio.create_task(services.stages.follow(sync))
        try:
            yield services
        finally:
            following.cancel()


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
        stderr=PIPE,
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
