"""`linedesk match NUMBER`: the service's own directory, for an administrator who wonders why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from linedesk.agents.model import Agent, Role
from linedesk.calls.picks import Picks
from linedesk.clock import SystemClock
from linedesk.commands.books import with_books
from linedesk.commands.match import match
from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact, ContactNumber, contact_id
from linedesk.errors import UserError
from linedesk.numbers import NumberPlan, read
from linedesk.store import accounts
from linedesk.store import agents as agent_rows
from linedesk.store.accounts import AccountRow
from running import printed

NUMBER = "+442079460018"
LUCA = Agent("a1", "luca", "Luca Rossi", Role.AGENT, "office", "201", books=frozenset({"crm"}))
PBX = {"url": "https://pbx.example.test", "region": "GB"}


def contact(book: str, record: str, name: str, raw: str, **more: Any) -> Contact:
    numbers = (ContactNumber(raw, "work"),)
    return Contact(contact_id(book, record), book, "freshdesk", record, name, numbers=numbers, **more)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('data_dir = "data"\n')

    async def fill(_settings: Any, books: Any) -> None:
        await books.write(lambda c: accounts.put(c, AccountRow("office", "wildix", PBX), 1))
        await books.write(lambda c: accounts.put(c, AccountRow("rome", "wildix", {**PBX, "region": "IT"}), 1))
        await books.write(lambda c: agent_rows.add(c, LUCA, None, 1))
        await Directory(books).put(
            [
                contact("crm", "1", "Ada", "020 7946 0018", company="Example Ltd"),
                contact("crm", "2", "Bob\x1b[31m", NUMBER, company="Example Ltd", archived=True),
                contact("crm", "3", "Near", "+44 121 946 0018"),
                contact("private", "4", "Secret", NUMBER),
            ],
            NumberPlan("GB"),
        )
        await Picks(books, SystemClock()).choose(LUCA, read(NUMBER, NumberPlan("GB")), contact_id("crm", "1"))

    with_books(path, fill)
    return path


def run(config: Path, *arguments: str) -> str:
    return printed(match, *arguments, "--config", str(config))


def test_every_book_is_searched_and_each_contact_has_its_reasons(config: Path) -> None:
    output = run(config, "020 7946 0018", "--explain")
    assert output.startswith("020 7946 0018: 020 7946 0018\n  Read as +442079460018.\n")
    assert f"Looked up by {NUMBER} (sure)." in output
    assert "Switchboards tried, among companies: +44207946001" in output
    assert "1. Ada, person in Freshdesk (crm): 020 7946 0018 (work)\n" in output
    assert "2. Secret, person in Freshdesk (private): +442079460018 (work)\n" in output
    assert "One of 3 sure contacts: the agent chooses." in output
    assert "Archived in Freshdesk: offered last." in output
    near = output[output.index("Not the caller's") :]
    assert "- Near, person in Freshdesk (crm): +44 121 946 0018 (work)" in near
    assert "only the last seven digits are the same" in near


def test_text_from_outside_steers_no_terminal(config: Path) -> None:
    output = run(config, NUMBER, "--explain")
    assert "\x1b" not in output
    assert "Bob\\u001b[31m" in output


def test_without_explain_only_who_matches(config: Path) -> None:
    output = run(config, NUMBER)
    assert "Ada" in output
    assert "Near" not in output
    assert "Looked up" not in output


def test_as_an_agent_the_hidden_stand_apart_and_the_choice_is_known(config: Path) -> None:
    output = run(config, NUMBER, "--explain", "--agent", "luca")
    hidden = output[output.index("Hidden from this agent") :]
    assert "- Secret, person in Freshdesk (private)" in hidden
    assert "the book private is not among those the agent may see" in hidden
    assert "The agent chose this contact for the number before." in output


def test_json_is_the_answer_of_the_lookup(config: Path) -> None:
    document = json.loads(run(config, NUMBER, "--explain", "--agent", "luca", "--json"))
    assert [each["name"] for each in document["sure"]] == ["Ada", "Bob\x1b[31m"]
    assert document["picked"] == contact_id("crm", "1")
    verdicts = {each["name"]: each["verdict"] for each in document["explain"]["candidates"]}
    assert verdicts == {"Ada": "sure", "Bob\x1b[31m": "sure", "Secret": "hidden", "Near": "rejected"}
    assert "explain" not in json.loads(run(config, NUMBER, "--json"))


def test_the_account_decides_how_the_number_is_read(config: Path) -> None:
    assert "Read as +442079460018." in run(config, "02079460018", "--explain", "--account", "office")
    assert "Read as +442079460018." not in run(config, "02079460018", "--explain", "--account", "rome")


def test_B05_an_internal_number_is_a_colleagues(config: Path) -> None:
    output = run(config, "201", "--explain")
    assert "A colleague: Luca Rossi, 201." in output
    assert "Nobody in the directory matches." in output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--account", "paris"], "There is no PBX account paris"),
        (["--agent", "nobody"], "There is no agent nobody"),
        (["--agent", "luca", "--account", "rome"], "luca is not an agent of rome"),
    ],
)
def test_an_unknown_account_or_agent_is_told(config: Path, arguments: list[str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        run(config, NUMBER, *arguments)
