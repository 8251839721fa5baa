"""Polls as events: what changed between two looks, and what a body says of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.calls.model import CallEvent, Glimpse, LegStatus, Stage
from linedesk.pbx.base import LiveCall
from linedesk.pbx.wildix.events import decode
from linedesk.pbx.wildix.polls import TYPE, Drive, Look, absent, compare
from pbx.polled import ADA, NOW_MS, ring, talk

ON, OFF = Drive(on=True), Drive(on=False)


def _event(body: bytes) -> CallEvent:
    decoded = decode("office", body)
    assert (decoded.event_type, decoded.known) == (TYPE, True)
    assert isinstance(decoded.event, CallEvent)
    return decoded.event


def _told(before: Look, *calls: LiveCall, at: int = 1000, drive: Drive = ON) -> tuple[Look, list[CallEvent]]:
    look, bodies = compare("201", before, calls, NOW_MS + at, drive)
    return look, [_event(body) for body in bodies]


def test_a_call_that_appears_is_a_start_with_the_look_before_it() -> None:
    look, _ = _told(Look(), at=0)
    _, (event,) = _told(look, ring(), at=1000)
    assert (event.call_id, event.stage, event.at_ms, event.source) == (
        "sip-1",
        Stage.START,
        NOW_MS + 1000,
        "polling",
    )
    assert event.glimpse == Glimpse("201", "sip-1", since_ms=NOW_MS, drives=True)
    (leg,) = event.legs
    assert leg.caller is not None
    assert leg.callee is not None
    assert (leg.caller.phone, leg.caller.name, leg.callee.extension) == (ADA, "Ada", "201")
    assert (leg.status, leg.talk_ms) == (LegStatus.RINGING, 0)


def test_an_unchanged_look_makes_no_body_however_long_the_talk() -> None:
    look, _ = _told(Look(), talk(for_s=3))
    same, bodies = _told(look, talk(for_s=9), at=7000)
    assert bodies == []
    assert same.seen["sip-1"].first_ms == NOW_MS + 1000


def test_an_answer_is_dated_by_the_length_of_the_talk_and_stays() -> None:
    look, _ = _told(Look(), ring())
    look, (answered,) = _told(look, talk(for_s=2), at=9000)
    assert answered.stage is Stage.UPDATE
    assert answered.glimpse is not None
    assert answered.glimpse.answered_ms == NOW_MS + 7000
    held = LiveCall("sip-1", ADA, "Ada", "201", "", LegStatus.HOLD, 9)
    _, (later,) = _told(look, held, at=20_000)
    assert later.glimpse is not None
    assert later.glimpse.answered_ms == NOW_MS + 7000


def test_a_call_that_vanished_is_an_end_with_what_was_known_of_it() -> None:
    look, _ = _told(Look(), ring(), ring(handle="sip-2"))
    look, (event,) = _told(look, ring(handle="sip-2"), at=5000)
    assert (event.call_id, event.stage, event.started_ms) == ("sip-1", Stage.END, NOW_MS + 1000)
    assert event.legs[0].caller is not None
    assert event.legs[0].caller.phone == ADA
    assert set(look.seen) == {"sip-2"}


def test_after_a_restart_what_is_gone_ends_and_what_goes_on_is_an_update() -> None:
    _, events = _told(Look.remembered(["sip-1", "sip-2"]), talk(handle="sip-2", for_s=60))
    assert {(event.call_id, event.stage) for event in events} == {
        ("sip-1", Stage.END),
        ("sip-2", Stage.UPDATE),
    }


def test_polls_in_doubt_drive_a_call_only_after_it_was_seen_for_a_while_and_go_on_then() -> None:
    held = Drive(on=True, hold_ms=3000)
    look, (first,) = _told(Look(), ring(), drive=held)
    look, none = _told(look, ring(), at=3999, drive=held)
    look, (second,) = _told(look, ring(), at=4000, drive=held)
    assert none == []
    drives = [event.glimpse.drives for event in (first, second) if event.glimpse is not None]
    assert drives == [False, True]
    _, (end,) = _told(look, at=5000, drive=OFF)
    assert end.glimpse is not None
    assert end.glimpse.drives


def test_calls_without_an_id_and_repeats_are_left_out() -> None:
    look, events = _told(Look(), ring(handle=""), ring(), ring())
    assert len(events) == 1
    assert set(look.seen) == {"sip-1"}


def test_a_length_counts_as_talk_only_where_the_state_says_nothing() -> None:
    unknown = LiveCall("sip-1", ADA, "", "201", "", LegStatus.UNKNOWN, 4)
    long_ring = LiveCall("sip-2", ADA, "", "201", "", LegStatus.RINGING, 4)
    _, events = _told(Look(), unknown, long_ring)
    assert [event.legs[0].talk_ms for event in events] == [1, 0]


def test_absent_ends_one_part_of_a_webhooks_call() -> None:
    event = _event(absent("201", "hook-1", NOW_MS))
    assert (event.call_id, event.stage) == ("hook-1", Stage.END)
    assert event.glimpse == Glimpse("201", "hook-1")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"call": None},
        {"extension": "201", "news": "new", "call": {"state": "ringing"}},
        {"extension": "201", "news": "odd", "call": {"sipCallId": "x"}},
        {"extension": None, "news": "new", "call": {"sipCallId": "x"}},
    ],
)
def test_a_body_without_what_it_needs_is_no_event(data: dict[str, Any]) -> None:
    decoded = decode("office", json.dumps({"type": TYPE, "time": NOW_MS, "data": data}).encode())
    assert (decoded.event, decoded.known) == (None, True)


_snapshots = st.lists(
    st.lists(
        st.builds(
            LiveCall,
            st.sampled_from(["a", "b", "c", ""]),
            st.sampled_from([ADA, "201", "anonymous", "", "\u202e1"]),
            st.text(max_size=5),
            st.sampled_from(["201", "202", ADA]),
            st.text(max_size=5),
            st.sampled_from(LegStatus),
            st.integers(-5, 10**6),
        ),
        max_size=4,
    ),
    max_size=8,
)


@settings(max_examples=100, deadline=None)
@given(snapshots=_snapshots, drive=st.booleans())
def test_the_bodies_alone_tell_what_the_last_look_saw(snapshots: list[list[LiveCall]], drive: bool) -> None:
    look, known = Look(), dict[str, str]()
    for number, calls in enumerate(snapshots):
        look, bodies = compare("201", look, calls, NOW_MS + 1000 * number, Drive(on=drive))
        for body in bodies:
            event = _event(body)
            if event.stage is Stage.END:
                del known[event.call_id]
            else:
                assert (event.stage is Stage.START) == (event.call_id not in known)
                known[event.call_id] = event.legs[0].status
        assert known == {handle: seen.call.status for handle, seen in look.seen.items()}
