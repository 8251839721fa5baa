"""`linedesk contacts import` as a person runs it, and as a script does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from linedesk.commands.books import with_books
from linedesk.commands.contacts import contacts
from linedesk.contacts.directory import Directory
from linedesk.errors import CsvError, UserError
from linedesk.numbers import NumberPlan, read
from linedesk.store import accounts
from linedesk.store.accounts import AccountRow
from running import printed

HEAD = "ID,Name,Phone\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('data_dir = "data"\n')
    return path


def run(config: Path, text: str, *more: str) -> str:
    file = config.parent / "people.csv"
    file.write_text(text, encoding="utf-8")
    return printed(contacts, "import", str(file), "--config", str(config), *more)


def account(config: Path, name: str, app: str, **values: Any) -> None:
    async def add(_settings: Any, books: Any) -> None:
        await books.write(lambda c: accounts.put(c, AccountRow(name, app, values), 1))

    with_books(config, add)


def owners(config: Path, number: str) -> list[tuple[str, str | None]]:
    async def look(_settings: Any, books: Any) -> list[tuple[str, str | None]]:
        found = await Directory(books).lookup(read(number, NumberPlan("IT")), None)
        return [(each.contact.name, each.contact.page_url) for each in found.sure]

    return with_books(config, look)


def test_a_file_is_imported_and_a_caller_found(config: Path) -> None:
    account(config, "crm", "freshdesk", url="https://acme.freshdesk.com")
    output = run(config, HEAD + "7,Anna,02 1234 5678\n8,Bea,212345678\n9,Cora,4.4E+11\n", "--book", "crm")
    assert output.startswith("Imported 3 contacts into crm; 2 numbers look damaged (lines 3, 4)")
    assert "3 new, 0 already there; local numbers are read as in IT." in output
    assert owners(config, "+390212345678") == [("Anna", "https://acme.freshdesk.com/a/contacts/7")]


def test_importing_again_changes_nothing(config: Path) -> None:
    run(config, HEAD + "7,Anna,02 1234 5678\n", "--book", "crm")
    output = run(config, HEAD + "7,Anna,02 1234 5678\n", "--book", "crm")
    assert "0 new, 1 already there" in output
    assert len(owners(config, "+390212345678")) == 1


def test_a_preview_counts_and_writes_nothing(config: Path) -> None:
    run(config, HEAD + "7,Anna,02 1234 5678\n", "--book", "crm")
    output = run(config, HEAD + "8,Bea,02 8765 4321\n", "--book", "crm", "--replace", "--preview")
    assert output.startswith("Would import 1 contact into crm.")
    assert "1 new, 0 already there, 1 to be removed" in output
    assert owners(config, "+390287654321") == []
    assert len(owners(config, "+390212345678")) == 1


def test_replace_removes_what_the_file_does_not_hold(config: Path) -> None:
    run(config, HEAD + "7,Anna,02 1234 5678\n8,Bea,02 8765 4321\n", "--book", "crm")
    assert "1 removed" in run(config, HEAD + "8,Bea,02 8765 4321\n", "--book", "crm", "--replace")
    assert owners(config, "+390212345678") == []


def test_json_is_one_document(config: Path) -> None:
    output = json.loads(run(config, HEAD + "7,Anna,212345678\n", "--book", "crm", "--json"))
    assert output["contacts"] == output["new"] == output["numbers"] == 1
    assert output["damaged"] == [{"line": 2, "text": "212345678", "reason": "the 0 at its start is lost"}]


def test_local_numbers_are_read_in_the_region_of_the_pbx_or_as_told(config: Path) -> None:
    account(config, "pbx", "wildix", url="https://acme.wildixin.com", region="DE")
    assert "as in DE" in run(config, HEAD + "7,Anna,030 23125014\n", "--book", "crm")
    assert len(owners(config, "+493023125014")) == 1
    assert "as in GB" in run(config, HEAD + "7,Anna,020 7946 0018\n", "--book", "crm", "--region", "gb")
    assert len(owners(config, "+442079460018")) == 1


def test_several_regions_want_a_choice(config: Path) -> None:
    account(config, "one", "wildix", url="https://one.test", region="DE")
    account(config, "two", "wildix", url="https://two.test", region="IT")
    with pytest.raises(UserError, match=r"several regions \(DE, IT\)"):
        run(config, HEAD, "--book", "crm")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--book", "pbx"), "pbx is a PBX"),
        (("--book", "crm", "--app", "google"), "belongs to freshdesk, not to google"),
        (("--book", " "), "needs a name"),
        (("--book", "new", "--region", "Italy"), "Italy is no region"),
        (("--book", "new", "--region", "ZZ"), "ZZ is no region"),
        (("--book", "new", "--region", "EU"), "EU is no region"),
        (("--book", "new", "--region", ""), "is no region"),
    ],
)
def test_what_does_not_fit_is_one_clear_sentence(config: Path, more: tuple[str, ...], sentence: str) -> None:
    account(config, "pbx", "wildix", url="https://acme.wildixin.com", region="IT")
    account(config, "crm", "freshdesk", url="https://acme.freshdesk.com")
    with pytest.raises(UserError, match=sentence):
        run(config, HEAD + "7,Anna,02 1234 5678\n", *more)


def test_a_file_that_is_not_there_is_one_clear_sentence(config: Path) -> None:
    result = CliRunner().invoke(contacts, ["import", "none.csv", "--book", "crm", "--config", str(config)])
    assert isinstance(result.exception, CsvError)
    assert "none.csv can't be read" in result.exception.message


def test_B6_without_a_book_the_only_app_account_is_meant(config: Path) -> None:
    account(config, "pbx", "wildix", url="https://acme.wildixin.com", region="IT")
    account(config, "crm", "freshdesk", url="https://acme.freshdesk.com")
    output = run(config, HEAD + "7,Anna,02 1234 5678\n")
    assert output.startswith("Imported 1 contact into crm.")
    assert "The book is crm, since it is the only app account; --book names another." in output
    assert owners(config, "+390212345678") == [("Anna", "https://acme.freshdesk.com/a/contacts/7")]


def test_B6_without_a_book_and_without_an_app_account_it_is_csv(config: Path) -> None:
    account(config, "pbx", "wildix", url="https://acme.wildixin.com", region="IT")
    output = run(config, HEAD + "7,Anna,02 1234 5678\n")
    assert output.startswith("Imported 1 contact into csv.")
    assert "The book is csv, since there is no app account; --book names another." in output


def test_B6_without_a_book_and_with_several_app_accounts_it_is_csv_or_the_one_of_the_app(
    config: Path,
) -> None:
    account(config, "crm", "freshdesk", url="https://acme.freshdesk.com")
    account(config, "people", "google")
    assert json.loads(run(config, HEAD + "7,Anna,1\n", "--json"))["book"] == "csv"
    assert "since there are 2 app accounts" in run(config, HEAD + "7,Anna,02 1234 5678\n")
    output = run(config, HEAD + "7,Anna,02 1234 5678\n", "--app", "google")
    assert output.startswith("Imported 1 contact into people.")
    assert "it is the only google account" in output


def people(count: int, first: int = 0) -> str:
    return HEAD + "".join(f"{n},Person {n},02 1234 {5000 + n}\n" for n in range(first, first + count))


def stored(config: Path) -> int:
    async def count(_settings: Any, books: Any) -> int:
        return await Directory(books).count("crm")

    return with_books(config, count)


@pytest.mark.parametrize(
    ("before", "file", "sentence"),
    [
        (3, HEAD, "the file holds no contacts, and --replace would remove 3 of the 3 in crm"),
        (20, people(9), "the file holds 9 contacts, and --replace would remove 11 of the 20 in crm"),
        (20, people(30, first=100), "holds 30 contacts, and --replace would remove 20 of the 20 in crm"),
    ],
)
def test_B10_a_replace_that_removes_too_much_is_refused_and_changes_nothing(
    config: Path, before: int, file: str, sentence: str
) -> None:
    run(config, people(before), "--book", "crm")
    gone = sentence.split("remove ")[1].split(maxsplit=1)[0]
    with pytest.raises(UserError, match=sentence) as caught:
        run(config, file, "--book", "crm", "--replace")
    assert caught.value.message.startswith("Nothing was changed: ")
    assert f"--yes-remove {gone}" in caught.value.remedy
    with pytest.raises(UserError, match=sentence):
        run(config, file, "--book", "crm", "--replace", "--yes-remove", str(int(gone) - 1))
    assert stored(config) == before
    assert f"needs --yes-remove {gone}." in run(config, file, "--book", "crm", "--replace", "--preview")
    output = run(config, file, "--book", "crm", "--replace", "--yes-remove", gone)
    assert f"{gone} removed" in output
    assert stored(config) == file.count("Person")


@pytest.mark.parametrize(("before", "left"), [(20, 10), (19, 1)])
def test_B10_half_of_a_book_or_most_of_a_small_one_is_replaced_without_a_question(
    config: Path, before: int, left: int
) -> None:
    run(config, people(before), "--book", "crm")
    assert f"{before - left} removed" in run(config, people(left), "--book", "crm", "--replace")
    assert stored(config) == left


def test_B10_a_file_without_contacts_may_replace_an_empty_book(config: Path) -> None:
    assert run(config, HEAD, "--book", "crm", "--replace").startswith("Imported 0 contacts into crm.")
