"""`linedesk check`: reaches every account and says in sentences what is missing, and how to mend it.

All accounts are checked at the same time, each with a deadline: one that is dead changes nothing for the
others. Nothing is written anywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from linedesk.accounts.advice import rivalry, rivals_by_connection
from linedesk.accounts.model import AppAccount, EventsWay, PbxAccount
from linedesk.accounts.service import Accounts
from linedesk.agents.roster import Roster
from linedesk.apps.base import Finding, Level
from linedesk.apps.opened import OpenApps
from linedesk.checkup_pbx import PbxCheck, check_pbx
from linedesk.errors import ConfigError, LinedeskError
from linedesk.pbx.health import PbxHealth
from linedesk.pbx.lines import Lines
from linedesk.sync.ground import open_ground
from linedesk.sync.hints import hints
from linedesk.sync.model import Connection, Direction, Side
from linedesk.sync.sides import Openers

log = structlog.get_logger(__name__)

_DEADLINE_S = 60.0


@dataclass(frozen=True, slots=True)
class Examined:
    """One account or connection. `app` is empty for a connection."""

    name: str
    app: str
    identity: str
    findings: tuple[Finding, ...]

    @property
    def well(self) -> bool:
        return all(each.level is not Level.MISSING for each in self.findings)

    def to_document(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "name": self.name,
            "app": self.app,
            "identity": self.identity,
            "well": self.well,
            "findings": [
                {"level": each.level.value, "sentence": each.sentence, "remedy": each.remedy}
                for each in self.findings
            ],
        }


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All accounts by name, then all connections."""

    accounts: tuple[Examined, ...]
    connections: tuple[Examined, ...]

    @property
    def well(self) -> bool:
        return bool(self.accounts) and all(each.well for each in (*self.accounts, *self.connections))

    def to_document(self) -> dict[str, Any]:
        """The JSON document of `linedesk check --json`."""
        return {
            "accounts": [each.to_document() for each in self.accounts],
            "connections": [each.to_document() for each in self.connections],
            "well": self.well,
        }


