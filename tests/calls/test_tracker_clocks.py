"""Bodies whose own times are of another clock: still one call, one row, and a state that a restart finds."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.calls.incarnations import Past
from linedesk.calls.model import Outcome
from linedesk.calls.records import Record
from linedesk.calls.tracker import TrackerState, diff, live_calls, load
from tracking import CUSTOMER, T0, Watcher, flow, live, local, over, presence, record, remote

_parties = st.sampled_from([None, local("201"), local("202"), remote(), remote(None)])
_times = st.one_of(
    st.none(),
    st.sampled_from([0, 1, T0, T0 - 120_000, T0 + 120_000, 10**15]),
    st.integers(T0 - 500_000, T0 + 500_000),
)
_flows = st.builds(
    flow,
    _parties,
    _parties,
    st.sampled_from(["RINGING", "TALKING", "HOLD"]),
    talkTime=st.sampled_from([0, 0, 5000]),
    flowIndex=st.sampled_from([0, 0, 1]),
    startTime=_times,
    endTime=_times,
)


def _said(until_ms: int, ids: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies of the calls `ids`, of every kind, within `until_ms` after T0."""

    def made(kind: str, call_id: str, at: int, flows: list[Any], start: int | None) -> dict[str, Any]:
        if kind in {"end", "record"}:
            body = (over if kind == "end" else record)(call_id, at, *flows)
        else:
            body = live(call_id, at, *flows, start=kind == "start")
        body["data"]["start"] = start
        return body

    kinds = st.sampled_from(["start", "start", "update", "end", "end", "record"])
    at = st.integers(0, until_ms)
    flows = st.lists(_flows, min_size=1, max_size=2)
    return st.builds(made, kinds, st.sampled_from(ids), at, flows, _times)


def _held(state: TrackerState) -> dict[str, Any]:
    """Everything that a state knows, by id."""
    records = [*state.calls.running.values(), *state.calls.over.values()]
    known: list[Record | Past] = [*(each for one in records for each in one), *state.calls.past.values()]
    assert len({each.id for each in known}) == len(known), "an id is given once"
    waiting = {
        f"{account}:{extension}": each for (account, extension), each in state.presences.waiting.items()
    }
    return {**{each.id: each for each in known}, **waiting}


def _through_json(documents: Any) -> Any:
    return {key: json.loads(json.dumps(document)) for key, document in documents.items()}


@settings(max_examples=80, deadline=None)
@given(said=st.lists(_said(60_000, ("c",)), max_size=7))
def test_C11_one_call_makes_never_two_rows_whatever_its_flows_say_of_their_times(
    said: list[dict[str, Any]],
) -> None:
    watcher = Watcher()
    for body in said:
        watcher.feed(body, now=90_000)
        assert len(watcher.rows) + len(live_calls(watcher.state)) <= 1
        again = load(_through_json(diff(TrackerState.empty(), watcher.state).upserts))
        assert live_calls(again) == live_calls(watcher.state)


_steps = st.one_of(
    _said(400_000, ("c", "d")),
    st.builds(presence, st.sampled_from(["201", "202"]), st.integers(0, 400_000)),
    st.sampled_from([60_000, 400_000, 1_000_000, 3_000_000, 20_000_000, 100_000_000]),
)


@settings(max_examples=80, deadline=None)
@given(steps=st.lists(_steps, max_size=12))
def test_C07_what_is_stored_is_what_is_known_after_every_step(steps: list[Any]) -> None:
    watcher, documents, now = Watcher(), dict[Any, Any](), 400_000
    for step in steps:
        before = watcher.state
        if isinstance(step, int):
            now += step
            watcher.sweep(now)
        else:
            watcher.feed(step, now=now)
        changes = diff(before, watcher.state)
        documents.update(_through_json(changes.upserts))
        for key in changes.deletes:
            del documents[key]
        assert _held(load(documents)) == _held(watcher.state)
        assert all(
            row.ended_ms is not None and row.started_ms <= row.ended_ms for row in watcher.rows.values()
        )


def test_C11_end_of_another_clock_that_overtakes_its_start_is_no_other_call() -> None:
    watcher = Watcher()
    talk = flow(remote(), local("201"), "TALKING", talkTime=5, endTime=T0 - 120_000)
    watcher.feed(over("c", 30_000, talk), live("c", 0, flow(remote(), local("201")), start=True))
    watcher.feed(live("c", -200_000, flow(remote(), local("201"))))
    assert live_calls(watcher.state) == ()
    assert watcher.states("201") == []
    row = watcher.row()
    assert (row.outcome, row.ended_ms) == (Outcome.ANSWERED, T0 + 30_000)


def test_an_end_near_its_body_is_believed_and_a_later_record_too() -> None:
    watcher = Watcher()
    watcher.feed(over("c", 30_000, flow(remote(), local("201"), endTime=T0 + 28_000)))
    assert watcher.row().ended_ms == T0 + 28_000
    other = Watcher()
    other.feed(record("c", 900_000, flow(remote(), local("201"), startTime=T0, endTime=T0 + 28_000)))
    assert (other.row().started_ms, other.row().ended_ms) == (T0, T0 + 28_000)


def test_a_record_of_another_clock_ends_no_call_before_it_began() -> None:
    watcher = Watcher()
    watcher.feed(live("c", 0, flow(remote(CUSTOMER), local("201")), start=True))
    watcher.feed(record("c", 300_000, flow(remote(CUSTOMER), local("201"), endTime=T0 - 120_000)))
    assert watcher.row().started_ms <= (watcher.row().ended_ms or 0)
    assert not watcher.left_open()


def test_an_old_incarnation_gives_up_what_belongs_to_the_new_one_under_an_id_of_its_own() -> None:
    """The first was opened by a body of the second, at the very time of the second's start."""
    watcher = Watcher()
    ring = flow(remote(), local("201"))
    watcher.feed(live("c", 200_000, flow(remote(), local("202"))))
    watcher.feed(over("c", 10_000, ring))
    watcher.feed(live("c", 200_000, ring, start=True))
    assert [call.call_id for call in live_calls(watcher.state)] == ["c"]
    assert len(watcher.rows) == 1
    again = load(_through_json(diff(TrackerState.empty(), watcher.state).upserts))
    assert _held(again) == _held(watcher.state)
