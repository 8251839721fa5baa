"""Syncs in processes of their own, each killed at another step: `kill_child.py ROOT FIRST LAST`.

The folder ROOT/N is that of the process which is killed at its Nth step. Standard output gets a JSON list of
the signals that ended them, 0 for one that came to its end. The two systems live in files, as real ones live
on other machines; the store is the product's own. Each is a fork of this process: it has everything loaded.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from contract.memory import FIELDS, MemoryApp, MemoryServer
from linedesk.clock import ManualClock
from sync.engine_house import SOURCE, House, house
from sync.engine_house import TARGET as QUICK

NOW_MS = 1_764_000_000_000
LAG_S = 200
TARGET = replace(QUICK, visibility_lag_s=LAG_S)


class Killer:
    """Ends the process at the step of this number, counted from 1; 0: never."""

    def __init__(self, at: int) -> None:
        self._left = at

    async def __call__(self, _: str) -> None:
        self.step()

    def step(self) -> None:
        """One step more."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def servers(folder: Path, clock: ManualClock) -> tuple[MemoryServer, MemoryServer]:
    """The two systems as they stand in the folder."""
    return MemoryServer(clock, keep=folder / "a"), MemoryServer(clock, keep=folder / "b")


@asynccontextmanager
async def open_house(folder: Path, clock: ManualClock, killer: Killer) -> AsyncIterator[House]:
    """The house on this folder. The target lags, and takes an e-mail address only once."""
    async with house(
        folder / "data",
        source=SOURCE,
        target=TARGET,
        servers=servers(folder, clock),
        clock=clock,
        checkpoint=killer,
    ) as home:
        home.apps["book"] = MemoryApp(
            clock,
            account="book",
            capabilities=TARGET,
            fields=[replace(info, unique=info.name == "email") for info in FIELDS],
            server=home.b,
        )
        yield home


async def sync_once(folder: Path, at: int) -> None:
    """One run, killed at its step `at`."""
    killer = Killer(at)
    async with open_house(folder, ManualClock(NOW_MS), killer) as home:
        # Also when a request has arrived at the other system and before it has any effect.
        home.b.on_request = lambda _: killer.step()
        await home.sync()


def main(root: Path, first: int, last: int) -> None:
    ends = []
    for at in range(first, last + 1):
        child = os.fork()
        if child == 0:
            asyncio.run(sync_once(root / str(at), at))
            os._exit(0)
        ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    sys.stdout.write(json.dumps(ends))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
