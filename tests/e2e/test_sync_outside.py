"""The first sync as a stranger sees it: commands, and both systems read back over the wire.

Nothing here is the product's own code: what the phonebook should hold is worked out anew from Freshdesk's
answers.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from e2e.conftest import Demo, start_demo
from e2e.test_outside import hello, next_call
from waiting import eventually

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("e2e-sync"), pytest.mark.timeout(180)]

FIELDS = ("name", "email", "office", "mobile", "organization", "address")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = start_demo(tmp_path_factory.mktemp("sync"), contacts=40)
    yield running
    running.stop()


@pytest.fixture
def untouched(tmp_path: Path) -> Iterator[Demo]:
    """A demo whose phonebook is empty yet."""
    running = start_demo(tmp_path / "demo", contacts=40)
    yield running
    running.stop()


def linedesk(config: str, *words: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a command."""
    command = [sys.executable, "-m", "linedesk", *words, "--config", config]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def sync(config: str, connection: str, *words: str) -> dict[str, Any]:
    code, out, err = linedesk(config, "sync", connection, "--json", *words)
    assert code == 0, out + err
    report: dict[str, Any] = json.loads(out)
    return report


def freshdesk(demo: Demo) -> httpx.Client:
    app = demo.ready["apps"]["freshdesk"]
    return httpx.Client(
        base_url=f"{app['url']}/api/v2", auth=(app["credentials"]["api_key"], "X"), timeout=10
    )


def pbx(demo: Demo) -> httpx.Client:
    headers = {"Authorization": f"Bearer {demo.ready['pbx']['token']}"}
    return httpx.Client(base_url=f"{demo.pbx}/api/v1", headers=headers, timeout=10)


def entries(demo: Demo, phonebook: str) -> list[dict[str, Any]]:
    """Every entry of the phonebook."""
    found: list[dict[str, Any]] = []
    with pbx(demo) as client:
        while True:
            query = {"start": str(len(found)), "count": "100", "sort": "id"}
            page = client.get(f"/Phonebooks/{phonebook}/Contacts/", params=query).json()["result"]["records"]
            if not page:
                return found
            found += page


def contacts(demo: Demo) -> list[dict[str, Any]]:
    """Every contact of Freshdesk that is neither deleted nor blocked."""
    found: list[dict[str, Any]] = []
    with freshdesk(demo) as client:
        page = 1
        while rows := client.get("/contacts", params={"per_page": 100, "page": page}).json():
            found += rows
            page += 1
    return found


def companies(demo: Demo) -> dict[int, str]:
    with freshdesk(demo) as client:
        return {each["id"]: each["name"] for each in client.get("/companies?per_page=100").json()}


def e164(text: str | None) -> str:
    """The seed's spellings as a public number."""
    if not text:
        return ""
    digits = "".join(filter(str.isdigit, text.replace("(0)", "")))
    if text.startswith("+"):
        return "+" + digits
    return "+" + digits[2:] if digits.startswith("00") else "+44" + digits[1:]


def mapped(contact: dict[str, Any], names: dict[int, str]) -> tuple[str, ...]:
    """The phonebook entry that a contact should have."""
    company = names.get(contact["company_id"], "")
    numbers = (e164(contact["phone"]), e164(contact["mobile"]))
    return (contact["name"], contact["email"] or "", *numbers, company, contact["address"] or "")


def shown(entry: dict[str, Any]) -> tuple[str, ...]:
    return tuple(entry[name] or "" for name in FIELDS)


def should_hold(demo: Demo) -> list[tuple[str, ...]]:
    names = companies(demo)
    return sorted(mapped(each, names) for each in contacts(demo))


def test_the_phonebook_becomes_equal_to_the_mapped_contacts_and_stays_quiet(untouched: Demo) -> None:
    demo = untouched
    config, (connection,) = demo.ready["config"], demo.ready["connections"]
    book = demo.ready["pbx"]["phonebook"]
    preview = sync(config, connection, "--preview")
    assert (preview["run"], preview["writes"]) == (None, 0)
    assert entries(demo, book) == []
    first = sync(config, connection)
    assert first["state"] == "done"
    assert first["writes"] == first["counts"]["create"] == len(contacts(demo))
    assert first["hash"] == preview["hash"], "S19"
    assert sorted(map(shown, entries(demo, book))) == should_hold(demo)
    second = sync(config, connection)
    assert (second["writes"], second["changes"]) == (0, []), "S2"
    external = [each["document_id"] for each in entries(demo, book)]
    assert len(set(external)) == len(external)


