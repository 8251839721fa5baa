"""What the simulated PBX says about its calls: the bodies, through our own decoder and tracker."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.rig import Rig, rig
from linedesk.calls.model import Call, Direction, HistoryWritten, Outcome, TrackerLimits, ViewChanged
from linedesk.calls.tracker import TrackerState, feed
from linedesk.calls.who import AgentEntry, AgentIndex
from linedesk.demo.pbx.call import Kind, Phase, SimCall
from linedesk.demo.pbx.machine import Machine
from linedesk.demo.pbx.users import default_house
from linedesk.demo.switches import PbxSwitches
from linedesk.errors import Conflict
from linedesk.numbers import NumberPlan
from linedesk.pbx.wildix.events import decode

PLANS = {"demo": NumberPlan(region="GB")}
AGENTS = AgentIndex(
    AgentEntry("demo", user.extension, user.email, user.user_id) for user in default_house().users.values()
)
ADA = "+442079460018"


def understood(bodies: Iterable[dict[str, Any]]) -> tuple[dict[str, list[str]], list[Call]]:
    """What each agent was shown, and the history, when the bodies go through the product."""
    state, shown, history = TrackerState.empty(), dict[str, list[str]](), dict[str, Call]()
    for body in bodies:
        decoded = decode("demo", json.dumps(body).encode())
        assert decoded.known, body["type"]
        if decoded.event is None:
            continue
        state, effects = feed(state, decoded.event, body["time"], AGENTS, PLANS, TrackerLimits())
        for effect in effects:
            if isinstance(effect, HistoryWritten):
                history[effect.call.id] = effect.call
            elif isinstance(effect, ViewChanged):
                view = effect.call.view_of(effect.extension)
                assert view is not None
                states = shown.setdefault(effect.extension, [])
                if states[-1:] != [view.state.value]:
                    states.append(view.state.value)
    return shown, list(history.values())


async def answered_call(pbx: Rig, **more: str) -> None:
    """Ada rings 201, who answers after a second and talks for five."""
    call = await pbx.place(ADA, "201", **more)
    await pbx.after(1)
    await pbx.do(call, "answer")
    await pbx.after(5)
    await pbx.do(call, "hangup")
    await pbx.after(100)


@pytest.mark.parametrize("generation", ["A", "B"])
async def test_an_answered_call_is_understood_in_both_generations(generation: str) -> None:
    async with rig() as pbx:
        await answered_call(pbx, name="Ada Example", generation=generation)
        shown, history = understood(pbx.receiver.bodies)
    assert shown == {"201": ["ringing", "talking", "ended"]}
    assert [(row.outcome, row.direction, row.remote, row.answered_by) for row in history] == [
        (Outcome.ANSWERED, Direction.INBOUND, ADA, ("201",))
    ]
    assert pbx.receiver.all_signed()


@pytest.mark.parametrize("generation", ["A", "B"])
async def test_a_missed_call_ends_without_an_answer(generation: str) -> None:
    async with rig() as pbx:
        call = await pbx.place(ADA, "201", generation=generation)
        await pbx.after(1)
        await pbx.do(call, "hangup")
        await pbx.after(100)
        shown, history = understood(pbx.receiver.bodies)
        records = [body for body in pbx.receiver.bodies if body["type"] == "call:completed"]
    assert shown == {"201": ["ringing", "missed"]}
    assert [row.outcome for row in history] == [Outcome.MISSED]
    # Generation A has no analytics record; B's says MISSED and names no callee at all.
    assert [record["data"]["flows"][0]["callStatus"] for record in records] == ["MISSED"] * (
        generation == "B"
    )
    assert all("callee" not in record["data"]["flows"][0] for record in records)


@pytest.mark.parametrize("generation", ["A", "B"])
async def test_a_queue_rings_every_member_and_one_answers(generation: str) -> None:
    async with rig() as pbx:
        call = await pbx.place(ADA, "Support", generation=generation)
        await pbx.after(1)
        await pbx.do(call, "answer", {"by": "202"})
        await pbx.after(1)
        await pbx.do(call, "hangup")
        await pbx.after(1)
        shown, history = understood(pbx.receiver.bodies)
    assert shown == {
        "201": ["ringing", "answered-elsewhere"],
        "202": ["ringing", "talking", "ended"],
        "203": ["ringing", "answered-elsewhere"],
    }
    assert [(row.queue, row.answered_by) for row in history] == [("Support queue", ("202",))]


async def test_in_a_queue_the_last_refusal_ends_the_call() -> None:
    async with rig() as pbx:
        call = await pbx.place(ADA, ["201", "202"])
        await pbx.after(1)
        assert (await pbx.do(call, "reject", {"by": "201"}))["rings"] == ["202"]
        assert (await pbx.do(call, "reject", {"by": "202"}))["phase"] == "ended"
        await pbx.after(1)
        shown, _ = understood(pbx.receiver.bodies)
    assert shown == {"201": ["ringing", "missed"], "202": ["ringing", "missed"]}


async def test_an_internal_call_shows_both_colleagues() -> None:
    async with rig() as pbx:
        call = await pbx.place("202", "201")
        await pbx.after(1)
        await pbx.do(call, "answer")
        await pbx.after(1)
        await pbx.do(call, "hangup")
        await pbx.after(1)
        shown, history = understood(pbx.receiver.bodies)
    assert shown == {each: ["ringing", "talking", "ended"] for each in ("201", "202")}
    assert [(row.direction, row.called_extension) for row in history] == [(Direction.INTERNAL, "201")]


@pytest.mark.parametrize("spelling", ["anonymous", "empty", "null", "absent"])
async def test_a_withheld_caller_has_no_number_in_any_spelling(spelling: str) -> None:
    async with rig() as pbx:
        await pbx.switch(withheld_as=spelling)
        await pbx.place("anonymous", "201")
        await pbx.after(1)
        shown, _ = understood(pbx.receiver.bodies)
        text = json.dumps(pbx.receiver.of_calls())
    assert shown == {"201": ["ringing"]}
    assert ADA not in text


async def test_click_to_dial_rings_the_agent_first_and_shows_the_true_direction() -> None:
    async with rig() as pbx:
        status, said = await pbx.api(
            "POST", "/api/v2/call-control/make-call?user=201", {"destination": "+12125550142"}
        )
        assert (status, said) == (200, {"message": "Success"})
        await pbx.settled()
        first = pbx.receiver.of_calls()
        assert [body["data"]["flows"][0]["callee"]["phone"] for body in first] == ["201"]
        assert first[0]["data"]["flows"][0]["direction"] == "INTERNAL"  # wrong, as on the real PBX
        await pbx.after(0.9)
        assert len(pbx.receiver.of_calls()) == 1, "nothing is dialled before the agent has picked up"
        await pbx.after(0.2)
        assert pbx.receiver.of_calls()[-1]["data"]["flows"][0]["callee"]["phone"] == "+12125550142"
        await pbx.after(2)
        (call,) = pbx.state.calls.values()
        assert call.phase is Phase.TALKING
        await pbx.do(call.id, "hangup")
        await pbx.after(1)
        shown, history = understood(pbx.receiver.bodies)
    assert shown == {"201": ["ringing", "talking", "ended"]}
    assert [(row.direction, row.remote) for row in history] == [(Direction.OUTBOUND, "+12125550142")]


async def test_an_agent_who_does_not_pick_up_is_never_connected() -> None:
    async with rig() as pbx:
        await pbx.switch(auto_answer_agent=False)
        await pbx.api("POST", "/api/v2/call-control/make-call?user=201", {"destination": "+12125550142"})
        await pbx.after(30)
        await pbx.after(100)
        (call,) = pbx.state.calls.values()
        callees = {body["data"]["flows"][0]["callee"]["phone"] for body in pbx.receiver.of_calls()}
    assert call.phase is Phase.ENDED
    assert not call.dialled
    assert callees == {"201"}


@pytest.mark.parametrize(("result", "outcome"), [("busy", Outcome.BUSY), ("reject", Outcome.REJECTED)])
async def test_the_far_end_can_be_busy_or_refuse(result: str, outcome: Outcome) -> None:
    async with rig() as pbx:
        await pbx.switch(far_result=result)
        await pbx.api("POST", "/api/v2/call-control/make-call?user=201", {"destination": "+12125550142"})
        await pbx.after(1.1)
        await pbx.after(2.1)
        _, history = understood(pbx.receiver.bodies)
    assert [row.outcome for row in history] == [outcome]


async def test_presence_agrees_with_the_calls() -> None:
    async with rig() as pbx:
        call = await pbx.place(ADA, ["201", "202"])
        await pbx.after(1)
        await pbx.do(call, "answer", {"by": "201"})
        await pbx.do(call, "hangup")
        await pbx.after(1)
        said = pbx.receiver.presence()
    assert [status for extension, status in said if extension == "201"] == [
        "ringing",
        "talking",
        "registered",
    ]
    assert [status for extension, status in said if extension == "202"] == ["ringing", "registered"]


async def test_a_call_nobody_takes_ends_by_itself() -> None:
    async with rig() as pbx:
        call = await pbx.place(ADA, "201")
        await pbx.after(1)
        await pbx.after(121)
        assert pbx.state.calls[call].end_cause == "19"


async def test_what_cannot_be_is_refused_with_a_sentence() -> None:
    wrong = [
        {"from": ADA, "to": "999"},
        {"from": ADA, "to": []},
        {"from": "not a number", "to": "201"},
        {"from": "201", "to": "201"},
        {"from": "201", "to": ["202", "203"]},
        {"to": "201"},
        {"from": ADA, "to": "201", "generation": "C"},
    ]
    async with rig() as pbx:
        for body in wrong:
            async with pbx.http.post(f"{pbx.pbx.url}/_sim/calls", json=body) as answer:
                assert answer.status == 400, body
                assert (await answer.json())["error"]["message"].endswith("."), body
        async with pbx.http.post(f"{pbx.pbx.url}/_sim/calls/nothing/answer") as answer:
            assert answer.status == 404
        assert not pbx.state.calls


async def test_every_fault_of_the_first_body_can_be_switched() -> None:
    async with rig() as pbx:
        await pbx.switch(first_status_hold=True)
        await _ring(pbx)
        held = pbx.receiver.of_calls()[0]["data"]["flows"][0]
        await pbx.switch(first_status_hold=False, wrong_first_direction=False, other_envelope_id=True)
        call = await _ring(pbx)
        right = pbx.receiver.of_calls()[-2]
        await pbx.switch(drop_start=True)
        before = len(pbx.receiver.of_calls())
        await _ring(pbx)
        shown, _ = understood(pbx.receiver.bodies)
        late = pbx.receiver.of_calls()[before:]
    assert (held["direction"], held["status"], held["remotePhone"]) == ("INTERNAL", "HOLD", ADA)
    assert right["data"]["flows"][0]["direction"] == "INBOUND"
    assert (right["data"]["id"], right["id"] == call) == (call, False)
    assert [body["data"].get("eventTrigger") for body in late] == ["call.update"]
    assert shown == {"201": ["ringing"]}


async def _ring(pbx: Rig) -> str:
    call = await pbx.place(ADA, "201")
    await pbx.after(1)
    return call


DEEDS = st.lists(st.sampled_from(["ring", "answer", "reject", "hold", "resume", "end", "wait"]), max_size=12)


@settings(deadline=None)
@given(kind=st.sampled_from(list(Kind)), generation=st.sampled_from("AB"), click=st.booleans(), deeds=DEEDS)
def test_any_order_of_deeds_is_said_in_rising_time_and_ends_once(
    kind: Kind, generation: str, click: bool, deeds: list[str]
) -> None:
    machine = Machine(default_house(), PbxSwitches())
    call = SimCall(
        id="demo_1.1",
        sip_call_id="x@127.0.0.1",
        kind=kind,
        generation=generation,
        caller=ADA if kind is Kind.INBOUND else "201",
        destination="202" if kind is not Kind.OUTBOUND else ADA,
        started_ms=1_764_000_000_000,
        members=() if kind is Kind.OUTBOUND else ("202", "203") if kind is Kind.INBOUND else ("202",),
        click=click and kind is not Kind.INBOUND,
    )
    step = machine.begin(call, call.started_ms)
    said = list(step.bodies)
    for index, deed in enumerate([*deeds, "end", "end"]):
        now_ms = call.started_ms + index  # many deeds in one moment
        act = {
            "ring": machine.ring,
            "answer": lambda c, t: machine.answer(c, None, t),
            "reject": lambda c, t: machine.reject(c, None, t),
            "hold": machine.hold,
            "resume": machine.resume,
            "end": machine.end,
            "wait": machine.pick_up,
        }[deed]
        try:
            step = act(step.call, now_ms)
        except Conflict:
            continue
        said += step.bodies
    times = [body["time"] for body in said]
    assert times == sorted(set(times))
    assert step.call.phase is Phase.ENDED
    ends = {"call:end", "call:live:completed", "call:live:interrupted"}
    assert sum(body["type"] in ends for body in said) == 1
    assert said[-1]["type"] in ends
    _, history = understood(said)
    assert len(history) == 1
    assert history[0].direction.value == kind.value
