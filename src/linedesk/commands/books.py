"""What commands on a data folder share: their settings and stores, and who runs them."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from linedesk.settings import Settings, load_settings
from linedesk.store.database import Database

T = TypeVar("T")

config_option = click.option(
    "--config", type=click.Path(path_type=Path), help="config.toml; without it, the defaults."
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of sentences.")


def quiet_settings(config: Path | None) -> Settings:
    """The settings, for a command whose answer goes to standard output: only errors are logged, beside it."""
    from linedesk.logs import configure_logs

    settings = load_settings(config)
    configure_logs(settings.log_format, "error")
    return settings


def with_books(config: Path | None, work: Callable[[Settings, Database], Awaitable[T]]) -> T:
    """Run `work` on the database of people and accounts; it is closed afterwards."""
    from linedesk.store.migrate import open_stores

    async def run() -> T:
        settings = quiet_settings(config)
        stores = await open_stores(settings.data_dir)
        try:
            return await work(settings, stores.books)
        finally:
            await stores.close()

    return asyncio.run(run())


def actor() -> str:
    """Whom the audit names for a change made on the command line."""
    try:
        return f"command line ({getpass.getuser()})"
    except (KeyError, OSError):
        return "command line"
