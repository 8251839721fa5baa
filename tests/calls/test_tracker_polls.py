"""One call seen by webhooks and by polls is one: one popup for each agent, one row, in any interleaving."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.calls.model import LIVE_STATES, LegStatus, Outcome, ViewChanged
from linedesk.calls.tracker import TrackerState, diff, live_calls, load
from linedesk.pbx.base import LiveCall
from linedesk.pbx.wildix.polls import Drive, Look, absent, compare
from tracking import CUSTOMER, T0, Watcher, flow, live, local, older, over, record, remote

DRIVES, NOTES = Drive(on=True), Drive(on=False)
Body = dict[str, Any]


class Poller:
    """Looks at one extension's calls again and again; what it finds as bodies."""

    def __init__(self, extension: str, drive: Drive = DRIVES) -> None:
        self.extension, self.drive, self.last = extension, drive, Look()

    def look(self, at: int, *calls: LiveCall) -> list[Body]:
        self.last, bodies = compare(self.extension, self.last, calls, T0 + at, self.drive)
        return [json.loads(body) for body in bodies]


def ringing(handle: str = "sip-1", callee: str = "201", caller: str = CUSTOMER) -> LiveCall:
    return LiveCall(handle, caller, "Ada", callee, "", LegStatus.RINGING)


def talking(handle: str = "sip-1", callee: str = "201", caller: str = CUSTOMER, for_s: int = 0) -> LiveCall:
    return LiveCall(handle, caller, "Ada", callee, "", LegStatus.TALKING, for_s)


