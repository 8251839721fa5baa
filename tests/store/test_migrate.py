"""The migrated schema is the one of tables.py, from any start, once."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, text

from linedesk.errors import StoreError
from linedesk.store import sync_tables as _sync_tables  # noqa: F401 - it adds its tables
from linedesk.store.migrate import SCRIPTS, migrate, open_stores
from linedesk.store.tables import books_metadata, calls_metadata

KINDS = {"calls": calls_metadata, "books": books_metadata}


def ours(name: str | None, type_: str, _parents: Any) -> bool:
    # The full-text tables and what SQLite makes for them are no tables of tables.py.
    search = ("contact_find", "contact_texts", "contact_terms", "contact_stems")
    return type_ != "table" or not (name or "").startswith(search)


def differences(path: Path, metadata: MetaData) -> list[Any]:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": ours, "compare_type": True, "compare_server_default": True}
        )
        found: list[Any] = compare_metadata(context, metadata)
    engine.dispose()
    return found


def schema(path: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(path) as raw:
        rows = raw.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        ).fetchall()
    raw.close()
    return rows


@pytest.mark.parametrize("kind", KINDS)
def test_migrated_schema_equals_the_tables(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"{kind}.db"
    migrate(path, kind)
    assert differences(path, KINDS[kind]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_table_options_equal_those_of_the_tables(tmp_path: Path, kind: str) -> None:
    """What the comparison above does not see: WITHOUT ROWID, AUTOINCREMENT, cascades, partial indexes."""
    migrate(tmp_path / "migrated.db", kind)
    engine = create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    KINDS[kind].create_all(engine)
    engine.dispose()
    migrated = {name: " ".join(sql.split()) for name, sql in schema(tmp_path / "migrated.db")}
    for name, sql in schema(tmp_path / "made.db"):
        assert migrated[name] == " ".join(sql.split())


@pytest.mark.parametrize("kind", KINDS)
def test_migrating_again_changes_nothing(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"{kind}.db"
    migrate(path, kind)
    before = schema(path)
    migrate(path, kind)
    assert schema(path) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_a_newer_linedesk_is_refused_untouched(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"{kind}.db"
    migrate(path, kind)
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = 'books_9999'")
    raw.close()
    before = schema(path)
    with pytest.raises(StoreError, match="made by a newer Linedesk") as caught:
        migrate(path, kind)
    assert "books_9999" in caught.value.message
    assert "Update Linedesk" in caught.value.remedy
    assert schema(path) == before


def test_a_migration_that_is_cut_leaves_the_old_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "books.db"

    def cut(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("alembic.operations.Operations.create_index", cut)
        with pytest.raises(KeyboardInterrupt):
            migrate(path, "books")
    assert schema(path) == []
    migrate(path, "books")
    assert differences(path, books_metadata) == []


def test_a_broken_file_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    path.write_bytes(b"no database at all, but long enough to look like one" * 100)
    with pytest.raises(StoreError, match="can't be brought up to date: file is not a database"):
        migrate(path, "calls")


def test_every_revision_has_one_parent_and_its_kind_in_its_name() -> None:
    for kind in KINDS:
        files = sorted(path.stem for path in (SCRIPTS / kind).glob("*.py") if path.stem != "__init__")
        assert files
        assert all(name.startswith(f"{kind}_") for name in files)


async def test_open_stores_makes_a_folder_only_its_owner_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    stores = await open_stores(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    calls = await stores.calls.write(lambda c: c.execute(text("PRAGMA synchronous")).scalar_one())
    books = await stores.books.write(lambda c: c.execute(text("PRAGMA synchronous")).scalar_one())
    assert (calls, books) == (1, 2)
    await stores.close()


async def test_processes_may_open_at_once(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path; from linedesk.store.migrate import open_stores\n"
        "async def main():\n    await (await open_stores(Path(sys.argv[1]))).close()\n"
        "asyncio.run(main())"
    )
    commands = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(tmp_path)) for _ in range(3)
    ]
    assert await asyncio.gather(*(command.wait() for command in commands)) == [0, 0, 0]
    assert differences(tmp_path / "calls.db", calls_metadata) == []


async def test_a_folder_with_percent_and_spaces_works(tmp_path: Path) -> None:
    stores = await open_stores(tmp_path / "50% of data")
    await stores.close()
    assert (tmp_path / "50% of data" / "books.db").exists()


async def test_a_data_folder_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StoreError, match="can't be made or opened") as caught:
        await open_stores(tmp_path / "data")
    assert "data_dir" in caught.value.remedy
