"""What syncs and checks need, made once: by the service, and by commands that work without one."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from linedesk.accounts.model import PbxAccount
from linedesk.accounts.service import Accounts
from linedesk.accounts.vault import Vault
from linedesk.agents.roster import Roster
from linedesk.apps.base import Finding
from linedesk.apps.opened import OpenApps
from linedesk.apps.registry import REGISTRY
from linedesk.checkup import Checkup, health_at_rest
from linedesk.clock import Clock
from linedesk.contacts.directory import Directory
from linedesk.pbx.health import PbxHealth
from linedesk.pbx.lines import Lines
from linedesk.settings import Settings
from linedesk.store import records
from linedesk.store.migrate import Stores, open_stores
from linedesk.sync.engine import Engine
from linedesk.sync.reshow import AccountsNow, Reshow


@dataclass(frozen=True, slots=True)
class Parts:
    """Accounts in memory, their open ends, and what works on them."""

    settings: Settings
    clock: Clock
    stores: Stores
    vault: Vault
    accounts: Accounts
    roster: Roster
    directory: Directory
    lines: Lines
    apps: OpenApps
    engine: Engine
    health: PbxHealth

    def checkup(self, *, serving: bool = True) -> Checkup:
        """The check of all accounts; `serving`: this process is the service, so it knows how events come."""

        def health(account: PbxAccount) -> tuple[Finding, ...]:
            if serving:
                return self.health.sentences(account, self.clock.now_ms())
            return health_at_rest(self.health, account, self.clock.now_ms())

        async def counts(account: str) -> tuple[int, int]:
            return await self.stores.books.read(lambda c: records.counts(c, account))

        return Checkup(self.accounts, self.roster, self.lines, self.apps, health=health, counts=counts)

    def reshow(self) -> Reshow:
        """What keeps the directory as the accounts say; one at a time works on a data folder."""
        accounts = AccountsNow(self.accounts.apps, self.apps.app, self.apps.plan_of)
        return Reshow(self.stores.books, self.clock, self.directory, self.engine, accounts)

    async def refresh(self) -> None:
        """Close and open ends as the accounts changed."""
        await self.lines.refresh()
        await self.apps.refresh(self.engine.in_use())

    async def tidy(self) -> None:
        """Close what a run still worked with at the last refresh."""
        await self.apps.tidy(self.engine.in_use())

    async def close(self) -> None:
        """Close what is open; the stores are whoever's who opened them."""
        await self.apps.close()
        await self.lines.close()


async def make_parts(settings: Settings, clock: Clock, stores: Stores) -> Parts:
    """Read the accounts and open the PBX clients. Raises `ConfigError` if the secret key does not fit."""
    key = settings.secret_key.get_secret_value() if settings.secret_key else None
    vault = Vault.open(key, settings.data_dir)
    accounts, roster, directory = (
        Accounts(stores.books, vault, clock),
        Roster(stores.books),
        Directory(stores.books),
    )
    await accounts.refresh()
    await roster.refresh()
    lines = await _lines(settings, clock, accounts)
    apps = OpenApps(
        accounts,
        REGISTRY,
        clock,
        pbx=lines.client,
        timeout_s=settings.app_timeout_s,
        loopback=is_loopback(settings.host),
    )
    engine = Engine(
        stores.books,
        clock,
        directory,
        connection_of=accounts.connection_of,
        app_of=apps.app,
        kind_of=apps.kind_of,
        plan_of=apps.plan_of,
    )
    health = PbxHealth()
    await health.restore(stores.calls)
    return Parts(
        settings=settings,
        clock=clock,
        stores=stores,
        vault=vault,
        accounts=accounts,
        roster=roster,
        directory=directory,
        lines=lines,
        apps=apps,
        engine=engine,
        health=health,
    )


async def _lines(settings: Settings, clock: Clock, accounts: Accounts) -> Lines:
    lines = Lines(
        accounts,
        timeout_s=settings.pbx_timeout_s,
        loopback=is_loopback(settings.host),
        clock=clock,
        save_grant=accounts.save_refresh_token,
    )
    await lines.refresh()
    return lines


@asynccontextmanager
async def opened_parts(settings: Settings, clock: Clock) -> AsyncIterator[Parts]:
    """The parts for one command, with stores of their own."""
    stores = await open_stores(settings.data_dir)
    try:
        parts = await make_parts(settings, clock, stores)
        try:
            yield parts
        finally:
            await parts.close()
    finally:
        await stores.close()


def is_loopback(host: str) -> bool:
    """Whether this address to listen on can only be reached from this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
