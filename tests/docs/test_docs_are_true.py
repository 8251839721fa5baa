"""The docs name every setting, command and error code, and the example configuration is the real one."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import click
import pytest

from linedesk import cli, errors
from linedesk.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.toml"
ADMIN_GUIDE = ROOT / "docs" / "administrators.md"


def all_errors(base: type[errors.LinedeskError] = errors.LinedeskError) -> set[type[errors.LinedeskError]]:
    return {base}.union(*(all_errors(child) for child in base.__subclasses__()))


def test_example_configuration_loads_and_holds_only_defaults() -> None:
    given = tomllib.loads(EXAMPLE.read_text())
    assert given, "the example must show settings"
    defaults = load_settings()
    for name, value in given.items():
        shown = getattr(load_settings(EXAMPLE), name)
        assert name in Settings.model_fields
        if name == "data_dir":
            assert Path(value) == defaults.data_dir
        else:
            assert shown == getattr(defaults, name), name


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_example_configuration_names_every_setting(name: str) -> None:
    lines = EXAMPLE.read_text().splitlines()
    assert any(line.lstrip("# ").startswith(f"{name} =") for line in lines), name


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_administrators_guide_names_every_setting(name: str) -> None:
    assert f"`{name}`" in ADMIN_GUIDE.read_text()


@pytest.mark.parametrize("code", sorted({error.code for error in all_errors()}))
def test_error_page_names_every_code(code: str) -> None:
    assert f"`{code}`" in (ROOT / "docs" / "errors.md").read_text()


def test_error_page_names_no_code_that_is_gone() -> None:
    known = {error.code for error in all_errors()}
    rows = [line for line in (ROOT / "docs" / "errors.md").read_text().splitlines() if line.startswith("| `")]
    assert {row.split("`")[1] for row in rows} <= known


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_commands_page_names_every_command(name: str) -> None:
    assert f"linedesk {name}" in (ROOT / "docs" / "commands.md").read_text()


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_commands_page_names_every_option(name: str) -> None:
    page = (ROOT / "docs" / "commands.md").read_text()
    command = cli.cli.get_command(click.Context(cli.cli), name)
    assert command is not None
    for each in [command, *getattr(command, "commands", {}).values()]:
        for parameter in each.params:
            for option in parameter.opts:
                if option.startswith("--"):
                    assert f"`{option}`" in page, f"{each.name} {option}"


def test_no_file_is_over_four_hundred_lines() -> None:
    for folder, kinds in (("src", "py"), ("tests", "py"), ("bench", "py"), ("web/src", "js")):
        for path in (ROOT / folder).rglob(f"*.{kinds}"):
            assert len(path.read_text().splitlines()) <= 400, path.relative_to(ROOT)


def test_no_function_is_over_fifty_lines() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        if "migrations" in path.parts:
            continue  # a list of tables
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                assert lines <= 50, f"{path.relative_to(ROOT)}: {node.name} has {lines} lines"


def test_links_between_pages_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), ROOT / "CONTRIBUTING.md"]:
        for target in _links(page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def _links(text: str) -> list[str]:
    found = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    return [target for target in found if "://" not in target and not target.startswith("mailto:")]
