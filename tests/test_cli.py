"""The command line as a person meets it: one clear sentence, the right exit code, no traceback."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import pytest

from linedesk.cli import COMMANDS

pytestmark = pytest.mark.process


async def run(*arguments: str, cwd: Path) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "linedesk",
        *arguments,
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    assert process.returncode is not None
    assert "Traceback" not in err.decode()
    return process.returncode, out.decode(), err.decode()


async def test_help_names_every_command(tmp_path: Path) -> None:
    code, out, _ = await run("--help", cwd=tmp_path)
    assert code == 0
    for name in COMMANDS:
        assert f"  {name}" in out


async def test_a_wrong_setting_and_an_unknown_option_exit_with_2(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("prot = 1")
    code, _, err = await run("serve", "--config", "config.toml", cwd=tmp_path)
    assert code == 2
    assert "`prot` is not a setting" in err
    assert (await run("serve", "--what", cwd=tmp_path))[0] == 2


async def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = await run("serve", "--port", str(port), cwd=tmp_path)
    assert code == 2
    assert f"Port {port}" in err
    assert len(err.strip().splitlines()) == 1


async def test_a_data_folder_that_can_not_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    code, _, err = await run("serve", cwd=tmp_path)
    assert code in {1, 2}
    assert "data" in err
    assert len(err.strip().splitlines()) == 1


async def test_a_damaged_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "calls.db").write_bytes(b"no database" * 1000)
    code, _, err = await run("serve", cwd=tmp_path)
    assert code == 1
    assert "calls.db" in err
    assert len(err.strip().splitlines()) == 1
