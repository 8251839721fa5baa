"""The composed service: what a command changes in the database reaches it, and its ends are clean."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from linedesk.accounts.apply import Applier
from linedesk.accounts.edge import parse
from linedesk.accounts.vault import Vault
from linedesk.clock import SystemClock
from linedesk.errors import PortInUse
from linedesk.main import service
from linedesk.service import Service
from linedesk.settings import load_settings

FILE = """
[accounts.office]
app = "wildix"
url = "https://acme.wildixin.com"
region = "GB"
{more}
[agents.luca]
name = "Luca"
role = "agent"
account = "office"
extension = "201"
"""


async def apply(running: Service, more: str = "") -> None:
    vault = Vault.open(None, running.settings.data_dir)
    applier = Applier(running.stores.books, vault, running.clock)
    file = parse(FILE.format(more=more), "test")
    await applier.write(file, await applier.plan(file), "test")
    await running.refresh()


def settings_in(folder: Path, **more: Any) -> Any:
    return load_settings(data_dir=folder, **{"port": 0, **more})


async def test_an_empty_service_says_what_is_missing_and_is_ready(tmp_path: Path) -> None:
    async with service(settings_in(tmp_path), SystemClock()) as running, httpx.AsyncClient() as client:
        assert any("linedesk apply" in sentence for sentence in running.advice())
        assert (await client.get(f"{running.url}/readyz")).status_code == 200


async def test_an_account_without_a_secret_answers_503_until_it_has_one(tmp_path: Path) -> None:
    async with service(settings_in(tmp_path), SystemClock()) as running, httpx.AsyncClient() as client:
        hook = f"{running.url}/hooks/wildix/office"
        assert (await client.post(hook, content=b"{}")).status_code == 404
        await apply(running)
        answer = await client.post(hook, content=b"{}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "hook_not_listening")
        assert any("not listening" in sentence for sentence in running.advice())
        await apply(running, 'webhook_secret = "a-long-enough-secret"')
        assert (await client.post(hook, content=b"{}")).status_code == 401


async def test_an_agent_switched_off_elsewhere_is_cut(tmp_path: Path) -> None:
    async with service(settings_in(tmp_path), SystemClock()) as running, httpx.AsyncClient() as client:
        await apply(running)
        (agent,) = running.roster.all()
        token, _ = await running.tokens.mint(agent.id, "api", 900)
        headers = {"Authorization": f"Bearer {token}"}
        assert (await client.get(f"{running.url}/api/me", headers=headers)).status_code == 200
        text = FILE.format(more="") + "active = false\n"
        applier = Applier(running.stores.books, Vault.open(None, tmp_path), running.clock)
        file = parse(text, "test")
        await applier.write(file, await applier.plan(file), "test")
        await running.refresh()
        assert (await client.get(f"{running.url}/api/me", headers=headers)).status_code == 401


async def test_openapi_names_the_address_it_is_served_from(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, public_url="https://desk.example")
    async with service(settings, SystemClock()) as running, httpx.AsyncClient() as client:
        document = (await client.get(f"{running.url}/api/openapi.json")).json()
        assert "https://desk.example" in json.dumps(document["servers"])


async def test_a_second_service_on_the_port_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    async with service(settings_in(tmp_path / "a"), SystemClock()) as running, httpx.AsyncClient() as client:
        port = int(running.url.rsplit(":", 1)[1])
        with pytest.raises(PortInUse):
            async with service(settings_in(tmp_path / "b", port=port), SystemClock()):
                pass
        assert (await client.get(f"{running.url}/healthz")).status_code == 200


async def test_it_stops_without_leaving_tasks(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with service(settings_in(tmp_path), SystemClock()):
        pass
    assert asyncio.all_tasks() == before
