"""The page on mappings names every transform, option and key, and its examples are taken and can work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from linedesk.accounts import edge, edge_sync
from linedesk.apps.freshdesk import KIND as FRESHDESK
from linedesk.apps.freshdesk_fields import DEFAULTS
from linedesk.apps.wildix_phonebook_fields import FIELDS
from linedesk.sync.mapping import check_rows
from linedesk.sync.model import Direction, MappingRow, RowEdit
from linedesk.sync.row_edits import edited
from linedesk.sync.transforms import TRANSFORMS

PAGE = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
WAYS = {"both": Direction.BOTH, "to": Direction.TO_B, "from": Direction.TO_A}


def _row_of(name: str) -> list[str]:
    (line,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("name", sorted(TRANSFORMS))
def test_every_transform_is_in_the_table_with_its_options_and_its_way_back(name: str) -> None:
    _, _, back, options = _row_of(name)
    transform = TRANSFORMS[name]
    assert set(re.findall(r"`(\w+)`", options)) == {option.name for option in transform.options}
    assert back.startswith("none") is (len(transform.ways) < 2)


def test_the_table_names_no_transform_that_there_is_not() -> None:
    table = PAGE.split("| transform |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(TRANSFORMS)


@pytest.mark.parametrize("key", sorted(edge_sync.MappingTable.model_json_schema(by_alias=True)["properties"]))
def test_every_key_of_a_row_is_named(key: str) -> None:
    table = PAGE.split("| key |")[1].split("\n\n")[0]
    assert f"`{key}`" in table


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_rows_of_every_example_are_taken_and_work(example: str) -> None:
    tables = edge.parse(example, "mapping.md").connections["crm-to-phones"].mapping
    edits = [
        RowEdit(
            MappingRow(each.source, each.target, WAYS[each.direction], each.transform, each.options),
            each.off,
        )
        for each in tables
    ]
    assert edits
    rows = edited(FRESHDESK.phonebook_rows, edits)
    assert len(rows) != len(FRESHDESK.phonebook_rows) or set(rows) != set(FRESHDESK.phonebook_rows)
    assert (
        check_rows(rows, {each.name: each for each in DEFAULTS}, {each.name: each for each in FIELDS}) == ()
    )
