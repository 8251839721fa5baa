"""Freshdesk and a PBX on real sockets, whose state lies in a folder, and a sync in a process of its own.

The servers can kill that process when a write of it arrives: before it has any effect, or after it has and
before the answer goes out.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from demo.freshdesk import ADMIN, KEYS
from linedesk.accounts.apply import Applier
from linedesk.accounts.edge import parse
from linedesk.clock import SystemClock
from linedesk.demo.crm.api import PREFIX
from linedesk.demo.crm.app import create_api
from linedesk.demo.crm.book import CrmBook
from linedesk.demo.crm.switching import CrmSwitchboard
from linedesk.demo.pbx.app import create_app, root_token
from linedesk.demo.pbx.exchange import Exchange
from linedesk.demo.pbx.listing import Listing
from linedesk.demo.pbx.state import State
from linedesk.demo.pbx.users import default_house
from linedesk.demo.seed import Person, Seed
from linedesk.demo.web import bind, running
from linedesk.parts import opened_parts
from linedesk.settings import load_settings

TESTS = Path(__file__).parent.parent
BOOK = "From the CRM"
FILE = """
[accounts.office]
app = "wildix"
url = "http://127.0.0.1:{pbx}"
region = "GB"
token = "{token}"
requests_per_s = 50
[accounts.crm]
app = "freshdesk"
url = "http://127.0.0.1:{crm}"
api_key = "{key}"
[accounts.book]
app = "wildix-phonebook"
pbx = "office"
phonebook = "{book}"
external_ids = {external_ids}
[connections.customers]
from = "crm"
to = "book"
"""


@dataclass(frozen=True, slots=True)
class Point:
    """Where the process is killed: at its own step, or at its `number`th write, `before` or `after` it."""

    where: str
    number: int

    def __str__(self) -> str:
        return f"{self.where}-{self.number}"


NOWHERE = Point("nowhere", 0)
WARM_UP = Point("in the process that forks", -1)


class World:
    """Both systems as they stand in `folder`; `ports`: of Freshdesk and of the PBX."""

    def __init__(self, folder: Path, ports: tuple[int, int]) -> None:
        self.folder = folder
        self.ports = ports
        self.crm = CrmBook(Seed(), folder / "crm.json", lambda: SystemClock().now_ms() / 1000)
        self.pbx = State.open(folder / "pbx.json")
        self.writes = 0
        self.point = NOWHERE
        self.process: asyncio.Future[int] | None = None

    def add(self, name: str, **fields: Any) -> Person:
        return self.crm.put(replace(self.crm.draft(), name=name, **fields))

    def edit(self, person: Person, **fields: Any) -> None:
        self.crm.put(replace(self.crm.people[person.id], **fields))

    @property
    def book_id(self) -> int:
        return next(each.id for each in self.pbx.books.phonebooks() if each.name == BOOK)

    def entries(self) -> list[dict[str, Any]]:
        """Every entry of the phonebook."""
        return [dict(row) for row in self.pbx.books.find(Listing(count=1_000_000), [self.book_id])[1]]

    def file(self, *, external_ids: bool) -> str:
        """The set-up of the two, as `linedesk apply` takes it."""
        crm, pbx = self.ports
        return FILE.format(
            pbx=pbx,
            crm=crm,
            token=root_token(self.pbx),
            key=ADMIN,
            book=BOOK,
            external_ids=str(external_ids).lower(),
        )

    @web.middleware
    async def between(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "GET":
            return await handler(request)
        self.writes += 1
        if self.point.number != self.writes or self.point.where not in {"before", "after"}:
            return await handler(request)
        assert self.process is not None
        answer = await handler(request) if self.point.where == "after" else web.Response(status=503)
        os.kill(await self.process, signal.SIGKILL)
        return answer


@asynccontextmanager
async def world(
    folder: Path, ports: tuple[int, int], kind: Callable[[Path, tuple[int, int]], World] | None = None
) -> AsyncIterator[World]:
    """Both systems, answering on their ports."""
    here = (kind or World)(folder, ports)
    clock = SystemClock()
    crm = web.Application()
    crm.router.add_route(
        "*", PREFIX + "/{tail:.*}", create_api(here.crm, CrmSwitchboard(), clock, KEYS).handle
    )
    pbx = create_app(Exchange(here.pbx, default_house(), clock), clock)
    for each in (crm, pbx):
        each.middlewares.insert(0, here.between)
    try:
        async with running(crm, bind(ports[0])), running(pbx, bind(ports[1])):
            yield here
    finally:
        here.pbx.books.close()


async def set_up(here: World, *, external_ids: bool) -> None:
    """A data folder with the accounts and the connection."""
    async with opened_parts(load_settings(data_dir=here.folder / "data"), SystemClock()) as parts:
        applier = Applier(parts.stores.books, parts.vault, parts.clock)
        file = parse(here.file(external_ids=external_ids), "test")
        await applier.write(file, await applier.plan(file), "test")


class Syncs:
    """Runs syncs, each in a process of its own."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def run(self, here: World, point: Point = NOWHERE, *, times: int = 1) -> int:
        """Sync `times` times, killed at `point`; answers the exit code."""
        here.point, here.writes = point, 0
        here.process = asyncio.get_running_loop().create_future()
        at = point.number if point.where in {"step", WARM_UP.where} else 0
        assert self._process.stdin is not None
        self._process.stdin.write(f"{here.folder} {at} {times}\n".encode())
        here.process.set_result(await self._number())
        return await self._number()

    async def _number(self) -> int:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert line, "the process that forks has ended"
        return int(line)


@asynccontextmanager
async def syncs(*, steady: bool = False) -> AsyncIterator[Syncs]:
    """The process that has everything loaded and forks. `steady`: each run has the same steps."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(TESTS / "sync" / "kill_wire_child.py"),
        *(["steady"] if steady else []),
        env={"PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, sys.path)])},  # this very product
        stdin=PIPE,
        stdout=PIPE,
    )
    try:
        yield Syncs(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
