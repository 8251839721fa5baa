"""One account's polls: whom they ask, what they store, and what they do when the PBX fails."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from linedesk.accounts.model import EventsWay
from linedesk.calls.model import Telephony
from linedesk.calls.tracker_state import LivePart
from linedesk.errors import StoreError, VendorNotFound
from linedesk.pbx.pace import Way
from pbx.polled import ACCOUNT, NOW_MS, Desk, ring, talk

HOOKED = replace(ACCOUNT, webhook_secrets=("secret",))
POLLING = replace(ACCOUNT, events=EventsWay.POLLING)


async def test_a_ring_an_answer_and_an_end_are_stored_once_each_and_nothing_between() -> None:
    desk = Desk()
    await desk.go(3)
    desk.pbx.calls["201"] = [ring()]
    await desk.go(5)
    desk.pbx.calls["201"] = [talk(for_s=1)]
    await desk.go(5)
    desk.pbx.calls["201"] = [talk(for_s=6)]
    await desk.go(5)
    desk.pbx.calls["201"] = []
    await desk.go(5)
    assert desk.news == ["201:new", "201:changed", "201:gone"]
    assert all(body["data"]["drives"] for body in desk.bodies)
    state = desk.health.of("office")
    assert (state.way, state.worst_delay_s, state.cloud) == (Way.DRIVE, 1.0, False)
    assert state.poll_ms == desk.bodies[-1]["time"]


async def test_a_long_call_gives_a_sign_of_life_each_minute() -> None:
    desk = Desk()
    desk.pbx.calls["201"] = [talk()]
    await desk.go(185)
    assert desk.news == ["201:new", "201:changed", "201:changed", "201:changed"]


async def test_nobody_signed_in_is_no_request() -> None:
    desk = Desk(here=())
    await desk.go(60)
    assert desk.pbx.asked == []


async def test_budget_never_more_than_its_share_and_every_phone_within_the_worst_delay() -> None:
    desk = Desk(here=[str(201 + each) for each in range(40)])
    desk.pbx.calls["205"] = [talk("205")]
    await desk.go(90)
    times = [at for at, _ in desk.pbx.asked]
    assert all(late - early >= 990 for early, late in zip(times, times[3:], strict=False))
    promised_s = desk.health.of("office").worst_delay_s
    assert promised_s == 19.5
    for phone in desk.here - {"205"}:
        looks = [at for at, what in desk.pbx.asked if what == phone]
        gaps = [late - early for early, late in pairwise(looks)]
        assert gaps, phone
        assert max(gaps) <= promised_s * 1000 + 1000
    busy = [at for at, what in desk.pbx.asked if what == "205" and at > NOW_MS + 20_000]
    assert max(late - early for early, late in pairwise(busy)) <= 1400


async def test_a_slow_pbx_makes_the_told_delay_longer() -> None:
    desk = Desk(here=[str(201 + each) for each in range(10)])
    desk.pbx.takes_s = 2.0
    await desk.go(120)
    assert 18 <= desk.health.of("office").worst_delay_s <= 20.1


async def test_presence_tells_who_rings_and_only_they_are_looked_at() -> None:
    desk = Desk(here=[str(201 + each) for each in range(600)])
    desk.pbx.cloud = {}
    await desk.go(10)
    assert desk.pbx.looks() == []
    assert desk.health.of("office").worst_delay_s == 1.4
    desk.pbx.cloud["300"] = Telephony.RINGING
    desk.pbx.calls["300"] = [ring("300")]
    began_ms = desk.clock.now_ms()
    await desk.go(4)
    assert set(desk.pbx.looks()) == {"300"}
    assert desk.news == ["300:new"]
    state = desk.health.of("office")
    assert (state.cloud, state.worst_delay_s) == (True, 2.0), "a busy phone may ring once more"
    assert desk.bodies[0]["time"] - began_ms <= 1400
    desk.pbx.cloud["300"], desk.pbx.calls["300"] = Telephony.TALKING, [talk("300")]
    await desk.go(2)
    desk.pbx.cloud["300"], desk.pbx.calls["300"] = Telephony.REGISTERED, []
    await desk.go(2)
    assert desk.news == ["300:new", "300:changed", "300:gone"]
    looks = len(desk.pbx.looks())
    await desk.go(60)
    assert len(desk.pbx.looks()) == looks, "a quiet phone costs nothing"


async def test_presence_follows_agents_who_are_not_signed_in() -> None:
    desk = Desk(here=())
    desk.agents, desk.pbx.cloud = {"201"}, {"201": Telephony.RINGING}
    desk.pbx.calls["201"] = [ring()]
    await desk.go(3)
    assert desk.news == ["201:new"]


async def test_a_credential_that_does_not_reach_the_cloud_is_asked_for_again_after_a_quarter_of_an_hour() -> (
    None
):
    desk = Desk()
    await desk.go(890)
    assert [what for _, what in desk.pbx.asked].count("cloud") == 1
    desk.pbx.cloud = {}
    await desk.go(20)
    assert [what for _, what in desk.pbx.asked].count("cloud") >= 2
    assert desk.health.of("office").cloud


async def test_while_webhooks_arrive_only_live_calls_are_looked_at_and_nothing_is_opened() -> None:
    desk = Desk(HOOKED)
    desk.health.webhook("office", "call:start", NOW_MS)
    desk.pbx.calls["201"] = [ring()]
    await desk.go(100)
    assert desk.pbx.asked == []
    desk.parts = [LivePart("201", "hook-1", None, NOW_MS + 90_000)]
    await desk.go(100)
    assert 3 <= len(desk.pbx.asked) <= 5
    assert desk.news[0] == "201:new"
    assert not any(body["data"]["drives"] for body in desk.bodies)
    assert desk.health.of("office").way is Way.WATCH


async def test_a_quiet_hour_of_webhooks_is_doubted_before_polls_drive() -> None:
    desk = Desk(HOOKED)
    desk.health.webhook("office", "call:start", NOW_MS - 3_600_000)
    await desk.go(3)
    assert desk.health.of("office").way is Way.DOUBT
    desk.pbx.calls["201"] = [ring()]
    await desk.go(2)
    assert [body["data"]["drives"] for body in desk.bodies] == [False]
    await desk.go(3)
    assert [body["data"]["drives"] for body in desk.bodies] == [False, True]
    desk.pbx.calls["201"] = [ring(handle="sip-2")]
    await desk.go(1.5)
    assert desk.health.of("office").way is Way.DRIVE, "the doubt is over"
    assert desk.bodies[-1]["data"]["drives"] or desk.bodies[-2]["data"]["drives"]


async def test_a_webhook_within_the_doubt_leaves_the_call_to_webhooks() -> None:
    desk = Desk(HOOKED)
    desk.health.webhook("office", "call:start", NOW_MS - 3_600_000)
    await desk.go(3)
    desk.pbx.calls["201"] = [ring()]
    await desk.go(1.5)
    desk.health.webhook("office", "call:start", desk.clock.now_ms())
    await desk.go(30)
    assert not any(body["data"]["drives"] for body in desk.bodies)


async def test_a_call_that_webhooks_left_open_is_closed_after_two_empty_looks() -> None:
    desk = Desk(HOOKED)
    desk.health.webhook("office", "call:start", NOW_MS)
    desk.parts = [LivePart("201", "hook-1", None, NOW_MS)]
    await desk.go(100)
    assert desk.bodies == [], "this PBX never listed a call, so an empty list proves nothing"
    desk.parts.append(LivePart("202", "hook-2", None, NOW_MS))
    desk.pbx.calls["202"] = [talk("202")]
    await desk.go(70)
    lost = [body for body in desk.bodies if body["data"]["news"] == "gone"]
    assert {(body["id"], body["data"]["extension"]) for body in lost} == {("hook-1", "201")}


async def test_calls_that_were_open_before_a_restart_are_closed_if_they_are_gone() -> None:
    desk = Desk(POLLING, here=())
    desk.agents = set()
    desk.parts = [LivePart("201", "sip-1", "sip-1", NOW_MS), LivePart("202", "sip-2", "sip-2", NOW_MS)]
    desk.pbx.calls["202"] = [talk("202", "sip-2", for_s=60)]
    desk.poller.remember()
    await desk.go(5)
    assert sorted(desk.news) == ["201:gone", "202:changed"]
    assert {body["id"] for body in desk.bodies} == {"sip-1", "sip-2"}


async def test_news_that_could_not_be_stored_is_told_again() -> None:
    desk = Desk()
    await desk.go(2)
    desk.pbx.calls["201"] = [ring()]
    desk.store_failure = StoreError("The database does not answer.")
    with pytest.raises(StoreError):
        await desk.go(3)
    desk.store_failure = None
    await desk.go(3)
    assert desk.news == ["201:new"]


async def test_one_user_that_the_pbx_does_not_know_does_not_stop_the_others() -> None:
    desk = Desk(here=("201", "202"))
    desk.pbx.failures["201"] = VendorNotFound("office: no such user.")
    desk.pbx.calls["202"] = [ring("202")]
    await desk.go(200)
    assert desk.news[0] == "202:new"
    assert desk.pbx.looks().count("201") == 1
    assert desk.health.of("office").problem is None