class Checkup:
    """`health` gives what is known of how an account's call events arrive.

    `counts`: how many of an account's records were read whole so far, and how many there are.
    """

    def __init__(
        self,
        accounts: Accounts,
        roster: Roster,
        lines: Lines,
        apps: OpenApps,
        *,
        health: Callable[[PbxAccount], Sequence[Finding]],
        counts: Callable[[str], Awaitable[tuple[int, int]]],
        deadline_s: float = _DEADLINE_S,
    ) -> None:
        self._accounts = accounts
        self._roster = roster
        self._lines = lines
        self._apps = apps
        self._health = health
        self._counts = counts
        self._deadline_s = deadline_s

    async def run(self) -> CheckReport:
        """Check everything that is switched on."""
        async with asyncio.TaskGroup() as group:
            accounts = [
                *(group.create_task(self._pbx(account)) for account in self._accounts.all_pbx()),
                *(group.create_task(self._app(account)) for account in self._accounts.apps()),
            ]
            connections = [
                group.create_task(self._connection(each))
                for each in self._accounts.connections()
                if each.enabled
            ]
        return CheckReport(
            tuple(sorted((task.result() for task in accounts), key=lambda each: each.name)),
            tuple(task.result() for task in connections),
        )

    async def _pbx(self, account: PbxAccount) -> Examined:
        check = PbxCheck(account)
        client = None
        problem = self._lines.problems.get(account.name, "")
        if account.credential is not None and not problem:
            client = self._lines.client(account.name)
        agents = [agent for agent in self._roster.all() if agent.account == account.name and agent.active]
        await self._within(check.findings, check_pbx(check, client, problem, agents))
        check.findings += _events(account, self._health(account), reached=bool(check.identity))
        return Examined(account.name, "wildix", check.identity, tuple(check.findings))

    async def _app(self, account: AppAccount) -> Examined:
        findings: list[Finding] = []
        identity = ""

        async def work() -> None:
            nonlocal identity
            if self._apps.kind_of(account.name).open is None:
                findings.append(Finding(Level.OK, "A book of imported contacts; there is nothing to reach."))
                return
            try:
                app = self._apps.app(account.name)
            except ConfigError as error:
                # A book that is only imported into needs no credential.
                level = Level.MISSING if self._is_used(account.name) else Level.HINT
                findings.append(Finding(level, error.message, error.remedy))
                return
            checked = await app.check()
            identity = checked.identity
            findings.extend(checked.findings)
            findings.extend(_read_so_far(*await self._counts(account.name)))

        await self._within(findings, work())
        return Examined(account.name, account.app, identity, tuple(findings))

    def _is_used(self, account: str) -> bool:
        return any(account in {each.a, each.b} for each in self._accounts.connections())

    async def _connection(self, connection: Connection) -> Examined:
        findings: list[Finding] = []

        async def work() -> None:
            openers = Openers(self._apps.app, self._apps.kind_of, self._apps.plan_of)
            ground = await open_ground(connection, openers)
            rows = ground.rows
            told = "paused" if connection.paused else _rhythm(connection.every_s)
            findings.append(Finding(Level.OK, f"{len(rows)} fields go across, {told}."))
            findings.extend(Finding(Level.HINT, each) for each in hints(connection, ground.sides))
            for side in Side:
                await ground.check_groups(side)
            rivals = rivals_by_connection(self._accounts.connections()).get(connection.name)
            if rivals:
                findings.append(Finding(Level.HINT, rivalry(connection.name, rivals)))

        await self._within(findings, work())
        arrow = "<->" if connection.direction is Direction.BOTH else "->"
        return Examined(connection.name, "", f"{connection.a} {arrow} {connection.b}", tuple(findings))

    async def _within(self, findings: list[Finding], work: Any) -> None:
        """Do `work` in time; what it raises becomes a finding."""
        try:
            async with asyncio.timeout(self._deadline_s):
                await work
        except TimeoutError:
            findings.append(
                Finding(
                    Level.MISSING,
                    f"The check was not done within {self._deadline_s:g} s.",
                    "The other side is slow or out of reach; try again.",
                )
            )
        except LinedeskError as error:
            findings.append(Finding(Level.MISSING, error.message, error.remedy))
        except Exception:
            # A defect in one account's check must not hide what was found in the others.
            log.exception("check_failed")
            findings.append(
                Finding(Level.MISSING, "The check itself went wrong.", "The log has the details: report it.")
            )


def _events(account: PbxAccount, known: Sequence[Finding], *, reached: bool) -> Iterable[Finding]:
    """What is known of the events. Webhooks that do not come are only a hint where polls can do the work."""
    works = account.polled and reached and bool(known) and known[-1].level is not Level.MISSING
    for each in known:
        yield replace(each, level=Level.HINT) if works and each.level is Level.MISSING else each


def health_at_rest(health: PbxHealth, account: PbxAccount, now_ms: int) -> tuple[Finding, ...]:
    """What is known of an account's events while no service runs: what came before; nobody listens now."""
    polling = account.events is EventsWay.POLLING
    known = () if polling else health.sentences(replace(account, events=EventsWay.WEBHOOK), now_ms)
    at_rest = Finding(
        Level.HINT,
        "No Linedesk service runs on this data folder now, so no call is seen.",
        "Start it with `linedesk serve`, and check again: then the check says how calls arrive.",
    )
    return (*known, at_rest)


def _read_so_far(whole: int, total: int) -> Iterable[Finding]:
    """What a sync knows of the account; nothing before the first."""
    if whole < total:
        sentence = f"{whole:,} of {total:,} contacts read whole so far; the rest follows in the background."
        yield Finding(Level.OK, sentence)
    elif total:
        yield Finding(Level.OK, f"{total:,} {'contact' if total == 1 else 'contacts'} read.")


def _rhythm(every_s: int) -> str:
    return f"every {every_s} s" if every_s else "only on command"
