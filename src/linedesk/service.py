"""A running service: its parts, what is missing in it, and the tasks that keep it going.

`main` makes it; commands and the demo use its parts. Nothing is composed here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import structlog

from linedesk.accounts.addresses import is_loopback
from linedesk.accounts.service import Accounts
from linedesk.agents.grants import Grants
from linedesk.agents.passwords import Passwords
from linedesk.agents.roster import Roster
from linedesk.agents.sessions import Sessions
from linedesk.agents.tokens import Tokens
from linedesk.bus.local import LocalBus
from linedesk.calls.desk import Desk
from linedesk.calls.dialling import Dialling
from linedesk.calls.intake import Intake
from linedesk.calls.picks import Picks
from linedesk.clock import Clock
from linedesk.contacts.directory import Directory
from linedesk.contacts.upkeep import mend_index
from linedesk.errors import LinedeskError
from linedesk.numbers import load_plans
from linedesk.parts import Parts
from linedesk.pbx.lines import Lines
from linedesk.pbx.polling import Polling
from linedesk.settings import Settings
from linedesk.store import activity, dials, history, inbox
from linedesk.store.migrate import Stores
from linedesk.sync.details import Details
from linedesk.sync.reshow import Reshow
from linedesk.sync.scheduler import Scheduler

log = structlog.get_logger(__name__)

_REFRESH_S = 1.0
_SWEEP_S = 10.0
_PURGE_S = 3600.0
_DAY_MS = 86_400_000
_SLICE = 500


@dataclass
class Service:
    """A running service. `url` is where it listens; the parts are for commands that run it (the demo)."""

    parts: Parts
    passwords: Passwords
    tokens: Tokens
    sessions: Sessions
    intake: Intake
    desk: Desk
    picks: Picks
    dialling: Dialling
    grants: Grants
    scheduler: Scheduler
    details: Details
    reshow: Reshow
    polling: Polling
    bus: LocalBus
    url: str = ""
    stale: bool = False  # accounts or agents changed, and lines and desk do not know yet
    _refreshing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def settings(self) -> Settings:
        return self.parts.settings

    @property
    def clock(self) -> Clock:
        return self.parts.clock

    @property
    def stores(self) -> Stores:
        return self.parts.stores

    @property
    def accounts(self) -> Accounts:
        return self.parts.accounts

    @property
    def roster(self) -> Roster:
        return self.parts.roster

    @property
    def directory(self) -> Directory:
        return self.parts.directory

    @property
    def lines(self) -> Lines:
        return self.parts.lines

    async def close(self) -> None:
        """Let what runs come to its end."""
        await self.intake.close()
        await self.desk.close()
        await self.dialling.close()
        await self.grants.close()
        await self.parts.close()
        self.passwords.close()

    async def refresh(self) -> None:
        """Take over what a command changed in the database: accounts, agents, revocations."""
        # A command asks for it too, in the middle of the one that comes each second.
        async with self._refreshing:
            await self._refresh()

    async def _refresh(self) -> None:
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
            await self.parts.refresh()
            await self.desk.refresh()
            await self.grants.recheck()
            self.stale = False
        await self.parts.tidy()
        if failures:
            raise failures[0]

    def advice(self) -> list[str]:
        """What is missing before a popup can come, one sentence each."""
        sentences = []
        if not self.accounts.all_pbx():
            sentences.append("No PBX account yet: describe one in a file and run `linedesk apply FILE.toml`.")
        if urlsplit(self.settings.base_url).scheme == "http" and not is_loopback(
            urlsplit(self.settings.base_url).hostname or ""
        ):
            sentences.append(
                "Nobody can sign in over plain http except on this machine: put a TLS proxy in front and "
                "set `public_url` to its https:// address."
            )
        sentences += [
            f"The account {account.name} is not listening: put the webhook's secret from WMS into it."
            for account in self.accounts.all_pbx()
            if not account.listening and not account.polled
        ]
        sentences += [
            f"Linedesk can't dial with {name}: {problem}" for name, problem in self.lines.problems.items()
        ]
        if not any(agent.extension for agent in self.roster.all()):
            sentences.append(
                "No agent has an extension yet: `linedesk user add NAME --role agent --extension EXT`."
            )
        return sentences

    async def checks(self) -> Mapping[str, bool]:
        """What `/readyz` reports: each part and whether it is well."""
        checks = {"intake": self.intake.healthy}
        for name, database in (("calls", self.stores.calls), ("books", self.stores.books)):
            try:
                await database.read(lambda c: c.exec_driver_sql("SELECT 1").scalar())
                checks[name] = True
            except LinedeskError:
                checks[name] = False
        return checks


@asynccontextmanager
async def at_work(running: Service, *, schedule: bool) -> AsyncIterator[None]:
    """Process, poll, sync, sweep, refresh and purge while the block runs; its error comes out as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                # Half a second of work that the first caller of each country would else wait for.
                group.create_task(asyncio.to_thread(load_plans), name="number plans"),
                group.create_task(running.intake.run(), name="intake"),
                group.create_task(_every(running, _SWEEP_S, "sweep", _sweep), name="sweep"),
                group.create_task(_every(running, _REFRESH_S, "refresh", Service.refresh), name="refresh"),
                group.create_task(_every(running, _PURGE_S, "purge", _purge), name="purge"),
                group.create_task(running.polling.run(), name="polling"),
                group.create_task(running.details.run(), name="details"),
                group.create_task(_directory(running), name="directory"),
            ]
            if schedule:
                tasks.append(group.create_task(running.scheduler.run(), name="schedule"))
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


async def _directory(running: Service) -> None:
    """First the form of its index, then what is in it: both at once would do the work twice."""
    try:
        await mend_index(running.stores.books, running.directory)
    except LinedeskError as error:
        log.warning("contact_index_not_up_to_date", reason=error.message)
    except Exception:
        # A defect in work of the background must not stop the popups; the next start tries again.
        log.exception("contact_index_not_up_to_date")
    await running.reshow.run()


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
    books, activity_before_ms = running.stores.books, now_ms - settings.activity_keep_days * _DAY_MS
    while await books.write(lambda c: activity.purge(c, activity_before_ms, _SLICE)) == _SLICE:
        pass
    await running.tokens.purge()
    await running.sessions.purge()
