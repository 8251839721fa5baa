"""`linedesk number` and `linedesk match`, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from linedesk.commands.number import match, number
from linedesk.errors import UserError

DATA = Path(__file__).parents[1] / "data"


def run(command: Any, *arguments: str, stdin: str | bytes = "") -> str:
    result = CliRunner().invoke(command, list(arguments), input=stdin, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_number_reads_every_line_of_the_case_file() -> None:
    text = (DATA / "numbers.jsonl").read_text(encoding="utf-8")
    output = [json.loads(line) for line in run(number, "--jsonl", stdin=text).splitlines()]
    cases = [json.loads(line) for line in text.splitlines()]
    assert len(output) == len(cases)
    for found, case in zip(output, cases, strict=True):
        want = dict(case["want"])
        assert set(want.pop("candidates", [])) <= set(found["candidates"])
        assert {name: found[name] for name in want} == want
        assert set(found) == {"kind", "value", "ext", "candidates"}


def test_match_answers_every_line_of_the_case_file() -> None:
    text = (DATA / "matching.jsonl").read_text(encoding="utf-8")
    output = [json.loads(line) for line in run(match, "--jsonl", stdin=text).splitlines()]
    wanted = [json.loads(line)["want"] for line in text.splitlines()]
    assert [{name: set(ids) for name, ids in each.items()} for each in output] == [
        {name: set(ids) for name, ids in each.items()} for each in wanted
    ]


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
        (match, '{"caller": "1"}', "Line 1: `stored` must be a list of contacts."),
        (match, '{"stored": [{}], "caller": "1"}', "Line 1: each of `stored` must be"),
        (match, '{"stored": [{"contact": "a", "type": []}]}', "Line 1: `type` is person or company."),
    ],
)
def test_a_wrong_line_gets_one_sentence_with_its_place(command: Any, stdin: str, sentence: str) -> None:
    with pytest.raises(UserError, match="^" + sentence.replace(".", r"\.").replace("`", ".")):
        run(command, "--jsonl", stdin=stdin)


def test_number_wants_either_texts_or_json_lines() -> None:
    runner = CliRunner()
    assert runner.invoke(number, []).exit_code == 2
    assert runner.invoke(number, ["--jsonl", "1"]).exit_code == 2
    assert runner.invoke(match, []).exit_code == 2
