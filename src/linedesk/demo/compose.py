"""`linedesk demo` put together: two simulators and the service between them, in one process.

Everything that must outlive a kill is on the data folder before `running` gives control to its caller.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from linedesk.apps.registry import REGISTRY
from linedesk.clock import Clock
from linedesk.demo import memory as memories
from linedesk.demo.crm import app as crm_app
from linedesk.demo.crm.api import ApiAgent
from linedesk.demo.crm.book import BOOK, IN_DIRECTORY, CrmBook
from linedesk.demo.crm.pages import Place
from linedesk.demo.crm.start import DemoAgent
from linedesk.demo.crm.switching import CrmSwitchboard
from linedesk.demo.memory import ACCOUNT, Memory
from linedesk.demo.pbx.app import hook_secret, oauth_application, pbx_sim, phonebook_id, root_token
from linedesk.demo.pbx.state import State
from linedesk.demo.pbx.users import House, default_house
from linedesk.demo.seed import Person, make_seed
from linedesk.demo.setting_up import CONNECTION, PLAN, Addresses, PbxKeys, set_up
from linedesk.demo.web import bind, port_of
from linedesk.main import service
from linedesk.service import Service
from linedesk.settings import load_settings

DEFAULT_PORT = 8420
DEFAULT_CONTACTS = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for. `port` None: the usual one, or another if that is taken."""

    data: Path
    port: int | None = None
    contacts: int = DEFAULT_CONTACTS
    seed: int = 1
    schedule: bool = True


@dataclass(frozen=True, slots=True)
class Running:
    """A demo that is ready. `start_page` is what a person opens; `ready` is the contract's ready line."""

    start_page: str
    ready: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Sockets:
    pbx: socket.socket
    crm: socket.socket
    service_port: int

    @property
    def addresses(self) -> Addresses:
        return Addresses(
            service=f"http://127.0.0.1:{self.service_port}",
            pbx=f"http://127.0.0.1:{port_of(self.pbx)}",
            crm=crm_app.crm_url(self.crm),
        )

    def remembered(self, memory: Memory) -> Memory:
        return memory.with_ports(service=self.service_port, pbx=port_of(self.pbx), crm=port_of(self.crm))

    def close(self) -> None:
        self.pbx.close()
        self.crm.close()


@asynccontextmanager
async def running(wish: Wish, clock: Clock) -> AsyncIterator[Running]:
    """Run the whole demo. Raises `PortInUse`, `UserError` (another demo on the folder) or `StoreError`."""
    with memories.alone(wish.data) as folder:
        memory = memories.recall(wish.data, seed=wish.seed, contacts=wish.contacts)
        sockets = _sockets(wish, memory)
        try:
            async with _parts(wish, folder, memory, sockets, clock) as demo:
                yield demo
        finally:
            sockets.close()


@asynccontextmanager
async def _parts(
    wish: Wish, folder: Path, memory: Memory, sockets: _Sockets, clock: Clock
) -> AsyncIterator[Running]:
    data, addresses, house = wish.data, sockets.addresses, default_house()
    state = State.open(folder / "pbx.json", memory.seed)
    book = CrmBook(
        make_seed(memory.contacts, memory.seed), folder / "crm.json", lambda: clock.now_ms() / 1000
    )
    keys = _pbx_keys(state, addresses)
    moved = memory.crm_port != port_of(sockets.crm)
    memory = await set_up(
        data,
        memory,
        addresses,
        house=house,
        book=book,
        keys=keys,
        moved=moved,
        clock=clock,
    )
    memory = sockets.remembered(memory)
    memories.remember(data, memory)
    config = memories.write_config(data, memory)
    # Given again as overrides: what a shell's environment says is meant for the real service.
    settings = load_settings(
        config, data_dir=data, host="127.0.0.1", port=sockets.service_port, public_url=addresses.service
    )
    saved = _Saved(book, addresses.crm, schedule=wish.schedule)
    site = _site(folder, memory, addresses, book=book, saved=saved, house=house, clock=clock)
    async with (
        # The simulators first: a sync is due as soon as the service runs.
        pbx_sim(clock, sockets.pbx, state, house=house, pages=frozenset({addresses.crm})),
        crm_app.crm_sim(site, sockets.crm) as start_page,
        service(settings, clock, schedule=wish.schedule) as running_service,
    ):
        saved.service = running_service
        connections = [each.name for each in running_service.accounts.connections()]
        ready = {**_ready(memory, addresses, keys), "connections": connections}
        ready |= {"config": str(config), "data": str(data)}
        yield Running(start_page, ready)


