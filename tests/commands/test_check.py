"""`linedesk check` as a person runs it: sentences or one document, and the exit code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from commands.running import Shell

UNREACHABLE = """
[accounts.office]
app = "wildix"
url = "http://127.0.0.1:9"
region = "IT"
token = "access_abcdefgh"
"""


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    yield Shell(tmp_path)
    # The command sets the logs up for its process, which is this one here.
    structlog.reset_defaults()


def test_nothing_set_up_says_how_to_begin_and_is_not_well(shell: Shell) -> None:
    ran = shell.run("check")
    assert ran.code == 1
    assert "linedesk apply FILE.toml" in ran.out


def test_an_account_out_of_reach_is_a_sentence_with_exit_1(shell: Shell) -> None:
    shell.run("apply", shell.file(UNREACHABLE), "--yes")
    ran = shell.run("check")
    assert ran.code == 1
    assert "office (wildix)" in ran.out
    assert "  ! " in ran.out
    assert "can't be reached" in ran.out
    assert "Traceback" not in ran.out + ran.err
    assert "access_abcdefgh" not in ran.out + ran.err


def test_json_is_one_document(shell: Shell) -> None:
    shell.run("apply", shell.file(UNREACHABLE + '[accounts.old]\napp = "csv"\n'), "--yes")
    ran = shell.run("check", "--json")
    assert ran.code == 1
    document = ran.document
    assert document["well"] is False
    assert [(each["name"], each["app"], each["well"]) for each in document["accounts"]] == [
        ("office", "wildix", False),
        ("old", "csv", True),
    ]


def test_all_well_is_exit_0(shell: Shell) -> None:
    shell.run("apply", shell.file('[accounts.old]\napp = "csv"\n'), "--yes")
    ran = shell.run("check")
    assert ran.code == 0
    assert ran.out.endswith("All is well.\n")
