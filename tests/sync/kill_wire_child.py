"""The product's own sync in processes of their own: reads `FOLDER STEP RUNS` a line, answers two lines each.

A line is answered with the process id of a fork that syncs the data folder `RUNS` times, and, when that has
ended, with its exit code: minus the signal's number if it was killed. It kills itself at its step `STEP`
(0: never; -1: there is no fork) and leaves its reports in FOLDER/reports.json. With `steady` as an argument
the groups of writes don't depend on how quick the machine is: so each run has the same steps.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from linedesk.clock import SystemClock
from linedesk.logs import configure_logs
from linedesk.numbers import load_plans
from linedesk.parts import opened_parts
from linedesk.settings import load_settings
from linedesk.store import database, migrate
from linedesk.sync import writing_groups
from linedesk.sync.engine import Ask, Engine
from linedesk.sync.report import report_document


class Killer:
    """Ends this process at the step of this number, counted from 1; `taken` counts the steps."""

    def __init__(self, at: int) -> None:
        self._at = at
        self.taken = 0

    async def __call__(self, _: str) -> None:
        self.taken += 1
        if self.taken == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


async def sync(folder: Path, at: int, times: int) -> None:
    """What `linedesk sync` does without a service, with a killer at the engine's checkpoints."""
    reports = []
    async with opened_parts(load_settings(data_dir=folder / "data"), SystemClock()) as parts:
        for _ in range(times):
            killer = Killer(at)
            engine = Engine(
                parts.stores.books,
                parts.clock,
                parts.directory,
                connection_of=parts.accounts.connection_of,
                app_of=parts.apps.app,
                kind_of=parts.apps.kind_of,
                plan_of=parts.apps.plan_of,
                checkpoint=killer,
            )
            report = report_document(await engine.run("customers", Ask(actor="test")))
            reports.append({**report, "steps": killer.taken})
    (folder / "reports.json").write_text(json.dumps(reports))


def main() -> None:
    load_plans()
    configure_logs("plain", "critical")
    # A kill takes nothing from the system's cache: only a loss of power would need the waits for the disk.
    database._engine = partial(_without_waits, database._engine)
    if "steady" in sys.argv[1:]:
        writing_groups.SLICE_MS = 3_600_000
    for line in sys.stdin:
        folder, at, times = line.split()
        if int(at) < 0:
            # The first one runs here: every fork begins with what it loaded, compiled and cached.
            asyncio.run(sync(Path(folder), 0, int(times)))
            # Every other folder is a copy of this one: to look at its schema takes half of a fork's time.
            migrate.migrate = _migrated
            gc.freeze()
            _say(os.getpid())
            _say(0)
            continue
        child = os.fork()
        if child == 0:
            asyncio.run(sync(Path(folder), int(at), int(times)))
            os._exit(0)
        _say(child)
        _say(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _without_waits(engine: Callable[..., AsyncEngine], path: Path, _durability: str) -> AsyncEngine:
    return engine(path, "OFF")


def _migrated(path: Path, kind: str) -> None:
    """The file has the newest schema."""
    assert path.name == f"{kind}.db"
    assert path.exists()


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
