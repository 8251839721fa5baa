"""Call control beyond picking up: transfers, tones, names, devices, and what the PBX says about them.

The bodies of transfers and of hold are held against the event scripts in tests/data/events.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.rig import Rig, rig
from linedesk.demo.pbx.call import Kind, Phase, SimCall
from linedesk.demo.pbx.machine import Machine
from linedesk.demo.pbx.transfer import blind
from linedesk.demo.pbx.users import default_house
from linedesk.demo.switches import PbxSwitches
from linedesk.errors import Conflict

V2 = "/api/v2/call-control"
ADA = "+442079460018"
FAR = "+12125550142"
SCRIPTS = Path(__file__).parent.parent / "data" / "events"


async def command(pbx: Rig, deed: str, user: str, call: str, **more: Any) -> tuple[int, Any]:
    """One command of call control; `call` is the webhook's id."""
    sip = pbx.state.calls[call].sip_call_id
    return await pbx.api("POST", f"{V2}/{deed}?user={user}", {"sipCallId": sip, **more})


async def talking(pbx: Rig, by: str = "201", **more: Any) -> str:
    """An inbound call that `by` has answered."""
    call = await pbx.place(ADA, by, **more)
    await pbx.after(1)
    await pbx.do(call, "answer")
    await pbx.after(4)
    return call


def shape(bodies: list[dict[str, Any]]) -> list[list[Any]]:
    """What a body of generation B says about its flows, without times and ids."""
    keys = ("flowIndex", "destination", "splitReason", "splitTransferType", "direction", "remotePhone")
    return [
        [
            body["type"],
            body["data"].get("eventTrigger"),
            *(
                [
                    *(flow.get(key) for key in keys),
                    flow["caller"]["phone"],
                    flow.get("callee", {}).get("phone"),
                    flow["talkTime"] > 0,
                    flow["status"],
                    "mergeWith" in flow,
                ]
                for flow in body["data"]["flows"]
            ),
        ]
        for body in bodies
    ]


