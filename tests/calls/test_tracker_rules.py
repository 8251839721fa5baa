"""The tracker rule by rule: who is shown what, what history keeps, and what a hostile order can't do."""

from __future__ import annotations

from typing import Any

import pytest

from linedesk.calls.model import AgentState, Direction, HistoryWritten, Outcome, TrackerLimits
from linedesk.calls.tracker import live_calls
from linedesk.calls.who import AgentEntry, AgentIndex
from tracking import CUSTOMER, T0, Watcher, flow, live, local, older, over, presence, record, remote


def _ring(call_id: str = "c", at: int = 0, extension: str = "201") -> dict[str, Any]:
    return live(call_id, at, flow(remote(), local(extension)), start=True)


def _talk(call_id: str = "c", at: int = 5000, extension: str = "201", index: int = 0) -> dict[str, Any]:
    return live(call_id, at, flow(remote(), local(extension), "TALKING", talkTime=100, flowIndex=index))


def _end(call_id: str = "c", at: int = 60_000, extension: str = "201", **more: Any) -> dict[str, Any]:
    return over(call_id, at, flow(remote(), local(extension), "CONNECTING"), endCause="16", **more)


def test_C01_two_devices_of_one_extension_are_one_popup() -> None:
    watcher = Watcher()
    desk, mobile = local("201", userDevice="WILDIX_PHONE"), local("201", userDevice="XBEES_IOS")
    watcher.feed(live("c", 0, flow(remote(), desk), flow(remote(), mobile, flowIndex=1), start=True))
    assert len(watcher.effects) == 1
    watcher.feed(live("c", 900, flow(remote(), mobile)), live("c", 950, flow(remote(), desk)))
    assert len(watcher.effects) == 1


def test_C02_C12_accounts_with_the_same_extension_and_call_id_stay_apart() -> None:
    watcher = Watcher()
    watcher.feed(_ring(), account="north")
    watcher.feed(_ring(), account="south")
    watcher.feed(_talk(), account="south")
    assert watcher.states("201", "north") == ["c:ringing"]
    assert watcher.states("201", "south") == ["c:ringing", "c:talking"]
    assert len({call.id for call in live_calls(watcher.state)}) == 2


def test_C03_start_after_the_end_opens_nothing_within_a_minute() -> None:
    watcher = Watcher()
    watcher.feed(_ring(), _end(at=1000))
    assert watcher.feed(_ring(at=61_000), _talk(at=61_001)) == []


def test_C03_start_more_than_a_minute_after_the_end_is_another_call() -> None:
    watcher = Watcher()
    watcher.feed(_ring(), _end(at=1000), _ring(at=61_001), _end(at=70_000))
    assert watcher.states("201") == ["c:ringing", "c:missed", "c:ringing", "c:missed"]
    assert len(watcher.rows) == 2


def test_late_bodies_of_the_first_incarnation_leave_the_second_alone() -> None:
    watcher = Watcher()
    watcher.feed(_ring(), _end(at=20_000), _ring(at=90_000))
    first = next(iter(watcher.rows))
    watcher.feed(_talk(at=5000))
    late = flow(remote(), local("201"), talkTime=15_000, startTime=T0, endTime=T0 + 20_000)
    watcher.feed(record("c", 100_000, late))
    assert watcher.rows[first].outcome is Outcome.ANSWERED
    assert watcher.states("201")[-1] == "c:ringing"
    assert len(watcher.rows) == 1


def test_bodies_that_overtook_the_start_of_a_new_incarnation_belong_to_it() -> None:
    watcher = Watcher()
    watcher.feed(_ring(), _end(at=1000), _talk(at=95_000))
    assert watcher.states("201") == ["c:ringing", "c:missed"]
    watcher.feed(_ring(at=90_000))
    assert watcher.states("201")[-1] == "c:talking"
    assert watcher.row().outcome is Outcome.MISSED


def test_after_the_end_an_older_body_completes_the_row_and_opens_nothing() -> None:
    watcher = Watcher()
    watcher.feed(_ring(), _end())
    assert watcher.row().answered_by == ()
    (effect,) = watcher.feed(_talk(at=5000))
    assert isinstance(effect, HistoryWritten)
    assert watcher.row().answered_by == ("201",)
    assert watcher.row().answered_ms == T0 + 5000


