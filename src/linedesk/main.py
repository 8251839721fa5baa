"""The composition root: settings -> stores -> services -> the aiohttp application.

Everything is made here, once, and handed down; nothing looks up its own dependencies. The tasks belong to
the `TaskGroup` of `service` and end with it.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from linedesk.accounts.service import Accounts
from linedesk.accounts.vault import Vault
from linedesk.agents.model import Agent, OpenPage
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
from linedesk.errors import LinedeskError
from linedesk.messages import Catalogue
from linedesk.numbers import load_plans
from linedesk.pbx.wildix.events import decode
from linedesk.pbx.wildix.lines import Lines
from linedesk.server.app import create_app
from linedesk.server.listen import listening
from linedesk.server.metrics import Metrics
from linedesk.server.services import Services
from linedesk.settings import Settings
from linedesk.store import dials, history, inbox
from linedesk.store.migrate import Stores, open_stores

log = structlog.get_logger(__name__)

_REFRESH_S = 1.0
_SWEEP_S = 10.0
_PURGE_S = 3600.0
_DAY_MS = 86_400_000
_SLICE = 500


@dataclass
class Service:
    """A running service. `url` is where it listens; the parts are for commands that run it (the demo)."""

    settings: Settings
    clock: Clock
    stores: Stores
    accounts: Accounts
    roster: Roster
    passwords: Passwords
    tokens: Tokens
    sessions: Sessions
    directory: Directory
    intake: Intake
    desk: Desk
    dialling: Dialling
    lines: Lines
    bus: LocalBus
    url: str = ""
    stale: bool = False  # accounts or agents changed, and lines and desk do not know yet
    app: web.Application = field(default_factory=web.Application)

    async def refresh(self) -> None:
        """Take over what a command changed in the database: accounts, agents, revocations."""
        # Who may do what comes first, each by itself: accounts that can't be read must not keep a
        # person who was switched off signed in.
        failures = []
        for look in (self.tokens.recheck, self.roster.refresh_if_changed, self.accounts.refresh_if_changed):
            try:
                changed = await look()
            except LinedeskError as error:
                failures.append(error)
            else:
                self.stale = self.stale or changed is True
        if self.stale:
            await self.lines.refresh()
            await self.desk.refresh()
            self.stale = False
        if failures:
            raise failures[0]

    def advice(self) -> list[str]:
        """What is missing before a popup can come, one sentence each."""
        sentences = []
        if not self.accounts.all_pbx():
            sentences.append("No PBX account yet: describe one in a file and run `linedesk apply FILE.toml`.")
        sentences += [
            f"The account {account.name} is not listening: put the webhook's secret from WMS into it."
            for account in self.accounts.all_pbx()
            if not account.listening
        ]
        sentences += [
            f"Linedesk can't dial with {name}: {problem}" for name, problem in self.lines.problems.items()
        ]
        if not any(agent.extension for agent in self.roster.all()):
            sentences.append(
                "No agent has an extension yet: `linedesk user add NAME --role agent --extension EXT`."
            )
        return sentences


@asynccontextmanager
async def service(settings: Settings, clock: Clock) -> AsyncIterator[Service]:
    """Run the service while the block runs. At the start: `PortInUse`, `ConfigError` or `StoreError`."""
    stores = await open_stores(settings.data_dir)
    try:
        running, services = await _compose(settings, clock, stores)
        running.app = create_app(services)
        try:
            live, waiting = await running.desk.start(), await running.intake.start()
            async with listening(running.app, settings.host, settings.port) as port:
                running.url = _url(settings.host, port)
                log.info("started", live_calls=live, waiting_events=waiting)
                async with _tasks(running):
                    yield running
        finally:
            await running.intake.close()
            await running.dialling.close()
            await running.lines.close()
            running.passwords.close()
    finally:
        await stores.close()


async def _compose(settings: Settings, clock: Clock, stores: Stores) -> tuple[Service, Services]:
    vault = Vault.open(
        settings.secret_key.get_secret_value() if settings.secret_key else None, settings.data_dir
    )
    accounts = Accounts(stores.books, vault, clock)
    roster = Roster(stores.books)
    await accounts.refresh()
    await accounts.reseal()
    await roster.refresh()
    catalogue = Catalogue.load("en")
    metrics = Metrics(CollectorRegistry())
    tokens = Tokens(stores.books, clock)
    sessions = Sessions(
        stores.books, tokens, clock, idle_minutes=settings.session_idle_minutes, hours=settings.session_hours
    )
    passwords = Passwords()
    directory = Directory(stores.books)
    bus = LocalBus()
    people = People(directory, accounts, REGISTRY, accounts.plan_of, catalogue.text)
    desk = Desk(
        calls=stores.calls,
        clock=clock,
        bus=bus,
        people=people,
        roster=roster,
        plan_of=accounts.plan_of,
        plans=accounts.plans,
        is_open=lambda account: accounts.pbx(account) is not None,
        decode=decode,
        words=catalogue.text,
        limits=_limits(settings),
        meter=metrics,
    )
    intake = Intake(stores.calls, clock, desk)
    lines = Lines(accounts, timeout_s=settings.pbx_timeout_s, loopback=_is_loopback(settings.host))
    await lines.refresh()
    dialling = Dialling(
        stores.calls,
        clock,
        pbx_of=lines.pbx,
        plan_of=accounts.plan_of,
        policy=lambda: DialPolicy.from_document(accounts.dialling()),
        live_calls=desk.live_count,
        is_internal=lambda account, extension: roster.by_extension(account, extension) is not None,
    )
    running = Service(
        settings,
        clock,
        stores,
        accounts,
        roster,
        passwords,
        tokens,
        sessions,
        directory,
        intake,
        desk,
        dialling,
        lines,
        bus,
    )
    own = _AgentSettings(roster)
    services = Services(
        settings=settings,
        clock=clock,
        catalogue=catalogue,
        bus=bus,
        metrics=metrics,
        accounts=accounts,
        intake=intake,
        desk=desk,
        people=people,
        history=Recent(stores.calls, people, roster, accounts.plan_of, catalogue.text),
        dialling=dialling,
        sign_in=SignIn(stores.books, passwords, SignInThrottle(clock)),
        tokens=tokens,
        sessions=sessions,
        roster=roster,
        plan_of=accounts.plan_of,
        colleagues=own.colleagues,
        set_open_page=own.set_open_page,
        ready=lambda: _ready(running),
        base_url=lambda: settings.public_url.rstrip("/") or running.url,
    )
    return running, services


class _AgentSettings:
    """What an agent sees and changes of the roster."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster

    async def colleagues(self, agent: Agent) -> list[dict[str, Any]]:
        """The other agents of the same PBX account, by name."""
        others = [
            each
            for each in self._roster.all()
            if each.account == agent.account and each.extension and each.active and each.id != agent.id
        ]
        return [
            {"extension": each.extension, "name": each.name}
            for each in sorted(others, key=lambda each: each.name)
        ]

    async def set_open_page(self, agent: Agent, value: OpenPage) -> Agent:
        """Remember when this agent's pages open by themselves."""
        return await self._roster.set_open_page(agent.id, value)


