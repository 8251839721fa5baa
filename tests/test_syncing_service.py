"""The composed service syncs: on command over its control socket, and by itself when the schedule says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from demo.freshdesk import ADMIN, Freshdesk, freshdesk
from demo.rig import Rig, rig
from linedesk.accounts.apply import Applier
from linedesk.accounts.edge import parse
from linedesk.apps.wildix_phonebook import WildixPhonebook
from linedesk.clock import SystemClock
from linedesk.commands.control import reach
from linedesk.errors import SyncImpossible
from linedesk.main import service
from linedesk.pbx.wildix.client import WildixClient
from linedesk.service import Service
from linedesk.settings import Settings, load_settings

FILE = """
[accounts.office]
app = "wildix"
url = "{pbx}"
cloud_url = "{pbx}"
region = "GB"
token = "{token}"
requests_per_s = 50
[accounts.crm]
app = "freshdesk"
url = "{crm}"
api_key = "{key}"
[accounts.book]
app = "wildix-phonebook"
pbx = "office"
phonebook = "From the CRM"
create_phonebook = true
[connections.customers]
from = "crm"
to = "book"
"""
SPARE = """
[accounts.spare]
app = "wildix"
url = "{pbx}"
region = "GB"
token = "{token}"
"""
REMOVED = """
[connections.customers]
remove = true
[accounts.book]
remove = true
"""
PEOPLE = 8


@asynccontextmanager
async def house(folder: Path, *, schedule: bool) -> AsyncIterator[tuple[Service, Rig, Freshdesk]]:
    settings = load_settings(data_dir=folder, port=0)
    async with (
        rig() as pbx,
        freshdesk(people=PEOPLE) as crm,
        service(settings, SystemClock(), schedule=schedule) as running,
    ):
        applier = Applier(running.stores.books, running.parts.vault, running.clock)
        file = parse(FILE.format(pbx=pbx.pbx.url, token=pbx.token, crm=crm.url, key=ADMIN), "test")
        await applier.write(file, await applier.plan(file), "test")
        await running.refresh()
        yield running, pbx, crm


async def ask(settings: Settings, path: str, body: dict[str, Any]) -> Any:
    async with reach(settings) as client:
        assert client is not None
        return await client.report(path, body)


async def names_on(pbx: Rig) -> list[str]:
    _, books = await pbx.api("GET", "/api/v1/Phonebooks/?count=100")
    found = [each for each in books["result"]["records"] if each["name"] == "From the CRM"]
    if not found:
        return []
    path = f"/api/v1/Contacts/?filter[phonebook_id]={found[0]['id']}&count=100"
    _, contacts = await pbx.api("GET", path)
    return sorted(each["name"] for each in contacts["result"]["records"])


async def test_S02_a_command_syncs_through_the_service_and_a_second_one_writes_nothing(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, schedule=False) as (running, pbx, _):
        body = {"connection": "customers"}
        preview = await ask(running.settings, "/sync", {**body, "preview": True})
        assert (preview["run"], preview["writes"]) == (None, 0)
        assert preview["counts"]["create"] == PEOPLE
        assert await names_on(pbx) == []
        first = await ask(running.settings, "/sync", body)
        assert (first["state"], first["writes"], first["hash"]) == ("done", PEOPLE, preview["hash"])
        assert len(await names_on(pbx)) == PEOPLE
        second = await ask(running.settings, "/sync", body)
        assert (second["state"], second["writes"]) == ("done", 0)
        assert (await ask(running.settings, "/check", {}))["well"] is True


async def test_an_unknown_connection_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    async with house(tmp_path, schedule=False) as (running, _, _crm):
        with pytest.raises(SyncImpossible, match="no connection nobody") as caught:
            await ask(running.settings, "/sync", {"connection": "nobody"})
        assert "customers" in caught.value.remedy


async def test_without_a_schedule_nothing_is_synced_by_itself(tmp_path: Path) -> None:
    async with house(tmp_path, schedule=False) as (_, pbx, _crm):
        await asyncio.sleep(2.0)
        assert await names_on(pbx) == []


async def test_the_schedule_syncs_a_new_connection_at_once(tmp_path: Path) -> None:
    async with house(tmp_path, schedule=True) as (_, pbx, _crm):
        for _ in range(200):
            if len(await names_on(pbx)) == PEOPLE:
                return
            await asyncio.sleep(0.1)
    pytest.fail("the schedule did not sync")


async def test_a_changed_account_is_taken_over_by_the_next_sync(tmp_path: Path) -> None:
    async with house(tmp_path, schedule=False) as (running, pbx, _):
        applier = Applier(running.stores.books, running.parts.vault, running.clock)
        file = parse('[accounts.book]\nphonebook = "Another"\n', "test")
        await ask(running.settings, "/sync", {"connection": "customers", "preview": True})
        await applier.write(file, await applier.plan(file), "test")
        await running.refresh()
        assert running.parts.apps.app("book").account == "book"
        await ask(running.settings, "/sync", {"connection": "customers"})
        _, books = await pbx.api("GET", "/api/v1/Phonebooks/?count=100")
        assert "Another" in {each["name"] for each in books["result"]["records"]}
        assert "From the CRM" not in {each["name"] for each in books["result"]["records"]}


async def apply(running: Service, text: str) -> None:
    """As the command does it, beside the service."""
    applier = Applier(running.stores.books, running.parts.vault, running.clock)
    file = parse(text, "test")
    await applier.write(file, await applier.plan(file), "test")


async def test_a_command_and_the_clock_that_refresh_at_once_close_each_client_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[WildixClient] = []
    close = WildixClient.close

    async def slow(client: WildixClient) -> None:
        closed.append(client)
        await asyncio.sleep(0.02)
        await close(client)

    async with house(tmp_path, schedule=False) as (running, pbx, _):
        await apply(running, SPARE.format(pbx=pbx.pbx.url, token=pbx.token))
        await running.refresh()
        before = [running.lines.client(name) for name in ("office", "spare")]
        monkeypatch.setattr(WildixClient, "close", slow)
        await apply(running, "[accounts.office]\nrequests_per_s = 49\n[accounts.spare]\nrequests_per_s = 9\n")
        await asyncio.gather(*(running.refresh() for _ in range(3)))
        assert sorted(map(id, closed)) == sorted(map(id, before))
        assert not running.stale
        for name in ("office", "spare"):
            assert (await running.lines.client(name).me()).extension == "100"


async def test_S16_an_account_that_goes_while_its_run_goes_on_ends_the_run_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, gone = asyncio.Event(), asyncio.Event()
    create = WildixPhonebook.create

    async def held(app: WildixPhonebook, *words: Any, **more: Any) -> Any:
        writing.set()
        await gone.wait()
        return await create(app, *words, **more)

    monkeypatch.setattr(WildixPhonebook, "create", held)
    async with house(tmp_path, schedule=False) as (running, _, _crm):
        going = asyncio.create_task(ask(running.settings, "/sync", {"connection": "customers"}))
        await asyncio.wait_for(writing.wait(), 10)
        assert running.parts.engine.in_use() == {"crm", "book"}
        await apply(running, REMOVED)
        await running.refresh()
        gone.set()
        with pytest.raises(SyncImpossible, match="customers was changed while it was running"):
            await asyncio.wait_for(going, 10)
        assert running.parts.engine.in_use() == frozenset()
        checked = await ask(running.settings, "/check", {})
        assert [each["name"] for each in checked["accounts"]] == ["crm", "office"]
