"""Syncs in processes of their own, each killed at another step: `kill_child.py ROOT MODE FIRST LAST`.

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
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from contract.memory import MemoryServer
from linedesk.clock import ManualClock
from sync.engine_house import SOURCE, TARGET, WITHOUT_IDS, House, house

NOW_MS = 1_764_000_000_000


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


def open_house(
    folder: Path, mode: str, clock: ManualClock, killer: Killer
) -> AbstractAsyncContextManager[House]:
    """The house on this folder; `mode` says whether the target keeps Linedesk's ids."""
    return house(
        folder / "data",
        source=SOURCE,
        target=TARGET if mode == "ids" else WITHOUT_IDS,
        servers=servers(folder, clock),
        clock=clock,
        checkpoint=killer,
    )


async def sync_once(folder: Path, mode: str, at: int) -> None:
    """One run, killed at its step `at`."""
    killer = Killer(at)
    async with open_house(folder, mode, ManualClock(NOW_MS), killer) as home:
        # Also when a request has arrived at the other system and before it has any effect.
        home.b.on_request = lambda _: killer.step()
        await home.sync()


def main(root: Path, mode: str, first: int, last: int) -> None:
    ends = []
    for at in range(first, last + 1):
        child = os.fork()
        if child == 0:
            asyncio.run(sync_once(root / str(at), mode, at))
            os._exit(0)
        ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    sys.stdout.write(json.dumps(ends))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
