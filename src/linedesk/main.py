"""The composition root: settings -> stores -> services -> the aiohttp application.

Everything is made here, once, and handed down; nothing looks up its own dependencies.
"""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from linedesk.accounts.service import Accounts
from linedesk.accounts.vault import Vault
from linedesk.agents.model import Agent
from linedesk.agents.passwords import Passwords
from linedesk.agents.roster import Roster
from linedesk.agents.sessions import Sessions
from linedesk.agents.sign_in import SignIn
from linedesk.agents.throttle import SignInThrottle
from linedesk.agents.tokens import Tokens
from linedesk.apps.registry import REGISTRY
from linedesk.bus.local import LocalBus
from linedesk.calls.desk import Desk
from linedesk.calls.dialling import Dialling
from linedesk.calls.guard import DialPolicy
from linedesk.calls.intake import Intake
from linedesk.calls.model import TrackerLimits
from linedesk.calls.recent import Recent
from linedesk.clock import Clock
from linedesk.contacts.directory import Directory
from linedesk.contacts.people import People
from linedesk.messages import Catalogue
from linedesk.pbx.wildix.events import decode
from linedesk.pbx.wildix.lines import Lines
from linedesk.server.app import create_app
from linedesk.server.listen import listening
from linedesk.server.metrics import Metrics
from linedesk.server.services import Services
from linedesk.service import Service, at_work
from linedesk.settings import Settings
from linedesk.store.migrate import Stores, open_stores

log = structlog.get_logger(__name__)


@asynccontextmanager
async def service(settings: Settings, clock: Clock) -> AsyncIterator[Service]:
    """Run the service while the block runs. At the start: `PortInUse`, `ConfigError` or `StoreError`."""
    stores = await open_stores(settings.data_dir)
    try:
        base = await _base(settings, clock, stores)
        running = await _service(base)
        app = create_app(_services(base, running))
        try:
            live, waiting = await running.desk.start(), await running.intake.start()
            async with listening(app, settings.host, settings.port) as port:
                running.url = _url(settings.host, port)
                log.info("started", live_calls=live, waiting_events=waiting)
                async with at_work(running):
                    yield running
        finally:
            await running.close()
    finally:
        await stores.close()


@dataclass(frozen=True, slots=True)
class _Base:
    """What both the calls and the server stand on."""

    settings: Settings
    clock: Clock
    stores: Stores
    accounts: Accounts
    roster: Roster
    catalogue: Catalogue
    metrics: Metrics
    bus: LocalBus
    directory: Directory
    people: People


async def _base(settings: Settings, clock: Clock, stores: Stores) -> _Base:
    key = settings.secret_key.get_secret_value() if settings.secret_key else None
    accounts = Accounts(stores.books, Vault.open(key, settings.data_dir), clock)
    await accounts.refresh()
    await accounts.reseal()
    roster = Roster(stores.books)
    await roster.refresh()
    catalogue, directory = Catalogue.load("en"), Directory(stores.books)
    return _Base(
        settings=settings,
        clock=clock,
        stores=stores,
        accounts=accounts,
        roster=roster,
        catalogue=catalogue,
        metrics=Metrics(CollectorRegistry()),
        bus=LocalBus(),
        directory=directory,
        people=People(directory, accounts, REGISTRY, accounts.plan_of, catalogue.text),
    )


async def _service(base: _Base) -> Service:
    settings, books = base.settings, base.stores.books
    tokens = Tokens(books, base.clock)
    desk = _desk(base)
    lines = Lines(base.accounts, timeout_s=settings.pbx_timeout_s, loopback=_is_loopback(settings.host))
    await lines.refresh()
    return Service(
        settings=settings,
        clock=base.clock,
        stores=base.stores,
        accounts=base.accounts,
        roster=base.roster,
        passwords=Passwords(),
        tokens=tokens,
        sessions=Sessions(
            books,
            tokens,
            base.clock,
            idle_minutes=settings.session_idle_minutes,
            hours=settings.session_hours,
        ),
        directory=base.directory,
        intake=Intake(base.stores.calls, base.clock, desk),
        desk=desk,
        dialling=_dialling(base, desk, lines),
        lines=lines,
        bus=base.bus,
    )


def _desk(base: _Base) -> Desk:
    settings, accounts = base.settings, base.accounts
    return Desk(
        calls=base.stores.calls,
        clock=base.clock,
        bus=base.bus,
        people=base.people,
        roster=base.roster,
        plan_of=accounts.plan_of,
        plans=accounts.plans,
        is_open=lambda account: accounts.pbx(account) is not None,
        decode=decode,
        words=base.catalogue.text,
        limits=TrackerLimits(
            popup_max_age_ms=settings.popup_max_age_s * 1000,
            call_silence_ms=settings.call_silence_s * 1000,
            ring_silence_ms=settings.ring_silence_s * 1000,
        ),
        meter=base.metrics,
    )


def _dialling(base: _Base, desk: Desk, lines: Lines) -> Dialling:
    return Dialling(
        base.stores.calls,
        base.clock,
        pbx_of=lines.pbx,
        plan_of=base.accounts.plan_of,
        policy=lambda: DialPolicy.from_document(base.accounts.dialling()),
        live_calls=desk.live_count,
        is_internal=lambda account, extension: base.roster.by_extension(account, extension) is not None,
    )


def _services(base: _Base, running: Service) -> Services:
    """What the server may use."""
    settings, plan_of, words = base.settings, base.accounts.plan_of, base.catalogue.text

    async def colleagues(agent: Agent) -> list[dict[str, Any]]:
        others = base.roster.colleagues_of(agent)
        return [{"extension": each.extension, "name": each.name} for each in others]

    return Services(
        settings=settings,
        clock=base.clock,
        catalogue=base.catalogue,
        bus=base.bus,
        metrics=base.metrics,
        accounts=base.accounts,
        intake=running.intake,
        desk=running.desk,
        people=base.people,
        history=Recent(base.stores.calls, base.people, base.roster, plan_of, words),
        dialling=running.dialling,
        sign_in=SignIn(base.stores.books, running.passwords, SignInThrottle(base.clock)),
        tokens=running.tokens,
        sessions=running.sessions,
        roster=base.roster,
        plan_of=plan_of,
        colleagues=colleagues,
        set_open_page=lambda agent, value: base.roster.set_open_page(agent.id, value),
        ready=running.checks,
        base_url=lambda: settings.public_url.rstrip("/") or running.url,
    )


def _url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
