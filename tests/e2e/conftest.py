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
from pathlib import Path
from typing import Any

import httpx
import pytest

START_S = 60


@dataclass
class Demo:
    """One `linedesk demo` process and what its ready line said."""

    data: Path
    process: subprocess.Popen[str]
    ready: dict[str, Any]
    log: list[str] = field(default_factory=list)

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

    def hang_up_all(self) -> None:
        """End every simulated call, so that the next test starts with a quiet desk."""
        for call in httpx.get(f"{self.pbx}/_sim/calls", timeout=10).json()["calls"]:
            httpx.post(f"{self.pbx}/_sim/calls/{call['id']}/hangup", json={}, timeout=10)

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


def start_demo(data: Path, contacts: int = 200) -> Demo:
    """Start a demo on `data` and wait for its ready line."""
    command = [sys.executable, "-m", "linedesk", "demo", "--json", "--no-browser", "--no-schedule"]
    process = subprocess.Popen(
        [*command, "--port", "0", "--contacts", str(contacts), "--data", str(data)],
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
