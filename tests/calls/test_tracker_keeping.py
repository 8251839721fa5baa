"""What the tracker keeps of calls that are over or silent, for how long, and what late bodies find."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from linedesk.calls.facts import Segment
from linedesk.calls.incarnations import Past
from linedesk.calls.model import Outcome, TrackerLimits
from linedesk.calls.tracker import TrackerState, diff, live_calls, load, restore
from linedesk.calls.tracker_documents import _SEGMENT_FIELDS
from tracking import Watcher, flow, live, local, over, presence, record, remote

MINUTE = 60_000
HOUR = 60 * MINUTE
_PARTIES = (remote(), local("201"))


def _ring(at: int = 0, call_id: str = "c") -> dict[str, Any]:
    return live(call_id, at, flow(*_PARTIES), start=True)


def _talk(at: int = 5000, call_id: str = "c") -> dict[str, Any]:
    return live(call_id, at, flow(*_PARTIES, "TALKING", talkTime=100))


def _end(at: int = 30_000, call_id: str = "c") -> dict[str, Any]:
    return over(call_id, at, flow(*_PARTIES, "CONNECTING"), endCause="16")


def _record(at: int, **times: Any) -> dict[str, Any]:
    return record("c", at, flow(*_PARTIES, talkTime=9000, **times))


def _shrunk() -> Watcher:
    """A call that ended half a minute after T0 and was shrunk."""
    watcher = Watcher()
    watcher.feed(_ring(), _talk(), _end())
    watcher.sweep(11 * MINUTE)
    assert len(watcher.state.calls.over) == 0
    assert len(watcher.state.calls.past) == 1
    return watcher


def test_an_ended_call_is_whole_for_ten_minutes_and_small_afterwards() -> None:
    watcher = Watcher()
    watcher.feed(_ring(), _talk(), _end())
    before = watcher.state
    watcher.sweep(10 * MINUTE)
    assert watcher.state is before
    assert watcher.sweep(11 * MINUTE) == []
    changes = diff(before, watcher.state)
    ((key, document),) = changes.upserts.items()
    assert (key, changes.deletes) == (("a", watcher.row().id), frozenset())
    assert len(json.dumps(document)) < 80


@pytest.mark.parametrize(
    "late",
    [_ring(), _ring(60_000), _talk(), _talk(7 * MINUTE), _end(), _end(8 * MINUTE), _record(9 * MINUTE)],
)
@pytest.mark.parametrize("restart", [False, True])
def test_C03_C11_late_bodies_of_a_shrunk_call_open_nothing_and_make_no_row(
    late: dict[str, Any], restart: bool
) -> None:
    watcher = _shrunk()
    if restart:
        watcher.state = load(diff(TrackerState.empty(), watcher.state).upserts)
    before = watcher.state
    assert watcher.feed(late, presence("209", 5000), now=12 * MINUTE) == []
    assert watcher.state.calls is before.calls
    assert len(watcher.rows) == 1


def test_a_start_after_a_shrunk_call_is_another_call_and_the_first_stays_shut() -> None:
    watcher = _shrunk()
    watcher.feed(_ring(20 * MINUTE))
    assert watcher.states("201")[-1] == "c:ringing"
    late = _record(21 * MINUTE, startTime=1, endTime=2)
    assert watcher.feed(late, _talk(6000)) == []
    watcher.feed(_end(22 * MINUTE))
    assert [row.outcome for row in watcher.rows.values()] == [Outcome.ANSWERED, Outcome.MISSED]
    watcher.sweep(40 * MINUTE)
    assert [past.id for past in watcher.state.calls.past.values()] == [list(watcher.rows)[-1]]
    assert watcher.feed(_talk(21 * MINUTE), _record(41 * MINUTE)) == []


def test_a_shrunk_call_is_forgotten_after_its_time_unless_its_id_runs_again() -> None:
    watcher = _shrunk()
    watcher.sweep(25 * HOUR)
    assert len(watcher.state.calls.past) == 0
    again = _shrunk()
    again.feed(_ring(24 * HOUR))
    again.sweep(24 * HOUR + 2 * MINUTE)
    assert len(again.state.calls.past) == 1


@pytest.mark.parametrize("late", [_record(26 * HOUR, startTime=None), _record(26 * HOUR), _end()])
def test_C11_a_final_body_of_a_forgotten_call_makes_no_second_row(late: dict[str, Any]) -> None:
    late["data"]["start"] = live("c", 0)["time"]
    watcher = _shrunk()
    watcher.sweep(25 * HOUR)
    before = watcher.state
    assert watcher.feed(late, now=26 * HOUR) == []
    assert watcher.state is before
    assert len(watcher.rows) == 1


def test_a_final_body_alone_of_a_call_of_today_makes_its_row() -> None:
    watcher = Watcher()
    late = _record(20 * HOUR)
    late["data"]["start"] = live("c", 0)["time"]
    watcher.feed(late, now=23 * HOUR)
    assert watcher.row().outcome is Outcome.ANSWERED


def test_a_sweep_that_finds_nothing_to_do_gives_the_same_state() -> None:
    watcher = Watcher()
    for body in (_ring(), presence("209", 100), _end(call_id="d", at=0)):
        watcher.feed(body)
        before = watcher.state
        assert watcher.sweep(1000) == []
        assert watcher.state is before


def test_D10_a_long_ring_without_news_closes_the_popup_and_writes_no_row_yet() -> None:
    watcher = Watcher()
    watcher.feed(_ring())
    watcher.sweep(4 * MINUTE)
    assert watcher.states("201") == ["c:ringing", "c:missed"]
    assert live_calls(watcher.state) == ()
    watcher.sweep(30 * MINUTE)
    assert watcher.rows == {}
    watcher.feed(_talk(31 * MINUTE))
    assert watcher.states("201")[-1] == "c:talking"
    assert watcher.rows == {}
    watcher.feed(_end(40 * MINUTE))
    assert watcher.row().outcome is Outcome.ANSWERED
    assert watcher.states("201")[-1] == "c:ended"


def test_D10_a_ring_whose_end_was_lost_is_missed_after_the_grace_once() -> None:
    watcher = Watcher()
    watcher.feed(_ring())
    watcher.sweep(4 * MINUTE)
    watcher.sweep(34 * MINUTE)
    assert watcher.row().outcome is Outcome.MISSED
    assert watcher.sweep(35 * MINUTE) == []
    watcher.sweep(5 * HOUR)
    assert len(watcher.state.calls.past) == 1
    assert watcher.feed(_talk(5 * HOUR)) == []


def test_D10_an_answer_after_the_grace_still_corrects_the_one_row() -> None:
    watcher = Watcher()
    watcher.feed(_ring())
    for minute in (4, 34, 60):
        watcher.sweep(minute * MINUTE)
    watcher.feed(_talk(61 * MINUTE), _end(70 * MINUTE))
    assert watcher.row().outcome is Outcome.ANSWERED


def test_D10_the_end_that_silence_guessed_to_the_millisecond_writes_the_row() -> None:
    watcher = Watcher()
    watcher.feed(_ring())
    watcher.sweep(4 * MINUTE)
    watcher.feed(_end(4 * MINUTE))
    assert watcher.row().outcome is Outcome.MISSED


def test_D10_a_silent_ring_whose_id_runs_again_gets_its_own_row() -> None:
    watcher = Watcher(limits=TrackerLimits(keep_ended_ms=HOUR))
    watcher.feed(_ring())
    watcher.sweep(4 * MINUTE)
    watcher.feed(_ring(10 * MINUTE), _talk(11 * MINUTE), _end(12 * MINUTE))
    watcher.sweep(30 * MINUTE)
    assert [row.outcome for row in watcher.rows.values()] == [Outcome.ANSWERED, Outcome.MISSED]


def _documents() -> dict[Any, Any]:
    watcher = Watcher()
    watcher.feed(_ring(), _ring(100, "d"), presence("209", 200))
    watcher.feed(_ring(0, "e"), _end(1000, "e"))
    watcher.sweep(11 * MINUTE)
    return _stored(watcher.state)


def _stored(state: TrackerState) -> dict[Any, Any]:
    documents = diff(TrackerState.empty(), state).upserts
    return {key: json.loads(json.dumps(document)) for key, document in documents.items()}


@pytest.mark.parametrize(
    "damaged",
    [
        *(None, [], "x", 7, {}, {"v": 2}, {"v": 1, "past": ["c", "x", 1]}, {"v": 1, "past": 3}),
        *({"v": 1, "log": []}, {"v": 1, "waiting": 5}),
    ],
)
def test_C07_an_unreadable_document_is_named_and_the_others_are_taken_up(damaged: Any) -> None:
    documents = _documents()
    for bad in documents:
        restored = restore({**documents, bad: damaged})
        assert restored.unreadable == (bad,)
        left = {key: each for key, each in documents.items() if key != bad}
        assert _stored(restored.state) == left


def test_C07_any_missing_or_wrong_field_makes_a_document_unreadable_and_never_raises() -> None:
    documents = _documents()
    for key, document in documents.items():
        for name in document:
            for value in (None, "x", -1.5, [None], {"a": None}):
                restore({key: {**document, name: value}})
            without = {each: value for each, value in document.items() if each != name}
            restored = restore({key: without})
            assert bool(restored.unreadable) is (name not in {"v", "written"})


def test_C07_a_document_of_an_older_program_without_the_last_fields_of_a_leg_is_named() -> None:
    documents = _documents()
    (key, document) = next((key, each) for key, each in documents.items() if "log" in each)
    document["log"][0]["segments"][0].pop()
    assert restore({key: document}).unreadable == (key,)
    document["log"][0]["segments"][0] += [[], "a field of tomorrow"]
    assert restore({key: document}).unreadable == ()


def test_documents_name_every_field_of_a_leg_in_an_order_that_stays() -> None:
    assert tuple(field.name for field in fields(Segment)) == _SEGMENT_FIELDS


def test_many_shrunk_calls_are_taken_up_in_their_order() -> None:
    documents = {("a", f"{n:024x}"): {"v": 1, "past": [f"call-{n}", n, n]} for n in range(20_000)}
    state = load(documents)
    assert len(state.calls.past) == 20_000
    assert state.calls.past.get(("a", "call-7")) == Past(f"{7:024x}", ("a", "call-7"), 7, 7)
    assert len(state.calls.forget(15_000).past) == 5_000
    assert diff(TrackerState.empty(), state).upserts == documents