class _Saved:
    """What follows when a person saves a contact on the CRM's page. `service`: from when it runs."""

    def __init__(self, book: CrmBook, crm: str, *, schedule: bool) -> None:
        self.service: Service | None = None
        self._book = book
        self._crm = crm
        self._schedule = schedule

    async def __call__(self, person: Person) -> None:
        if self.service is None:
            return  # its first sync will read the contact
        if self._schedule:
            self.service.scheduler.nudge(CONNECTION)
        else:
            # No sync brings it by itself, and whoever saves a caller expects the name at the next call.
            directory = self.service.directory
            if person.state not in IN_DIRECTORY:
                await directory.remove(BOOK, [str(person.id)])
                return
            contact = self._book.contact(person, self._crm, REGISTRY[BOOK].info)
            await directory.put([contact], PLAN)


def _site(
    folder: Path,
    memory: Memory,
    addresses: Addresses,
    *,
    book: CrmBook,
    saved: _Saved,
    house: House,
    clock: Clock,
) -> web.Application:
    return crm_app.create_app(
        book=book,
        switchboard=CrmSwitchboard(folder / "crm-switches.json"),
        place=Place(addresses.service, addresses.pbx, memory.instance),
        agents=_agents(memory, house),
        admin=(memory.admin.user, memory.admin.password),
        clock=clock,
        saved=saved,
        keys={memory.api_key: ApiAgent(1001, "Linedesk", "linedesk@crm.example")},
    )


def _sockets(wish: Wish, memory: Memory) -> _Sockets:
    service_port = _service_port(wish.port, memory.service_port)
    pbx = bind(memory.pbx_port, else_any=True)
    try:
        return _Sockets(pbx, bind(memory.crm_port, else_any=True), service_port)
    except BaseException:
        pbx.close()
        raise


def _service_port(wished: int | None, remembered: int) -> int:
    """A port that is free now; only one that was asked for by number is insisted on."""
    insist = bool(wished)
    first = wished or remembered or (DEFAULT_PORT if wished is None else 0)
    with bind(first, else_any=not insist) as trial:
        return port_of(trial)


def _agents(memory: Memory, house: House) -> dict[str, DemoAgent]:
    agents = {}
    for index, each in enumerate(memory.agents):
        slot = "main" if index == 0 else each.user
        name = house.users[each.extension].name.split()[0]
        agents[slot] = DemoAgent(name, each.extension, slot, each.user, each.password, each.token)
    return agents


def _pbx_keys(state: State, addresses: Addresses) -> PbxKeys:
    return PbxKeys(
        token=root_token(state),
        hook_secret=hook_secret(state, _hook(addresses)),
        sign_in=oauth_application(state, f"{addresses.service}/sign-in/wildix/done"),
        phonebook=phonebook_id(state),
    )


def _hook(addresses: Addresses) -> str:
    return f"{addresses.service}/hooks/wildix/{ACCOUNT}"


def _ready(memory: Memory, addresses: Addresses, keys: PbxKeys) -> dict[str, Any]:
    return {
        "service": addresses.service,
        "pbx": {"url": addresses.pbx, "token": keys.token, "phonebook": keys.phonebook},
        "apps": {BOOK: {"url": addresses.crm, "credentials": {"api_key": memory.api_key}}},
        "hook": {"url": _hook(addresses), "secret": keys.hook_secret},
        "agents": [
            {
                "extension": each.extension,
                "token": each.token,
                "user": each.user,
                "password": each.password,
            }
            for each in memory.agents
        ],
        "admin": {"user": memory.admin.user, "password": memory.admin.password},
    }
