"""S3, S4, S6: killed while it takes over a record that its reading could not see, and run again.

The target refuses to make a second record with the same e-mail address. What it names as the holder came
after the reading, or does not show yet. Kills of everything else, against real servers: `test_kill_wire`.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from linedesk.clock import ManualClock
from linedesk.store import journal, links
from linedesk.sync.model import RunState
from sync.kill_child import NOW_MS, Killer, open_house, servers

TESTS = Path(__file__).parent.parent
FIRST, LAST = 9, 16  # planned, intent, the request, sent, settled, the look at the holder, adopted, the end


@pytest.mark.timeout(180)
async def test_S03_S06_killed_while_it_adopts_a_record_it_is_linked_in_the_end(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    await _seeded(template)
    for at in range(FIRST, LAST + 1):
        shutil.copytree(template, tmp_path / str(at))
    ends = await _killed(tmp_path, FIRST, LAST)
    # The last step lies behind the run: so no step of it was missed.
    assert ends == [-signal.SIGKILL] * (LAST - FIRST) + [0]
    for at in range(FIRST, LAST + 1):
        await _runs_to_the_end(tmp_path / str(at))


async def _seeded(folder: Path) -> None:
    """A contact whose counterpart is there and does not show yet."""
    clock = ManualClock(NOW_MS - 60_000)
    a, b = servers(folder, clock)
    a.seed(name="Same Person", phone="+390212345678", email="same@example.com", company="Acme")
    b.seed(name="Same Person", phone="02 1234 5678", email="same@example.com", notes="kept")
    async with open_house(folder, clock, Killer(0)):
        pass


async def _killed(root: Path, first: int, last: int) -> list[int]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(TESTS / "sync" / "kill_child.py"),
        *(str(root), str(first), str(last)),
        env={"PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, sys.path)])},  # this very product
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await child.communicate()
    assert child.returncode == 0, errors.decode()
    # The product's own log lines come before it.
    ends: list[int] = json.loads(out.decode().splitlines()[-1])
    return ends


async def _runs_to_the_end(folder: Path) -> None:
    async with open_house(folder, ManualClock(NOW_MS + 600_000), Killer(0)) as home:
        reports = [await home.sync(), await home.sync()]
        assert [(each.state, each.problems) for each in reports] == [(RunState.DONE, ())] * 2
        assert home.mapped(home.a) == home.mapped(home.b)
        [record] = home.b.records.values()
        assert record.text("notes") == "kept"
        assert len(await home.stores.books.read(lambda c: links.page(c, "office", "", 9))) == 1
        assert await home.stores.books.read(lambda c: journal.open_entries(c, "office")) == []
        with home.b.no_write_due():
            assert (await home.sync()).writes == 0
