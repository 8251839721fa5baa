"""Choosing whom a number is, end to end: the whole service, a real hook, a real socket, a restart."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from linedesk.accounts.apply import Applier
from linedesk.accounts.edge import parse
from linedesk.accounts.vault import Vault
from linedesk.clock import SystemClock
from linedesk.contacts.model import Contact, ContactNumber, contact_id
from linedesk.main import service
from linedesk.service import Service
from linedesk.settings import load_settings
from server.test_socket import hear, hear_call, say

SECRET = "a-long-enough-secret"
ADA = "+442079460018"
FILE = f"""
[accounts.office]
app = "wildix"
url = "https://acme.wildixin.com"
region = "GB"
webhook_secret = "{SECRET}"
[agents.luca]
name = "Luca"
role = "agent"
account = "office"
extension = "201"
[agents.mia]
name = "Mia"
role = "agent"
account = "office"
extension = "202"
"""


async def set_up(running: Service) -> None:
    applier = Applier(running.stores.books, Vault.open(None, running.settings.data_dir), running.clock)
    file = parse(FILE, "test")
    await applier.write(file, await applier.plan(file), "test")
    await running.refresh()
    both = [
        Contact(contact_id("crm", name), "crm", "csv", name, f"{name} Example", numbers=(ContactNumber(ADA),))
        for name in ("Ada", "Ben")
    ]
    await running.directory.put(both, running.accounts.plan_of("office"))


async def ring(running: Service, client: httpx.AsyncClient, call_id: str, callee: str) -> None:
    caller = {"type": "REMOTE", "phone": ADA}
    data = {"status": "CONNECTING", "caller": caller, "tags": []}
    data["callee"] = {"type": "LOCAL", "phone": callee, "userExtension": callee}
    body = json.dumps(
        {"id": call_id, "time": running.clock.now_ms(), "type": "call:start", "data": data}
    ).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    url = f"{running.url}/hooks/wildix/office"
    answer = await client.post(url, content=body, headers={"X-Signature": signature})
    assert answer.json() == {"status": "stored"}


async def desk(
    running: Service, login: str, socket: ClientConnection
) -> tuple[dict[str, Any], dict[str, str]]:
    """Sign a socket in; its welcome, and the headers of the same agent."""
    agent = running.roster.by_login(login)
    assert agent is not None
    token, _ = await running.tokens.mint(agent.id, "api", 900)
    await say(socket, type="hello", v=1, token=token, visible=True)
    return await hear(socket), {"Authorization": f"Bearer {token}"}


def named(call: dict[str, Any]) -> tuple[str | None, bool]:
    return (call["contact"]["name"] if call["contact"] else None), call["picked"]


async def test_C01_a_choice_reaches_every_socket_of_its_agent_and_survives_a_restart(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, port=0)
    picks = "/api/picks"
    async with service(settings, SystemClock(), schedule=False) as running, httpx.AsyncClient() as client:
        await set_up(running)
        address = running.url.replace("http", "ws", 1) + "/agent/socket"
        async with connect(address) as first, connect(address) as second, connect(address) as other:
            _, headers = await desk(running, "luca", first)
            await desk(running, "luca", second)
            await desk(running, "mia", other)
            await ring(running, client, "w.1", "201")
            await ring(running, client, "w.2", "202")
            for socket in (first, second, other):
                assert named(await hear_call(socket)) == (None, False)
            ben = {"number": "020 7946 0018", "contact": contact_id("crm", "Ben")}
            answer = await client.put(running.url + picks, json=ben, headers=headers)
            assert (answer.status_code, answer.json()["number"]) == (200, ADA)
            for socket in (first, second):
                assert named(await hear_call(socket)) == ("Ben Example", True)
            query = {"number": ADA}
            gone = await client.delete(running.url + picks, params=query, headers=headers)
            assert gone.status_code == 204
            for socket in (first, second):
                assert named(await hear_call(socket)) == (None, False)
            await client.put(running.url + picks, json=ben, headers=headers)
            nobody = {"number": ADA, "contact": contact_id("crm", "Cleo")}
            refused = await client.put(running.url + picks, json=nobody, headers=headers)
            assert (refused.status_code, refused.json()["error"]["code"]) == (409, "pick_refused")
            # Nothing of it came to Mia: the next frame that she gets is of her own next call.
            await ring(running, client, "w.3", "202")
            heard = await asyncio.wait_for(hear_call(other), 5)
            assert (heard["call_id"], named(heard)) == ("w.3", (None, False))
    async with service(settings, SystemClock(), schedule=False) as running, httpx.AsyncClient() as client:
        address = running.url.replace("http", "ws", 1) + "/agent/socket"
        async with connect(address) as socket:
            welcome, headers = await desk(running, "luca", socket)
            (call,) = welcome["calls"]
            assert named(call) == ("Ben Example", True)
            found = (await client.get(f"{running.url}/api/lookup", params=query, headers=headers)).json()
            assert found["picked"] == contact_id("crm", "Ben")
