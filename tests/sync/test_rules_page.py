"""The page on rules names every condition and action as it is written, and its examples are rules."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from linedesk.sync.conditions_trees import conditions
from linedesk.sync.model import Side
from linedesk.sync.rule_documents import rules_from_document
from linedesk.sync.rules import Do, Rule, Test

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text()
SIDES = {"book": Side.B, "crm": Side.A}
TABLES = re.findall(r"^\| `(\{.*?\})` \| \S", PAGE, re.MULTILINE)
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def table(text: str) -> dict[str, Any]:
    item: dict[str, Any] = tomllib.loads(f"it = {text}")["it"]
    return item


def shown() -> list[Rule]:
    """Every condition and action that a table of the page shows, as a rule of its own."""
    found: list[Rule] = []
    for text in TABLES:
        item = table(text)
        part = {"actions": [item]} if set(item) & set(Do) else {"when": item}
        found += rules_from_document([{"name": text, "to": "book", **part}], SIDES)
    return found


@pytest.mark.parametrize("test", Test)
def test_the_page_shows_every_condition(test: Test) -> None:
    assert test in {each.test for rule in shown() for each in conditions(rule.when)}


@pytest.mark.parametrize("do", Do)
def test_the_page_shows_every_action(do: Do) -> None:
    assert do in {action.do for rule in shown() for action in rule.actions}


@pytest.mark.parametrize("key", ["name", "to", "when", "actions", "enabled", "revert", "all", "any", "not"])
def test_the_page_names_every_other_key(key: str) -> None:
    assert re.search(rf"`{key}\b", PAGE)


def test_the_examples_are_taken_as_rules() -> None:
    assert len(EXAMPLES) >= 3
    for example in EXAMPLES:
        for connection in tomllib.loads(example)["connections"].values():
            assert rules_from_document(connection["rules"], SIDES)
