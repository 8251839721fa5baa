"""The simulated PBX's API: its door, its envelope, its call control, and our own client against it."""

from __future__ import annotations

import contextlib
import json

import aiohttp
import pytest

from demo.rig import Rig, rig

V2 = "/api/v2/call-control"
DESTINATION = {"destination": "+12125550142"}


async def make(pbx: Rig, **wish: object) -> str:
    token: str = (await pbx.sim("POST", "tokens", wish))["token"]
    return token


@pytest.mark.parametrize(
    "header", [None, "Basic MTAwOng=", "Bearer access_unknown_unknown_unknown", "Bearer x"]
)
async def test_without_a_good_token_everything_is_401(header: str | None) -> None:
    async with rig() as pbx:
        headers = {"Authorization": header} if header else {}
        url = f"{pbx.pbx.url}/api/v1/Colleagues/"
        async with pbx.http.get(url, headers=headers) as answer:
            assert answer.status == 401
            assert await answer.json() == {"type": "error", "reason": "Unauthorized", "result": None}


async def test_a_token_expires_and_a_company_key_needs_wms_709() -> None:
    async with rig() as pbx:
        short = await make(pbx, kind="simple", extension="201", expires_in_s=60)
        company = await make(pbx, kind="company")
        assert len(company) == 100
        assert (await pbx.api("GET", "/api/v1/personal/info", token=short))[0] == 200
        assert (await pbx.api("GET", f"{V2}/list-calls?user=201", token=company))[0] == 200
        pbx.clock.advance(61)
        await pbx.switch(wms_version="7.04")
        assert (await pbx.api("GET", "/api/v1/personal/info", token=short))[0] == 401
        assert (await pbx.api("GET", f"{V2}/list-calls?user=201", token=company))[0] == 401


async def test_a_company_key_does_what_its_scopes_say() -> None:
    async with rig() as pbx:
        reads = await make(pbx, kind="company", scopes=["callcontrol:read"])
        assert (await pbx.api("GET", f"{V2}/list-devices?user=201", token=reads))[0] == 200
        assert (await pbx.api("POST", f"{V2}/make-call?user=201", DESTINATION, token=reads))[0] == 403
        assert (await pbx.api("GET", "/api/v1/Colleagues/", token=reads))[0] == 403
        assert not pbx.state.calls


async def test_only_a_root_credential_acts_for_another_user() -> None:
    async with rig() as pbx:
        own = await make(pbx, kind="simple", extension="202")
        assert (await pbx.api("POST", f"{V2}/make-call?user=201", DESTINATION, token=own))[0] == 403
        assert not pbx.state.calls
        await pbx.switch(user_param="ignore")
        assert (await pbx.api("POST", f"{V2}/make-call?user=201", DESTINATION, token=own))[0] == 200
        assert [call.caller for call in pbx.state.calls.values()] == ["202"]


@pytest.mark.parametrize("path", ["/api/v1/Colleagues/", "/API/v1/colleagues", "/api/v1/PBX/Colleagues"])
async def test_paths_do_not_mind_case_or_a_slash(path: str) -> None:
    async with rig() as pbx:
        status, said = await pbx.api("GET", path)
        assert status == 200
        assert said["result"]["total"] == "4"
        assert [each["extension"] for each in said["result"]["records"]][-1] == "100"


async def test_colleagues_page_by_start_and_count_and_filter() -> None:
    async with rig() as pbx:
        first = (await pbx.api("GET", "/api/v1/Colleagues/?count=2&dir=ASC&sort=extension&limit=1"))[1]
        assert [each["extension"] for each in first["result"]["records"]] == ["100", "201"]
        query = {"filter[email][]": "mia@example.test", "fields": "name,extension"}
        found = (await pbx.api("GET", "/api/v1/Colleagues/", params=query))[1]
        assert found["result"]["records"] == [{"name": "Mia Agent", "extension": "202"}]
        assert (await pbx.api("GET", "/api/v1/Colleagues/511"))[1]["result"]["extension"] == "201"
        assert (await pbx.api("GET", "/api/v1/Colleagues/201"))[0] == 404


