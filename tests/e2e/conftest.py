"""A running demo as its own process, and a real Chromium, for the end-to-end tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from waiting import eventually

START_S = 60
# The agents whose desks the tests look at. Noa (203) is left out: `test_outside` gives her endless calls.
SHARED_DESKS = ("201", "202")


@dataclass
class Demo:
    """One `linedesk demo` process and what its ready line said."""

    data: Path
    process: subprocess.Popen[str]
    ready: dict[str, Any]
    log: list[str] = field(default_factory=list)
    _unused: Iterator[int] = field(default_factory=lambda: count(300))

    @property
    def service(self) -> str:
        return str(self.ready["service"])

    @property
    def pbx(self) -> str:
        return str(self.ready["pbx"]["url"])

    @property
    def crm(self) -> str:
        return str(self.ready["apps"]["freshdesk"]["url"])

    def agent(self, extension: str) -> dict[str, str]:
        """The ready line's entry of this extension."""
        return next(each for each in self.ready["agents"] if each["extension"] == extension)

    def ring(self, caller: str, to: str | list[str], **more: Any) -> str:
        """Place a call at the simulated PBX; its id."""
        answer = httpx.post(f"{self.pbx}/_sim/calls", json={"from": caller, "to": to, **more}, timeout=10)
        answer.raise_for_status()
        return str(answer.json()["id"])

    def steer(self, call: str, what: str, **more: Any) -> None:
        """`answer`, `hangup` or `reject` a simulated call."""
        httpx.post(f"{self.pbx}/_sim/calls/{call}/{what}", json=more, timeout=10).raise_for_status()

    def live_calls(self) -> list[dict[str, Any]]:
        """The simulated PBX's calls that have not ended, newest first."""
        found: list[dict[str, Any]] = httpx.get(f"{self.pbx}/_sim/calls", timeout=10).json()["calls"]
        return [call for call in found if call["ended_at"] is None]

    def hang_up_all(self) -> None:
        """End every simulated call, and wait until the service has heard of it.

        Its webhooks are late on a busy machine: the next test would find the last one's card on its desk.
        """
        for call in self.live_calls():
            self.steer(call["id"], "hangup")
        for extension in SHARED_DESKS:
            eventually(partial(self.shown, extension), [])

    def shown(self, extension: str) -> list[dict[str, Any]]:
        """The live calls that a desk of this agent would show if it were opened now."""
        with connect(self.service.replace("http", "ws", 1) + "/agent/socket") as socket:
            socket.send(json.dumps({"type": "hello", "v": 1, "token": self.agent(extension)["token"]}))
            calls: list[dict[str, Any]] = json.loads(socket.recv(timeout=10))["calls"]
            return calls

    def fresh_number(self) -> str:
        """A number that is nobody's and that no test has dialled, as a person in London types it.

        Whoever dials one number twice within three seconds gets one call (C8). Tests run in any order, one
        right after the other: a number of two tests is dialled by the first of them only.
        """
        return f"020 7946 0{next(self._unused)}"

    def api(self, extension: str) -> httpx.Client:
        """A client of the service's API as this agent."""
        token = self.agent(extension)["token"]
        return httpx.Client(base_url=self.service, headers={"Authorization": f"Bearer {token}"}, timeout=10)

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        """End it politely, or not."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


def start_demo(data: Path, contacts: int = 200, *, schedule: bool = False) -> Demo:
    """Start a demo on `data` and wait for its ready line. `schedule`: syncs run by themselves."""
    command = [sys.executable, "-m", "linedesk", "demo", "--json", "--no-browser"]
    process = subprocess.Popen(
        [
            *command,
            *(() if schedule else ("--no-schedule",)),
            *("--port", "0", "--contacts", str(contacts), "--data", str(data)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    log: list[str] = []
    threading.Thread(target=log.extend, args=(process.stderr,), daemon=True).start()
    watchdog = threading.Timer(START_S, process.kill)
    watchdog.start()
    line = process.stdout.readline()
    watchdog.cancel()
    if not line:
        process.kill()
        pytest.fail("the demo did not start:\n" + "".join(log))
    threading.Thread(target=process.stdout.read, daemon=True).start()
    return Demo(data, process, json.loads(line), log)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all tests of a worker."""
    running = start_demo(tmp_path_factory.mktemp("demo"))
    yield running
    running.stop()


@pytest.fixture
def quiet(demo: Demo) -> Iterator[Demo]:
    """The shared demo with no call on it, before and after."""
    demo.hang_up_all()
    yield demo
    demo.hang_up_all()


def chromium() -> str | None:
    """The system's Chromium, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium with its popup blocker on, as a user has it.

    One a module: while Playwright's plain interface runs, no asynchronous test can.
    """
    path = chromium()
    if path is None:
        pytest.skip("no Chromium here: install the package 'chromium' to run the browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
            # Playwright switches the blocker off by default; users have it on.
            ignore_default_args=["--disable-popup-blocking"],
        )
        yield running
        running.close()
