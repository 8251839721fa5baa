"""`linedesk contacts reread` and `rebuild` as a person runs them, and as a script does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from linedesk.commands.books import with_books
from linedesk.commands.contacts import contacts
from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact, ContactNumber
from linedesk.contacts.readings import imported
from linedesk.errors import UserError
from linedesk.numbers import NumberPlan, read
from running import printed

IT, DE = NumberPlan("IT"), NumberPlan("DE")
BERLIN = "+493023125014"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('data_dir = "data"\n')
    return path


def run(config: Path, *arguments: str) -> str:
    return printed(contacts, *arguments, "--config", str(config))


def filled(config: Path) -> None:
    """Two books, both read as Italian numbers; the second is noted as one from Germany."""

    async def fill(_settings: Any, books: Any) -> None:
        for book in ("crm", "files"):
            numbers = (ContactNumber("030 23125014", "work"),)
            ada = Contact(f"{book}-1", book, "csv", "1", f"Ada of {book}", numbers=numbers)
            await Directory(books).put([ada], IT)
        await books.write(lambda c: imported(c, "files", DE, whole=True))

    with_books(config, fill)


def owners(config: Path, number: str) -> list[str]:
    async def look(_settings: Any, books: Any) -> list[str]:
        found = await Directory(books).lookup(read(number, IT), None)
        return [each.contact.name for each in found.sure]

    return with_books(config, look)


def test_reread_takes_each_book_as_it_is_to_be_read_and_says_what_changed(config: Path) -> None:
    filled(config)
    said = run(config, "reread")
    assert "crm: 0 contacts are read in another way now." in said
    assert "files: 1 contacts are read in another way now." in said
    assert owners(config, BERLIN) == ["Ada of files"]
    assert json.loads(run(config, "reread", "--json")) == {"changed": {"crm": 0, "files": 0}}


def test_reread_of_one_book_leaves_the_others_alone(config: Path) -> None:
    filled(config)
    assert json.loads(run(config, "reread", "--book", "crm", "--json")) == {"changed": {"crm": 0}}
    assert owners(config, BERLIN) == []


def test_reread_says_which_books_there_are(config: Path) -> None:
    with pytest.raises(UserError) as caught:
        run(config, "reread", "--book", "crm")
    assert "none" in caught.value.remedy
    assert "no contacts yet" in run(config, "reread")
    filled(config)
    with pytest.raises(UserError, match="'cmr'") as caught:
        run(config, "reread", "--book", "cmr")
    assert "crm, files" in caught.value.remedy


def test_rebuild_mends_the_index_and_says_how_many(config: Path) -> None:
    filled(config)

    async def break_it(_settings: Any, books: Any) -> None:
        await books.write(lambda c: c.exec_driver_sql("DELETE FROM contact_keys"))

    with_books(config, break_it)
    assert owners(config, "+3903023125014") == []
    assert "The index of 2 contacts is made anew" in run(config, "rebuild")
    assert owners(config, "+3903023125014") == ["Ada of crm", "Ada of files"]
    assert json.loads(run(config, "rebuild", "--json")) == {"contacts": 2}
