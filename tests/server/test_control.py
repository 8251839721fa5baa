"""The control socket: only for its owner, one service a data folder, answers as JSON lines."""

from __future__ import annotations

import asyncio
import socket
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from linedesk.commands.control import ControlClient, reach
from linedesk.errors import ConfigError, LinedeskError, SyncBusy, SyncImpossible
from linedesk.server.control import SyncRequest, Told, UndoRequest, controlled
from linedesk.server.control_socket import bound_socket, find_socket
from linedesk.settings import load_settings


async def echo(request: SyncRequest, tell: Told) -> Mapping[str, Any]:
    if request.connection == "busy":
        raise SyncBusy("Another run of busy is going on.", remedy="Wait for it.")
    if request.connection == "broken":
        raise RuntimeError("a defect that names a secret-token-1")
    for done in range(3):
        tell({"stage": "writing", "done": done})
        await asyncio.sleep(0.01)
    return {"state": "done", "connection": request.connection, "preview": request.preview}


async def taken_back(request: UndoRequest, tell: Told) -> Mapping[str, Any]:
    tell({"stage": "planning", "done": 0})
    return {"state": "done", "run": request.run, "record": request.record}


async def well() -> Mapping[str, Any]:
    return {"well": True, "text": "x" * 2_000_000}


@asynccontextmanager
async def serving(folder: Path, sync: Any = echo) -> AsyncIterator[ControlClient]:
    settings = load_settings(data_dir=folder)
    with bound_socket(folder) as handle:
        async with controlled(handle, sync=sync, undo=taken_back, check=well), reach(settings) as client:
            assert client is not None
            yield client


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_a_sync_tells_progress_and_then_its_report(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        lines = [line async for line in client.post_stream("/sync", {"connection": "crm", "preview": True})]
    assert lines[-1] == {"report": {"state": "done", "connection": "crm", "preview": True}}
    assert lines[0] == {"progress": {"stage": "writing", "done": 0}}
    assert all("progress" in line for line in lines[:-1])


async def test_an_undo_is_asked_for_by_its_run_and_narrowed_to_a_record(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        report = await client.report("/undo", {"run": 3, "record": "7"})
        with pytest.raises(LinedeskError, match="`run`"):
            await client.report("/undo", {"run": 0})
    assert report == {"state": "done", "run": 3, "record": "7"}


async def test_a_long_report_arrives_whole(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        report = await client.report("/check", {})
    assert report["well"] is True
    assert len(report["text"]) == 2_000_000


@pytest.mark.parametrize(
    ("body", "error", "sentence"),
    [
        ({"connection": "busy"}, SyncBusy, "Another run of busy"),
        ({}, LinedeskError, "`connection`: field required"),
        ({"connection": "x", "colour": 1}, LinedeskError, "`colour`"),
        ({"connection": "x", "actor": "y" * 70_000}, LinedeskError, "larger than 65536 bytes"),
        ({"connection": "broken"}, LinedeskError, "Something in Linedesk went wrong"),
    ],
)
async def test_an_error_comes_out_as_it_was_raised(
    tmp_path: Path, body: dict[str, Any], error: type[LinedeskError], sentence: str
) -> None:
    async with serving(tmp_path) as client:
        with pytest.raises(error) as caught:
            await client.report("/sync", body)
        assert sentence in caught.value.message
        assert "secret-token-1" not in caught.value.message + caught.value.remedy
        # The next one is answered as if nothing had been.
        assert (await client.report("/sync", {"connection": "crm"}))["state"] == "done"


async def test_an_unknown_path_says_that_the_versions_differ(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        with pytest.raises(LinedeskError, match="does not know `/colour`"):
            await client.report("/colour", {})


async def test_a_run_goes_on_when_its_command_is_gone(tmp_path: Path) -> None:
    began, gone_on, may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(request: SyncRequest, tell: Told) -> Mapping[str, Any]:
        began.set()
        await may_end.wait()
        for done in range(50):
            tell({"done": done})
            await asyncio.sleep(0)
        gone_on.set()
        return {"state": "done"}

    async with serving(tmp_path, slow) as client:
        task = asyncio.create_task(client.report("/sync", {"connection": "crm"}))
        await began.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        may_end.set()
        await asyncio.wait_for(gone_on.wait(), 5)


async def test_a_service_that_stops_in_the_middle_is_said_plainly(tmp_path: Path) -> None:
    began = asyncio.Event()

    async def endless(request: SyncRequest, tell: Told) -> Mapping[str, Any]:
        began.set()
        await asyncio.Event().wait()
        return {}

    settings = load_settings(data_dir=tmp_path)
    with bound_socket(tmp_path) as handle:
        async with reach(settings) as client:
            assert client is not None
            async with controlled(handle, sync=endless, undo=taken_back, check=well, shutdown_s=0.1):
                task = asyncio.create_task(client.report("/sync", {"connection": "crm"}))
                await began.wait()
            with pytest.raises(LinedeskError, match="stopped before it had finished"):
                await task


async def test_only_its_owner_may_open_it_and_it_goes_with_the_service(tmp_path: Path) -> None:
    with bound_socket(tmp_path):
        assert (tmp_path / "control.sock").is_socket()
        assert _mode(tmp_path / "control.sock") == 0o600
    assert find_socket(tmp_path) is None
    assert not (tmp_path / "control.sock").exists()


async def test_no_service_is_none(tmp_path: Path) -> None:
    async with reach(load_settings(data_dir=tmp_path)) as client:
        assert client is None


async def test_what_a_killed_service_left_is_none_and_is_replaced(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "control.sock"))
    left.close()
    async with reach(load_settings(data_dir=tmp_path)) as client:
        assert client is None
    async with serving(tmp_path) as client:
        assert (await client.report("/sync", {"connection": "crm"}))["state"] == "done"


async def test_a_second_service_on_the_data_folder_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        with pytest.raises(ConfigError, match="Another Linedesk service runs"), bound_socket(tmp_path):
            pass
        assert (await client.report("/sync", {"connection": "crm"}))["state"] == "done"


async def test_a_second_service_is_refused_also_while_the_first_one_has_no_socket(tmp_path: Path) -> None:
    with bound_socket(tmp_path):
        (tmp_path / "control.sock").unlink()
        with pytest.raises(ConfigError, match="Another Linedesk service runs"), bound_socket(tmp_path):
            pass
    with bound_socket(tmp_path):
        assert (tmp_path / "control.sock").is_socket()


async def test_the_lock_of_a_killed_service_is_free(tmp_path: Path) -> None:
    (tmp_path / "control.lock").touch(mode=0o600)
    async with serving(tmp_path) as client:
        assert (await client.report("/sync", {"connection": "crm"}))["state"] == "done"


async def test_a_data_folder_with_a_long_name_works_as_well(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 120)
    folder.mkdir()
    async with serving(folder) as client:
        far = Path((folder / "control.path").read_text())
        assert _mode(far.parent) == 0o700
        assert _mode(far) == 0o600
        assert (await client.report("/sync", {"connection": "crm"}))["state"] == "done"
        with pytest.raises(ConfigError), bound_socket(folder):
            pass
    assert not far.parent.exists()
    assert not (folder / "control.path").exists()


async def test_a_long_folder_whose_service_was_killed_is_served_again(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 120)
    folder.mkdir()
    (folder / "control.path").write_text(str(tmp_path / "gone" / "control.sock"))
    async with serving(folder) as client:
        assert (await client.report("/sync", {"connection": "crm"}))["state"] == "done"


async def test_a_data_folder_that_can_not_hold_a_socket_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"control socket .* can't be made"), bound_socket(tmp_path / "no"):
        pass


async def test_an_error_of_every_class_keeps_its_class(tmp_path: Path) -> None:
    async def refuse(request: SyncRequest, tell: Told) -> Mapping[str, Any]:
        raise SyncImpossible("There is no connection x.", remedy="Connections are: crm.")

    async with serving(tmp_path, refuse) as client:
        with pytest.raises(SyncImpossible) as caught:
            await client.report("/sync", {"connection": "x"})
    assert caught.value.remedy == "Connections are: crm."


async def test_half_a_character_neither_loses_a_report_nor_reaches_the_run(tmp_path: Path) -> None:
    async def told(request: SyncRequest, tell: Told) -> Mapping[str, Any]:
        return {"actor": request.actor, "name": "half \ud83d"}

    async with serving(tmp_path, told) as client:
        report = await client.report("/sync", {"connection": "x", "actor": "\ud83d"})
    assert report == {"actor": "\ufffd", "name": "half ?"}


async def test_a_command_that_never_ends_its_question_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linedesk.server.bodies.REQUEST_READ_S", 0.05)
    async with serving(tmp_path):
        reader, writer = await asyncio.open_unix_connection(str(find_socket(tmp_path)))
        writer.write(b"POST /sync HTTP/1.1\r\nHost: linedesk\r\nContent-Length: 50\r\n\r\n{")
        async with asyncio.timeout(5):
            assert b"did not arrive" in await reader.readuntil(b"did not arrive")
        writer.close()
