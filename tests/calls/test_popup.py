"""What one agent is told about one call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.calls.model import AgentState, AgentView, Call, Direction
from linedesk.calls.popup import Known, popup
from linedesk.messages import Catalogue
from linedesk.numbers import NumberPlan, read

PLAN = NumberPlan("GB")
WORDS = Catalogue.load("en").text
CALL = Call(
    id="c1",
    account="office",
    call_id="w.1",
    direction=Direction.INBOUND,
    started_ms=1_000,
    remote="+442079460018",
    remote_name="ADA",
    views=(AgentView("201", AgentState.RINGING, 1_000),),
)
ADA = {
    "id": "a",
    "app": "freshdesk",
    "name": "Ada",
    "certainty": "sure",
    "reason": "Work number in Freshdesk",
}
BEN = {**ADA, "id": "b", "name": "Ben"}
FIRM = {**ADA, "id": "f", "name": "Firm", "certainty": "possible", "reason": "Switchboard"}
CREATE = {
    "app": "freshdesk",
    "label": "Create contact in Freshdesk",
    "url": "https://x.freshdesk.com/a/contacts/new",
}


def shown(call: Call = CALL, known: Known | None = None, extension: str = "201") -> dict[str, Any]:
    number = read(call.remote, PLAN)
    return popup(call, extension, number=number, known=known or Known(), plan=PLAN, words=WORDS)


def test_the_only_sure_contact_is_the_contact() -> None:
    frame = shown(known=Known([ADA], [FIRM], [CREATE]))
    assert frame["contact"] == ADA
    assert frame["candidates"] == [ADA, FIRM]
    assert frame["create"] == []
    assert (frame["number"], frame["display"]) == ("+442079460018", "020 7946 0018")


def test_C01_of_several_sure_contacts_none_is_chosen() -> None:
    frame = shown(known=Known([ADA, BEN], [FIRM]))
    assert frame["contact"] is None
    assert frame["candidates"] == [ADA, BEN, FIRM]


def test_C04_a_possible_contact_is_shown_as_possible_and_can_still_be_created() -> None:
    frame = shown(known=Known([], [FIRM], [CREATE]))
    assert frame["contact"]["certainty"] == "possible"
    assert frame["create"] == [CREATE]


@pytest.mark.parametrize("remote", [None, "", "anonymous", "+266696687", "000000"])
def test_C05_a_withheld_caller_has_no_number_no_name_and_no_contact(remote: str | None) -> None:
    frame = shown(replace(CALL, remote=remote), Known([ADA], [FIRM], [CREATE]))
    assert frame["withheld"] is True
    assert (frame["number"], frame["contact"], frame["candidates"], frame["create"]) == (None, None, [], [])
    assert (frame["display"], frame["network_name"]) == ("Number withheld", "")


@pytest.mark.parametrize(("extension", "other"), [("201", "202"), ("202", "201")])
def test_C06_an_internal_call_shows_the_colleague_at_the_other_end(extension: str, other: str) -> None:
    call = replace(
        CALL,
        direction=Direction.INTERNAL,
        remote=None,
        caller_extension="201",
        called_extension="202",
        views=tuple(AgentView(each, AgentState.RINGING, 1) for each in ("201", "202")),
    )
    frame = shown(call, Known(names={"201": "Luca", "202": "Mia"}), extension)
    assert (frame["number"], frame["withheld"]) == (other, False)
    assert frame["display"] == {"201": "Luca", "202": "Mia"}[other]
    assert shown(call, Known(), extension)["display"] == f"Extension {other}"


def test_the_times_are_this_agents_own() -> None:
    view = AgentView("201", AgentState.TALKING, 5_000, answered_ms=5_000, via="202")
    call = replace(CALL, views=(view,), answered_ms=3_000, answered_by=("202", "201"))
    frame = shown(call, Known(names={"202": "Mia"}))
    assert (frame["started_at"], frame["answered_at"], frame["ended_at"]) == (1_000, 5_000, None)
    assert (frame["via"], frame["via_name"]) == ("202", "Mia")
    assert frame["answered_by_names"] == ["Mia", "201"]


def test_C12_an_agent_who_was_not_shown_the_call_gets_no_frame() -> None:
    with pytest.raises(ValueError, match="never shown"):
        shown(extension="999")


@given(st.lists(st.sampled_from([ADA, BEN]), max_size=3), st.lists(st.just(FIRM), max_size=2))
def test_C04_the_contact_is_never_a_guess_among_several(sure: list[Any], possible: list[Any]) -> None:
    contact = shown(known=Known(sure, possible))["contact"]
    if len(sure) > 1 or (not sure and len(possible) != 1):
        assert contact is None
    else:
        assert contact == (sure or possible)[0]


def person(key: str, *more: str, **fields: Any) -> dict[str, Any]:
    pages = [{"id": each, "page_url": None} for each in (key, *more)]
    return {**ADA, "id": key, "name": key, "pages": pages, **fields}


COMPANY = {"id": None, "app": "freshdesk", "app_title": "Freshdesk", "name": "Firm", "page_url": None}


def picked(
    known: Known, pick: str | None, call: Call = CALL, *, is_new: bool = False
) -> tuple[str | None, bool]:
    number = read(call.remote, PLAN)
    frame = popup(
        call, "201", number=number, known=known, plan=PLAN, words=WORDS, pick=pick, pick_is_new=is_new
    )
    return (frame["contact"]["id"] if frame["contact"] else None), frame["picked"]


def test_C01_a_pick_decides_among_several_and_by_any_page_of_the_person() -> None:
    several = Known([person("a"), person("b", "b2")], [person("f", certainty="possible")])
    assert picked(several, None) == (None, False)
    assert picked(several, "a") == ("a", True)
    assert picked(several, "b2") == ("b", True)
    assert picked(several, "f") == ("f", True)
    assert picked(several, "gone") == (None, False)


def test_C06_a_pick_of_somebody_else_changes_nothing() -> None:
    assert picked(Known([person("a")]), "gone") == ("a", False)
    assert picked(Known(), "gone") == (None, False)


def test_C18_a_pick_does_not_stand_against_whom_the_call_names_for_sure() -> None:
    named = person("t", found_by="tag")
    assert picked(Known([named], [person("f")]), "f") == ("t", False)
    assert picked(Known([person("a"), named]), "a") == (None, False)
    assert picked(Known([person("a"), named]), "t") == ("t", True)


def test_C18_a_choice_made_on_this_very_call_stands_against_its_tag_too() -> None:
    named = person("t", found_by="tag")
    assert picked(Known([named], [person("f")]), "f", is_new=True) == ("f", True)
    assert picked(Known([person("a"), named]), "a", is_new=True) == ("a", True)
    assert picked(Known([named]), "gone", is_new=True) == ("t", False)


def test_C05_a_withheld_caller_is_nobody_that_was_picked() -> None:
    known = Known([person("a")], company=COMPANY)
    assert picked(known, "a", replace(CALL, remote=None)) == (None, False)
    assert shown(replace(CALL, remote=None), known)["company"] is None


def test_C03_the_company_that_all_share_is_told() -> None:
    assert shown(known=Known([person("a"), person("b")], company=COMPANY))["company"] == COMPANY
    assert shown(known=Known([person("a")]))["company"] is None


def test_C06_an_internal_call_shows_nobody_of_the_contacts_whatever_was_found() -> None:
    call = replace(
        CALL, direction=Direction.INTERNAL, remote=None, caller_extension="202", called_extension="201"
    )
    frame = shown(call, Known([person("a")], [person("f")], [CREATE], company=COMPANY))
    assert (frame["contact"], frame["candidates"], frame["company"], frame["create"]) == (None, [], None, [])


def test_C11_only_a_live_call_waits_for_a_name() -> None:
    assert shown(known=Known(pending=True))["lookup"] == "pending"
    over = replace(CALL, views=(AgentView("201", AgentState.MISSED, 1_000, ended_ms=1_000),))
    assert shown(over, Known(pending=True))["lookup"] == "done"
