"""The pure parts: reading a number beside a plain library call, and feeding the tracker beside a copy."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import phonenumbers

from bench import spellings
from bench.stage import ACCOUNT, FIRST_EXTENSION, PLAN, number_of, ring
from bench.table import Row
from linedesk.calls.model import Event, TrackerLimits
from linedesk.calls.tracker import TrackerState, feed
from linedesk.calls.who import AgentIndex
from linedesk.numbers import read
from linedesk.pbx.wildix.events import decode

LIVE_CALLS = 2_000
_ROUNDS_OF_SPELLINGS = 200  # each is some 600 texts
START_MS = 1_764_000_000_000


def measure(rounds: int) -> list[Row]:
    """Rows of single calls, in seconds."""
    texts = [number_of(i) for i in range(rounds)]
    return [
        Row(
            "read a number",
            _times(lambda i: read(texts[i], PLAN), rounds),
            "phonenumbers parse + valid + format",
            _times(lambda i: _library(texts[i]), rounds),
        ),
        *spellings.measure(max(1, rounds // _ROUNDS_OF_SPELLINGS)),
        _decode(rounds),
        _feed(rounds),
    ]


def _library(text: str) -> str:
    number = phonenumbers.parse(text, "GB")
    phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _decode(rounds: int) -> Row:
    bodies = [ring(i, "10001", number_of(i), START_MS + i) for i in range(rounds)]
    return Row(
        "decode an event",
        _times(lambda i: decode(ACCOUNT, bodies[i]), rounds),
        "json.loads",
        _times(lambda i: json.loads(bodies[i]), rounds),
    )


def _feed(rounds: int) -> Row:
    """Each event is news of one of the live calls, so that every feed makes a new state and an effect."""
    who, limits, plans = AgentIndex(), TrackerLimits(), {ACCOUNT: PLAN}
    state = TrackerState.empty()
    for i in range(LIVE_CALLS):
        state, _ = feed(state, _event(i, str(FIRST_EXTENSION + i), START_MS), START_MS, who, plans, limits)
    news = [
        _event(i % LIVE_CALLS, str(FIRST_EXTENSION + LIVE_CALLS + i), START_MS + 1 + i) for i in range(rounds)
    ]
    copied = dict.fromkeys(range(LIVE_CALLS))

    def step(i: int) -> None:
        nonlocal state
        state, effects = feed(state, news[i], START_MS + 1 + i, who, plans, limits)
        if not effects:
            raise RuntimeError("the event was no news")

    return Row(
        f"feed the tracker with {LIVE_CALLS:,} live calls",
        _times(step, rounds),
        f"copy a dict of {LIVE_CALLS:,}",
        _times(lambda _: dict(copied), rounds),
    )


def _event(call: int, extension: str, at_ms: int) -> Event:
    event = decode(ACCOUNT, ring(call, extension, number_of(call), at_ms)).event
    if event is None:
        raise RuntimeError("the benchmark's own body is no event")
    return event


def _times(work: Callable[[int], object], rounds: int) -> list[float]:
    samples = []
    for i in range(rounds):
        started = time.perf_counter()
        work(i)
        samples.append(time.perf_counter() - started)
    return samples