async def test_a_missing_route_is_another_404_than_a_missing_call() -> None:
    async with rig() as pbx:
        route = await pbx.api("POST", "/api/v2/nothing")
        assert route == (404, {"type": "error", "reason": "404 Not Found", "code": 404})
        status, said = await pbx.api("POST", f"{V2}/hangup?user=201", {"sipCallId": "none@127.0.0.1"})
        assert (status, said["reason"], "code" in said) == (404, "Call not found", False)
        await pbx.switch(unknown_call=400, error_with_200=True)
        status, said = await pbx.api("POST", f"{V2}/hangup?user=201", {"sipCallId": "none@127.0.0.1"})
        assert (status, said["type"]) == (200, "error")
        assert "channel" in said["message"]


async def test_an_older_wms_has_no_v2_but_can_originate() -> None:
    async with rig() as pbx:
        await pbx.switch(v2_absent=True)
        assert (await pbx.api("POST", f"{V2}/make-call?user=201", DESTINATION))[1]["code"] == 404
        dial = {"channel": "Local/201@users", "context": "users", "exten": "+12125550142", "priority": "1"}
        assert (await pbx.api("POST", "/api/v1/Originate", dial))[1] == {
            "type": "result",
            "result": "Success",
        }
        assert [(call.caller, call.click) for call in pbx.state.calls.values()] == [("201", True)]
        for wrong in ({}, {"channel": "SIP/201", "exten": "1", "context": "users"}):
            assert (await pbx.api("POST", "/api/v1/Originate", wrong))[0] == 500


async def test_originate_call_rings_the_tokens_own_user_from_json_or_a_form() -> None:
    async with rig() as pbx:
        own = await make(pbx, kind="simple", extension="203")
        url, headers = f"{pbx.pbx.url}/api/v1/Originate/Call/", {"Authorization": f"Bearer {own}"}
        number = {"number": "+12125550142"}
        async with pbx.http.post(url, headers=headers, data=number) as answer:
            assert await answer.json() == {"type": "result", "result": "Success"}
        async with pbx.http.post(url, headers=headers, json=number) as answer:
            assert await answer.json() == {"type": "result", "result": "Success"}
        assert [call.caller for call in pbx.state.calls.values()] == ["203", "203"]


async def test_list_calls_and_call_control_follow_the_call() -> None:
    async with rig() as pbx:
        call_id = await pbx.place("+442079460018", "201", name="Ada Example")
        await pbx.after(1)
        (item,) = (await pbx.api("GET", f"{V2}/list-calls?user=201"))[1]["calls"]
        assert (item["callerNumber"], item["callerName"], item["state"]) == (
            "+442079460018",
            "Ada Example",
            "ringing",
        )
        assert item["sipCallId"] != call_id
        named = {"sipCallId": item["sipCallId"]}
        assert (await pbx.api("POST", f"{V2}/answer?user=202", named))[0] == 404, "not Mia's call"
        assert (await pbx.api("POST", f"{V2}/answer?user=201", named))[0] == 200
        await pbx.switch(list_calls_shape="result", state_spelling="upper")
        await pbx.api("POST", f"{V2}/hold?user=201", named)
        held = (await pbx.api("GET", f"{V2}/list-calls?user=201"))[1]["result"]["calls"]
        assert [each["state"] for each in held] == ["ON-HOLD"]
        await pbx.api("POST", f"{V2}/unhold?user=201", named)
        assert (await pbx.api("POST", f"{V2}/hangup?user=201", named))[0] == 200
        assert (await pbx.api("GET", f"{V2}/list-calls?user=201"))[1]["result"]["calls"] == []


