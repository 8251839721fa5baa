"""The simulated PBX where the wire is unsure: words, bare participants, families of events, old secrets."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from demo.rig import rig
from demo.test_pbx_calls import ADA, answered_call, understood
from linedesk.calls.model import Outcome
from linedesk.demo.pbx.courier import sign
from linedesk.pbx.wildix.events import decode


@pytest.mark.parametrize("generation", ["A", "B"])
@pytest.mark.parametrize(
    "switches",
    [
        {"participant_fields": "null"},
        {"participant_fields": "absent"},
        {"status_spelling": "lower"},
        {"status_spelling": "unknown"},
    ],
)
async def test_a_call_is_understood_whatever_the_words(generation: str, switches: dict[str, str]) -> None:
    async with rig() as pbx:
        await pbx.switch(**switches)
        await answered_call(pbx, generation=generation)
        shown, history = understood(pbx.receiver.bodies)
    assert shown == {"201": ["ringing", "talking", "ended"]}
    assert [(row.outcome, row.remote, row.answered_by) for row in history] == [
        (Outcome.ANSWERED, ADA, ("201",))
    ]


async def test_bare_participants_have_only_what_tells_who_they_are() -> None:
    async with rig() as pbx:
        for spelling in ("null", "absent"):
            await pbx.switch(participant_fields=spelling)
            await pbx.place(ADA, "201", name="Ada")
            await pbx.after(1)
            flow = pbx.receiver.of_calls()[-1]["data"]["flows"][0]
            said = {name for name, value in flow["callee"].items() if value is not None}
            assert said == {"type", "phone", "userExtension"}
            assert ("email" in flow["callee"]) == (spelling == "null")


async def test_events_of_an_unknown_type_come_between_the_known_ones() -> None:
    async with rig() as pbx:
        await pbx.switch(unknown_events=True)
        call = await pbx.place(ADA, "201")
        await pbx.after(1)
        await pbx.do(call, "answer")
        await pbx.settled()
        known = [decode("demo", body).known for body, _ in pbx.receiver.got]
        assert known.count(False) >= 2
        bodies = [body for body in pbx.receiver.bodies if body["type"] != "call:live:sentiment"]
        assert understood(bodies)[0] == {"201": ["ringing", "talking"]}


async def test_an_integration_hears_of_the_families_it_has_chosen() -> None:
    async with rig() as pbx:
        for families in (["presence"], ["call"], ["analytics"], []):
            await pbx.sim("POST", "integrations", {"url": pbx.receiver.url, "families": families})
            pbx.receiver.got.clear()
            call = await pbx.place(ADA, "201")
            await pbx.after(1)
            await pbx.do(call, "hangup")
            await pbx.after(100)
            kinds = {body["type"] for body in pbx.receiver.bodies}
            heard = {"analytics" if each == "call:completed" else each.split(":")[0] for each in kinds}
            assert heard == set(families)


async def test_bodies_of_the_old_integration_are_still_signed_with_the_old_secret() -> None:
    async with rig() as pbx:
        old = pbx.receiver.secret
        pbx.receiver.answers = [500]
        await pbx.place(ADA, "201")
        async with asyncio.timeout(5):
            await pbx.receiver.wait_for(1)
        made = await pbx.sim("POST", "integrations", {"url": pbx.receiver.url})
        pbx.clock.advance(2)
        await pbx.place(ADA, "202")
        await pbx.after(2)
        signed = [
            secret
            for body, signature in pbx.receiver.got[1:]
            for secret in (old, made["secret"])
            if signature == sign(secret, body)
        ]
        assert set(signed) == {old, made["secret"]}
        assert len(signed) == len(pbx.receiver.got) - 1


async def test_a_command_can_be_taken_and_never_answered() -> None:
    async with rig() as pbx:
        await pbx.switch(api_fault="hang-after-accept", api_fault_times=1)
        url = f"{pbx.pbx.url}/api/v2/call-control/make-call"
        headers = {"Authorization": f"Bearer {pbx.token}"}
        with pytest.raises(TimeoutError):
            async with pbx.http.post(
                url,
                json={"destination": ADA},
                headers=headers,
                params={"user": "201"},
                timeout=aiohttp.ClientTimeout(total=0.2),
            ):
                pass
        calls = (await pbx.sim("GET", "calls"))["calls"]
        assert [call["to"] for call in calls] == [ADA]


async def test_a_fault_reaches_the_cloud_only_where_its_path_is_named() -> None:
    async with rig() as pbx:
        key = (await pbx.sim("POST", "tokens", {"kind": "company", "scopes": ["stream:read"]}))["token"]
        asked = {"filter": [{"extension": "201"}]}
        for paths, status in (([], 200), (["/api/"], 200), (["/v2/stream"], 503)):
            await pbx.switch(api_fault="503", api_fault_paths=paths)
            got, _ = await pbx.api("POST", "/v2/stream/presence/query_multiple", asked, token=key)
            assert got == status


async def test_the_pages_show_people_and_calls_as_they_are_and_as_text() -> None:
    async with rig() as pbx:
        call = await pbx.place(ADA, "201", name="<img src=x>")
        await pbx.after(1)
        people, calls = (
            await _page(pbx.http, pbx.pbx.url, "colleagues"),
            await _page(pbx.http, pbx.pbx.url, "calls"),
        )
        assert people.count("Ringing") == 1
        assert "luca@example.test" in people
        assert "&lt;img src=x&gt; (+442079460018)" in calls
        assert "<img" not in calls
        assert "Luca Agent (201)" in calls
        await pbx.do(call, "answer")
        assert "Talking" in await _page(pbx.http, pbx.pbx.url, "colleagues")
        await pbx.after(65.5)
        await pbx.do(call, "hangup")
        calls = await _page(pbx.http, pbx.pbx.url, "calls")
        assert "Nobody is on the phone." in calls
        assert "1:05" in calls


async def _page(http: aiohttp.ClientSession, url: str, path: str) -> str:
    async with http.get(f"{url}/{path}") as answer:
        assert answer.status == 200
        return await answer.text()
