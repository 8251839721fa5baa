"""Every event script once more, with polls that look at the same phones meanwhile: nothing comes twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.calls.model import LIVE_STATES, AgentState, Call, Direction, LegStatus, ViewChanged
from linedesk.calls.tracker import live_calls
from linedesk.pbx.base import LiveCall
from linedesk.pbx.wildix.polls import Drive, Look, compare
from tracking import T0, Watcher, names, script

Body = dict[str, Any]
_STATES = {
    AgentState.RINGING: LegStatus.RINGING,
    AgentState.TALKING: LegStatus.TALKING,
    AgentState.HELD: LegStatus.HOLD,
}


@dataclass(frozen=True)
class Spelling:
    """How `list-calls` may write what webhooks write otherwise: ids of its own for each phone (`phone`), one
    for the call (`call`) or the webhooks' (`same`), and public numbers as they are dialled at home."""

    ids: str
    national: bool

    def handle(self, call: Call, extension: str) -> str:
        return {"phone": f"sip-{call.call_id}-{extension}", "call": f"sip-{call.call_id}"}.get(
            self.ids, call.call_id
        )

    def number(self, text: str | None) -> str | None:
        return f"0{text[3:]}" if self.national and text and text.startswith("+44") else text


def _listed(call: Call, extension: str, state: AgentState, spelling: Spelling) -> LiveCall:
    """The call as `list-calls` of this extension would have it."""
    own, there = call.caller_extension == extension, spelling.number(call.remote)
    if call.direction is Direction.INBOUND:
        sides = (there or "anonymous", extension)
    elif call.direction is Direction.OUTBOUND:
        sides = (call.caller_extension or extension, there or "")
    else:
        sides = (call.caller_extension or "", call.called_extension or "" if own else extension)
    return LiveCall(spelling.handle(call, extension), sides[0], "", sides[1], "", _STATES[state])


def _polls(bodies: list[Body], every_ms: int, drive: Drive, spelling: Spelling) -> list[Body]:
    """What polls find on the phones of a script's agents, if what webhooks say is what the phones do."""
    world, looks = Watcher(), dict[str, Look]()
    found: list[Body] = []
    waiting = sorted(bodies, key=lambda body: int(body["time"]))
    now, end = waiting[0]["time"] - every_ms, waiting[-1]["time"] + 2 * every_ms
    extensions: set[str] = set()
    while now <= end:
        while waiting and waiting[0]["time"] <= now:
            world.feed(waiting.pop(0))
        calls: dict[str, list[LiveCall]] = {}
        for call in live_calls(world.state):
            for view in call.views:
                if view.state in LIVE_STATES:
                    calls.setdefault(view.extension, []).append(
                        _listed(call, view.extension, view.state, spelling)
                    )
        extensions |= calls.keys()
        for extension in sorted(extensions):
            before = looks.get(extension, Look(now - every_ms))
            looks[extension], made = compare(extension, before, calls.get(extension, []), now, drive)
            found += [json.loads(body) for body in made]
        now += every_ms
    return found


def _opened(watcher: Watcher) -> dict[str, set[str]]:
    shown: dict[str, set[str]] = {}
    for effect in watcher.effects:
        view = effect.call.view_of(effect.extension) if isinstance(effect, ViewChanged) else None
        if view is not None and view.state in LIVE_STATES:
            shown.setdefault(view.extension, set()).add(effect.call.id)
    return shown


def _rows(watcher: Watcher) -> list[tuple[str, ...]]:
    return sorted((str(row.outcome), row.party, str(row.direction)) for row in watcher.rows.values())


@st.composite
def _interleaved(draw: st.DrawFn, one: list[Body], other: list[Body]) -> list[Body]:
    """As they may arrive: each source in its order, and neither more than a few seconds behind the other."""
    late_ms = draw(st.integers(-4000, 4000))
    timed = [(int(body["time"]), 0, place, body) for place, body in enumerate(one)]
    timed += [(int(body["time"]) + late_ms, 1, place, body) for place, body in enumerate(other)]
    return [body for *_, body in sorted(timed, key=lambda each: each[:3])]


_SPELLINGS = st.builds(Spelling, st.sampled_from(["phone", "call", "same"]), st.booleans())


@pytest.mark.parametrize("drives", [True, False])
@pytest.mark.parametrize("name", names())
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_C01_C03_C11_polls_beside_a_script_open_no_second_popup_and_write_no_second_row(
    name: str, drives: bool, data: st.DataObject
) -> None:
    bodies = sorted(script(name), key=lambda body: int(body["time"]))
    spelling = data.draw(_SPELLINGS)
    polls = _polls(bodies, data.draw(st.sampled_from([700, 1900])), Drive(on=drives), spelling)
    plain, both = Watcher(), Watcher()
    plain.feed(*bodies)
    arrived = data.draw(_interleaved(bodies, polls))
    both.feed(*arrived)
    both.sweep(both.now_ms - T0 + 4_000_000)
    plain.sweep(plain.now_ms - T0 + 4_000_000)
    mine, theirs = _opened(both), _opened(plain)
    assert theirs.keys() <= mine.keys()
    assert all(len(ids) <= max(1, len(theirs.get(agent, ()))) for agent, ids in mine.items()), mine
    assert not both.left_open()
    assert _rows(both) == _rows(plain)
    both.feed(*arrived, now=both.now_ms - T0)
    assert not both.left_open(), "C03: what is over is over, whatever comes again"
    assert len(both.rows) == len(plain.rows)
