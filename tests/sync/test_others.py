"""Connections that share an account, at the same moment: nobody is made there twice (S6, S16)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from contract.memory import FIELDS, Fault, MemoryApp, MemoryServer
from linedesk.store import connections
from linedesk.store.database import Database
from linedesk.sync.copies import load_links
from linedesk.sync.engine import Ask
from linedesk.sync.model import PairBy, RunReport, RunState
from sync.engine_house import OFFICE, SOURCE, House, house
from sync.memory_stores import memory_stores

ADA = {"name": "Ada Example", "email": "ada@example.com", "phone": "+39 02 1234 5678"}
BOB = {"name": "Bob Example", "email": "bob@example.com"}
SALES = replace(OFFICE, name="sales", a="shop")


class Together:
    """Lets runs go on only when so many have come to a step."""

    def __init__(self, step: str, count: int) -> None:
        self._step = step
        self._lacking = count
        self._all_here = asyncio.Event()

    async def __call__(self, step: str) -> None:
        if step == self._step:
            self._lacking -= 1
            if self._lacking <= 0:
                self._all_here.set()
            await self._all_here.wait()


async def with_shop(home: House) -> MemoryServer:
    """A second source of the same book."""
    server = MemoryServer(home.clock)
    home.apps["shop"] = MemoryApp(
        home.clock, account="shop", capabilities=SOURCE, fields=FIELDS, server=server
    )
    home.connections["sales"] = SALES
    await home.stores.books.write(lambda c: connections.put(c, SALES, 0))
    return server


async def both(home: House) -> list[RunReport]:
    home.clock.advance(60)
    async with asyncio.timeout(20):
        return list(
            await asyncio.gather(*(home.engine.run(name, Ask(actor="test")) for name in ("office", "sales")))
        )


@pytest.mark.parametrize("step", ["planned", "intent"])
async def test_S06_two_connections_that_planned_the_same_person_make_her_once_and_both_link_her(
    step: str,
) -> None:
    async with house(Path(), stores=memory_stores()) as home:
        shop = await with_shop(home)
        home.a.seed(**ADA)
        shop.seed(**ADA)
        shop.seed(**BOB)
        home.engine = home.new_engine(Together("planned", 2) if step == "planned" else _slow_intents)
        reports = await both(home)
        assert [each.state for each in reports] == [RunState.DONE] * 2
        assert sum(each.writes for each in reports) == 2
        home.engine = home.new_engine()
        await both(home)
        assert sorted(each.text("name") for each in home.b.active) == ["Ada Example", "Bob Example"]
        assert await _links(home.stores.books) == {"office": 1, "sales": 2}
        with home.b.no_write_due():
            await both(home)


async def _slow_intents(step: str) -> None:
    if step == "intent":
        await asyncio.sleep(0.02)


async def test_S06_people_who_would_not_be_paired_are_both_made() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        shop = await with_shop(home)
        home.a.seed(**ADA)
        shop.seed(name="Ada Example")
        home.connections["office"] = replace(OFFICE, pair_by=(PairBy.EMAIL,))
        await home.stores.books.write(lambda c: connections.put(c, home.connections["office"], 0))
        home.engine = home.new_engine(Together("planned", 2))
        assert sum(each.writes for each in await both(home)) == 2
        assert len(home.b.active) == 2


async def test_S16_what_the_other_connection_was_refused_is_made_in_the_next_run() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        shop = await with_shop(home)
        home.a.seed(**ADA)
        shop.seed(**ADA)
        home.b.faults.script("create", Fault.REFUSE)
        home.engine = home.new_engine(Together("planned", 2))
        await both(home)
        home.engine = home.new_engine()
        await both(home)
        assert [each.text("name") for each in home.b.active] == ["Ada Example"]


async def _links(books: Database) -> dict[str, int]:
    return {name: len(await load_links(books, name)) for name in ("office", "sales")}
