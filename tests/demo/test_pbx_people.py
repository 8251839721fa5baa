"""People on the simulated PBX: lists, presence, what is said about it, and the pages for people."""

from __future__ import annotations

import pytest

from demo.rig import rig
from linedesk.demo.seed import make_seed

CLOUD = "/v2/stream/presence/query_multiple"


async def test_two_colleagues_can_share_an_address() -> None:
    async with rig() as pbx:
        await pbx.switch(duplicate_email=True)
        query = {"filter[email]": "luca@example.test"}
        found = (await pbx.api("GET", "/api/v1/Colleagues/", params=query))[1]["result"]
        assert [each["extension"] for each in found["records"]] == ["203", "202", "201"]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/api/v1/Groups", ["Default"]),
        ("/api/v1/Departments", ["Support"]),
        ("/api/v1/network/pbxes", ["demo"]),
    ],
)
async def test_groups_departments_and_the_network_are_listed(path: str, names: list[str]) -> None:
    async with rig() as pbx:
        said = (await pbx.api("GET", path))[1]["result"]
        assert [each["name"] for each in said["records"]] == names


async def test_a_presence_is_set_read_and_said() -> None:
    async with rig() as pbx:
        mood = {"status": "dnd", "message": "In a meeting", "until": "24/11/2025 18:00"}
        path = "/api/v1/User/201/Presence/"
        assert (await pbx.api("PUT", path, mood))[0] == 200
        got = (await pbx.api("GET", path))[1]["result"]
        assert got == {"extension": "201", **mood, "telephony": "registered"}
        await pbx.settled()
        (body,) = pbx.receiver.bodies
        assert (body["type"], body["data"]["status"], body["data"]["message"]) == (
            "presence:user",
            "dnd",
            "In a meeting",
        )
        for wrong in ({"status": "asleep"}, {"status": "away", "until": "tomorrow"}, {}):
            assert (await pbx.api("PUT", path, wrong))[0] == 400
        assert (await pbx.api("GET", "/api/v1/User/999/Presence/"))[0] == 404


async def test_ones_own_presence_can_be_set_but_not_read_on_todays_wms() -> None:
    async with rig() as pbx:
        own = (await pbx.sim("POST", "tokens", {"kind": "simple", "extension": "201"}))["token"]
        path = "/api/v1/Personal/Presence"
        assert (await pbx.api("PUT", path, {"status": "away"}, token=own))[0] == 200
        assert (await pbx.api("GET", path, token=own))[1]["code"] == 404
        assert (await pbx.api("PUT", "/api/v1/User/202/Presence/", {"status": "away"}, token=own))[0] == 403
        await pbx.switch(personal_presence_get=True)
        assert (await pbx.api("GET", path, token=own))[1]["result"]["status"] == "away"


async def test_who_talks_while_another_call_rings_is_rt_everywhere() -> None:
    async with rig() as pbx:
        key = (await pbx.sim("POST", "tokens", {"kind": "company", "scopes": ["stream:*"]}))["token"]
        seen = []

        async def look() -> None:
            await pbx.after(1)
            body = {"filter": [{"extension": "201"}]}
            seen.append((await pbx.api("POST", CLOUD, body, token=key))[1]["presences"][0]["telephony"])

        await look()
        first = await pbx.place("+442079460018", "201")
        await look()
        await pbx.do(first, "answer")
        await look()
        second = await pbx.place("+442079460044", "201")
        await look()
        await pbx.do(second, "reject")
        await look()
        await pbx.do(first, "hangup")
        await look()
        said = [status.upper() for _, status in pbx.receiver.presence()]
    assert seen == ["REGISTERED", "RINGING", "TALKING", "RT", "TALKING", "REGISTERED"]
    assert said == seen[1:], "the webhooks say the same"


async def test_registrations_name_the_phones() -> None:
    async with rig() as pbx:
        await pbx.switch(without_device=["202"])
        everybody = (await pbx.api("GET", "/api/v1/PBX/Users/Sip/Registrations"))[1]["result"]
        assert {extension: len(each["registrations"]) for extension, each in everybody.items()} == {
            "100": 1,
            "201": 1,
            "202": 0,
            "203": 1,
        }
        two = (await pbx.api("GET", "/api/v1/PBX/Users/201,202/Sip/Registrations"))[1]["result"]
        assert set(two) == {"201", "202"}


async def test_a_conference_is_said_by_webhook_and_webhooks_can_be_turned_off() -> None:
    async with rig() as pbx:
        await pbx.sim("POST", "conference", {"extension": "201", "status": "joined"})
        await pbx.settled()
        assert [body["type"] for body in pbx.receiver.bodies] == ["presence:conference"]
        await pbx.sim("POST", "webhooks", {"on": False})
        await pbx.place("+442079460018", "201")
        await pbx.after(2)
        assert len(pbx.receiver.bodies) == 1
        await pbx.sim("POST", "webhooks", {"on": True})
        await pbx.place("+442079460018", "202")
        await pbx.after(2)
        assert len(pbx.receiver.bodies) > 1


async def test_the_pages_show_the_books_as_they_are_now_and_escape_everything() -> None:
    hostile = make_seed(20, 1).people[6].name
    async with rig() as pbx:
        for path in ("/", "/phonebook"):
            async with pbx.http.get(pbx.pbx.url + path) as answer:
                text = await answer.text()
                assert answer.status == 200
                assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
            assert all(name in text for name in ("CRM contacts", "Colleagues", "Suppliers"))
        contacts = [
            {"name": hostile, "mobile": "+447700900266"},
            *({"name": f"P {n:03d}"} for n in range(60)),
        ]
        await pbx.sim("POST", "phonebooks/7/contacts", {"contacts": contacts})
        async with pbx.http.get(f"{pbx.pbx.url}/phonebook/7?q=Mallory") as answer:
            text = await answer.text()
        assert "<img" not in text
        assert "&lt;img src=x" in text
        assert "+447700900266" in text
        async with pbx.http.get(f"{pbx.pbx.url}/phonebook/7?page=2") as answer:
            text = await answer.text()
        assert "Page 2 of 2" in text
        assert "P 059" in text
        assert "P 000" not in text
        async with pbx.http.get(f"{pbx.pbx.url}/phonebook/99") as answer:
            assert answer.status == 404
        for asset in ("pbx.css", "pbx.js"):
            async with pbx.http.get(f"{pbx.pbx.url}/assets/{asset}") as answer:
                assert answer.status == 200