def test_after_the_end_older_presence_completes_the_row() -> None:
    watcher = Watcher()
    watcher.feed(older("update", "c", 1000, remote(), local("201")))
    watcher.feed(older("end", "c", 30_000, remote(), local("201")))
    watcher.feed(presence("201", 4000))
    assert watcher.row().answered_by == ("201",)
    assert watcher.states("201") == ["c:ringing", "c:missed"]


def test_record_alone_makes_one_row_and_no_popup() -> None:
    watcher = Watcher()
    watcher.feed(record("c", 400_000, flow(remote(), local("201"), talkTime=9000, endTime=T0 + 40_000)))
    assert watcher.states("201") == []
    assert watcher.row().ended_ms == T0 + 40_000
    assert watcher.row().answered_by == ("201",)


def test_record_closes_a_call_whose_end_was_lost() -> None:
    watcher = Watcher()
    watcher.feed(_ring(), _talk(), record("c", 400_000, flow(remote(), local("201"), talkTime=9000)))
    assert watcher.states("201")[-1] == "c:ended"
    assert not watcher.left_open()


@pytest.mark.parametrize(("age", "shown"), [(900_000, ["c:ringing"]), (900_001, [])])
def test_old_event_opens_no_popup_and_is_recorded(age: int, shown: list[str]) -> None:
    watcher = Watcher()
    watcher.feed(_ring(), now=age)
    assert watcher.states("201") == shown
    watcher.feed(_end(), now=age)
    assert watcher.row().outcome is Outcome.MISSED


def test_early_presence_waits_until_its_ring_is_known() -> None:
    watcher = Watcher()
    watcher.feed(presence("201", 4000), older("update", "c", 1000, remote(), local("201")))
    assert watcher.states("201") == ["c:talking"]


def test_presence_before_the_ring_answers_nothing() -> None:
    watcher = Watcher()
    watcher.feed(presence("201", 500), _ring(at=1000))
    assert watcher.states("201") == ["c:ringing"]


def test_presence_answers_nothing_when_two_calls_ring() -> None:
    watcher = Watcher()
    watcher.feed(_ring("c"), _ring("d", 100), presence("201", 4000))
    assert watcher.states("201") == ["c:ringing", "d:ringing"]
    watcher.feed(_talk("d", 4100))
    assert watcher.states("201") == ["c:ringing", "d:ringing", "d:talking"]


def test_presence_of_an_answer_that_a_body_told_answers_no_second_call() -> None:
    watcher = Watcher()
    watcher.feed(_ring("c"), _ring("d", 100), _talk("d", 4000), presence("201", 4100))
    assert watcher.states("201") == ["c:ringing", "d:ringing", "d:talking"]


def test_presence_answers_the_second_call_while_the_first_is_talked_on() -> None:
    watcher = Watcher()
    watcher.feed(_ring("c"), presence("201", 2000), _ring("d", 20_000), presence("201", 25_000))
    assert watcher.states("201")[-1] == "d:talking"


def test_presence_of_a_caller_is_no_answer_of_the_other_side() -> None:
    watcher = Watcher()
    watcher.feed(live("c", 0, flow(local("201"), remote()), start=True), presence("201", 1000))
    watcher.feed(over("c", 9000, flow(local("201"), remote()), endCause="19"))
    assert watcher.row().outcome is Outcome.NO_ANSWER


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [("17", Outcome.BUSY), ("21", Outcome.REJECTED), ("16", Outcome.NO_ANSWER), ("18", Outcome.NO_ANSWER),
     ("19", Outcome.NO_ANSWER), ("26", Outcome.NO_ANSWER), (None, Outcome.NO_ANSWER),
     ("34", Outcome.FAILED), ("38", Outcome.FAILED)],
)  # fmt: skip
def test_outcome_of_an_outbound_call_without_talk(cause: str | None, outcome: Outcome) -> None:
    watcher = Watcher()
    watcher.feed(over("c", 9000, flow(local("201"), remote(), "CONNECTING"), endCause=cause))
    assert (watcher.row().direction, watcher.row().outcome) == (Direction.OUTBOUND, outcome)
    assert watcher.row().answered_by == ()


def test_hold_in_the_first_body_is_neither_talking_nor_held() -> None:
    watcher = Watcher()
    first = flow(local("201"), None, "HOLD", destination=CUSTOMER, direction="INTERNAL")
    watcher.feed(live("c", 0, first, start=True))
    assert watcher.states("201") == ["c:ringing"]
    assert live_calls(watcher.state)[0].direction is Direction.OUTBOUND


