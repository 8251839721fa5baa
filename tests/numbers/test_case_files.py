"""The two case files, line by line. `want` is what real users needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from linedesk.contacts.match import Stored, match
from linedesk.contacts.model import ContactType
from linedesk.numbers import NumberPlan, read

DATA = Path(__file__).parents[1] / "data"


def cases(name: str) -> list[Any]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [pytest.param(case, id=case["id"]) for case in map(json.loads, lines)]


@pytest.mark.parametrize("case", [*cases("numbers.jsonl"), *cases("numbers_more.jsonl")])
def test_number_case_is_read_as_its_note_says(case: dict[str, Any]) -> None:
    number = read(case["input"], NumberPlan(case["region"]))
    want = case["want"]
    assert (number.kind, number.value, number.ext) == (want["kind"], want["value"], want["ext"]), case["note"]
    assert set(want.get("candidates", [])) <= set(number.candidates), case["note"]
    assert number.raw == case["input"]


@pytest.mark.parametrize("case", cases("matching.jsonl"))
def test_matching_case_finds_whom_its_note_says(case: dict[str, Any]) -> None:
    plan = NumberPlan(case["region"])
    stored = [
        Stored(each["contact"], read(each["phone"], plan), ContactType(each.get("type", "person")))
        for each in case["stored"]
    ]
    found = match(stored, read(case["caller"], plan))
    assert {"sure": set(found.sure), "possible": set(found.possible)} == {
        "sure": set(case["want"]["sure"]),
        "possible": set(case["want"]["possible"]),
    }, case["note"]
