"""What a run between a Freshdesk and a Wildix phonebook asks of the two, by how many records changed.

Both are simulators, asked over real sockets by the real adapters. The floor is what nobody can do without:

- in each run 3 lists of contacts that changed (active, blocked, in the bin) and one of companies; the list of
  phonebooks, so that another one of the same name is not taken for this one, and the contacts that changed;
- for each write a look at the record right before, since neither API can write only upon what was read, and
  the write; Freshdesk answers it with the whole contact, the PBX with its id alone, so it is read back there.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import SecretStr

from bench.stage import PLAN
from bench.table import Row
from linedesk.accounts.model import PbxAccount, TokenCredential, TokenKind
from linedesk.addresses import Reach
from linedesk.apps import freshdesk, wildix_phonebook
from linedesk.apps.base import App
from linedesk.apps.freshdesk import Freshdesk, FreshdeskSettings
from linedesk.apps.kind import AccountContext
from linedesk.apps.wildix_phonebook import open_phonebook
from linedesk.apps.wildix_phonebook_settings import PhonebookSettings
from linedesk.clock import ManualClock
from linedesk.contacts.directory import Directory
from linedesk.demo.crm.api import PREFIX, ApiAgent
from linedesk.demo.crm.app import create_api
from linedesk.demo.crm.book import CrmBook
from linedesk.demo.crm.switching import CrmSwitchboard
from linedesk.demo.pbx.app import create_app, root_token
from linedesk.demo.pbx.books import Books
from linedesk.demo.pbx.exchange import Exchange
from linedesk.demo.pbx.listing import Listing
from linedesk.demo.pbx.state import State
from linedesk.demo.pbx.users import default_house
from linedesk.demo.seed import make_seed
from linedesk.demo.web import bind, port_of, running
from linedesk.pbx.wildix.client import WildixClient
from linedesk.store import connections
from linedesk.store.migrate import open_stores
from linedesk.sync.engine import SCHEDULE, Ask, Engine
from linedesk.sync.model import Connection, Direction, RunReport, RunState
from linedesk.sync.policies import Brakes

_MOST = 1.2
_A_RUN, _A_PAIR = (3 + 1) + (1 + 1), (1 + 1) + (1 + 1 + 1)
_KEY = "a-key-of-the-benchmark"
_OFFICE = Connection("office", "crm", "book", Direction.BOTH, brakes=Brakes(0, 0, 0, 0))


class _Flying(ManualClock):
    """Whoever waits for a budget wakes at once: requests are counted here, not timed."""

    async def sleep(self, seconds: float) -> None:
        self.advance(max(seconds, 0.0))
        await asyncio.sleep(0)


@dataclass
class _World:
    crm: CrmBook
    books: Books
    book_id: int
    engine: Engine
    clocks: tuple[ManualClock, ...]
    asked: int = 0

    async def sync(self, actor: str = SCHEDULE) -> RunReport:
        for clock in self.clocks:
            clock.advance(60)
        report = await self.engine.run(_OFFICE.name, Ask(actor=actor))
        if report.state is not RunState.DONE:
            raise RuntimeError(report.sentence)
        return report

    def edit(self, count: int) -> None:
        """Rename `count` people on each side, none on both."""
        people = sorted(self.crm.people.values(), key=lambda each: each.id)
        for person in people[:count]:
            self.crm.put(replace(person, name=f"{person.name} I"))
        rows = self.books.find(Listing(count=1_000_000), [self.book_id])[1]
        there = {str(row["name"]): row for row in rows}
        theirs = [there[person.name] for person in people[count:] if person.name in there][:count]
        for row in theirs:
            self.books.update(int(row["id"]), {"name": f"{row['name']} II"}, self.clocks[-1].now_ms() // 1000)


async def measure(counts: tuple[int, ...] = (0, 1, 10, 100)) -> list[Row]:
    """A row: the requests of runs with so many changed records a side, and the least."""
    with tempfile.TemporaryDirectory() as folder:
        async with _world(Path(folder), 3 * max(counts) + 10) as world:
            await world.sync("a person")
            await world.sync()
            made = [await _changed(world, count) for count in counts]
    least = [float(_A_RUN + _A_PAIR * count) for count in counts]
    return [
        Row(
            f"requests of a run with {', '.join(map(str, counts))} changed a side, Freshdesk and phonebook",
            made,
            "the least the two APIs allow",
            least,
            f"<= {_MOST} x the least",
            all(each <= _MOST * floor for each, floor in zip(made, least, strict=True)),
            unit="requests",
        )
    ]


async def _changed(world: _World, count: int) -> float:
    world.edit(count)
    world.asked = 0
    report = await world.sync()
    if report.writes != 2 * count:
        raise RuntimeError(f"{2 * count} records were changed and {report.writes} written")
    return float(world.asked)


@asynccontextmanager
async def _world(folder: Path, people: int) -> AsyncIterator[_World]:
    clock, far = ManualClock(), _Flying()
    crm, state = CrmBook(make_seed(people), None, lambda: far.now_ms() / 1000), State.open(None)
    book_id = state.books.add_phonebook("From the CRM")
    worlds: list[_World] = []

    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        for world in worlds:
            world.asked += 1
        return await handler(request)

    async with AsyncExitStack() as stack:
        agents = {_KEY: ApiAgent(1001, "Anna Admin", "anna@example.test")}
        site = web.Application(client_max_size=1_000_000)
        site.router.add_route(
            "*", PREFIX + "/{tail:.*}", create_api(crm, CrmSwitchboard(), far, agents).handle
        )
        pbx = create_app(Exchange(state, default_house(), far), far)
        urls = [await _serve(stack, each, counted) for each in (site, pbx)]
        client = _client(urls[1], root_token(state), far)
        stack.push_async_callback(client.close)
        apps = _apps(urls[0], book_id, client, far)
        for app in apps.values():
            stack.push_async_callback(app.close)
        stores = await open_stores(folder)
        stack.push_async_callback(stores.close)
        await stores.books.write(lambda c: connections.put(c, _OFFICE, 0))
        kinds = {"crm": freshdesk.KIND, "book": wildix_phonebook.KIND}
        engine = Engine(
            stores.books,
            clock,
            Directory(stores.books),
            connection_of=lambda _: _OFFICE,
            app_of=apps.__getitem__,
            kind_of=kinds.__getitem__,
            plan_of=lambda _: PLAN,
        )
        worlds.append(_World(crm, state.books, book_id, engine, (clock, far)))
        yield worlds[0]


async def _serve(stack: AsyncExitStack, site: web.Application, counted: Any) -> str:
    site.middlewares.insert(0, counted)
    listening = bind(0)
    await stack.enter_async_context(running(site, listening))
    return f"http://127.0.0.1:{port_of(listening)}"


def _client(url: str, token: str, clock: ManualClock) -> WildixClient:
    credential = TokenCredential(TokenKind.SIMPLE, token)
    account = PbxAccount("office", url, PLAN, credential=credential, requests_per_s=1000, private=True)
    return WildixClient.for_account(account, timeout_s=10, clock=clock, loopback=True)


def _apps(url: str, book_id: int, client: WildixClient, clock: ManualClock) -> dict[str, App]:
    def context(name: str, url: str, settings: Any) -> AccountContext:
        return AccountContext(
            name=name,
            who=name,
            url=url,
            settings=settings,
            plan=PLAN,
            clock=clock,
            timeout_s=10.0,
            reach=Reach(loopback=True),
            pbx=lambda _: client,
        )

    key = FreshdeskSettings(api_key=SecretStr(_KEY))
    place = PhonebookSettings(pbx="office", phonebook=str(book_id))
    return {
        "crm": Freshdesk(context("crm", url, key)),
        "book": open_phonebook(context("book", "", place)),
    }