def test_click_to_call_is_not_answered_by_picking_up_the_own_phone() -> None:
    watcher = Watcher()
    own = flow(local("201"), local("201"), "TALKING", talkTime=900, destination=CUSTOMER)
    watcher.feed(live("c", 0, own, start=True))
    assert watcher.states("201") == ["c:ringing"]
    watcher.feed(over("c", 9000, {**own, "talkTime": 8000}, endCause="19"))
    assert (watcher.row().outcome, watcher.row().party) == (Outcome.NO_ANSWER, CUSTOMER)


def test_click_to_call_of_a_colleague_is_internal() -> None:
    watcher = Watcher()
    watcher.feed(live("c", 0, flow(local("201"), local("201"), destination="202"), start=True))
    watcher.feed(live("c", 900, flow(local("201"), local("202"), destination="202")))
    assert watcher.states("202") == ["c:ringing"]
    watcher.feed(over("c", 9000, flow(local("201"), local("202"), destination="202")))
    assert (watcher.row().direction, watcher.row().party) == (Direction.INTERNAL, "202")


@pytest.mark.parametrize("index", [None, 1])
def test_D01_transfer_shows_the_customer_and_who_passed_the_call_on(index: int | None) -> None:
    watcher = Watcher()
    watcher.feed(_ring(), _talk())
    if index is None:
        watcher.feed(older("update", "c", 20_000, remote(), local("202")))
    else:
        watcher.feed(live("c", 20_000, flow(remote(), local("202"), flowIndex=index)))
    (call,) = live_calls(watcher.state)
    view = call.view_of("202")
    assert view is not None
    assert (view.state, view.via, call.remote) == (AgentState.RINGING, "201", CUSTOMER)
    assert watcher.states("201")[-1] == "c:ended"


def test_D07_failed_transfer_brings_the_call_back() -> None:
    watcher = Watcher()
    watcher.feed(_ring(), _talk(), live("c", 20_000, flow(remote(), local("202"), flowIndex=1)))
    watcher.feed(_talk(at=30_000, index=2))
    assert watcher.states("201")[-2:] == ["c:ended", "c:talking"]
    assert watcher.states("202") == ["c:ringing", "c:answered-elsewhere"]
    watcher.feed(_end())
    assert watcher.row().answered_by == ("201",)


def test_older_flows_in_a_body_do_not_revive_the_former_agent() -> None:
    watcher = Watcher()
    watcher.feed(_ring(), _talk(), live("c", 20_000, flow(remote(), local("202"), flowIndex=1)))
    both = (flow(remote(), local("201"), "TALKING", talkTime=9000), flow(remote(), local("202"), flowIndex=1))
    assert watcher.feed(live("c", 21_000, *both)) == []


def test_transfer_ring_that_nobody_answers_is_missed() -> None:
    watcher = Watcher()
    watcher.feed(_ring(), _talk(), live("c", 20_000, flow(remote(), local("202"), flowIndex=1)), _end())
    assert watcher.states("202") == ["c:ringing", "c:missed"]
    assert watcher.row().answered_by == ("201",)


def test_C13_ring_all_with_50_agents_shows_each_once_and_closes_all_but_one() -> None:
    watcher = Watcher()
    everyone = [str(300 + number) for number in range(50)]
    watcher.feed(
        *(live("c", at, flow(remote(), local(each), queueName="Sales")) for at, each in enumerate(everyone))
    )
    watcher.feed(_talk(extension="325"))
    assert watcher.states("325") == ["c:ringing", "c:talking"]
    losers = [each for each in everyone if each != "325"]
    assert all(watcher.states(each) == ["c:ringing", "c:answered-elsewhere"] for each in losers)
    assert {call.queue for call in live_calls(watcher.state)} == {"Sales"}


def test_12_legs_in_one_body_ring_12_agents() -> None:
    watcher = Watcher()
    watcher.feed(
        live("c", 0, *(flow(remote(), local(str(400 + n)), flowIndex=n) for n in range(12)), start=True)
    )
    assert all(watcher.states(str(400 + n)) == ["c:ringing"] for n in range(12))


