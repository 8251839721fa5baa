"""An engine for one command, when no service runs on the data folder: the same store, leases and budgets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from linedesk.accounts.addresses import is_loopback
from linedesk.accounts.service import Accounts
from linedesk.accounts.vault import Vault
from linedesk.apps.opened import OpenApps
from linedesk.apps.registry import REGISTRY
from linedesk.clock import Clock
from linedesk.contacts.directory import Directory
from linedesk.pbx.lines import Lines
from linedesk.settings import Settings
from linedesk.store.migrate import open_stores
from linedesk.sync.engine import Engine


@asynccontextmanager
async def engine_room(settings: Settings, clock: Clock) -> AsyncIterator[Engine]:
    """The engine while the block runs. Raises `ConfigError` or `StoreError`."""
    stores = await open_stores(settings.data_dir)
    try:
        key = settings.secret_key.get_secret_value() if settings.secret_key else None
        accounts = Accounts(stores.books, Vault.open(key, settings.data_dir), clock)
        await accounts.refresh()
        loopback = is_loopback(settings.host)
        lines = Lines(
            accounts,
            timeout_s=settings.pbx_timeout_s,
            loopback=loopback,
            clock=clock,
            save_grant=accounts.save_refresh_token,
        )
        apps = OpenApps(
            accounts,
            REGISTRY,
            clock,
            pbx=lines.client,
            timeout_s=settings.pbx_timeout_s,
            loopback=loopback,
        )
        try:
            await lines.refresh()
            yield Engine(
                stores.books,
                clock,
                Directory(stores.books),
                connection_of=accounts.connection_of,
                app_of=apps.app,
                kind_of=apps.kind_of,
                plan_of=apps.plan_of,
            )
        finally:
            await apps.close()
            await lines.close()
    finally:
        await stores.close()