@pytest.mark.parametrize("body", [None, {}, {"destination": ""}, {"destination": 7}, {"destination": "<b>"}])
async def test_a_dial_without_a_number_is_refused(body: object) -> None:
    async with rig() as pbx:
        assert (await pbx.api("POST", f"{V2}/make-call?user=201", body))[0] == 400
        assert not pbx.state.calls


async def test_a_user_without_a_device_cannot_dial() -> None:
    async with rig() as pbx:
        await pbx.switch(without_device=["201"])
        assert (await pbx.api("GET", f"{V2}/list-devices?user=201"))[1] == {
            "devices": [],
            "activeDevice": None,
        }
        assert (await pbx.api("POST", f"{V2}/make-call?user=201", DESTINATION))[0] == 400


async def test_a_foreign_page_may_not_work_the_simulator() -> None:
    async with rig() as pbx:
        headers = {"Origin": "https://elsewhere.example"}
        url = f"{pbx.pbx.url}/_sim/calls"
        body = {"from": "+442079460018", "to": "201"}
        async with pbx.http.post(url, json=body, headers=headers) as answer:
            assert answer.status == 403
        assert not pbx.state.calls


async def test_a_wrong_switch_changes_nothing() -> None:
    async with rig() as pbx:
        before = await pbx.sim("GET", "switches")
        wrongs: list[object] = [{"nonsense": 1}, {"generation": "A", "duplicate_rate": 2}, []]
        for wrong in [*wrongs, {"retry_delays_s": [0] * 4}]:
            async with pbx.http.put(f"{pbx.pbx.url}/_sim/switches", json=wrong) as answer:
                assert answer.status == 400
        assert await pbx.sim("GET", "switches") == before


@pytest.mark.parametrize(
    ("fault", "status"), [("html", 200), ("500", 500), ("503", 503), ("429", 429), ("truncated", 200)]
)
async def test_a_fault_of_the_api_strikes_as_often_and_where_it_is_told_to(fault: str, status: int) -> None:
    async with rig() as pbx:
        await pbx.switch(api_fault=fault, api_fault_times=2, api_fault_paths=["/api/v1/colleagues"])
        headers = {"Authorization": f"Bearer {pbx.token}"}
        assert (await pbx.api("GET", "/api/v1/PBX/ping"))[1]["result"] == "pong"
        for _ in range(2):
            async with pbx.http.get(f"{pbx.pbx.url}/api/v1/Colleagues/", headers=headers) as answer:
                assert answer.status == status
                text = await answer.text()
            with contextlib.suppress(ValueError):
                assert json.loads(text)["type"] == "error"
        assert (await pbx.api("GET", "/api/v1/Colleagues/"))[1]["type"] == "result"


@pytest.mark.parametrize(("fault", "calls"), [("drop-after-accept", 1), ("drop-before-accept", 0)])
async def test_a_connection_can_be_lost_before_or_after_the_command_was_taken(fault: str, calls: int) -> None:
    async with rig() as pbx:
        await pbx.switch(api_fault=fault)
        with pytest.raises(aiohttp.ClientError):
            await pbx.api("POST", f"{V2}/make-call?user=201", DESTINATION)
        assert len(pbx.state.calls) == calls


async def test_a_rate_limit_answers_429_with_and_without_retry_after() -> None:
    async with rig() as pbx:
        await pbx.switch(rate_limit_per_s=2, retry_after_s=7)
        headers = {"Authorization": f"Bearer {pbx.token}"}
        seen = []
        for wait_s in (0, 0, 0, 1.1):
            pbx.clock.advance(wait_s)
            async with pbx.http.get(f"{pbx.pbx.url}/api/v1/PBX/ping", headers=headers) as answer:
                seen.append((answer.status, answer.headers.get("Retry-After")))
        assert seen == [(200, None), (200, None), (429, "7"), (200, None)]


