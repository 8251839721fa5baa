"""`linedesk demo` and the settings of the process: which it takes, and that wrong ones are told."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from linedesk.cli import COMMANDS, LazyGroup
from linedesk.commands.demo import demo
from linedesk.errors import ConfigError


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What the demo sets its logs to; nothing is run."""
    seen: list[tuple[str, str]] = []
    monkeypatch.setattr("linedesk.logs.configure_logs", lambda form, level: seen.append((form, level)))
    monkeypatch.setattr("linedesk.commands.serve.run_loop", lambda _run: None)
    return seen


def test_B5_the_demo_takes_its_log_settings_from_a_config_file(
    tmp_path: Path, logs: list[tuple[str, str]]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('log_level = "info"\nlog_format = "json"\nport = 1\n')
    result = CliRunner().invoke(demo, ["--config", str(config)], catch_exceptions=False)
    assert result.exit_code == 0
    assert logs == [("json", "info")]


def test_B5_without_a_level_the_demo_is_quiet(tmp_path: Path, logs: list[tuple[str, str]]) -> None:
    config = tmp_path / "config.toml"
    config.write_text("port = 1\n")
    CliRunner().invoke(demo, ["--config", str(config)], catch_exceptions=False)
    CliRunner().invoke(demo, [], catch_exceptions=False)
    assert logs == [("console", "warning")] * 2


@pytest.mark.usefixtures("logs")
def test_B5_a_wrong_config_file_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(demo, ["--config", str(tmp_path / "none.toml")])
    assert isinstance(result.exception, ConfigError)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_B5_every_command_takes_config(name: str) -> None:
    command = LazyGroup().get_command(click.Context(click.Command("linedesk")), name)
    assert command is not None
    leaves = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    for leaf in leaves:
        assert "--config" in {option for each in leaf.params for option in each.opts}, leaf.name
