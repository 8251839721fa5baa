"""The guides name every key of the set-up file, their examples are taken, and what they quote is said."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from linedesk.accounts import edge, edge_sync
from linedesk.accounts.edge_table import Table
from linedesk.accounts.keys import every_secret_key
from linedesk.apps.base import Capabilities
from linedesk.apps.freshdesk import KIND as FRESHDESK
from linedesk.apps.registry import REGISTRY
from linedesk.pbx.pace import SHARE, worst_delay_s
from linedesk.sync.model import MappingRow

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CONNECT = (DOCS / "connect-your-pbx.md").read_text()
SYNC = (DOCS / "sync.md").read_text()
APP_AUTHORS = (DOCS / "app-authors.md").read_text()
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
GUIDES = ["administrators.md", "connect-your-pbx.md", "sync.md"]


def keys_of(table: type[Table]) -> list[str]:
    """The keys as the file spells them."""
    return [info.alias or name for name, info in table.model_fields.items()]


def tables_in(text: str) -> Iterator[list[str]]:
    """The rows of all tables, each a list of its cells' texts."""
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("|---"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


@pytest.mark.parametrize("key", [*keys_of(edge.AccountTable), *keys_of(edge.AgentTable)])
def test_the_guide_to_the_pbx_names_every_key_of_its_tables(key: str) -> None:
    assert f"`{key}`" in CONNECT


@pytest.mark.parametrize("key", keys_of(edge_sync.ConnectionTable))
def test_the_guide_to_the_sync_names_every_key_of_a_connection(key: str) -> None:
    assert f"`{key}`" in SYNC


@pytest.mark.parametrize("app", sorted(name for name, kind in REGISTRY.items() if kind.settings is not None))
def test_the_guide_to_the_sync_names_every_key_of_an_app_with_its_default(app: str) -> None:
    kind = REGISTRY[app]
    assert kind.settings is not None
    rows = [cells for cells in tables_in(SYNC) if len(cells) == 3]
    for key in kind.settings.model_fields:
        shown = [cells[2] for cells in rows if f"`{key}`" in cells[0]]
        assert shown, key
        default = kind.defaults().get(key)
        if default not in (None, "", []):
            said = {True: "`true`", False: "`false`"}.get(default) if isinstance(default, bool) else None
            number = f"`{default:g}`" if isinstance(default, int | float) else f'`"{default}"`'
            assert (said or number) in shown, (key, default)


@pytest.mark.parametrize("key", keys_of(edge.DiallingTable))
def test_the_administrators_guide_names_every_rule_of_dialling(key: str) -> None:
    assert re.search(rf"^{key} = ", (DOCS / "administrators.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("guide", GUIDES)
def test_every_example_of_a_setup_file_is_taken(guide: str, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", _unindented((DOCS / guide).read_text()), re.DOTALL)
    assert blocks
    secrets = every_secret_key()
    for block in blocks:
        for name in re.findall(r'env = "(\w+)"', block):
            monkeypatch.setenv(name, "a-secret-for-this-test")
        with_texts = re.sub(r'\{ file = "[^"]*" \}', '"a-secret-for-this-test"', block)
        file = edge.parse(with_texts, guide)
        assert file.model_fields_set, block
        held = {key for table in tomllib.loads(block).get("accounts", {}).values() for key in table}
        assert all(f'{key} = "access_' not in block for key in held & secrets), "no secret in plain text"


def test_the_table_of_the_mapping_is_the_mapping() -> None:
    shown = {(cells[0], cells[1]) for cells in tables_in(SYNC) if len(cells) == 3}
    rows: tuple[MappingRow, ...] = FRESHDESK.phonebook_rows
    assert rows
    for row in rows:
        assert (row.a.removesuffix("_id"), row.b) in shown, row


def test_the_table_of_delays_is_what_polling_computes() -> None:
    rows = [cells for cells in tables_in(CONNECT) if cells[0].isdigit()]
    assert len(rows) >= 4
    rate = edge.AccountTable.model_fields["requests_per_s"].default * SHARE
    for phones, cloud, alone in rows:
        assert cloud == f"{worst_delay_s(int(phones), rate, cloud=True):g} s"
        assert alone == f"{worst_delay_s(int(phones), rate):g} s"


@pytest.mark.parametrize("name", [each.name for each in fields(Capabilities)])
def test_the_page_for_app_authors_names_every_capability(name: str) -> None:
    assert f"`{name}`" in APP_AUTHORS


QUOTED = [
    (page.name, sentence)
    for page in (DOCS / "connect-your-pbx.md", DOCS / "sync.md")
    for cells in tables_in(page.read_text())
    if (sentence := cells[0]).startswith("“")
]


@pytest.mark.parametrize(("page", "sentence"), QUOTED)
def test_what_a_guide_quotes_is_said_somewhere(page: str, sentence: str) -> None:
    words = sentence.strip("“”")
    assert any(words in text for text in _said()), f"{page}: nobody says {words!r}"


def test_the_pages_quote_sentences() -> None:
    assert len(QUOTED) > 30


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = re.findall(r"`((?:src|tests|web|deploy|docs|scripts)/[\w./-]+)`", page.read_text())
    for name in named:
        made_by_setup = "node_modules" in name
        assert made_by_setup or (ROOT / name).exists(), f"{page.name}: {name}"


def test_every_file_that_the_threat_model_names_is_there() -> None:
    text = (DOCS / "THREAT_MODEL.md").read_text()
    named = re.findall(r"`([a-z_]+/[\w/]*(?:\.py)?|[a-z_]+\.py)`", text)
    assert len(named) > 10
    for name in named:
        assert (ROOT / "src/linedesk" / name).exists() or (ROOT / name).exists(), name


@cache
def _said() -> tuple[str, ...]:
    """Every text in the source, the parts of a broken or formatted one together, with … for what varies."""
    found: list[str] = []
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                found.append("".join(_part(each) for each in node.values))
    return tuple(found)


def _part(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "…"


def _unindented(text: str) -> str:
    """Blocks inside a list stand three spaces to the right."""
    return re.sub(r"^ {3}", "", text, flags=re.MULTILINE)
