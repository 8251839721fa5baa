"""One account's polls when things go wrong: refusals, a cloud without us, an outage, a clock that jumps."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from linedesk.accounts.model import EventsWay, TokenCredential, TokenKind
from linedesk.apps.base import Level
from linedesk.calls.model import Telephony
from linedesk.errors import VendorForbidden, VendorUnreachable
from linedesk.pbx.pace import Way
from pbx.polled import ACCOUNT, Desk, ring, talk

HOOKED = replace(ACCOUNT, webhook_secrets=("secret",))
POLLING = replace(ACCOUNT, events=EventsWay.POLLING)
REFUSAL = VendorForbidden("office: this token can't act for another.")
DOWN = VendorUnreachable("office can't be reached.")


async def test_a_phone_that_the_credential_may_not_see_does_not_stop_the_others_and_is_named() -> None:
    desk = Desk(POLLING, here=("201", "202"))
    desk.pbx.failures["202"] = REFUSAL
    desk.pbx.calls["201"] = [ring()]
    await desk.go(200)
    assert desk.news[0] == "201:new"
    assert desk.pbx.looks().count("202") == 1
    state = desk.health.of("office")
    assert (state.problem, state.unseen) == (None, ("202",))
    findings = desk.health.sentences(POLLING, desk.clock.now_ms())
    (said,) = (each for each in findings if "202" in each.sentence)
    assert said.level is Level.HINT
    desk.pbx.failures.clear()
    await desk.go(301)
    assert desk.health.of("office").unseen == ()


async def test_where_no_phone_may_be_seen_that_is_the_problem_until_another_credential_comes() -> None:
    desk = Desk(POLLING, here=("201", "202"))
    desk.pbx.failures = {"201": REFUSAL, "202": REFUSAL}
    await desk.go(20)
    assert desk.health.of("office").problem == REFUSAL.message
    assert len(desk.pbx.looks()) == 2
    desk.pbx.failures.clear()
    desk.poller.account = replace(POLLING, credential=TokenCredential(TokenKind.COMPANY, "wsk-v1-y"))
    await desk.go(3)
    state = desk.health.of("office")
    assert (state.problem, state.unseen) == (None, ())
    assert {"201", "202"} <= set(desk.pbx.looks()[2:])


async def test_a_cloud_that_knows_none_of_our_agents_is_not_trusted_with_their_rings() -> None:
    desk = Desk(POLLING)
    desk.pbx.cloud, desk.pbx.cloud_knows = {}, frozenset()
    desk.pbx.calls["201"] = [ring()]
    await desk.go(3)
    assert desk.news == ["201:new"]
    assert not desk.health.of("office").cloud


async def test_agents_whom_the_cloud_does_not_know_are_looked_at_in_turn() -> None:
    desk = Desk(POLLING, here=("201", "202", "203"))
    desk.pbx.cloud, desk.pbx.cloud_knows = {}, frozenset({"201"})
    await desk.go(3)
    desk.pbx.calls["203"] = [ring("203")]
    began_ms = desk.clock.now_ms()
    await desk.go(5)
    state = desk.health.of("office")
    assert state.cloud
    assert desk.news[0] == "203:new"
    assert desk.bodies[0]["time"] - began_ms <= state.worst_delay_s * 1000
    assert "201" not in desk.pbx.looks()


async def test_a_second_call_of_a_busy_phone_is_seen_within_the_delay_that_is_told() -> None:
    desk = Desk(POLLING, here=[str(201 + each) for each in range(20)])
    desk.pbx.cloud = {str(201 + each): Telephony.TALKING for each in range(10)}
    desk.pbx.calls = {phone: [talk(phone, f"sip-{phone}")] for phone in desk.pbx.cloud}
    await desk.go(30)
    told_ms = desk.health.of("office").worst_delay_s * 1000
    began_ms, seen = desk.clock.now_ms(), len(desk.bodies)
    for phone, calls in desk.pbx.calls.items():
        calls.append(ring(phone, f"sip-{phone}-2"))
    await desk.go(20)
    news = {
        body["id"]: body["time"] - began_ms for body in desk.bodies[seen:] if body["data"]["news"] == "new"
    }
    assert len(news) == 10
    assert max(news.values()) <= told_ms


async def test_a_pbx_that_was_down_for_some_time_is_polled_again_soon_and_ends_what_ended() -> None:
    desk = Desk(POLLING)
    desk.pbx.calls["201"] = [talk()]
    task = asyncio.create_task(desk.poller.run())
    await _pass(desk, 5)
    desk.pbx.failure = DOWN
    await _pass(desk, 100)
    assert desk.health.of("office").problem == DOWN.message
    assert len(desk.pbx.looks()) < 20, "a PBX that is down is left in peace"
    desk.pbx.failure, desk.pbx.calls["201"] = None, [ring(handle="sip-2")]
    await _pass(desk, 16)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert desk.news == ["201:new", "201:new", "201:gone"]
    assert desk.health.of("office").problem is None


async def _pass(desk: Desk, seconds: int) -> None:
    for _ in range(seconds * 5):
        for _ in range(4):
            await asyncio.sleep(0)
        desk.clock.advance(0.2)


async def test_S21_a_clock_that_is_set_back_stops_no_polls_and_starves_no_phone() -> None:
    desk = Desk(POLLING, here=[str(201 + each) for each in range(12)])
    await desk.go(30)
    desk.clock.advance(-3600)
    looked = len(desk.pbx.looks())
    await desk.go(30)
    after = desk.pbx.looks()[looked:]
    assert min(map(after.count, desk.here)) >= 6


async def test_S21_C03_a_call_whose_end_a_clock_set_back_dates_before_its_begin_still_ends() -> None:
    desk = Desk(POLLING)
    await desk.go(3)
    desk.pbx.calls["201"] = [ring()]
    await desk.go(3)
    desk.clock.advance(-3600)
    desk.pbx.calls["201"] = [talk(for_s=1)]
    await desk.go(3)
    desk.pbx.calls["201"] = []
    await desk.go(3)
    assert desk.news == ["201:new", "201:changed", "201:gone"]
    times = [body["time"] for body in desk.bodies]
    assert times == sorted(times)
    assert desk.bodies[1]["data"]["answered"] >= times[0] - 1000


async def test_S21_webhooks_that_fell_silent_are_noticed_though_the_clock_was_set_back() -> None:
    desk = Desk(HOOKED)
    desk.health.webhook("office", "call:start", desk.clock.now_ms())
    await desk.go(2)
    assert desk.health.of("office").way is Way.WATCH
    desk.clock.advance(-86_400)
    await desk.go(2)
    assert desk.health.of("office").way is Way.DOUBT, "a webhook of tomorrow proves nothing"
    desk.health.webhook("office", "call:update", desk.clock.now_ms())
    await desk.go(2)
    assert desk.health.of("office").way is Way.WATCH


async def test_S21_a_clock_that_jumps_ahead_asks_no_burst() -> None:
    desk = Desk(POLLING, here=[str(201 + each) for each in range(12)])
    await desk.go(10)
    desk.clock.advance(86_400)
    asked = len(desk.pbx.asked)
    await desk.go(10)
    assert len(desk.pbx.asked) - asked <= 32
