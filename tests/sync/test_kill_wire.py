"""S3, S4, S6 on the wire: the real sync, killed at any point of its life, against servers on real sockets."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from linedesk.demo.web import bind, port_of
from sync.kill_world import BOOK, NOWHERE, WARM_UP, Point, Syncs, World, set_up, syncs, world

# 2 new people, 1 that was edited, 1 whose entry is there and lacks something, 1 whose entry is complete.
NEW, EDITED, WRITES = 2, 1, 4
FIRST_STEP = 7  # before it, both sides are read; tests of the reading cover that
GROUPS = 3  # the second has two writes: they share their intents' and their settlement's storing
STEPS = 7 + 1 + 2 * WRITES + GROUPS  # reading and planning, a link without a write, two of a write, settling
OPEN = {1: 1, 2: 2, 3: 2, WRITES: 1}  # number of a write -> open intents meanwhile
POINTS = [Point("step", number) for number in range(FIRST_STEP, STEPS + 1)]
POINTS += [Point(where, number) for where in ("before", "after") for number in range(1, WRITES + 1)]


@pytest.fixture(name="ports", scope="module")
def _ports() -> tuple[int, int]:
    sockets = bind(0), bind(0)
    ports = port_of(sockets[0]), port_of(sockets[1])
    for each in sockets:
        each.close()
    return ports


@pytest.fixture(name="forks")
async def _forks() -> AsyncIterator[Syncs]:
    async with syncs(steady=True) as running:
        yield running


@pytest.mark.timeout(300)
@pytest.mark.parametrize("external_ids", [True, False], ids=["ids", "no-ids"])
async def test_S03_S06_killed_at_any_point_nothing_is_lost_or_doubled(
    tmp_path: Path, ports: tuple[int, int], forks: Syncs, external_ids: bool
) -> None:
    template = await _template(tmp_path, ports, forks, external_ids=external_ids)
    points = POINTS if external_ids else [each for each in POINTS if each.where != "step"]
    doubtful = 0
    for point in points:
        async with _copy(template, point, ports) as here:
            assert await forks.run(here, point) == -signal.SIGKILL, point
            doubtful += _open_entries(here)
            await _comes_to_rest(here, forks, point)
    # Between the intent and the local record a write is in doubt; without such points this proves little.
    in_doubt = 2 * sum(OPEN.values())
    assert (len(points), doubtful) == ((21, 2 * in_doubt) if external_ids else (8, in_doubt))


@pytest.mark.timeout(180)
async def test_S03_killed_in_its_own_recovery_it_recovers_the_next_time(
    tmp_path: Path, ports: tuple[int, int], forks: Syncs
) -> None:
    template = await _template(tmp_path, ports, forks, external_ids=True)
    for first in (Point("after", 1), Point("after", 2), Point("after", WRITES)):
        cut = tmp_path / f"cut-{first}"
        shutil.copytree(template, cut)
        async with world(cut, ports) as here:
            assert await forks.run(here, first) == -signal.SIGKILL
            assert _open_entries(here) == OPEN[first.number]
        for number in range(FIRST_STEP - 1, FIRST_STEP + 2):
            second = Point("step", number)
            async with _copy(cut, second, ports) as here:
                assert await forks.run(here, second) == -signal.SIGKILL
                await _comes_to_rest(here, forks, second)


async def _template(root: Path, ports: tuple[int, int], forks: Syncs, *, external_ids: bool) -> Path:
    """A folder with a first sync behind it, and everything that a sync may have to do before it."""
    folder = root / "template"
    folder.mkdir()
    async with world(folder, ports) as here:
        here.pbx.books.add_phonebook(BOOK)
        await set_up(here, external_ids=external_ids)
        old = [here.add(f"Old {n}", phone=f"+39021234560{n}") for n in range(EDITED)]
        assert await forks.run(here, WARM_UP) == 0
        assert [each["writes"] for each in _reports(here)] == [EDITED]
        for number, person in enumerate(old):
            here.edit(person, name=f"Edited {number}", email=f"old{number}@example.com")
        for number in range(NEW):
            here.add(f"New {number}", phone=f"+39029876540{number}", email=f"new{number}@example.com")
        here.add("Same Person", email="same@example.com", mobile="+393331234567")
        here.add("Equal Person", email="equal@example.com")
        now_s = 1_700_000_000
        here.pbx.books.add(
            here.book_id, {"name": "Same Person", "email": "same@example.com", "fax": "kept"}, now_s
        )
        here.pbx.books.add(here.book_id, {"name": "Equal Person", "email": "equal@example.com"}, now_s)
    # How many steps there are is checked once, so that no point is missed and none lies behind the end.
    async with _copy(template := folder, NOWHERE, ports) as here:
        assert await forks.run(here) == 0
        [report] = _reports(here)
        assert (report["steps"], report["writes"], here.writes) == (STEPS, WRITES, WRITES)
    return template


def _copy(template: Path, point: Point, ports: tuple[int, int]) -> Any:
    folder = template.parent / f"{template.name}-{point}"
    shutil.copytree(template, folder)
    return world(folder, ports)


def _reports(here: World) -> list[dict[str, Any]]:
    reports: list[dict[str, Any]] = json.loads((here.folder / "reports.json").read_text())
    return reports


def _open_entries(here: World) -> int:
    """Without the store, whose opening would take most of the time of a point."""
    with closing(sqlite3.connect(here.folder / "data" / "books.db")) as books:
        (count,) = books.execute("SELECT count(*) FROM journal WHERE state = 'open'").fetchone()
    return int(count)


async def _comes_to_rest(here: World, forks: Syncs, point: Point) -> None:
    """Run again, and once more: everybody is there once, and the last run writes nothing."""
    assert await forks.run(here, times=2) == 0, point
    first, second = _reports(here)
    assert (first["state"], first["errors"]) == ("done", []), point
    assert (second["state"], second["writes"], here.writes) == ("done", 0, first["writes"]), point
    entries = {row["name"]: row for row in here.entries()}
    assert len(here.entries()) == len(entries) == len(here.crm.people), point
    for person in here.crm.people.values():
        row = entries[person.name]
        held = row["email"] or "", row["office"] or "", row["mobile"] or ""
        assert held == (person.email, person.phone, person.mobile), point
    assert entries["Same Person"]["fax"] == "kept"
    assert _open_entries(here) == 0
