"""A command run in this process, as its tests want it: what it printed, or its own error."""

from __future__ import annotations

import click
from click.testing import CliRunner

from linedesk.errors import LinedeskError


def printed(command: click.Command, *arguments: str) -> str:
    """What the command prints. Raises the `LinedeskError` that it ends with; any other end fails the test."""
    result = CliRunner().invoke(command, list(arguments))
    if isinstance(result.exception, LinedeskError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output
