"""A two-way sync between Freshdesk and a PBX on real sockets, whose process is killed at random moments.

People edit both systems meanwhile. Every value they type ends with a number that no other has, so that each
can be followed: in one of the systems or in the journal.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from linedesk.numbers import NumberPlan, read
from sync.kill_world import NOWHERE, Point, Syncs, World

FIELDS = {"name": "name", "email": "email", "phone": "office", "mobile": "mobile"}
LONGEST_S = 1.2  # about what a run takes here; a later kill finds the run at its end
PLAN = NumberPlan("GB")
_SERIAL = re.compile(r"(\d{6})(?=@|$)")


class TwoWayWorld(World):
    """The world of the one-way kills, with a connection that writes both sides. Nothing in it lags."""

    def file(self, *, external_ids: bool) -> str:
        text = (
            super()
            .file(external_ids=external_ids)
            .replace('app = "freshdesk"', 'app = "freshdesk"\nvisibility_lag_s = 0')
        )
        return text + 'direction = "two-way"\nevery_s = 0\n'


class Crowd:
    """The users of both systems. `owner`: number of a value -> person."""

    def __init__(self, here: World, seed: int) -> None:
        self.here = here
        self.chance = random.Random(seed)
        self.owner: dict[int, int] = {}
        self.people = 0

    def value(self, person: int, name: str) -> str:
        serial = 100_000 + len(self.owner)
        self.owner[serial] = person
        words = {"email": f"p{serial}@example.com", "phone": f"+442079{serial}", "mobile": f"+447911{serial}"}
        return words.get(name, f"Person {serial}")

    def add(self) -> None:
        self.people += 1
        fields = {name: self.value(self.people, name) for name in FIELDS}
        if self.chance.random() < 0.5:
            self.here.add(**fields)
        else:
            self._enter({FIELDS[name]: text for name, text in fields.items()})

    def edit(self) -> None:
        """One field of one record of either side; the other side's may be edited just as well."""
        name = self.chance.choice(list(FIELDS))
        if self.chance.random() < 0.5 and self.here.crm.people:
            person = self.chance.choice(sorted(self.here.crm.people.values(), key=lambda each: each.id))
            self.here.edit(person, **{name: self.value(self._owner_of([person.name]), name)})
        elif rows := self.here.entries():
            row = self.chance.choice(sorted(rows, key=lambda each: int(each["id"])))
            typed = {FIELDS[name]: self.value(self._owner_of([row["name"]]), name)}
            self.here.pbx.books.update(int(row["id"]), typed, int(time.time()))

    def _enter(self, fields: dict[str, str]) -> None:
        self.here.pbx.books.add(self.here.book_id, fields, int(time.time()))

    def _owner_of(self, texts: list[str]) -> int:
        found = [int(match.group(1)) for text in texts if (match := _SERIAL.search(text))]
        return self.owner[found[0]]

    # What is there

    def held(self) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        """The mapped fields of both systems' records, in one spelling."""
        crm = [
            {name: canonical(name, getattr(each, name)) for name in FIELDS}
            for each in self.here.crm.people.values()
        ]
        book = [
            {name: canonical(name, row[there]) for name, there in FIELDS.items()}
            for row in self.here.entries()
        ]
        return crm, book

    def seen(self) -> set[str]:
        return {text for side in self.held() for each in side for text in each.values() if text}

    def check_nothing_is_lost(self, before: set[str]) -> None:
        lost = before - self.seen() - journalled(self.here.folder)
        assert not lost, f"S04: {lost}"

    def check_at_rest(self) -> None:
        """Nobody is doubled, nobody is missing, and both sides say the same."""
        crm, book = self.held()
        for side in (crm, book):
            people = Counter(self._owner_of([each["name"]]) for each in side)
            assert max(people.values(), default=1) == 1, f"S06: {people}"
            assert len(people) == self.people, "S04"
        apart = set(_in_order(crm)) ^ set(_in_order(book))
        assert not apart, f"S01: {sorted(apart)}"


def canonical(name: str, text: str | None) -> str:
    if name in {"phone", "mobile"}:
        return read(text or "", PLAN).value or text or ""
    return " ".join((text or "").split()).casefold()


def journalled(folder: Path) -> set[str]:
    """Every text that a write of the sync overwrote."""
    with closing(sqlite3.connect(folder / "data" / "books.db")) as books:
        rows = [json.loads(row[0]) for row in books.execute("SELECT before FROM journal")]
    there = {here: name for name, here in FIELDS.items()}
    texts = [(there.get(name, name), text) for row in rows for name, text in row.items()]
    return {canonical(name, text) for name, text in texts if isinstance(text, str) and text}


async def killed_run(forks: Syncs, here: World, chance: random.Random) -> bool:
    """One run that is killed at a random moment of its life; answers whether it was before its end."""
    kind = chance.choice(["moment", "moment", "step", "before", "after"])
    if kind != "moment":
        return await forks.run(here, Point(kind, chance.randint(1, 12))) == -signal.SIGKILL
    run = asyncio.create_task(forks.run(here))
    await asyncio.sleep(0)
    delay_s = chance.uniform(0, LONGEST_S)
    killer = asyncio.create_task(_kill(here, delay_s))
    try:
        return await run == -signal.SIGKILL
    finally:
        killer.cancel()
        with suppress(asyncio.CancelledError):
            await killer


async def _kill(here: World, delay_s: float) -> None:
    assert here.process is not None
    pid = await here.process
    await asyncio.sleep(delay_s)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


async def whole_runs(forks: Syncs, here: World, times: int) -> list[dict[str, Any]]:
    """Runs that nobody kills; their reports."""
    assert await forks.run(here, NOWHERE, times=times) == 0
    reports: list[dict[str, Any]] = json.loads((here.folder / "reports.json").read_text())
    return reports


def _in_order(side: list[dict[str, str]]) -> list[tuple[str, ...]]:
    return sorted(tuple(each.values()) for each in side)
