"""`linedesk apply`: a plan to look at, then the same plan written in one transaction with its audit rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from linedesk.accounts.changes import Change, changes
from linedesk.accounts.edge import SetupFile
from linedesk.accounts.moved import moved_accounts
from linedesk.accounts.plan import wanted
from linedesk.accounts.setup import (
    DIALLING,
    MATCHING,
    AccountSetup,
    Setup,
    read_setup,
    stored_dialling,
    stored_matching,
)
from linedesk.accounts.vault import Vault
from linedesk.agents.write import new_agent_id, write_changes
from linedesk.clock import Clock
from linedesk.errors import Conflict
from linedesk.store import accounts, agents, audit, connections, contacts, documents, generation
from linedesk.store.database import Database

_BATCH = 500


@dataclass(frozen=True, slots=True)
class ApplyPlan:
    """What would change, and the setup that results."""

    changes: tuple[Change, ...]
    after: Setup

    def lines(self) -> list[str]:
        """The diff for a terminal."""
        return [line for change in self.changes for line in change.lines()]


class Applier:
    """Plans and writes; nothing is kept between the two but what was shown."""

    def __init__(self, books: Database, vault: Vault, clock: Clock) -> None:
        self._books = books
        self._vault = vault
        self._clock = clock

    async def setup(self) -> Setup:
        """The present setup."""
        return await self._books.read(lambda c: read_setup(c, self._vault))

    async def plan(self, file: SetupFile) -> ApplyPlan:
        """What `file` would change; raises `ApplyError`. Nothing is written."""
        return await self._books.read(lambda c: self._plan(c, file)[1])

    async def write(self, file: SetupFile, shown: ApplyPlan, actor: str) -> None:
        """Do what was shown, all of it or nothing. Raises `Conflict` if it would be something else now."""
        now_ms = self._clock.now_ms()

        def work(c: Connection) -> None:
            before, plan = self._plan(c, file)
            if plan.changes != shown.changes:
                raise Conflict(
                    "The setup was changed by someone else meanwhile; nothing was written.",
                    remedy="Run `linedesk apply` again and look at the new list of changes.",
                )
            if not plan.changes:
                return
            self._write(c, before, plan.after, now_ms)
            for change in plan.changes:
                _audit(c, change, actor, now_ms)
            generation.bump(c)

        await self._books.write(work)

    def _plan(self, c: Connection, file: SetupFile) -> tuple[Setup, ApplyPlan]:
        before = read_setup(c, self._vault)
        after = wanted(before, file, new_agent_id)
        return before, ApplyPlan(changes(before, after), after)

    def _write(self, c: Connection, before: Setup, after: Setup, now_ms: int) -> None:
        for name in before.accounts.keys() - after.accounts.keys():
            accounts.remove(c, name)
            _forget(c, name)
        for name, account in after.accounts.items():
            if account != before.accounts.get(name):
                accounts.put(c, self._row(account), now_ms)
        moved = moved_accounts(before, after)
        for name in moved:
            accounts.forget_records(c, name)
            _forget(c, name)
        _write_connections(c, before, after, moved, now_ms)
        _write_agents(c, before, after, now_ms)
        if after.origins != before.origins:
            accounts.replace_origins(c, after.origins)
        if after.dialling != before.dialling:
            documents.put(c, DIALLING, stored_dialling(after.dialling))
        if after.matching != before.matching:
            documents.put(c, MATCHING, stored_matching(after.matching))

    def _row(self, account: AccountSetup) -> accounts.AccountRow:
        blob = self._vault.seal(account.name, account.secrets) if account.secrets else None
        return accounts.AccountRow(account.name, account.app, account.stored_config(), blob)


def _write_connections(
    c: Connection, before: Setup, after: Setup, moved: Collection[str], now_ms: int
) -> None:
    """`moved`: accounts that are other books now; no pair with a record of the old one stays."""
    for name in before.connections.keys() - after.connections.keys():
        connections.remove(c, name)
    for name, connection in after.connections.items():
        if connection.a in moved or connection.b in moved:
            connections.remove(c, name)
            connections.put(c, connection, now_ms)
        elif connection != before.connections.get(name):
            connections.put(c, connection, now_ms)


def _write_agents(c: Connection, before: Setup, after: Setup, now_ms: int) -> None:
    for login in before.agents.keys() - after.agents.keys():
        agents.remove(c, before.agents[login].id)
    write_changes(
        c, [(agent, after.agents[login]) for login, agent in before.agents.items() if login in after.agents]
    )
    for login in after.agents.keys() - before.agents.keys():
        agents.add(c, after.agents[login], None, now_ms)


def _forget(c: Connection, book: str) -> None:
    """The contacts of an account go with it: nobody could open their pages any more. So do its fields."""
    documents.remove(c, [documents.fields_of(book), documents.shown_as(book), documents.read_as(book)])
    while record_ids := contacts.record_ids(c, book, None, _BATCH):
        contacts.remove(c, book, record_ids)


def _audit(c: Connection, change: Change, actor: str, now_ms: int) -> None:
    before = {each.name: each.before for each in change.fields}
    after = {each.name: each.after for each in change.fields}
    audit.add(
        c,
        at_ms=now_ms,
        actor=actor,
        action=f"apply.{change.kind.value}",
        target=change.target,
        before=None if change.kind.value == "add" else before,
        after=None if change.kind.value == "remove" else after,
    )
