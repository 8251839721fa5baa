"""What waits for a socket: bounded, and the newest state of a call replaces what waits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.server.outbox import Outbox
from server.house import call_frame


def drain(outbox: Outbox) -> list[object]:
    return [outbox.take() for _ in range(len(outbox))]


def test_C01_a_superseded_state_of_a_call_gives_way_to_the_newest() -> None:
    outbox = Outbox(4)
    for frame in (call_frame(1), call_frame(2), call_frame(1, "talking"), call_frame(1, "ended")):
        assert outbox.put(frame)
    assert drain(outbox) == [call_frame(1, "ended"), call_frame(2)]


def test_no_room_for_a_new_call_when_full_but_always_for_a_newer_state() -> None:
    outbox = Outbox(2)
    assert outbox.put(call_frame(1))
    assert outbox.put(call_frame(2))
    assert not outbox.put(call_frame(3))
    assert outbox.put(call_frame(2, "talking"))
    assert drain(outbox) == [call_frame(1), call_frame(2, "talking")]


def test_opener_and_me_keep_only_the_newest() -> None:
    outbox = Outbox(4)
    for opens in (True, False, True):
        outbox.put({"type": "opener", "opener": opens})
    assert drain(outbox) == [{"type": "opener", "opener": True}]


def test_errors_are_never_merged() -> None:
    outbox = Outbox(4)
    outbox.put({"type": "error", "code": "a"})
    outbox.put({"type": "error", "code": "b"})
    assert len(drain(outbox)) == 2


def test_taking_from_an_empty_outbox_is_an_error() -> None:
    with pytest.raises(IndexError):
        Outbox(4).take()


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["ringing", "talking", "ended"])), max_size=60))
def test_C07_a_reader_that_drains_ends_with_the_last_state_of_each_call(
    changes: list[tuple[int, str]],
) -> None:
    outbox, seen, wanted = Outbox(6), dict[str, str](), dict[str, str]()
    for step, (number, state) in enumerate(changes):
        assert outbox.put(call_frame(number, state))
        wanted[f"call-{number}"] = state
        if step % 3 == 0:
            frame = outbox.take()
            seen[frame["call"]["id"]] = frame["call"]["state"]
    while len(outbox):
        frame = outbox.take()
        seen[frame["call"]["id"]] = frame["call"]["state"]
    assert seen == wanted
