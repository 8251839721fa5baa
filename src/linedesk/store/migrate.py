"""Opens the data folder: makes it, brings both files to the newest schema, gives the two databases.

The schema changes run from code, in one transaction a file, under the file's write lock: a kill in the
middle leaves the old schema, and a second process waits and finds the work done.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from linedesk.errors import StoreError
from linedesk.store.database import Database, file_error

SCRIPTS = Path(__file__).parent / "migrations"
_LOCK_MS = 30_000


@dataclass(frozen=True, slots=True)
class Stores:
    """`calls`: events and calls. `books`: contacts, people, accounts and settings."""

    calls: Database
    books: Database

    async def close(self) -> None:
        """Commit what is queued and close both files."""
        try:
            await self.calls.close()
        finally:
            await self.books.close()


async def open_stores(data_dir: Path) -> Stores:
    """Make `data_dir` (mode 700) if it is missing, migrate both files and open them.

    Raises `StoreError` with what is wrong: no right to the folder, a broken file, a file of a newer
    Linedesk.
    """
    await asyncio.to_thread(_prepare, data_dir)
    calls = await Database.open(data_dir / "calls.db", durability="NORMAL")
    try:
        books = await Database.open(data_dir / "books.db", durability="FULL")
    except StoreError:
        await calls.close()
        raise
    return Stores(calls, books)


def migrate(path: Path, kind: str) -> None:
    """Bring the file at `path` to the newest schema of `kind` (`calls` or `books`). Blocks."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _settings(raw: Any, _record: Any) -> None:
        raw.execute(f"PRAGMA busy_timeout={_LOCK_MS}")

    config = Config()
    config.set_main_option("script_location", _escaped(SCRIPTS))
    config.set_main_option("version_locations", _escaped(SCRIPTS / kind))
    config.set_main_option("path_separator", "newline")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            _refuse_newer(connection, config, path)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except DBAPIError as error:
        raise file_error(path, "brought up to date", error) from error


def _prepare(data_dir: Path) -> None:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        data_dir.chmod(0o700)
    except OSError as error:
        raise StoreError(
            f"The data folder {data_dir} can't be made or opened: {error.strerror}.",
            remedy="Set `data_dir` in config.toml to a folder that Linedesk's user may write to.",
        ) from error
    for kind in ("calls", "books"):
        migrate(data_dir / f"{kind}.db", kind)


def _refuse_newer(connection: Connection, config: Config, path: Path) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    unknown = set(MigrationContext.configure(connection).get_current_heads()) - known
    if unknown:
        raise StoreError(
            f"The database {path} was made by a newer Linedesk (its schema is {', '.join(sorted(unknown))}).",
            remedy="Update Linedesk, or restore the backup made before the update.",
        )


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")
