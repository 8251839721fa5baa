"""The composition root: settings -> stores -> services -> the aiohttp application.

Everything is made here, once, and handed down; nothing looks up its own dependencies.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from linedesk.agents.grants import Grants
from linedesk.agents.model import Agent
from linedesk.agents.passwords import Passwords
from linedesk.agents.sessions import Sessions
from linedesk.agents.sign_in import SignIn
from linedesk.agents.throttle import SignInThrottle
from linedesk.agents.tokens import Tokens
from linedesk.agents.wildix_sign_in import WildixSignIn
from linedesk.apps.hearing import Hearing
from linedesk.apps.registry import REGISTRY
from linedesk.bus.local import LocalBus
from linedesk.calls.choosing import Choosing
from linedesk.calls.desk import Desk
from linedesk.calls.dialling import Dialling
from linedesk.calls.guard import DialPolicy
from linedesk.calls.intake import Intake
from linedesk.calls.model import TrackerLimits
from linedesk.calls.picks import Picks
from linedesk.calls.recent import Recent
from linedesk.clock import Clock
from linedesk.contacts.people import People
from linedesk.messages import Catalogue
from linedesk.parts import Parts, make_parts
from linedesk.pbx.polling import Polling, Sources, extensions_of
from linedesk.pbx.wildix.events import decode
from linedesk.server.app import create_app
from linedesk.server.control import Check, Sync, SyncRequest, Told, Undo, UndoRequest, controlled
from linedesk.server.control_socket import bound_socket
from linedesk.server.listen import listening
from linedesk.server.metrics import Metrics
from linedesk.server.services import Services
from linedesk.service import Service, at_work
from linedesk.settings import Settings
from linedesk.store.migrate import Stores, open_stores
from linedesk.sync.details import Details
from linedesk.sync.engine import Ask
from linedesk.sync.model import RunReport
from linedesk.sync.report import contents, progress_document, report_document
from linedesk.sync.scheduler import Scheduler
from linedesk.sync.slices import drain
from linedesk.sync.undoing import UndoAsk, run_meant

log = structlog.get_logger(__name__)


@asynccontextmanager
async def service(settings: Settings, clock: Clock, *, schedule: bool = True) -> AsyncIterator[Service]:
    """Run the service while the block runs; without `schedule`, syncs run only on command.

    At the start: `PortInUse`, `ConfigError` or `StoreError`.
    """
    stores = await open_stores(settings.data_dir)
    try:
        with bound_socket(settings.data_dir) as handle:
            base = await _base(settings, clock, stores)
            running = _service(base)
            try:
                async with _open(base, running, handle), at_work(running, schedule=schedule):
                    yield running
            finally:
                await running.close()
    finally:
        await stores.close()


@asynccontextmanager
async def _open(base: _Base, running: Service, handle: socket.socket) -> AsyncIterator[None]:
    """Answer browsers, the PBX, and commands of this machine."""
    await running.grants.reseal()
    live, waiting = await running.desk.start(), await running.intake.start()
    app, settings = create_app(_services(base, running)), base.parts.settings
    async with (
        listening(app, settings.host, settings.port) as port,
        controlled(handle, sync=_syncing(running), undo=_undoing(running), check=_checking(running)),
    ):
        running.url = _url(settings.host, port)
        log.info("started", live_calls=live, waiting_events=waiting)
        yield


@dataclass(frozen=True, slots=True)
class _Base:
    """What both the calls and the server stand on."""

    parts: Parts
    catalogue: Catalogue
    metrics: Metrics
    bus: LocalBus
    people: People


async def _base(settings: Settings, clock: Clock, stores: Stores) -> _Base:
    parts = await make_parts(settings, clock, stores)
    await parts.accounts.reseal()
    catalogue, accounts = Catalogue.load("en"), parts.accounts
    return _Base(
        parts=parts,
        catalogue=catalogue,
        metrics=Metrics(CollectorRegistry()),
        bus=LocalBus(),
        people=People(
            parts.directory,
            accounts,
            REGISTRY,
            accounts.plan_of,
            catalogue.text,
            matching=accounts.matching,
            colleague=parts.roster.by_extension,
            book_plan=parts.apps.plan_of,
        ),
    )


def _service(base: _Base) -> Service:
    parts = base.parts
    settings, books, clock = parts.settings, parts.stores.books, parts.clock
    tokens = Tokens(books, clock)
    picks = Picks(books, clock)
    desk = _desk(base, picks)
    grants = Grants(
        books, parts.vault, clock, account_of=parts.accounts.pbx, open_client=parts.lines.for_agent
    )
    intake = Intake(parts.stores.calls, clock, desk)
    return Service(
        parts=parts,
        passwords=Passwords(),
        tokens=tokens,
        sessions=Sessions(
            books,
            tokens,
            clock,
            idle_minutes=settings.session_idle_minutes,
            hours=settings.session_hours,
        ),
        intake=intake,
        desk=desk,
        picks=picks,
        dialling=_dialling(base, desk, grants),
        grants=grants,
        scheduler=Scheduler(books, clock, parts.engine),
        details=Details(books, clock, parts.engine, parts.apps.app),
        reshow=parts.reshow(),
        polling=_polling(base, desk, intake),
        bus=base.bus,
    )


def _polling(base: _Base, desk: Desk, intake: Intake) -> Polling:
    """An agent who looks at a desk page is one whose calls are looked up."""
    parts = base.parts
    sources = Sources(
        pbx_of=parts.lines.pbx,
        wanted=lambda account: extensions_of(account, parts.roster.all(), base.bus.listens),
        known=lambda account: extensions_of(account, parts.roster.all()),
        parts=desk.live_parts,
        accept=intake.accept,
    )
    return Polling(parts.accounts.all_pbx, sources, parts.health, parts.clock)


def _syncing(running: Service) -> Sync:
    """A sync as a command asks for it, and its answers as JSON."""

    async def sync(request: SyncRequest, tell: Told) -> Mapping[str, Any]:
        await running.refresh()  # a command may have resumed or changed the connection just now
        ask = Ask(preview=request.preview, approve=request.approve, actor=request.actor)
        report = await running.parts.engine.run(
            request.connection, ask, lambda progress: tell(progress_document(progress))
        )
        held = contents(report)
        document = await _as_document(report)
        del report
        await drain(held)
        return document

    return sync


def _undoing(running: Service) -> Undo:
    """An undo as a command asks for it; its answers are those of a sync."""

    async def undo(request: UndoRequest, tell: Told) -> Mapping[str, Any]:
        ask = UndoAsk(
            preview=request.preview,
            actor=request.actor,
            record=request.record,
            account=request.account,
            rule=request.rule,
        )
        await running.refresh()
        run = await run_meant(running.stores.books, request.run, request.connection, ask)
        report = await running.parts.engine.undo(run, ask, lambda progress: tell(progress_document(progress)))
        held = contents(report)
        document = await _as_document(report)
        del report
        await drain(held)
        return document

    return undo


async def _as_document(report: RunReport) -> Mapping[str, Any]:
    """In a thread: of a large first sync it takes half a second."""
    return await asyncio.to_thread(report_document, report)


def _checking(running: Service) -> Check:
    async def check() -> Mapping[str, Any]:
        # What a command has just applied is to be checked, not what was there a second ago.
        await running.refresh()
        report = await running.parts.checkup().run()
        return report.to_document()

    return check


def _desk(base: _Base, picks: Picks) -> Desk:
    settings, accounts = base.parts.settings, base.parts.accounts
    return Desk(
        calls=base.parts.stores.calls,
        clock=base.parts.clock,
        bus=base.bus,
        people=base.people,
        picks=picks,
        tag_rules=accounts.tag_rules,
        roster=base.parts.roster,
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


def _dialling(base: _Base, desk: Desk, grants: Grants) -> Dialling:
    return Dialling(
        base.parts.stores.calls,
        base.parts.clock,
        pbx_of=base.parts.lines.pbx,
        plan_of=base.parts.accounts.plan_of,
        policy=lambda: DialPolicy.from_document(base.parts.accounts.dialling()),
        live_calls=desk.live_count,
        own=grants.dial,
        is_internal=lambda account, extension: base.parts.roster.by_extension(account, extension) is not None,
    )


def _wildix(base: _Base, running: Service) -> WildixSignIn:
    lines = base.parts.lines
    return WildixSignIn(
        base.parts.clock,
        running.grants,
        accounts=base.parts.accounts.all_pbx,
        agents=base.parts.roster.all,
        grant_for=lines.grant_for,
        open_client=lines.for_agent,
    )


def _services(base: _Base, running: Service) -> Services:
    """What the server may use."""
    settings, plan_of, words = base.parts.settings, base.parts.accounts.plan_of, base.catalogue.text
    calls, roster, picks = base.parts.stores.calls, base.parts.roster, running.picks

    async def colleagues(agent: Agent) -> list[dict[str, Any]]:
        others = base.parts.roster.colleagues_of(agent)
        return [{"extension": each.extension, "name": each.name} for each in others]

    return Services(
        settings=settings,
        clock=base.parts.clock,
        catalogue=base.catalogue,
        bus=base.bus,
        metrics=base.metrics,
        accounts=base.parts.accounts,
        intake=running.intake,
        desk=running.desk,
        people=base.people,
        history=Recent(calls, people=base.people, picks=picks, roster=roster, plan_of=plan_of, words=words),
        choosing=Choosing(picks, base.people, running.desk, plan_of),
        dialling=running.dialling,
        sign_in=SignIn(base.parts.stores.books, running.passwords, SignInThrottle(base.parts.clock)),
        tokens=running.tokens,
        sessions=running.sessions,
        roster=base.parts.roster,
        plan_of=plan_of,
        colleagues=colleagues,
        set_open_page=lambda agent, value: base.parts.roster.set_open_page(agent.id, value),
        ready=running.checks,
        heard=lambda account, event: base.parts.health.webhook(account, event, base.parts.clock.now_ms()),
        wildix=_wildix(base, running),
        app_hooks=Hearing(base.parts.clock, base.parts.apps.app, running.scheduler.nudge_account),
        base_url=lambda: settings.public_url.rstrip("/") or running.url,
    )


def _url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