def test_an_edited_contact_appears_in_the_phonebook_and_in_the_popup(demo: Demo) -> None:
    config, (connection,) = demo.ready["config"], demo.ready["connections"]
    sync(config, connection)
    someone = contacts(demo)[5]
    with freshdesk(demo) as client:
        edit = {"name": "Quentin Quayle", "phone": "020 7946 0777"}
        client.put(f"/contacts/{someone['id']}", json=edit).raise_for_status()
    report = sync(config, connection)
    assert report["counts"]["update"] == 1
    assert report["writes"] == 1
    assert sorted(map(shown, entries(demo, demo.ready["pbx"]["phonebook"]))) == should_hold(demo)
    asyncio.run(_popup_names(demo, "+442079460777", "Quentin Quayle"))


async def _popup_names(demo: Demo, caller: str, name: str) -> None:
    socket, _ = await hello(demo, "203")
    async with socket:
        call = await asyncio.to_thread(demo.ring, caller, "203")
        frame = await next_call(socket)
        assert frame is not None
        assert frame["number"] == caller
        assert frame["contact"]["name"] == name
        await asyncio.to_thread(demo.steer, call, "hangup")


def test_a_vanished_phonebook_is_told_in_a_sentence(demo: Demo, tmp_path: Path) -> None:
    config = office(demo, tmp_path, phonebook="No such book", create=False)
    code, out, err = linedesk(config, "sync", "crm-to-phonebook")
    assert code == 1
    assert "No such book" in out + err
    code, out, _ = linedesk(config, "check")
    assert code == 1
    assert "No such book" in out


def test_apply_check_and_sync_from_nothing_and_a_wrong_key_is_named(demo: Demo, tmp_path: Path) -> None:
    config = office(demo, tmp_path, phonebook="From nothing", create=True)
    code, out, err = linedesk(config, "check")
    assert "Freshdesk" in out, out + err
    report = sync(config, "crm-to-phonebook")
    assert report["state"] == "done"
    with pbx(demo) as client:
        books = client.get("/Phonebooks/").json()["result"]["records"]
    book = next(str(each["id"]) for each in books if each["name"] == "From nothing")
    assert sorted(map(shown, entries(demo, book))) == should_hold(demo)
    assert sync(config, "crm-to-phonebook")["writes"] == 0
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('[accounts.crm]\napi_key = "wrong-key-0000"\n', encoding="utf-8")
    assert linedesk(config, "apply", str(wrong), "--yes")[0] == 0
    code, out, _ = linedesk(config, "check")
    assert code == 1
    assert "API key" in out
    assert "wrong-key" not in out


def office(demo: Demo, folder: Path, *, phonebook: str, create: bool) -> str:
    """A service of its own over the demo's simulators; its config file."""
    config = folder / "config.toml"
    config.write_text('data_dir = "data"\nport = 0\nlog_level = "error"\n', encoding="utf-8")
    key = folder / "freshdesk.key"
    key.write_text(demo.ready["apps"]["freshdesk"]["credentials"]["api_key"] + "\n", encoding="utf-8")
    setup = folder / "office.toml"
    setup.write_text(
        f"""
[accounts.office]
app = "wildix"
url = "{demo.pbx}"
cloud_url = "{demo.pbx}"
region = "GB"
token = "{demo.ready["pbx"]["token"]}"
requests_per_s = 50

[accounts.crm]
app = "freshdesk"
url = "{demo.crm}"
api_key = {{ file = "{key}" }}

[accounts.phonebook]
app = "wildix-phonebook"
pbx = "office"
phonebook = "{phonebook}"
create_phonebook = {str(create).lower()}

[connections.crm-to-phonebook]
from = "crm"
to = "phonebook"
""",
        encoding="utf-8",
    )
    code, out, err = linedesk(str(config), "apply", str(setup), "--yes")
    assert code == 0, out + err
    return str(config)


def test_with_webhooks_off_the_popup_comes_by_polling(demo: Demo, tmp_path: Path) -> None:
    off = {"call_events": False, "presence_events": False}
    httpx.put(f"{demo.pbx}/_sim/switches", json=off, timeout=10).raise_for_status()
    setup = tmp_path / "polling.toml"
    account = next(iter(json.loads(linedesk(demo.ready["config"], "export", "--json")[1])["accounts"]))
    setup.write_text(f'[accounts.{account}]\nevents = "polling"\n', encoding="utf-8")
    assert linedesk(demo.ready["config"], "apply", str(setup), "--yes")[0] == 0
    try:
        asyncio.run(_polled(demo))
    finally:
        on = {"call_events": True, "presence_events": True}
        httpx.put(f"{demo.pbx}/_sim/switches", json=on, timeout=10).raise_for_status()


async def _polled(demo: Demo) -> None:
    socket, _ = await hello(demo, "202")
    async with socket:
        call = await asyncio.to_thread(demo.ring, "+442079460018", "202")
        frame = await next_call(socket)
        assert frame is not None
        assert (frame["state"], frame["contact"]["name"]) == ("ringing", "Ada Lindqvist")
        await asyncio.to_thread(demo.steer, call, "hangup")
        last = await next_call(socket)
        assert last is not None
        assert last["id"] == frame["id"]
    eventually(lambda: len(demo.shown("202")), 0)
