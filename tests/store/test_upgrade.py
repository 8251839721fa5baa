"""A data folder of the version before matching: callers are known at once, search is whole a little later."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic import command

from linedesk.clock import SystemClock
from linedesk.numbers import NumberPlan, read
from linedesk.parts import Parts, opened_parts
from linedesk.settings import load_settings
from linedesk.store.migrate import migrate

IT = NumberPlan("IT")
PEOPLE = (
    # rowid, book, record, type, name, company, raw, value, keys with their certainty
    (
        1,
        "crm",
        "1",
        "person",
        "Zoë Ähnlich",
        "Example Srl",
        "02 12345678",
        "+390212345678",
        ("+390212345678",),
    ),
    (3, "crm", "2", "company", "Example Srl", "", "+39 02 9999", "+39029999", ("+39029999",)),
    (
        7,
        "list",
        "x",
        "person",
        "Bruno Neri",
        "",
        "347 1234567",
        "+393471234567",
        ("+393471234567", "?+3934712345"),
    ),
    (9, "list", "y", "person", "Carla Verdi", "", "no number", None, ()),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configured folder whose books.db has the old schema, filled as the old version did."""
    data = tmp_path / "data"
    data.mkdir()
    upgrade = command.upgrade
    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _revision: upgrade(config, "books_0002"))
        migrate(data / "books.db", "books")
    with sqlite3.connect(data / "books.db") as raw:
        for rowid, book, record, type_, name, company, spelled, value, keys in PEOPLE:
            row = (rowid, f"{book}:{record}", book, "csv", record, type_, name, company, "[]", None, 0)
            raw.execute(f"INSERT INTO contacts VALUES ({','.join('?' * 11)})", row)
            raw.execute("INSERT INTO contact_numbers VALUES (?,0,?,'work',?)", (rowid, spelled, value))
            raw.execute(
                "INSERT INTO contact_words (rowid, book, name, rest) VALUES (?,?,?,?)", row[:1] + row[2:5]
            )
            raw.execute("INSERT INTO contact_digits (rowid, digits) VALUES (?,?)", (rowid, value or ""))
            for key in keys:
                text, certainty = key.lstrip("?"), "possible" if key.startswith("?") else "sure"
                raw.execute("INSERT INTO contact_keys VALUES (?,?,0,?)", (text, rowid, certainty))
        raw.execute("""INSERT INTO documents VALUES ('policy', '{"kept": true}')""")
    raw.close()
    (tmp_path / "config.toml").write_text('data_dir = "data"\n')
    return tmp_path


async def owners(parts: Parts, text: str) -> list[str]:
    return [each.contact.name for each in (await parts.directory.lookup(read(text, IT), None)).sure]


async def found(parts: Parts, text: str) -> list[str]:
    return [each.name for each in (await parts.directory.search(text, None, 10, IT)).items]


async def test_an_old_folder_knows_callers_at_once_and_is_searched_whole_in_the_end(folder: Path) -> None:
    async with opened_parts(load_settings(folder / "config.toml"), SystemClock()) as parts:
        assert await owners(parts, "+390212345678") == ["Zoë Ähnlich"]
        assert await owners(parts, "347 1234567") == ["Bruno Neri"]
        assert await found(parts, "zoe") == []

        assert set(await parts.reshow().step()) == {"crm", "list"}
        assert await found(parts, "zoe ahn") == ["Zoë Ähnlich"]
        assert await found(parts, "verdi") == ["Carla Verdi"]
        assert await found(parts, "3471234") == ["Bruno Neri"]
        assert [each.name for each in await parts.directory.companies("EXAMPLE srl", None)] == ["Example Srl"]
        assert await owners(parts, "+390212345678") == ["Zoë Ähnlich"]
        assert await parts.reshow().step() == ()


async def test_what_comes_in_before_the_old_entries_are_read_again_is_found_beside_them(folder: Path) -> None:
    async with opened_parts(load_settings(folder / "config.toml"), SystemClock()) as parts:
        (bruno,) = await parts.directory.records(["x"], frozenset({"list"}))
        await parts.directory.put([bruno], IT)
        assert await found(parts, "neri") == ["Bruno Neri"]
        assert await parts.directory.remove("crm", ["1"]) == 1
        await parts.reshow().step()
        assert await owners(parts, "+390212345678") == []
        assert await found(parts, "neri") == ["Bruno Neri"]
