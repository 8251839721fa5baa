"""What a run asks of Freshdesk and of a Wildix phonebook: the real adapters over real sockets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from contract.rig_freshdesk import FreshdeskRig, freshdesk_rig
from contract.rig_phonebook import PhonebookRig, phonebook_rig
from linedesk.apps import freshdesk, wildix_phonebook
from linedesk.clock import ManualClock
from linedesk.contacts.directory import Directory
from linedesk.numbers import NumberPlan
from linedesk.store import connections
from linedesk.store.migrate import open_stores
from linedesk.sync.engine import SCHEDULE, Ask, Engine
from linedesk.sync.model import Connection, Direction, RunReport, RunState
from linedesk.sync.policies import Brakes

OFFICE = Connection("office", "crm", "book", Direction.BOTH, brakes=Brakes(0, 0, 0, 0))
MOST = 1.2

# What nobody can do without. Freshdesk lists what changed by state: active, blocked, in the bin; and its
# companies. The PBX names its phonebooks, so that another of the same name is not taken for this one, and
# lists what changed. Neither API can write only upon what was read, so each record is read right before it is
# overwritten (S4). Freshdesk answers a write with the whole contact; the PBX with its id alone, so it is read
# back.
QUIET = {"crm": 3 + 1, "book": 1 + 1}
A_WRITE = {"crm": 2, "book": 3}


@dataclass
class World:
    """Both systems, as their users have them, and an engine between."""

    crm: FreshdeskRig
    book: PhonebookRig
    engine: Engine
    clock: ManualClock

    async def sync(self, actor: str = SCHEDULE) -> RunReport:
        self.pass_time(60)
        report = await self.engine.run("office", Ask(actor=actor))
        assert report.state is RunState.DONE, report.sentence
        return report

    def pass_time(self, seconds: float) -> None:
        for clock in (self.clock, self.crm.clock, self.book.clock):
            clock.advance(seconds)

    async def asked(self) -> tuple[RunReport, dict[str, int]]:
        """One scheduled run, and how many requests each side got."""
        for rig in (self.crm, self.book):
            rig.wire.asked.clear()
        report = await self.sync()
        return report, {"crm": len(self.crm.wire.asked), "book": len(self.book.wire.asked)}

    def kinds(self) -> dict[str, Counter[str]]:
        """What was asked, ids left out: for whoever looks where requests go."""
        return {
            name: Counter(f"{method} {re.sub(r'[0-9]+', 'N', path)}" for method, path in rig.wire.asked)
            for name, rig in (("crm", self.crm), ("book", self.book))
        }


@asynccontextmanager
async def world(folder: Path, people: int) -> AsyncIterator[World]:
    stores, clock = await open_stores(folder), ManualClock()
    async with freshdesk_rig(5.0) as crm, phonebook_rig(5.0) as book:
        apps = {"crm": crm.app, "book": book.app}
        kinds = {"crm": freshdesk.KIND, "book": wildix_phonebook.KIND}
        await stores.books.write(lambda c: connections.put(c, OFFICE, 0))
        engine = Engine(
            stores.books,
            clock,
            Directory(stores.books),
            connection_of=lambda _: OFFICE,
            app_of=apps.__getitem__,
            kind_of=kinds.__getitem__,
            plan_of=lambda _: NumberPlan("IT"),
        )
        for number in range(people):
            crm.add(f"Person {number} Example")
        each = World(crm, book, engine, clock)
        try:
            await each.sync("a person")
            each.pass_time(1200)
            await each.sync()
            yield each
        finally:
            await stores.close()


def edit(each: World, count: int) -> None:
    """`count` people are renamed on each side, none on both."""
    ids = sorted(each.crm.names())
    for record_id in ids[:count]:
        person = each.crm.book.people[int(record_id)]
        each.crm.book.put(replace(person, name=f"{person.name} the Elder"))
    renamed = {each.crm.book.people[int(record_id)].phone for record_id in ids[count : 2 * count]}
    for record_id, name in each.book.names().items():
        if each.book.row(record_id)["office"] in renamed:
            each.book.rename(record_id, f"{name} the Younger")


async def test_a_quiet_run_asks_the_least(tmp_path: Path) -> None:
    async with world(tmp_path, 30) as each:
        report, asked = await each.asked()
        assert report.writes == 0
        assert asked == QUIET, each.kinds()


@pytest.mark.parametrize("count", [1, 8])
async def test_a_run_asks_hardly_more_than_the_two_apis_need_for_its_changes(
    tmp_path: Path, count: int
) -> None:
    async with world(tmp_path, 2 * count + 5) as each:
        edit(each, count)
        report, asked = await each.asked()
        assert report.writes == 2 * count
        least = {name: QUIET[name] + A_WRITE[name] * count for name in QUIET}
        assert sum(asked.values()) <= MOST * sum(least.values()), each.kinds()
        quiet, asked = await each.asked()
        assert (quiet.writes, asked) == (0, QUIET), each.kinds()
