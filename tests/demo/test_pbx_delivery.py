"""How the simulated PBX delivers, and what it keeps when its process is killed."""

from __future__ import annotations

import json
from pathlib import Path

from demo.rig import rig
from linedesk.clock import ManualClock
from linedesk.demo.pbx.call import Phase
from linedesk.demo.pbx.courier import sign

ADA = "+442079460018"


async def test_a_refused_webhook_is_tried_three_more_times_with_the_same_bytes() -> None:
    async with rig() as pbx:
        await pbx.switch(retry_delays_s=[0, 0, 0], presence_events=False)
        pbx.receiver.answers = [500, 503, 302]
        await pbx.place(ADA, "201")
        await pbx.receiver.wait_for(4)
        assert len({body for body, _ in pbx.receiver.got}) == 1
        assert pbx.receiver.all_signed()
        assert pbx.state.lost == 0


async def test_after_three_retries_the_event_is_lost() -> None:
    async with rig() as pbx:
        await pbx.switch(retry_delays_s=[0, 0, 0], presence_events=False)
        pbx.receiver.answers = [500] * 4
        await pbx.place(ADA, "201")
        await pbx.settled()
        assert len(pbx.receiver.got) == 4
        assert (await pbx.sim("GET", "calls"))["lost"] == 1


async def test_a_retry_waits_and_later_bodies_do_not_wait_for_it() -> None:
    async with rig() as pbx:
        await pbx.switch(retry_delays_s=[5], presence_events=False, ring_delay_s=0)
        pbx.receiver.answers = [500]
        await pbx.place(ADA, "201")
        await pbx.receiver.wait_for(2)
        assert [body["data"]["eventTrigger"] for body in pbx.receiver.bodies] == ["call.start", "call.update"]
        pbx.clock.advance(5.1)
        await pbx.receiver.wait_for(3)
        assert [body["data"]["eventTrigger"] for body in pbx.receiver.bodies][2:] == ["call.start"]


async def test_a_receiver_that_does_not_answer_in_time_is_tried_again() -> None:
    async with rig() as pbx:
        assert (await pbx.sim("GET", "switches"))["webhook_timeout_s"] == 5
        await pbx.switch(webhook_timeout_s=0.1, retry_delays_s=[0], presence_events=False)
        pbx.receiver.answers = [None]
        await pbx.place(ADA, "201")
        await pbx.receiver.wait_for(2)
        assert pbx.receiver.got[0] == pbx.receiver.got[1]


async def test_signatures_can_be_wrong_or_missing() -> None:
    async with rig() as pbx:
        await pbx.switch(signature="wrong")
        await pbx.place(ADA, "201")
        await pbx.settled()
        body, wrong = pbx.receiver.got[-1]
        assert wrong is not None
        assert wrong != sign(pbx.receiver.secret, body)
        await pbx.switch(signature="missing")
        await pbx.place(ADA, "201")
        await pbx.settled()
        assert pbx.receiver.got[-1][1] is None


async def test_a_new_integration_has_a_new_secret() -> None:
    async with rig() as pbx:
        old = pbx.receiver.secret
        made = await pbx.sim("POST", "integrations", {"url": pbx.receiver.url})
        await pbx.place(ADA, "201")
        await pbx.settled()
        body, signature = pbx.receiver.got[-1]
        assert signature == sign(made["secret"], body) != sign(old, body)
        assert pbx.receiver.bodies[-1]["integrationId"] == made["id"]


async def test_nothing_is_delivered_without_cloud_analytics() -> None:
    async with rig() as pbx:
        await pbx.switch(cloud_analytics=False)
        await pbx.place(ADA, "201")
        await pbx.after(1)
        assert pbx.receiver.got == []


async def test_duplicates_and_reordering_come_from_the_switches_and_the_seed() -> None:
    async def run() -> list[bytes]:
        async with rig(clock=ManualClock()) as pbx:
            await pbx.switch(duplicate_rate=0.5, reorder_rate=0.5, reorder_hold_s=0)
            call = await pbx.place(ADA, ["201", "202", "203"])
            await pbx.after(1)
            await pbx.do(call, "answer")
            await pbx.do(call, "hangup")
            await pbx.settled()
            return [body for body, _ in pbx.receiver.got]

    got = await run()
    assert len(got) > len(set(got)), "no duplicate came"
    assert len(set(got)) == 13, "every body comes at last"
    times = [json.loads(body)["time"] for body in got]
    assert times != sorted(times), "nothing came out of order"
    assert got == await run(), "the same seed makes the same faults"


async def test_live_calls_secrets_switches_and_undelivered_webhooks_survive_a_kill(tmp_path: Path) -> None:
    kept, clock = tmp_path / "pbx.json", ManualClock()
    async with rig(kept, clock=clock) as pbx:
        secret, token = pbx.receiver.secret, pbx.token
        await pbx.switch(presence_events=False, retry_delays_s=[1, 1, 1])
        call = await pbx.place(ADA, "201")
        await pbx.after(1)
        pbx.receiver.answers = [500]
        await pbx.do(call, "answer")
        await pbx.receiver.wait_for(3)
        # What is on the disk at this instant is all that a killed process leaves.
        left = kept.read_bytes()
    kept.write_bytes(left)
    async with rig(kept, clock=clock) as again:
        assert (again.receiver.secret, again.token) == (secret, token)
        assert again.state.calls[call].phase is Phase.TALKING
        clock.advance(2)
        await again.receiver.wait_for(1)
        assert again.receiver.bodies[0]["data"]["flows"][0]["status"] == "TALKING"
        assert again.receiver.all_signed()
        assert (await again.do(call, "hangup"))["phase"] == "ended"
        assert await again.place(ADA, "202") != call


async def test_timers_go_on_after_a_restart(tmp_path: Path) -> None:
    kept, clock = tmp_path / "pbx.json", ManualClock()
    async with rig(kept, clock=clock) as pbx:
        await pbx.api("POST", "/api/v2/call-control/make-call?user=201", {"destination": "+12125550142"})
        left = kept.read_bytes()
    kept.write_bytes(left)
    async with rig(kept, clock=clock) as again:
        await again.after(1.1)
        await again.after(2.1)
        assert [call.phase for call in again.state.calls.values()] == [Phase.TALKING]


async def test_what_was_said_is_not_said_again_after_a_restart(tmp_path: Path) -> None:
    kept = tmp_path / "pbx.json"
    async with rig(kept) as pbx:
        await pbx.place(ADA, "201")
        await pbx.after(1)
    async with rig(kept) as again:
        await again.settled()
        assert again.receiver.got == []
