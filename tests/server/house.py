"""A small house around the server: real tokens, sessions, bus and sockets; everything else plays along."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from prometheus_client import CollectorRegistry

from linedesk.agents.model import Agent, OpenPage, Role
from linedesk.agents.sessions import BROWSER, Sessions
from linedesk.agents.tokens import API, Tokens
from linedesk.agents.wildix_sign_in import WildixSignIn
from linedesk.bus.local import LocalBus
from linedesk.clock import ManualClock
from linedesk.errors import LinedeskError, NotSignedIn, TooMany
from linedesk.messages import Catalogue
from linedesk.numbers.model import NumberPlan
from linedesk.server.app import create_app
from linedesk.server.assets import Asset, Assets
from linedesk.server.listen import listening
from linedesk.server.metrics import Metrics
from linedesk.server.services import AppHooks, Services
from linedesk.server.sockets import SOCKETS, Sockets
from linedesk.settings import Settings
from linedesk.store import agents as agent_rows
from linedesk.store.database import Database
from linedesk.store.tables import books_metadata

CRM = "http://crm.example.test:8099"
LUCA = Agent("agent-luca", "luca", "Luca Rossi", Role.AGENT, account="office", extension="201")
MIA = Agent("agent-mia", "mia", "Mia Weiß", Role.AGENT, account="office", extension="202")
PASSWORD = "correct horse battery"
SECRETS = ("secret-new", "secret-old")


@dataclass
class FakeHookAccount:
    webhook_secrets: tuple[str, ...]


@dataclass
class FakeAccounts:
    hooks: dict[str, FakeHookAccount] = field(
        default_factory=lambda: {"office": FakeHookAccount(SECRETS), "deaf": FakeHookAccount(())}
    )
    listed: frozenset[str] = frozenset({CRM})

    def pbx(self, name: str) -> FakeHookAccount | None:
        return self.hooks.get(name)

    def origins(self) -> frozenset[str]:
        return self.listed


@dataclass
class FakeIntake:
    stored: list[tuple[str, str, bytes]] = field(default_factory=list)
    failure: LinedeskError | None = None

    async def accept(self, account: str, source: str, body: bytes) -> bool:
        if self.failure is not None:
            raise self.failure
        entry = (account, source, body)
        if entry in self.stored:
            return False
        self.stored.append(entry)
        return True


@dataclass
class FakeDesk:
    calls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def calls_for(self, agent: Agent) -> list[dict[str, Any]]:
        return list(self.calls.get(agent.id, []))


def item(name: str, url: str | None = "https://crm.example.test/a/contacts/7", **more: Any) -> dict[str, Any]:
    return {
        "id": f"crm:{name}",
        "app": "freshdesk",
        "app_title": "Freshdesk",
        "name": name,
        "company": "Acme",
        "page_url": url,
        "type": "person",
        "archived": False,
        "blocked": False,
        "pages": [],
        "certainty": "sure",
        "found_by": "number",
        "reason": "Work number in Freshdesk",
        "numbers": [{"e164": "+390212345678", "label": "work", "display": "02 1234 5678", "ext": None}],
        "emails": [],
        **more,
    }


@dataclass
class FakePeople:
    asked: list[tuple[str, str]] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)

    async def search(self, agent: Agent, text: str, limit: int) -> dict[str, Any]:
        self.asked.append((agent.id, text))
        return {"items": [item("Anna")][:limit], "total": 3, "total_exact": True, "more": True}

    async def lookup(self, agent: Agent, text: str) -> dict[str, Any]:
        self.asked.append((agent.id, text))
        read = {"number": "+390212345678", "kind": "e164", "display": "02 1234 5678"}
        nobody: dict[str, Any] = {
            "sure": [],
            "possible": [],
            "create": [],
            "company": None,
            "colleague": None,
        }
        return {**read, **nobody, **self.found}

    async def explain(self, agent: Agent, text: str, *, pick: str | None = None) -> dict[str, Any]:
        self.asked.append((agent.id, f"explain {text} {pick}"))
        return {"kind": "e164", "notes": [], "readings": [], "keys": [], "switchboards": [], "candidates": []}


@dataclass
class FakeHistory:
    asked: list[tuple[str, int, int | None, bool]] = field(default_factory=list)

    async def list(self, agent: Agent, limit: int, before_ms: int | None, missed: bool) -> dict[str, Any]:
        self.asked.append((agent.id, limit, before_ms, missed))
        return {"items": [], "more": False}


@dataclass
class FakeChoosing:
    chosen: dict[tuple[str, str], str] = field(default_factory=dict)
    refusal: LinedeskError | None = None

    def picked(self, agent: Agent, text: str, items: Sequence[Mapping[str, Any]]) -> str | None:
        wanted = self.chosen.get((agent.id, text))
        return wanted if any(each["id"] == wanted for each in items) else None

    async def choose(self, agent: Agent, text: str, contact_id: str) -> dict[str, Any]:
        if self.refusal is not None:
            raise self.refusal
        self.chosen[agent.id, text] = contact_id
        return {"number": text, "contact": {**item("Anna"), "id": contact_id}}

    async def forget(self, agent: Agent, text: str) -> None:
        self.chosen.pop((agent.id, text), None)


@dataclass
class FakeAnswer:
    status: int
    body: Mapping[str, Any]


@dataclass
class FakeDialling:
    dialled: list[tuple[str, str, str, str, bool]] = field(default_factory=list)
    refusal: LinedeskError | None = None

    async def dial(self, agent: Agent, text: str, key: str, origin: str, confirm: bool = False) -> FakeAnswer:
        self.dialled.append((agent.id, text, key, origin, confirm))
        if self.refusal is not None and not confirm:
            return FakeAnswer(self.refusal.status, self.refusal.as_json())
        return FakeAnswer(202, {"request": f"request-{key}"})


@dataclass
class FakeSignIn:
    agents: dict[str, Agent]
    addresses: list[str] = field(default_factory=list)

    async def check(self, user: str, password: str, address: str) -> Agent:
        self.addresses.append(address)
        if len(self.addresses) > 5:
            raise TooMany("Too many tries.")
        agent = self.agents.get(user)
        if agent is None or password != PASSWORD:
            raise NotSignedIn("The user name or the password is wrong.")
        return agent


@dataclass
class FakeRoster:
    agents: dict[str, Agent]

    def by_id(self, agent_id: str) -> Agent | None:
        return self.agents.get(agent_id)


WildixOf = Callable[[Database, ManualClock, dict[str, Agent]], WildixSignIn]


@dataclass
class House:
    """The running server and what stands behind it."""

    services: Services
    app: web.Application
    base: str
    http: aiohttp.ClientSession
    clock: ManualClock
    bus: LocalBus
    tokens: Tokens
    sessions: Sessions
    accounts: FakeAccounts
    intake: FakeIntake
    desk: FakeDesk
    people: FakePeople
    history: FakeHistory
    choosing: FakeChoosing
    dialling: FakeDialling
    sign_in: FakeSignIn
    roster: FakeRoster
    ready: dict[str, bool]
    registry: CollectorRegistry

    @property
    def sockets(self) -> Sockets:
        return self.app[SOCKETS]

    @property
    def socket_url(self) -> str:
        return self.base.replace("http", "ws", 1) + "/agent/socket"

    async def token(self, agent: Agent = LUCA, life_s: float = 900, session: str | None = None) -> str:
        return (await self.tokens.mint(agent.id, API, life_s, session))[0]

    async def bearer(self, agent: Agent = LUCA) -> dict[str, str]:
        return {"Authorization": f"Bearer {await self.token(agent)}"}

    async def cookie(self, agent: Agent = LUCA) -> dict[str, str]:
        value, _ = await self.sessions.start(agent.id, BROWSER)
        return {"Cookie": f"__Host-linedesk={value}"}

    def metric(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0


BUILT = Assets(
    {
        name: Asset(f"/* {name} */".encode(), kind, "utf-8", f"version-of-{name}")
        for name, kind in (
            ("desk.js", "text/javascript"),
            ("desk.css", "text/css"),
            ("widget.js", "text/javascript"),
            ("pages.css", "text/css"),
            ("favicon.svg", "image/svg+xml"),
            ("signed-in.js", "text/javascript"),
            ("sw.js", "text/javascript"),
        )
    }
)


@asynccontextmanager
async def open_house(
    folder: Path,
    *,
    assets: Assets | None = BUILT,
    wildix_of: WildixOf | None = None,
    app_hooks: AppHooks | None = None,
    **settings: Any,
) -> AsyncIterator[House]:
    """Start the server on a free port of loopback; `settings` change the defaults."""
    defaults = {"data_dir": folder, "socket_hello_s": 0.5, "socket_queue_frames": 8}
    made = Settings(**{**defaults, **settings})
    clock, bus, registry = ManualClock(), LocalBus(), CollectorRegistry()
    books = await Database.open(folder / "books.db", durability="NORMAL")
    await books.write(books_metadata.create_all)
    agents = {agent.id: agent for agent in (LUCA, MIA)}
    for agent in agents.values():
        await books.write(lambda c, agent=agent: agent_rows.add(c, agent, None, 0))  # type: ignore[misc]
    tokens = Tokens(books, clock)
    sessions = Sessions(books, tokens, clock, idle_minutes=120, hours=12)
    roster, ready, base = FakeRoster(agents), {"calls": True, "books": True, "intake": True}, [""]
    accounts, intake, desk, people = FakeAccounts(), FakeIntake(), FakeDesk(), FakePeople()
    history, choosing, dialling = FakeHistory(), FakeChoosing(), FakeDialling()
    sign_in = FakeSignIn({agent.login: agent for agent in agents.values()})

    async def set_open_page(agent: Agent, value: OpenPage) -> Agent:
        agents[agent.id] = replace(agent, open_page=value)
        return agents[agent.id]

    async def colleagues(agent: Agent) -> list[dict[str, Any]]:
        return [{"extension": each.extension, "name": each.name} for each in agents.values() if each != agent]

    async def checks() -> Mapping[str, bool]:
        return ready

    services = Services(
        settings=made,
        clock=clock,
        catalogue=Catalogue.load("en"),
        bus=bus,
        metrics=Metrics(registry),
        accounts=accounts,
        intake=intake,
        desk=desk,
        people=people,
        history=history,
        choosing=choosing,
        dialling=dialling,
        sign_in=sign_in,
        tokens=tokens,
        sessions=sessions,
        roster=roster,
        plan_of=lambda _account: NumberPlan("IT"),
        colleagues=colleagues,
        set_open_page=set_open_page,
        ready=checks,
        base_url=lambda: made.public_url or base[0],
        wildix=wildix_of(books, clock, agents) if wildix_of is not None else None,
        app_hooks=app_hooks,
    )
    app = create_app(services, assets=assets)
    async with listening(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as http:
        base[0] = f"http://127.0.0.1:{port}"
        yield House(
            services=services,
            app=app,
            base=base[0],
            http=http,
            clock=clock,
            bus=bus,
            tokens=tokens,
            sessions=sessions,
            accounts=accounts,
            intake=intake,
            desk=desk,
            people=people,
            history=history,
            choosing=choosing,
            dialling=dialling,
            sign_in=sign_in,
            roster=roster,
            ready=ready,
            registry=registry,
        )
    await books.close()


async def until(condition: Callable[[], Any]) -> None:
    """Wait for something that the server does by itself; 5 s at most."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the server tells nobody when it is done
            await asyncio.sleep(0.005)


def sign(body: bytes, secret: str = SECRETS[0]) -> dict[str, str]:
    return {"X-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def call(number: int, state: str = "ringing", **more: Any) -> dict[str, Any]:
    return {"id": f"call-{number}", "state": state, **more}


def call_frame(number: int, state: str = "ringing", **more: Any) -> dict[str, Any]:
    return {"type": "call", "call": call(number, state, **more)}
