"""`linedesk match`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from linedesk.commands.match import match
from linedesk.errors import UserError

DATA = Path(__file__).parents[1] / "data"


def run(command: Any, *arguments: str, stdin: str | bytes = "") -> str:
    result = CliRunner().invoke(command, list(arguments), input=stdin, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_match_answers_every_line_of_the_case_file() -> None:
    text = (DATA / "matching.jsonl").read_text(encoding="utf-8")
    output = [json.loads(line) for line in run(match, "--jsonl", stdin=text).splitlines()]
    wanted = [json.loads(line)["want"] for line in text.splitlines()]
    assert [{name: set(ids) for name, ids in each.items()} for each in output] == [
        {name: set(ids) for name, ids in each.items()} for each in wanted
    ]


@pytest.mark.parametrize(
    ("stdin", "sentence"),
    [
        ('{"caller": "1"}', "Line 1: `stored` must be a list of contacts."),
        ('{"stored": [{}], "caller": "1"}', "Line 1: each of `stored` must be"),
        ('{"stored": [{"contact": "a", "type": []}]}', "Line 1: `type` is person or company."),
    ],
)
def test_a_wrong_line_gets_one_sentence_with_its_place(stdin: str, sentence: str) -> None:
    with pytest.raises(UserError, match="^" + sentence.replace(".", r"\.").replace("`", ".")):
        run(match, "--jsonl", stdin=stdin)


def test_explain_says_why_and_changes_no_answer() -> None:
    text = (DATA / "matching.jsonl").read_text(encoding="utf-8")
    plain = [json.loads(line) for line in run(match, "--jsonl", stdin=text).splitlines()]
    told = [json.loads(line) for line in run(match, "--jsonl", "--explain", stdin=text).splitlines()]
    assert [{name: each[name] for name in ("sure", "possible")} for each in told] == plain
    for each in told:
        candidates = each["explain"]["candidates"]
        for verdict in ("sure", "possible"):
            assert [one["id"] for one in candidates if one["verdict"] == verdict] == each[verdict]
        assert all(one["reasons"] for one in candidates)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--explain"],
        ["201", "--jsonl"],
        ["201", "--region", "IT"],
        ["--jsonl", "--account", "office"],
        ["--jsonl", "--agent", "luca"],
    ],
)
def test_match_wants_a_number_or_json_lines_and_what_goes_with_it(arguments: list[str]) -> None:
    assert CliRunner().invoke(match, arguments).exit_code == 2
