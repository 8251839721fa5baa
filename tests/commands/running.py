"""Runs the command line in this process, as a shell would: arguments, standard input, exit code."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linedesk import cli


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


class Shell:
    """Commands on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.config.write_text('data_dir = "data"\npublic_url = "https://linedesk.example"\n')

    def run(self, *arguments: str, stdin: str = "") -> Ran:
        """`linedesk ARGUMENTS --config …`."""
        out, err = io.StringIO(), io.StringIO()
        with (
            _arguments([*arguments, "--config", str(self.config)], stdin),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                cli.main()
                code = 0
            except SystemExit as stop:
                code = int(stop.code or 0)
        return Ran(code, out.getvalue(), err.getvalue())

    def file(self, text: str) -> str:
        """A file for `linedesk apply`, which only its owner can read."""
        path = self.folder / "setup.toml"
        path.write_text(text)
        path.chmod(0o600)
        return str(path)


@contextmanager
def _arguments(arguments: list[str], stdin: str) -> Iterator[None]:
    kept = sys.argv, sys.stdin
    sys.argv, sys.stdin = ["linedesk", *arguments], io.TextIOWrapper(io.BytesIO(stdin.encode()))
    try:
        yield
    finally:
        sys.argv, sys.stdin = kept