def script(name: str) -> list[list[Any]]:
    lines = (SCRIPTS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return shape([json.loads(line) for line in lines])


async def test_a_blind_transfer_says_what_the_script_says() -> None:
    async with rig() as pbx:
        await pbx.switch(wrong_first_direction=False, final_record=False)
        call = await talking(pbx)
        assert await command(pbx, "blind-transfer", "201", call, destination="202") == (
            200,
            {"message": "Success"},
        )
        await pbx.after(4)
        await pbx.do(call, "answer", {"by": "202"})
        await pbx.after(40)
        await pbx.do(call, "hangup")
        await pbx.settled()
        assert shape(pbx.receiver.of_calls()) == script("08-blind-transfer")
        assert [each for each in pbx.receiver.presence() if each[0] == "201"] == [
            ("201", "ringing"),
            ("201", "talking"),
            ("201", "registered"),
        ]
        assert [each for each in pbx.receiver.presence() if each[0] == "202"] == [
            ("202", "ringing"),
            ("202", "talking"),
            ("202", "registered"),
        ]


async def test_an_attended_transfer_says_what_the_script_says() -> None:
    async with rig() as pbx:
        await pbx.switch(wrong_first_direction=False, final_record=False, ring_delay_s=0)
        call = await talking(pbx)
        await command(pbx, "hold", "201", call)
        await pbx.after(1)
        consultation = await pbx.place("201", "202")
        await pbx.after(4)
        await pbx.do(consultation, "answer")
        await pbx.after(10)
        assert (await command(pbx, "attendant-transfer", "201", call, destination="202"))[0] == 200
        await pbx.after(60)
        await pbx.do(call, "hangup")
        await pbx.settled()
        bodies = pbx.receiver.of_calls()
        want = script("09-attended-transfer")
        # The script's call rings at once; the simulated one enters the PBX first, as in script 08.
        assert shape(bodies)[2:] == want[1:]
        merged = [body for body in bodies if body["id"] == consultation][-1]
        assert merged["data"]["flows"][0]["mergeWith"] == call
        last = bodies[-1]["data"]["flows"]
        assert last[0]["holdTime"] == 15_000
        assert last[1]["talkTime"] == 60_000


async def test_hold_and_resume_say_what_the_script_says() -> None:
    async with rig() as pbx:
        await pbx.switch(wrong_first_direction=False, final_record=False)
        call = await talking(pbx)
        await command(pbx, "hold", "201", call)
        await pbx.after(10)
        await command(pbx, "unhold", "201", call)
        await pbx.after(5)
        await pbx.do(call, "hangup")
        await pbx.settled()
        said = [(body[0], body[2][-2]) for body in shape(pbx.receiver.of_calls())[1:]]
        want = [(body[0], body[2][-2]) for body in script("15-hold-and-resume")]
        assert said == [*want[:2], *want[3:]], "one HOLD body where the script repeats it"
        assert pbx.receiver.of_calls()[-1]["data"]["flows"][0]["holdTime"] == 10_000


async def test_in_generation_a_only_the_callee_changes() -> None:
    async with rig() as pbx:
        call = await talking(pbx, generation="A")
        await command(pbx, "blind-transfer", "201", call, destination="202")
        await pbx.settled()
        data = [body["data"] for body in pbx.receiver.of_calls()]
        assert [each["callee"]["userExtension"] for each in data if each["callee"]] == ["201", "202"]
        assert {each["status"] for each in data} == {"CONNECTING"}


@pytest.mark.parametrize(("spelling", "said"), [("lower", ("transfer", "blind")), ("absent", (None, None))])
async def test_the_reason_of_a_flow_has_variants(spelling: str, said: tuple[str | None, str | None]) -> None:
    async with rig() as pbx:
        await pbx.switch(split_spelling=spelling)
        call = await talking(pbx)
        await command(pbx, "blind-transfer", "201", call, destination="202")
        await pbx.settled()
        flow = pbx.receiver.of_calls()[-1]["data"]["flows"][0]
        assert (flow.get("splitReason"), flow.get("splitTransferType"), flow["flowIndex"]) == (*said, 1)


async def test_a_call_can_be_passed_on_outside_and_back_and_nobody_may_take_it() -> None:
    async with rig() as pbx:
        call = await talking(pbx)
        await command(pbx, "blind-transfer", "201", call, destination=FAR)
        await pbx.after(3)
        assert pbx.state.calls[call].phase is Phase.TALKING, "the far end has answered"
        assert (await command(pbx, "hangup", "201", call))[0] == 404, "no longer a call of 201"
        await pbx.do(call, "hangup")
        second = await talking(pbx)
        await command(pbx, "blind-transfer", "201", second, destination="202")
        await pbx.do(second, "answer", {"by": "202"})
        await command(pbx, "blind-transfer", "202", second, destination="201")
        await pbx.after(119)
        assert pbx.state.calls[second].phase is Phase.RINGING, "the first flow's time-out does not count"
        await pbx.after(2)
        ended = pbx.state.calls[second]
        assert (ended.phase, ended.end_cause, len(ended.parts)) == (Phase.ENDED, "19", 2)


async def test_an_outgoing_call_can_be_passed_to_a_colleague() -> None:
    async with rig() as pbx:
        await pbx.api("POST", f"{V2}/make-call?user=201", {"destination": FAR})
        await pbx.after(1.1)
        await pbx.after(2.1)
        (call,) = pbx.state.calls
        assert (await command(pbx, "blind-transfer", "201", call, destination="203"))[0] == 200
        await pbx.after(1)
        (item,) = (await pbx.api("GET", f"{V2}/list-calls?user=203"))[1]["calls"]
        assert (item["callerNumber"], item["calleeNumber"], item["state"]) == (FAR, "203", "ringing")
        assert (await pbx.api("GET", f"{V2}/list-calls?user=201"))[1]["calls"] == []
        flow = pbx.receiver.of_calls()[-1]["data"]["flows"][0]
        assert (flow["caller"]["type"], flow["callee"]["type"], flow["remotePhone"]) == (
            "REMOTE",
            "LOCAL",
            FAR,
        )


async def test_what_cannot_be_transferred_is_refused() -> None:
    async with rig() as pbx:
        call = await pbx.place(ADA, "201")
        await pbx.after(1)
        assert (await command(pbx, "blind-transfer", "201", call, destination="202"))[0] == 400
        await pbx.do(call, "answer")
        for wrong in ("", "201", ADA, "<b>", None):
            assert (await command(pbx, "blind-transfer", "201", call, destination=wrong))[0] == 400, wrong
        assert (await command(pbx, "blind-transfer", "203", call, destination="202"))[0] == 404
        assert (await command(pbx, "attendant-transfer", "201", call, destination="202"))[0] == 400
        assert pbx.state.calls[call].parts == ()
        await pbx.switch(attended_without_call="blind")
        assert (await command(pbx, "attendant-transfer", "201", call, destination="202"))[0] == 200
        assert pbx.state.calls[call].ringing_now == ("202",)


async def test_tones_and_names_reach_the_call() -> None:
    async with rig() as pbx:
        call = await pbx.place(ADA, "201")
        await pbx.after(1)
        assert (await command(pbx, "dtmf", "201", call, digits="1#"))[0] == 400, "not answered yet"
        await pbx.do(call, "answer")
        assert (await command(pbx, "dtmf", "201", call, digits="x"))[0] == 400
        assert (await command(pbx, "dtmf", "201", call, digits="1#"))[0] == 200
        assert (await pbx.sim("GET", "calls"))["calls"][0]["digits"] == "1#"
        assert (await command(pbx, "update-contact-info", "201", call))[0] == 400
        assert (await command(pbx, "update-contact-info", "201", call, name="Ada Example"))[0] == 200
        await pbx.settled()
        assert pbx.receiver.of_calls()[-1]["data"]["flows"][0]["caller"]["name"] == "Ada Example"
        (item,) = (await pbx.api("GET", f"{V2}/list-calls?user=201"))[1]["calls"]
        assert item["callerName"] == "Ada Example"


async def test_a_user_chooses_a_device() -> None:
    async with rig() as pbx:
        said = (await pbx.api("GET", f"{V2}/list-devices?user=201"))[1]
        assert [(each["contact"], each["active"]) for each in said["devices"]] == [
            ("SIP/201", True),
            ("Web", False),
        ]
        path = f"{V2}/set-active-device?user=201"
        assert (await pbx.api("PUT", path, {"deviceId": "Fridge"}))[0] == 400
        assert (await pbx.api("PUT", path, {"deviceId": "Web"}))[0] == 200
        await pbx.switch(list_devices_shape="result")
        said = (await pbx.api("GET", f"{V2}/list-devices?user=201"))[1]
        assert said["result"]["activeDevice"] == {"contact": "Web"}


async def test_transfers_outlive_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "pbx.json"
    async with rig(path) as pbx:
        call = await talking(pbx)
        await command(pbx, "blind-transfer", "201", call, destination="202")
        before = pbx.state.calls[call]
        async with rig(path, clock=pbx.clock) as again:
            assert again.state.calls[call] == before
            assert (await again.do(call, "answer", {"by": "202"}))["answered_by"] == "202"


USERS = st.sampled_from(["201", "202", "203", FAR])


@settings(deadline=None, max_examples=50)
@given(kind=st.sampled_from(list(Kind)), moves=st.lists(st.tuples(USERS, USERS), max_size=6))
def test_any_chain_of_transfers_keeps_one_id_and_counts_its_flows(
    kind: Kind, moves: list[tuple[str, str]]
) -> None:
    machine, at_ms = Machine(default_house(), PbxSwitches()), 1_764_000_000_000
    call = SimCall(
        id="demo_1.1",
        sip_call_id="x@127.0.0.1",
        kind=kind,
        generation="B",
        caller=ADA if kind is Kind.INBOUND else "201",
        destination=FAR if kind is Kind.OUTBOUND else "202",
        started_ms=at_ms,
        members=() if kind is Kind.OUTBOUND else ("202",),
    )
    call = machine.answer(machine.begin(call, at_ms).call, None, at_ms).call
    done = 0
    for by, to in moves:
        try:
            step = blind(machine, call, by, to, at_ms)
        except Conflict:
            continue
        done += 1
        assert not step.call.involves(by), "who passed it on is out of it"
        call = machine.answer(step.call, None, at_ms).call
        assert SimCall.from_json(json.loads(json.dumps(call.as_json()))) == call
    (body,) = machine.end(call, at_ms).bodies
    flows = body["data"]["flows"]
    assert [flow["flowIndex"] for flow in flows] == list(range(done + 1))
    assert all(flow["talkTime"] >= 0 and flow["waitTime"] >= 0 for flow in flows)
