"""`linedesk number`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from linedesk.commands.books import with_books
from linedesk.commands.number import number
from linedesk.errors import UserError
from linedesk.store import accounts
from linedesk.store.accounts import AccountRow


def run(command: Any, *arguments: str, stdin: str | bytes = "") -> str:
    result = CliRunner().invoke(command, list(arguments), input=stdin, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A data folder with a PBX that has an outside line and rules, a plain one, and a book."""
    path = tmp_path / "config.toml"
    path.write_text('data_dir = "data"\n')
    ruled = {
        "url": "https://pbx.example",
        "region": "GB",
        "internal_pattern": "[1-4][0-9]{2}",
        "outside_line": "9",
        "prefix_rules": [{"prefix": "", "replace": "020", "min_digits": 8, "max_digits": 8}],
        "dial_rules": [{"prefix": "90", "replace": "180"}],
    }

    async def add(_settings: Any, books: Any) -> None:
        for row in (
            AccountRow("office", "wildix", ruled),
            AccountRow("branch", "wildix", {"url": "https://b.example", "region": "GB"}),
            AccountRow("crm", "freshdesk", {"url": "https://acme.freshdesk.com"}),
        ):
            await books.write(lambda c, row=row: accounts.put(c, row, 1))

    with_books(path, add)
    return path


def test_B24_an_account_is_tried_with_all_that_its_pbx_adds(config: Path) -> None:
    output = run(number, "--config", str(config), "--account", "office", "79460018", "902079460018", "201")
    assert "rule       020 is put in front, before it is read" in output
    assert "number     +442079460018 (GB)" in output
    assert "line       the outside line 9 is taken off" in output
    assert "dialled    1802079460018 (90 becomes 180)" in output
    assert "looked up  +442079460018 (sure)" in output
    assert "201: internal number\n  dialled    201\n  looked up  int:201 (sure)" in output


def test_an_account_is_tried_as_one_json_document(config: Path) -> None:
    texts = ["79460018", "902079460018", "999", "nonsense"]
    output = run(number, "--config", str(config), "--account", "office", "--json", *texts)
    found = json.loads(output)
    assert (found["account"], found["region"]) == ("office", "GB")
    local, outside, emergency, nonsense = found["numbers"]
    assert local["rule"] == {"prefix": "", "replace": "020", "min_digits": 8, "max_digits": 8}
    assert local["keys"] == [{"key": "+442079460018", "certainty": "sure"}]
    assert (outside["rule"], outside["outside_line_taken_off"]) == (None, True)
    assert outside["dial_rule"]["replace"] == "180"
    assert (emergency["dialled"], emergency["dial_rule"], emergency["keys"]) == ("999", None, [])
    assert (nonsense["kind"], nonsense["dialled"]) == ("invalid", None)


def test_an_account_without_rules_shows_none(config: Path) -> None:
    output = run(number, "--config", str(config), "--account", "branch", "020 7946 0018")
    assert "rule " not in output
    assert "line " not in output


@pytest.mark.parametrize("name", ["crm", "nowhere"])
def test_an_account_that_is_no_pbx_gets_the_names_there_are(config: Path, name: str) -> None:
    with pytest.raises(UserError, match=f"There is no PBX account {name}") as caught:
        run(number, "--config", str(config), "--account", name, "1")
    assert caught.value.remedy == "PBX accounts are: branch, office."


@pytest.mark.parametrize(
    "arguments",
    [["--region", "IT", "1"], ["--jsonl"], ["--json", "--jsonl"]],
    ids=["region", "jsonl", "json"],
)
def test_an_account_goes_with_texts_only(arguments: list[str]) -> None:
    account = [] if "--json" in arguments else ["--account", "office"]
    assert CliRunner().invoke(number, [*account, *arguments]).exit_code == 2


def test_number_for_people_names_the_kind_the_form_and_the_price() -> None:
    output = run(number, "--region", "gb", "020 7946 0018 ext 12", "201", "")
    assert "public number" in output
    assert "+442079460018 (GB)" in output
    assert "price      fixed" in output
    assert "extension  12, sent after the answer" in output
    assert "201: internal number" in output
    assert "(empty): no caller id" in output


def test_number_shows_every_reading_with_its_certainty() -> None:
    output = run(number, "3902123456")
    assert "perhaps    +3902123456" in output
    assert "+393902123456 (possible)" in output


def test_number_says_where_a_text_is_no_number_and_what_was_left_out() -> None:
    assert "5550142: cannot be read as a number in US" in run(number, "--region", "us", "5550142")
    assert "left out" in run(number, "--region", "us", "212 555 0142 ext. 12, 13")
    assert "left out" not in run(number, "--region", "us", "212 555 0142 ext. 12")


def test_K03_control_and_direction_characters_do_not_reach_the_terminal() -> None:
    output = run(number, "\x1b[31m\u202e12")
    assert "\x1b" not in output
    assert "\u202e" not in output


def test_a_line_may_leave_the_region_out_and_hold_null_or_an_integer() -> None:
    lines = b'\xef\xbb\xbf{"input": 201}\n\n{"input": null, "region": "gb"}\n{"region": "US"}\n'
    output = [json.loads(line) for line in run(number, "--jsonl", stdin=lines).splitlines()]
    assert [each["kind"] for each in output] == ["extension", "anonymous", "anonymous"]


@pytest.mark.parametrize(
    ("command", "stdin", "sentence"),
    [
        (number, '{"input": "1"}\n{"x', "Line 2 is not JSON."),
        (number, "[1]", "Line 1 is not a JSON object."),
        (number, '{"input": [1]}', "Line 1: `input` must be a text."),
        (number, '{"input": "1", "region": "XX"}', "Line 1: XX is not a region."),
    ],
)
def test_a_wrong_line_gets_one_sentence_with_its_place(command: Any, stdin: str, sentence: str) -> None:
    with pytest.raises(UserError, match="^" + sentence.replace(".", r"\.").replace("`", ".")):
        run(command, "--jsonl", stdin=stdin)


def test_number_wants_either_texts_or_json_lines() -> None:
    runner = CliRunner()
    assert runner.invoke(number, []).exit_code == 2
    assert runner.invoke(number, ["--jsonl", "1"]).exit_code == 2
