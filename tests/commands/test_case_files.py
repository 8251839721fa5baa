"""Every line of the case files through the real commands, each as one process, as their README asks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[1] / "data"
pytestmark = pytest.mark.process


def piped(command: str, name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(case, answer) of each line of a file, by one run of `linedesk COMMAND --jsonl`."""
    text = (DATA / name).read_bytes()
    program = "from linedesk.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", program, command, "--jsonl"],
        check=False,
        input=text,
        capture_output=True,
        timeout=120,
    )
    assert (result.returncode, result.stderr) == (0, b"")
    cases = [json.loads(line) for line in text.splitlines()]
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    return list(zip(cases, answers, strict=True))


@pytest.mark.parametrize("name", ["numbers.jsonl", "numbers_more.jsonl"])
def test_number_answers_every_line(name: str) -> None:
    wrong = []
    for case, answer in piped("number", name):
        want = dict(case["want"])
        missing = set(want.pop("candidates", [])) - set(answer["candidates"])
        if missing or {key: answer[key] for key in want} != want:
            wrong.append((case["id"], case["note"], answer))
        assert set(answer) == {"kind", "value", "ext", "candidates"}
    assert not wrong


def test_match_answers_every_line() -> None:
    wrong = []
    for case, answer in piped("match", "matching.jsonl"):
        want = {key: set(ids) for key, ids in case["want"].items()}
        if {key: set(answer[key]) for key in want} != want:
            wrong.append((case["id"], case["note"], answer))
    assert not wrong
