"""Helpers of the tracker's tests: bodies in the PBX's shape, and a tracker that remembers its effects."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from linedesk.calls.model import (
    LIVE_STATES,
    AgentState,
    Call,
    Effect,
    HistoryWritten,
    TrackerLimits,
    ViewChanged,
)
from linedesk.calls.tracker import TrackerState, feed, sweep
from linedesk.calls.who import AgentIndex
from linedesk.numbers.model import NumberPlan
from linedesk.pbx.wildix.events import decode

SCRIPTS = Path(__file__).parent / "data" / "events"
T0 = 1_764_000_000_000
CUSTOMER = "+442079460018"


def script(name: str) -> list[dict[str, Any]]:
    """The bodies of one event script."""
    return [json.loads(line) for line in (SCRIPTS / f"{name}.jsonl").read_text("utf-8").splitlines()]


def names() -> list[str]:
    """Every event script."""
    return sorted(path.stem for path in SCRIPTS.glob("*.jsonl"))


def local(extension: str, **more: Any) -> dict[str, Any]:
    return {"type": "LOCAL", "phone": extension, "userExtension": extension, **more}


def remote(phone: str | None = CUSTOMER, **more: Any) -> dict[str, Any]:
    return {"type": "REMOTE", "phone": phone, **more}


def flow(caller: Any, callee: Any = None, status: str = "RINGING", **more: Any) -> dict[str, Any]:
    return {"flowIndex": 0, "talkTime": 0, "caller": caller, "callee": callee, "status": status, **more}


def live(call_id: str, at: int, *flows: dict[str, Any], start: bool = False, **more: Any) -> dict[str, Any]:
    """A generation B body of a running call; `at` is ms after T0."""
    data = {"flows": list(flows), "eventTrigger": "call.start" if start else "call.update", **more}
    return {"id": call_id, "time": T0 + at, "type": "call:live:progress", "data": data}


def over(call_id: str, at: int, *flows: dict[str, Any], **more: Any) -> dict[str, Any]:
    data = {"flows": list(flows), **more}
    return {"id": call_id, "time": T0 + at, "type": "call:live:completed", "data": data}


def record(call_id: str, at: int, *flows: dict[str, Any], **more: Any) -> dict[str, Any]:
    data = {"flows": list(flows), **more}
    return {"id": call_id, "time": T0 + at, "type": "call:completed", "data": data}


def older(kind: str, call_id: str, at: int, caller: Any, callee: Any = None, **more: Any) -> dict[str, Any]:
    """A generation A body; `kind` is start, update or end."""
    data = {"status": "CONNECTING", "caller": caller, "callee": callee, **more}
    return {"id": call_id, "time": T0 + at, "type": f"call:{kind}", "data": data}


def presence(extension: str | None, at: int, status: str = "talking", **more: Any) -> dict[str, Any]:
    data = {"extension": extension, "status": status, **more}
    return {"id": f"p{at}", "time": T0 + at, "type": "presence:telephony", "data": data}


class Watcher:
    """Feeds bodies, keeps the state, and sees what agents and history see."""

    def __init__(self, who: AgentIndex | None = None, limits: TrackerLimits | None = None) -> None:
        self.state = TrackerState.empty()
        self.who = who or AgentIndex()
        self.limits = limits or TrackerLimits()
        self.now_ms = T0
        self.effects: list[Effect] = []
        self.rows: dict[str, Call] = {}
        self.seen: dict[tuple[str, str], list[str]] = {}
        self.open: dict[tuple[str, str, str], AgentState] = {}

    def feed(self, *bodies: dict[str, Any], account: str = "a", now: int | None = None) -> list[Effect]:
        """Feed bodies at the newest time so far, or at `now` ms after T0; the effects of these bodies."""
        made: list[Effect] = []
        for body in bodies:
            event = decode(account, json.dumps(body).encode()).event
            if event is None:
                continue
            self.now_ms = max(self.now_ms, event.at_ms) if now is None else T0 + now
            plans = {account: NumberPlan(region="GB")}
            self.state, effects = feed(self.state, event, self.now_ms, self.who, plans, self.limits)
            self._see(effects)
            made += effects
        return made

    def sweep(self, now: int) -> list[Effect]:
        self.state, effects = sweep(self.state, T0 + now, self.limits)
        self._see(effects)
        return list(effects)

    def states(self, extension: str, account: str = "a") -> list[str]:
        """What the agent was shown, as `CALL:STATE`, repeats left out."""
        return self.seen.get((account, extension), [])

    def row(self) -> Call:
        """The only row of history."""
        (call,) = self.rows.values()
        return call

    def _see(self, effects: Iterable[Effect]) -> None:
        self.effects += effects
        for effect in effects:
            call = effect.call
            if isinstance(effect, HistoryWritten):
                self.rows[call.id] = call
            elif isinstance(effect, ViewChanged):
                view = call.view_of(effect.extension)
                assert view is not None, "an agent is told of a call in which he has no part"
                seen = self.seen.setdefault((call.account, effect.extension), [])
                entry = f"{call.call_id}:{view.state.value}"
                if seen[-1:] != [entry]:
                    seen.append(entry)
                self.open[call.account, call.id, effect.extension] = view.state

    def left_open(self) -> list[tuple[str, str, str]]:
        """Popups that are still on a screen."""
        return [key for key, state in self.open.items() if state in LIVE_STATES]