def test_popup_closes_when_an_older_body_shows_that_the_agent_had_no_part() -> None:
    watcher = Watcher()
    watcher.feed(_ring(), _talk(), live("c", 20_500, flow(remote(), local("203"), "TALKING", talkTime=1)))
    watcher.feed(live("c", 20_000, flow(remote(), local("202"), flowIndex=1)))
    watcher.feed(_end())
    assert not watcher.left_open()


def test_withheld_caller_without_any_field_is_anonymous() -> None:
    watcher = Watcher()
    watcher.feed(live("c", 0, flow(remote(None), local("201")), start=True), _end_of(remote(None)))
    assert (watcher.row().party, watcher.row().remote) == ("anonymous", None)


def _end_of(caller: dict[str, Any]) -> dict[str, Any]:
    return over("c", 9000, flow(caller, local("201")), endCause="16")


def test_party_without_a_type_is_local_by_its_internal_number() -> None:
    watcher = Watcher()
    watcher.feed(live("c", 0, flow({"phone": CUSTOMER}, {"phone": "201"}), start=True))
    assert watcher.states("201") == ["c:ringing"]
    assert live_calls(watcher.state)[0].direction is Direction.INBOUND


def test_C25_queue_prefix_stays_network_text() -> None:
    watcher = Watcher()
    watcher.feed(live("c", 0, flow(remote(name="SALES:Anna B."), local("201")), start=True))
    assert live_calls(watcher.state)[0].remote_name == "SALES:Anna B."


def test_agent_is_found_by_email_then_user_id() -> None:
    who = AgentIndex(
        [AgentEntry("a", "201", "Luca@Example.test", "77"), AgentEntry("a", "202", user_id="78")]
    )
    watcher = Watcher(who)
    watcher.feed(live("c", 0, flow(remote(), {"type": "LOCAL", "email": "luca@example.TEST"}), start=True))
    watcher.feed(live("d", 0, flow(remote(), {"type": "LOCAL", "userId": 78}), start=True))
    assert (watcher.states("201"), watcher.states("202")) == (["c:ringing"], ["d:ringing"])


def test_C12_extension_on_the_wire_decides_over_a_shared_mailbox() -> None:
    watcher = Watcher(AgentIndex([AgentEntry("a", "201", "team@example.test")]))
    watcher.feed(live("c", 0, flow(remote(), local("250", email="team@example.test")), start=True))
    assert watcher.states("201") == []


def test_D10_silence_closes_calls_and_rings_sooner() -> None:
    watcher = Watcher(limits=TrackerLimits(ring_silence_ms=1000, call_silence_ms=5000, ring_grace_ms=3000))
    watcher.feed(_ring("c"), _ring("d", extension="202"), _talk("d", 10, "202"))
    watcher.sweep(1500)
    assert (watcher.states("201")[-1], watcher.states("202")[-1]) == ("c:missed", "d:talking")
    watcher.sweep(6000)
    assert watcher.states("202")[-1] == "d:ended"
    assert len(watcher.rows) == 2
    assert watcher.sweep(7000) == []


def test_D10_the_pbx_is_believed_when_a_silent_call_speaks_again() -> None:
    watcher = Watcher(limits=TrackerLimits(ring_silence_ms=1000))
    watcher.feed(_ring())
    watcher.sweep(2000)
    watcher.feed(_talk(at=3000), _end(at=9000))
    assert watcher.states("201") == ["c:ringing", "c:missed", "c:talking", "c:ended"]
    assert watcher.row().outcome is Outcome.ANSWERED


def test_real_end_after_a_swept_one_completes_the_same_row() -> None:
    watcher = Watcher(limits=TrackerLimits(call_silence_ms=1000))
    watcher.feed(_ring(), _talk())
    watcher.sweep(8000)
    assert watcher.row().outcome is Outcome.ANSWERED
    watcher.feed(_end(at=30_000))
    assert watcher.row().ended_ms == T0 + 30_000
    assert watcher.states("201").count("c:ended") == 1


def test_ended_calls_are_forgotten_after_their_time() -> None:
    watcher = Watcher(limits=TrackerLimits(keep_ended_ms=1000))
    watcher.feed(_ring(), _end(at=500), presence("209", 600))
    watcher.sweep(10_000)
    assert len(watcher.state.calls.over) == 0
    watcher.sweep(2_000_000)
    assert len(watcher.state.presences.waiting) == 0