async def test_a_slow_answer_runs_into_the_callers_own_deadline() -> None:
    async with rig() as pbx:
        await pbx.switch(api_fault="hang")
        headers = {"Authorization": f"Bearer {pbx.token}"}
        short = aiohttp.ClientTimeout(total=0.2)
        with pytest.raises(TimeoutError):
            await pbx.http.get(f"{pbx.pbx.url}/api/v1/PBX/ping", headers=headers, timeout=short)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 201),
        ("localhost:{port}", 201),
        ("LOCALHOST:{port}", 201),
        ("[::1]:{port}", 201),
        ("evil.com:{port}", 421),
        ("127.0.0.1.evil.com:{port}", 421),
        ("127.0.0.1", 421),
        ("127.0.0.1:1", 421),
        ("", 421),
    ],
)
async def test_another_name_for_this_machine_is_no_way_in(host: str, status: int) -> None:
    async with rig() as pbx:
        headers = {"Host": host.format(port=pbx.pbx.url.rpartition(":")[2])}
        wish = {"kind": "simple", "extension": "100", "root": True}
        for path in ("/_sim/tokens", "/api/v1/personal/info"):
            async with pbx.http.post(pbx.pbx.url + path, json=wish, headers=headers) as answer:
                said = await answer.json()
                if status == 421:
                    assert answer.status == 421
                    assert "token" not in said
                elif path == "/_sim/tokens":
                    assert answer.status == 201, said
                assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("tokens", {"extension": "201", "expires_in_s": "x"}),
        ("tokens", {"extension": "201", "expires_in_s": 1e300}),
        ("tokens", {"extension": "201", "expires_in_s": float("nan")}),
        ("tokens", {"extension": "201", "expires_in_s": True}),
        ("tokens", {"extension": "201", "expires_in_s": -1}),
        ("tokens", {"kind": "company", "scopes": 5}),
        ("tokens", {"kind": "company", "scopes": "pbx:*"}),
        ("tokens", {"kind": "company", "scopes": [5]}),
        ("tokens", {"kind": []}),
        ("tokens", {"extension": [], "root": 1}),
        ("calls", {"from": "+442079460018", "to": "201", "generation": []}),
        ("calls", {"from": "+442079460018", "to": []}),
        ("calls", {"from": "+442079460018", "to": "201", "name": {"a": 1}}),
        ("calls", {"from": "\ud800", "to": "201"}),
        ("calls", {"from": [], "to": {}}),
        ("integrations", {"url": []}),
        ("switches", {"time_scale": []}),
        ("switches", []),
    ],
)
async def test_a_wish_of_the_wrong_type_is_refused_and_no_fault(path: str, body: object) -> None:
    async with rig() as pbx:
        method = "PUT" if path == "switches" else "POST"
        async with pbx.http.request(method, f"{pbx.pbx.url}/_sim/{path}", json=body) as answer:
            assert answer.status == 400, await answer.text()
            assert (await answer.json())["error"]["code"] == "bad_request"
        assert (await pbx.sim("GET", "calls"))["calls"] == []


async def test_every_refusal_and_fault_is_json(monkeypatch: pytest.MonkeyPatch) -> None:
    async with rig() as pbx:
        asked = [("GET", "/nothing", 404), ("DELETE", "/_sim/calls", 405), ("POST", "/_sim/calls", 413)]
        for method, path, status in asked:
            data = b"x" * 70_000 if status == 413 else None
            async with pbx.http.request(method, pbx.pbx.url + path, data=data) as answer:
                assert answer.status == status
                assert (await answer.json())["error"]["message"]

        def broken(*_args: object) -> None:
            raise ValueError("hunter2")

        monkeypatch.setattr(pbx.pbx.exchange, "place", broken)
        wish = {"from": "+442079460018", "to": "201"}
        async with pbx.http.post(f"{pbx.pbx.url}/_sim/calls", json=wish) as answer:
            assert answer.status == 500
            assert (await answer.json())["error"]["code"] == "internal"
            assert "hunter2" not in await answer.text()
