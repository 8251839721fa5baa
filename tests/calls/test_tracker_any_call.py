"""Properties over made-up calls: whatever the legs say, order does not matter and nothing stays open."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.calls.tracker import TrackerState, diff, live_calls, load
from tracking import CUSTOMER, T0, Watcher, flow, live, local, older, over, presence, record, remote

_parties = st.one_of(
    st.none(),
    st.sampled_from(["201", "202", "203"]).map(local),
    st.sampled_from([CUSTOMER, "anonymous", None]).map(remote),
)
_flows = st.builds(
    flow,
    _parties,
    _parties,
    st.sampled_from(["CONNECTING", "RINGING", "TALKING", "HOLD", "ODD", None]),
    talkTime=st.sampled_from([0, 0, 100]),
    flowIndex=st.sampled_from([0, 0, 1, 2]),
    destination=st.sampled_from([None, "202", "+442079460100"]),
)
_bodies = st.one_of(
    st.builds(lambda at, flows, start: live("c", at, *flows, start=start), st.integers(0, 20_000),
              st.lists(_flows, min_size=1, max_size=3), st.booleans()),
    st.builds(lambda at, caller, callee: older("update", "c", at, caller, callee), st.integers(0, 20_000),
              _parties, _parties),
)  # fmt: skip
_ends = st.one_of(
    st.builds(
        lambda flows: over("c", 20_001, *flows, endCause="16"), st.lists(_flows, min_size=1, max_size=2)
    ),
    st.builds(lambda flows: record("c", 30_000, *flows), st.lists(_flows, min_size=1, max_size=2)),
)


@st.composite
def _calls(draw: st.DrawFn) -> list[dict[str, Any]]:
    said = draw(st.lists(_bodies, min_size=1, max_size=6, unique_by=lambda body: body["time"]))
    return [*said, draw(_ends)]


def _rows(watcher: Watcher) -> list[Any]:
    return [(c.direction, c.party, c.answered_by, c.outcome, c.ended_ms,
             sorted((v.extension, v.state) for v in c.views)) for c in watcher.rows.values()]  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(call=_calls(), data=st.data())
def test_C03_C11_any_order_of_any_call_ends_in_one_row_and_no_popup(
    call: list[dict[str, Any]], data: st.DataObject
) -> None:
    plain, mixed = Watcher(), Watcher()
    plain.feed(*sorted(call, key=lambda body: body["time"]))
    mixed.feed(*data.draw(st.permutations([*call, data.draw(st.sampled_from(call))])))
    assert len(plain.rows) == 1
    assert _rows(mixed) == _rows(plain)
    assert not plain.left_open()
    assert not mixed.left_open()


@settings(max_examples=60, deadline=None)
@given(
    said=st.lists(
        st.one_of(
            _bodies, _ends, st.builds(presence, st.sampled_from(["201", "202"]), st.integers(0, 20_000))
        ),
        max_size=8,
    ),
    sweeps=st.booleans(),
)
def test_C07_state_survives_a_restart_at_any_moment(said: list[dict[str, Any]], sweeps: bool) -> None:
    whole, broken = Watcher(), Watcher()
    documents: dict[Any, Any] = {}
    for body in said:
        before = broken.state
        assert broken.feed(body) == whole.feed(body)
        if sweeps:
            now = whole.now_ms - T0 + 200_000
            assert broken.sweep(now) == whole.sweep(now)
        changes = diff(before, broken.state)
        documents.update(changes.upserts)
        for key in changes.deletes:
            del documents[key]
        broken.state = load(documents)
        assert live_calls(broken.state) == live_calls(whole.state)
    assert dict(diff(TrackerState.empty(), whole.state).upserts) == documents
    assert diff(whole.state, whole.state).upserts == {}


@settings(max_examples=60, deadline=None)
@given(said=st.lists(st.one_of(_bodies, _ends), max_size=8))
def test_C01_C02_an_agent_is_shown_only_a_change_and_only_where_a_device_of_his_is_named(
    said: list[dict[str, Any]],
) -> None:
    watcher = Watcher()
    for body in said:
        effects = watcher.feed(body)
        told = [(effect.call.id, effect.extension) for effect in effects if hasattr(effect, "extension")]
        assert len(told) == len(set(told))
    named = {extension for extension in ("201", "202", "203") if f"'{extension}'" in str(said)}
    assert {extension for _, extension in watcher.seen} <= named
