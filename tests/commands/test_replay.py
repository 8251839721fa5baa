"""`linedesk replay` as a person and as a script call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from linedesk.commands.replay import replay
from linedesk.errors import UserError
from tracking import SCRIPTS


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(replay, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.output


def test_json_is_one_document_with_the_wanted_result() -> None:
    document = json.loads(_run(str(SCRIPTS / "06-queue-answered-by-one.jsonl"), "--json"))
    want = json.loads((SCRIPTS / "06-queue-answered-by-one.want.json").read_text("utf-8"))
    assert document == {"agents": want["agents"], "history": want["history"]}


def test_plain_text_is_a_readable_table() -> None:
    text = _run(str(SCRIPTS / "12-withheld-caller.jsonl"))
    assert "gb_w000042_1764000000.23:talking" in text
    assert "anonymous" in text
    assert "4 bodies." in text


@pytest.mark.parametrize("damage", ['{"type":"call:st', "[]", '{"id":"x"}'])
def test_a_damaged_line_is_named_by_its_number(tmp_path: Path, damage: str) -> None:
    good = (SCRIPTS / "16-outgoing-no-answer.jsonl").read_text("utf-8").splitlines()
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join([good[0], "", damage, good[1]]), "utf-8")
    with pytest.raises(UserError, match=r"^Line 3 is damaged: "):
        _run(str(file), "--json")


def test_unknown_types_are_counted_and_left_out(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"type":"chat:new","time":1,"data":{}}\n' * 2, "utf-8")
    assert json.loads(_run(str(file), "--json")) == {"agents": {}, "history": []}
    assert "chat:new (2 times)" in _run(str(file))


def test_the_region_reads_national_numbers(tmp_path: Path) -> None:
    body = {"id": "c", "time": 5, "type": "call:end",
            "data": {"caller": {"type": "REMOTE", "phone": "0212345678"}, "callee": None}}  # fmt: skip
    file = tmp_path / "events.jsonl"
    file.write_text(json.dumps(body), "utf-8")
    (row,) = json.loads(_run(str(file), "--region", "it", "--json"))["history"]
    assert row == {"direction": "inbound", "party": "+390212345678", "answered_by": [], "outcome": "missed"}


@pytest.mark.parametrize(
    "arguments", [("missing.jsonl",), ("/",), ("x", "--region", "Italy"), ("x", "--region", "ZZ")]
)
def test_a_wrong_argument_is_one_sentence(arguments: tuple[str, ...]) -> None:
    with pytest.raises(UserError) as caught:
        _run(*arguments)
    assert caught.value.message.endswith(".")
