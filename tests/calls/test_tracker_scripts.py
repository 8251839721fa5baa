"""The event scripts, in their order and in every other: one row each, and no popup is left open."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.calls.model import Call
from linedesk.commands.replay import replayed
from linedesk.numbers.model import NumberPlan
from linedesk.pbx.wildix.events import decode
from tracking import SCRIPTS, Watcher, names, script


def _rows(watcher: Watcher) -> list[tuple[Any, ...]]:
    return sorted(map(_row, watcher.rows.values()), key=repr)


def _row(call: Call) -> tuple[Any, ...]:
    parts = sorted((view.extension, view.state, view.answered_ms) for view in call.views)
    return (call.call_id, call.direction, call.party, call.answered_by, call.outcome, call.started_ms,
            call.answered_ms, call.ended_ms, call.queue, call.remote_name, parts)  # fmt: skip


@pytest.mark.parametrize("name", names())
def test_script_gives_the_wanted_result(name: str) -> None:
    lines = enumerate((SCRIPTS / f"{name}.jsonl").read_bytes().splitlines(), 1)
    want = json.loads((SCRIPTS / f"{name}.want.json").read_text("utf-8"))
    got = replayed(lines, NumberPlan(region="GB")).as_json()
    assert got["agents"] == want["agents"]
    assert sorted(got["history"], key=str) == sorted(want["history"], key=str)


@pytest.mark.parametrize("name", names())
def test_caller_name_is_the_wanted_text(name: str) -> None:
    want = json.loads((SCRIPTS / f"{name}.want.json").read_text("utf-8")).get("names", {})
    watcher = Watcher()
    watcher.feed(*script(name))
    got = {call.call_id: call.remote_name for call in watcher.rows.values()}
    assert {call_id: got[call_id] for call_id in want} == want


@pytest.mark.parametrize("name", names())
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_C03_C11_any_order_and_repetition_ends_in_the_same_rows(name: str, data: st.DataObject) -> None:
    bodies = script(name)
    plain = Watcher()
    plain.feed(*bodies)
    again = data.draw(st.lists(st.sampled_from(bodies), max_size=4))
    order = data.draw(st.permutations([*bodies, *again]))
    mixed = Watcher()
    mixed.feed(*order)
    assert _rows(mixed) == _rows(plain)
    assert not mixed.left_open()


@pytest.mark.parametrize("name", names())
def test_C03_an_ended_call_never_rings_again_when_all_is_replayed(name: str) -> None:
    watcher = Watcher()
    watcher.feed(*script(name))
    rows = _rows(watcher)
    assert watcher.feed(*script(name)) == []
    assert _rows(watcher) == rows


@pytest.mark.parametrize("name", names())
def test_C12_only_agents_of_the_call_are_told(name: str) -> None:
    watcher = Watcher()
    for body in script(name):
        wire = json.dumps(body)
        for effect in watcher.feed(body):
            for view in effect.call.views:
                assert any(f'"{view.extension}"' in json.dumps(each) for each in script(name))
        assert decode("a", wire.encode()).known


@pytest.mark.parametrize("name", names())
def test_old_states_stay_usable(name: str) -> None:
    watcher = Watcher()
    kept = [(watcher.state, watcher.now_ms, body, watcher.feed(body)) for body in script(name)]
    for state, now_ms, body, effects in kept:
        replay = Watcher()
        replay.state, replay.now_ms = state, now_ms
        assert replay.feed(body) == effects
