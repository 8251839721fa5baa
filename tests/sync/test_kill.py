"""S3, S4, S6: killed at any step and run again, there is no duplicate and nothing is missing."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
from pathlib import Path

import pytest

from linedesk.clock import ManualClock
from linedesk.store import journal
from linedesk.sync.model import RunState
from sync.engine_house import House
from sync.kill_child import NOW_MS, Killer, open_house, servers

TESTS = Path(__file__).parent.parent
NEW = 5


@pytest.mark.parametrize(("mode", "first", "last"), [("ids", 1, 34), ("no-ids", 14, 25)])
@pytest.mark.timeout(180)
async def test_S03_S06_killed_at_any_step_nothing_is_lost_or_doubled(
    tmp_path: Path, mode: str, first: int, last: int
) -> None:
    """Each checkpoint of a run is a step, and each request that reached the system that is written to."""
    template = tmp_path / "template"
    template.mkdir()
    await _seeded(template, mode)
    for at in range(first, last + 1):
        shutil.copytree(template, tmp_path / str(at))
    ends = await _killed(tmp_path, mode, first, last)
    assert ends == [-signal.SIGKILL] * (last - first + 1)
    doubtful = 0
    for at in range(first, last + 1):
        doubtful += await _runs_to_the_end(tmp_path / str(at), mode)
    # Between the intent and the local record a write is in doubt; without such points this proves little.
    assert doubtful >= (last - first) / 2


async def _seeded(folder: Path, mode: str) -> None:
    """Contacts to be made, one to be paired and changed, one to be linked as it is; and an empty store."""
    clock = ManualClock(NOW_MS - 3_600_000)
    a, b = servers(folder, clock)
    for number in range(NEW):
        a.seed(name=f"New Person {number}", phone=f"+39021234560{number}")
    a.seed(name="Same Person", phone="+390212345678", email="same@example.com", company="Acme")
    b.seed(name="Same Person", phone="02 1234 5678", notes="kept")
    a.seed(name="Equal Person", email="equal@example.com")
    b.seed(name="Equal Person", email="equal@example.com")
    async with open_house(folder, mode, clock, Killer(0)):
        pass


async def _killed(root: Path, mode: str, first: int, last: int) -> list[int]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(TESTS / "sync" / "kill_child.py"),
        *(str(root), mode, str(first), str(last)),
        env={"PYTHONPATH": str(TESTS)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await child.communicate()
    assert child.returncode == 0, errors.decode()
    # The product's own log lines come before it.
    ends: list[int] = json.loads(out.decode().splitlines()[-1])
    return ends


async def _runs_to_the_end(folder: Path, mode: str) -> int:
    """Run again, and once more; answers how many writes the killed run left in doubt."""
    clock = ManualClock(NOW_MS + 600_000)
    async with open_house(folder, mode, clock, Killer(0)) as home:
        doubtful = await home.stores.books.read(lambda c: journal.open_entries(c, "office"))
        report = await home.sync()
        assert (report.state, report.problems) == (RunState.DONE, ())
        await _is_whole(home)
        rows = await home.journal_rows()
        with home.b.no_write_due():
            assert (await home.sync()).writes == 0
        assert await home.journal_rows() == rows
        return len(doubtful)


async def _is_whole(home: House) -> None:
    assert home.mapped(home.a) == home.mapped(home.b)
    assert len(home.b.records) == NEW + 2
    assert "kept" in {record.text("notes") for record in home.b.records.values()}
    assert await home.stores.books.read(lambda c: journal.open_entries(c, "office")) == []
    for contact in (await home.directory.search("Person", None, 50, home.plan)).items:
        assert contact.book == "crm"
    assert await home.directory.count() == NEW + 2