@dataclass(frozen=True)
class World:
    """An inbound call: whom it rings from 0 on, who answers when (None: nobody), and when it ends; ms."""

    rung: tuple[str, ...]
    answered: tuple[str, int] | None
    ended: int
    start: int = 0
    id: str = "hook-1"
    caller: str = CUSTOMER

    def calls_of(self, extension: str, at: int) -> list[LiveCall]:
        at -= self.start
        if extension not in self.rung or not 0 <= at < self.ended:
            return []
        handle = f"sip-{self.id}-{extension}"
        if self.answered is None or at < self.answered[1]:
            return [ringing(handle, extension, self.caller)]
        if self.answered[0] != extension:
            return []
        return [talking(handle, extension, self.caller, (at - self.answered[1]) // 1000)]

    def hooks(self, *, old: bool) -> list[Body]:
        """What webhooks say of it, in either generation; the older one's start names no agent."""
        flows = [flow(remote(self.caller), local(each)) for each in self.rung]
        at = self.start
        if old:
            bodies = [older("start", self.id, at, remote(self.caller))]
            bodies += [older("update", self.id, at + 50 + place, remote(self.caller), local(each))
                       for place, each in enumerate(self.rung)]  # fmt: skip
        else:
            bodies = [live(self.id, at, *flows[:1], start=True), live(self.id, at + 50, *flows)]
        answerer = self.answered[0] if self.answered else self.rung[0]
        talk: dict[str, Any] = {"talkTime": self.ended - self.answered[1] if self.answered else 0}
        if self.answered and not old:
            taken = flow(remote(self.caller), local(answerer), "TALKING", talkTime=100)
            bodies.append(live(self.id, at + self.answered[1], taken))
        end = at + self.ended
        if old:
            return [*bodies, older("end", self.id, end, remote(self.caller), local(answerer), **talk)]
        last = flow(remote(self.caller), local(answerer), **talk)
        return [*bodies, over(self.id, end, last, endCause="16"), record(self.id, end + 60_000, last)]

    def polls(self, every: int, first: int, *others: World) -> list[Body]:
        """What polls of all its agents find, with the calls of `others` on the same phones."""
        found: list[Body] = []
        pollers = {each: Poller(each) for world in (self, *others) for each in world.rung}
        latest = max(world.start + world.ended for world in (self, *others))
        for at in range(first, latest + 2 * every + 1, every):
            for place, (extension, poller) in enumerate(pollers.items()):
                moment = at + place * 37
                calls = [c for world in (self, *others) for c in world.calls_of(extension, moment)]
                found += poller.look(moment, *calls)
        return found


def _opened(watcher: Watcher) -> dict[str, set[str]]:
    """For each agent the ids of the calls that popped up."""
    shown: dict[str, set[str]] = {}
    for effect in watcher.effects:
        view = effect.call.view_of(effect.extension) if isinstance(effect, ViewChanged) else None
        if view is not None and view.state in LIVE_STATES:
            shown.setdefault(view.extension, set()).add(effect.call.id)
    return shown


_worlds = st.builds(
    lambda rung, answerer, answered, talk: World(
        tuple(rung),
        (rung[answerer % len(rung)], answered) if answered else None,
        (answered or 8_000) + talk,
    ),
    st.lists(st.sampled_from(["201", "202", "203"]), min_size=1, max_size=3, unique=True),
    st.integers(0, 2),
    st.sampled_from([None, 2_000, 6_500]),
    st.sampled_from([500, 9_000, 40_000]),
)


@st.composite
def _interleaved(draw: st.DrawFn, one: list[Body], other: list[Body]) -> list[Body]:
    order = draw(st.permutations([True] * len(one) + [False] * len(other)))
    left, right = iter(one), iter(other)
    return [next(left) if first else next(right) for first in order]


@settings(max_examples=120, deadline=None)
@given(world=_worlds, old=st.booleans(), every=st.sampled_from([1000, 3300]), data=st.data())
def test_C01_C11_any_interleaving_of_webhooks_and_polls_is_one_popup_and_one_row(
    world: World, old: bool, every: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(-every, 0))
    hooks, polls = world.hooks(old=old), world.polls(every, first)
    watcher = Watcher()
    watcher.feed(*data.draw(_interleaved(hooks, polls)), now=world.ended)
    watcher.sweep(world.ended + 200_000)
    opened = _opened(watcher)
    assert all(len(ids) == 1 for ids in opened.values()), opened
    assert len({each for ids in opened.values() for each in ids} | watcher.rows.keys()) == 1
    assert len(watcher.rows) == 1
    assert not watcher.left_open()
    row = watcher.row()
    assert row.outcome is (Outcome.ANSWERED if world.answered else Outcome.MISSED)
    assert row.answered_by == ((world.answered[0],) if world.answered else ())


@settings(max_examples=40, deadline=None)
@given(world=_worlds, old=st.booleans(), data=st.data())
def test_C07_a_call_seen_both_ways_survives_a_restart_at_any_moment(
    world: World, old: bool, data: st.DataObject
) -> None:
    whole, broken = Watcher(), Watcher()
    documents: dict[Any, Any] = {}
    for body in data.draw(_interleaved(world.hooks(old=old), world.polls(1700, -200))):
        before = broken.state
        assert broken.feed(body, now=world.ended) == whole.feed(body, now=world.ended)
        changes = diff(before, broken.state)
        documents.update(changes.upserts)
        for key in changes.deletes:
            del documents[key]
        broken.state = load({key: json.loads(json.dumps(each)) for key, each in documents.items()})
        assert live_calls(broken.state) == live_calls(whole.state)
    assert dict(diff(TrackerState.empty(), whole.state).upserts) == documents


@settings(max_examples=40, deadline=None)
@given(world=_worlds, every=st.sampled_from([1000, 3300]), data=st.data())
def test_C03_C11_polls_alone_of_several_phones_end_in_one_row_and_no_popup(
    world: World, every: int, data: st.DataObject
) -> None:
    """Looks at one phone never overtake each other: one poller stores them, and the inbox keeps the order."""
    polls = world.polls(every, -700)
    mixed: list[Body] = []
    for extension in world.rung:
        mine = [body for body in polls if body["data"]["extension"] == extension]
        mixed = data.draw(_interleaved(mixed, mine))
    again = data.draw(st.lists(st.sampled_from(polls), max_size=3)) if polls else []
    watcher = Watcher()
    watcher.feed(*mixed, *again, now=world.ended)
    assert len(watcher.rows) == (1 if polls else 0)
    assert not watcher.left_open()
    assert all(len(ids) == 1 for ids in _opened(watcher).values())
    seen = {view.extension for call in watcher.rows.values() for view in call.views}
    assert seen == {body["data"]["extension"] for body in polls}


@settings(max_examples=40, deadline=None)
@given(
    gap=st.integers(11_000, 30_000),
    short=st.booleans(),
    every=st.sampled_from([500, 1000]),
    old=st.booleans(),
    data=st.data(),
)
def test_C11_two_calls_of_one_number_to_one_phone_more_than_ten_seconds_apart_stay_two(
    gap: int, short: bool, every: int, old: bool, data: st.DataObject
) -> None:
    one = World(("201",), ("201", 3000), 6000 if short else 60_000)
    two = World(("201",), ("201", 2500), 9000, start=gap, id="hook-2")
    hooks = sorted([*one.hooks(old=old), *two.hooks(old=old)], key=lambda body: body["time"])
    polls = one.polls(every, -200, two)
    watcher = Watcher()
    watcher.feed(*data.draw(_interleaved(hooks, polls)), now=120_000)
    watcher.sweep(400_000)
    assert len(watcher.rows) == 2
    assert not watcher.left_open()
    only_polls = Watcher()
    only_polls.feed(*polls)
    assert len(only_polls.rows) == 2


def test_C01_a_polled_ring_opens_is_answered_and_ends_and_its_handle_is_known() -> None:
    watcher, poller = Watcher(), Poller("201")
    watcher.feed(*poller.look(0), *poller.look(1000, ringing()))
    (call,) = live_calls(watcher.state)
    assert (call.direction, call.party, call.remote_name) == ("inbound", CUSTOMER, "Ada")
    assert call.handles == (("201", "sip-1"),)
    watcher.feed(*poller.look(5000, talking(for_s=1)))
    held = LiveCall("sip-1", CUSTOMER, "Ada", "201", "", LegStatus.HOLD, 9)
    watcher.feed(*poller.look(14_000, held), *poller.look(20_000, talking(for_s=16)), *poller.look(30_000))
    assert watcher.states("201") == [
        f"sip-1:{state}" for state in ("ringing", "talking", "held", "talking", "ended")
    ]
    row = watcher.row()
    assert (row.outcome, row.answered_by, row.started_ms) == (Outcome.ANSWERED, ("201",), T0 + 1000)
    assert (row.answered_ms, row.ended_ms) == (T0 + 4000, T0 + 30_000)


@pytest.mark.parametrize(
    ("callee", "direction", "party"),
    [("+442079460018", "outbound", "+442079460018"), ("202", "internal", "202")],
)
def test_direction_of_a_polled_call_of_the_agents_own(callee: str, direction: str, party: str) -> None:
    watcher, poller = Watcher(), Poller("201")
    watcher.feed(*poller.look(0, ringing(callee=callee, caller="201")))
    watcher.feed(*poller.look(4000, talking(callee=callee, caller="201", for_s=2)), *poller.look(9000))
    row = watcher.row()
    assert (row.direction, row.party, row.outcome) == (direction, party, Outcome.ANSWERED)
    assert row.answered_by == (("202",) if direction == "internal" else ())
    assert watcher.states("201") == ["sip-1:ringing", "sip-1:talking", "sip-1:ended"]


def test_C11_both_ends_of_a_polled_internal_call_are_one_call() -> None:
    watcher, caller, called = Watcher(), Poller("201"), Poller("202")
    watcher.feed(*caller.look(0), *called.look(100))
    watcher.feed(*caller.look(1000, ringing("leg-a", "202", "201")))
    watcher.feed(*called.look(1100, ringing("leg-b", "202", "201")))
    watcher.feed(*caller.look(5000), *called.look(5100))
    row = watcher.row()
    assert (row.direction, row.caller_extension, row.called_extension) == ("internal", "201", "202")
    assert (watcher.states("201")[-1], watcher.states("202")[-1]) == ("leg-a:ended", "leg-a:missed")


def test_C01_polls_that_do_not_drive_open_nothing_but_answer_and_close() -> None:
    watcher, poller = Watcher(), Poller("201", NOTES)
    assert watcher.feed(*poller.look(0, ringing())) == []
    poller = Poller("201", NOTES)
    watcher.feed(older("start", "h", 0, remote()), older("update", "h", 100, remote(), local("201")))
    watcher.feed(*poller.look(1000, ringing()), *poller.look(4000, talking()))
    assert watcher.states("201") == ["h:ringing", "h:talking"]
    (call,) = live_calls(watcher.state)
    assert call.handles == (("201", "sip-1"),)
    watcher.feed(*poller.look(9000))
    assert watcher.states("201")[-1] == "h:ended"
    assert not watcher.rows, "the webhooks' own end is waited for"
    watcher.sweep(9000 + 61_000)
    assert watcher.row().outcome is Outcome.ANSWERED


def test_C11_the_end_that_webhooks_tell_after_a_poll_closed_is_the_one_in_history() -> None:
    watcher, poller = Watcher(), Poller("201", NOTES)
    parties = (remote(), local("201"))
    watcher.feed(live("h", 0, flow(*parties), start=True), *poller.look(500, ringing()), *poller.look(6000))
    assert watcher.states("201")[-1] == "h:missed"
    watcher.feed(over("h", 5800, flow(*parties), endCause="16"), now=7000)
    assert (watcher.row().ended_ms, watcher.row().outcome) == (T0 + 5800, Outcome.MISSED)
    assert watcher.states("201") == ["h:ringing", "h:missed"]


def test_a_webhook_that_names_the_agent_again_corrects_a_poll_that_missed_the_call() -> None:
    watcher, poller = Watcher(), Poller("201", NOTES)
    parties = (remote(), local("201"))
    watcher.feed(live("h", 0, flow(*parties), start=True), *poller.look(500, ringing()), *poller.look(1500))
    watcher.feed(live("h", 3000, flow(*parties, "TALKING", talkTime=100)))
    assert watcher.states("201") == ["h:ringing", "h:missed", "h:talking"]


def test_one_of_a_group_that_refuses_leaves_the_others_ringing() -> None:
    watcher, first, second = Watcher(), Poller("201"), Poller("202")
    watcher.feed(*first.look(0, ringing("a")), *second.look(100, ringing("b", "202")))
    watcher.feed(*first.look(3000), *second.look(5000, talking("b", "202")), *second.look(9000))
    assert watcher.states("201") == ["a:ringing", "a:missed"]
    assert watcher.states("202") == ["a:ringing", "a:talking", "a:ended"]
    states = {view.extension: view.state for view in watcher.row().views}
    assert states == {"201": "answered-elsewhere", "202": "ended"}


def test_a_call_that_was_passed_on_and_taken_by_nobody_is_missed_by_the_next() -> None:
    watcher, first, second = Watcher(), Poller("201"), Poller("202")
    watcher.feed(*first.look(0), *second.look(100), *first.look(1000, talking("a", for_s=0)))
    watcher.feed(*first.look(9000), *second.look(9100, ringing("b", "202")), *second.look(15_000))
    assert watcher.states("201") == ["a:talking", "a:ended"]
    assert watcher.states("202")[-1].endswith(":missed")


def test_C11_a_listing_that_was_empty_once_gives_the_popup_back_and_still_one_row() -> None:
    watcher, poller = Watcher(), Poller("201")
    watcher.feed(*poller.look(0, talking()), *poller.look(1000), *poller.look(2000, talking()))
    assert watcher.states("201") == ["sip-1:talking", "sip-1:ended", "sip-1:talking"]
    watcher.feed(*poller.look(9000))
    assert watcher.row().ended_ms == T0 + 9000


def test_the_watchdog_closes_what_webhooks_told_of_and_the_phone_does_not_have() -> None:
    watcher = Watcher()
    watcher.feed(live("h", 0, flow(remote(), local("201"), "TALKING", talkTime=100), start=True))
    watcher.feed(json.loads(absent("201", "h", T0 + 60_000)))
    assert watcher.states("201") == ["h:talking", "h:ended"]
    watcher.sweep(60_000 + 61_000)
    assert watcher.row().ended_ms == T0 + 60_000


def test_C11_a_late_record_finds_a_call_that_a_poll_told_first_after_it_was_shrunk() -> None:
    watcher, poller = Watcher(), Poller("201")
    parties = (remote(), local("201"))
    watcher.feed(*poller.look(0, ringing()), live("h", 100, flow(*parties), start=True))
    watcher.feed(over("h", 4000, flow(*parties), endCause="16"))
    watcher.sweep(11 * 60_000)
    watcher.state = load(dict(diff(TrackerState.empty(), watcher.state).upserts))
    watcher.feed(record("h", 12 * 60_000, flow(*parties)))
    assert len(watcher.rows) == 1


def test_a_polled_call_that_ended_is_small_after_ten_minutes() -> None:
    watcher, poller = Watcher(), Poller("201")
    watcher.feed(*poller.look(0, ringing()), *poller.look(4000))
    watcher.sweep(11 * 60_000)
    assert (len(watcher.state.calls.running), len(watcher.state.calls.past)) == (0, 1)
    assert len(watcher.state.calls.aliases) == 0


@pytest.mark.parametrize(("later", "rows"), [(8_000, 1), (15_000, 2)])
def test_C11_polls_of_two_phones_are_one_call_if_they_began_within_ten_seconds(later: int, rows: int) -> None:
    watcher, first, second = Watcher(), Poller("201"), Poller("202")
    watcher.feed(*first.look(0), *first.look(500, ringing("a")), *second.look(later - 500))
    watcher.feed(*second.look(later, ringing("b", "202")), *first.look(20_000), *second.look(20_100))
    assert len(watcher.rows) == rows
    assert watcher.states("202")[0] == f"{'a' if rows == 1 else 'b'}:ringing"


def test_C03_a_poll_that_drives_rings_nobody_in_a_call_that_webhooks_tell() -> None:
    watcher, poller = Watcher(), Poller("202")
    watcher.feed(live("h", 0, flow(remote(), local("201")), flow(remote(), local("202")), start=True))
    watcher.feed(live("h", 4000, flow(remote(), local("201"), "TALKING", talkTime=100)))
    assert watcher.states("202")[-1] == "h:answered-elsewhere"
    assert watcher.feed(*poller.look(3500), *poller.look(4500, ringing("b", "202"))) == []


def test_C01_a_transfer_that_a_poll_sees_before_the_webhook_waits_for_the_webhook() -> None:
    watcher, first, second = Watcher(), Poller("201"), Poller("202")
    watcher.feed(live("h", 0, flow(remote(), local("201"), "TALKING", talkTime=100), start=True))
    watcher.feed(*first.look(1000, talking("a")), *second.look(1100))
    watcher.feed(*first.look(30_000), *second.look(30_100, ringing("b", "202")))
    assert watcher.states("202") == []
    passed = flow(remote(), local("202"), "RINGING", flowIndex=1)
    watcher.feed(live("h", 30_500, flow(remote(), local("201"), talkTime=100), passed))
    assert watcher.states("202") == ["h:ringing"]
    assert len(live_calls(watcher.state)) == 1