def _limits(settings: Settings) -> TrackerLimits:
    return TrackerLimits(
        popup_max_age_ms=settings.popup_max_age_s * 1000,
        call_silence_ms=settings.call_silence_s * 1000,
        ring_silence_ms=settings.ring_silence_s * 1000,
    )


async def _ready(running: Service) -> Mapping[str, bool]:
    checks = {"intake": running.intake.healthy}
    for name, database in (("calls", running.stores.calls), ("books", running.stores.books)):
        try:
            await database.read(lambda c: c.exec_driver_sql("SELECT 1").scalar())
            checks[name] = True
        except LinedeskError:
            checks[name] = False
    return checks


@asynccontextmanager
async def _tasks(running: Service) -> AsyncIterator[None]:
    """Process, sweep, refresh and purge while the block runs; an error of the block comes out as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                # Half a second of work that the first caller of each country would else wait for.
                group.create_task(asyncio.to_thread(load_plans), name="number plans"),
                group.create_task(running.intake.run(), name="intake"),
                group.create_task(_every(running, _SWEEP_S, "sweep", _sweep), name="sweep"),
                group.create_task(_every(running, _REFRESH_S, "refresh", Service.refresh), name="refresh"),
                group.create_task(_every(running, _PURGE_S, "purge", _purge), name="purge"),
            ]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
    except BaseExceptionGroup as errors:
        if len(errors.exceptions) == 1:
            raise errors.exceptions[0] from None
        raise


async def _every(
    running: Service, seconds: float, name: str, work: Callable[[Service], Awaitable[None]]
) -> None:
    """Repeat `work`; a failure is said once, and once when it is over."""
    failing = False
    while True:
        await running.clock.sleep(seconds)
        try:
            await work(running)
        except LinedeskError as error:
            if not failing:
                log.warning("task_failing", task=name, reason=error.message)
            failing = True
        except Exception:
            # A defect in housekeeping must not stop the popups; it is said with its traceback.
            if not failing:
                log.exception("task_failing", task=name)
            failing = True
        else:
            if failing:
                log.info("task_works_again", task=name)
            failing = False


async def _sweep(running: Service) -> None:
    running.intake.submit(running.desk.sweep)


async def _purge(running: Service) -> None:
    now_ms = running.clock.now_ms()
    settings, calls = running.settings, running.stores.calls
    inbox_before_ms = now_ms - settings.inbox_keep_days * _DAY_MS
    history_before_ms = now_ms - settings.history_keep_days * _DAY_MS
    # In slices, so that an event never waits behind a long delete.
    while await calls.write(lambda c: inbox.purge(c, inbox_before_ms, _SLICE)) == _SLICE:
        pass
    while await calls.write(lambda c: history.purge(c, history_before_ms, _SLICE)) == _SLICE:
        pass
    await calls.write(lambda c: dials.purge(c, history_before_ms))
    await running.tokens.purge()
    await running.sessions.purge()


def _url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
