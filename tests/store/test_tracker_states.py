"""Live calls are written and found again by account and key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from linedesk.store import tracker_states
from linedesk.store.migrate import Stores


async def test_documents_come_back_as_they_were_and_go_when_told(stores: Stores) -> None:
    first: dict[tuple[str, str], dict[str, Any]] = {
        ("main", "call-1"): {"state": "ringing", "name": "Żółć 李"},
        ("two", "call-1"): {"n": [1, None]},
    }
    await stores.calls.write(lambda c: tracker_states.save(c, first, set(), 1))
    assert await stores.calls.read(tracker_states.load) == first
    changed: dict[tuple[str, str], dict[str, Any]] = {
        ("main", "call-1"): {"state": "talking"},
        ("main", "call-2"): {},
    }
    await stores.calls.write(lambda c: tracker_states.save(c, changed, {("two", "call-1"), ("none", "x")}, 2))
    assert await stores.calls.read(tracker_states.load) == changed
    await stores.calls.write(lambda c: tracker_states.save(c, {}, set(), 3))
    assert await stores.calls.read(tracker_states.load) == changed


async def test_C07_a_row_that_is_no_json_does_not_hide_the_others(stores: Stores) -> None:
    good: dict[tuple[str, str], dict[str, Any]] = {("main", "call-1"): {}, ("main", "call-2"): {"n": 1}}
    await stores.calls.write(lambda c: tracker_states.save(c, good, set(), 1))
    damage = text("UPDATE tracker_states SET state = '{\"n\": ' WHERE key = 'call-1'")
    await stores.calls.write(lambda c: c.execute(damage))
    assert await stores.calls.read(tracker_states.load) == {
        ("main", "call-1"): None,
        ("main", "call-2"): {"n": 1},
    }
