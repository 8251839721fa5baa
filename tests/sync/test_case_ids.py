"""Every case from the field that concerns the sync has a test whose name carries its id.

The cases are those of other products' reports: G duplicates and loops, H conflicts and deletes, I limits,
tokens and cursors of providers, J import and export.
"""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
IDS = {
    "G": "01 02 04 05 06 07 08 09 11 13 14 15 16 18",
    "H": "01 02 03 04 06 07 09 10 11 12 13 15 18 19",
    "I": "01 03 04 05 06 07 08 10 12 13 14 16 17",
    "J": "01 02 03 05 06 07 08",
}
CASES = [f"{area}{number}" for area, numbers in IDS.items() for number in numbers.split()]


@cache
def ids_in_names() -> frozenset[str]:
    """Ids in the names of tests, and of the cases that `test_cases` runs from its data."""
    found: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                found |= set(re.findall(r"(?<=_)[GHIJ]\d\d(?=_)", node.name))
    lines = (TESTS / "data" / "sync.jsonl").read_text("utf-8").splitlines()
    return frozenset(found | {json.loads(line)["id"] for line in lines})


@pytest.mark.parametrize("case", CASES)
def test_a_case_from_the_field_has_a_test_that_carries_its_id(case: str) -> None:
    assert case in ids_in_names(), f"no test is named after {case}"


def test_no_test_carries_the_id_of_a_case_that_there_is_not() -> None:
    assert ids_in_names() - set(CASES) <= {"A27"}
