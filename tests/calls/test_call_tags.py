"""C18: what the caller keyed in at the IVR comes as a tag of the call, and may name the caller."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from calls.desk_house import ADA, LUCA, PLAN, House, body, open_house
from linedesk.contacts.model import Contact, ContactNumber, contact_id
from linedesk.contacts.policy import TagFinds, TagRule
from linedesk.numbers import Certainty
from tracking import Watcher, flow, live, local, older, over, remote

DORA = Contact(contact_id("crm", "77"), "crm", "freshdesk", "77", "Dora Example")
RULE = TagRule(r"customer (\w+)", TagFinds.RECORD)


def candidates(house: House) -> list[tuple[str, str]]:
    call = house.screens[LUCA.id].frames[-1]["call"]
    return [(each["name"], each["found_by"]) for each in call["candidates"]]


async def with_dora(house: House, *rules: TagRule) -> None:
    house.tag_rules = rules
    await house.directory.put([DORA], PLAN)


async def test_C18_a_tag_of_the_first_event_finds_the_caller(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await with_dora(house, RULE)
        await house.post(body("w.1", "start", 0, tags=["vip", "customer 77"], phone="+442079460099"))
        await house.work()
        assert candidates(house) == [("Dora Example", "tag")]


async def test_C18_a_tag_that_comes_later_changes_the_popup_in_place(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await with_dora(house, RULE)
        await house.post(body("w.1", "start", 0))
        await house.work()
        assert candidates(house) == [("Ada Example", "number")]
        await house.post(body("w.1", "update", 900, tags=["customer 77"]))
        await house.work()
        assert candidates(house) == [("Ada Example", "number"), ("Dora Example", "tag")]
        first, second = (frame["call"] for frame in house.screens[LUCA.id].frames)
        assert (first["id"], first["state"]) == (second["id"], second["state"])


async def test_C18_without_a_rule_a_tag_says_nothing(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await with_dora(house)
        await house.post(body("w.1", "start", 0, tags=["customer 77"]))
        await house.work()
        assert candidates(house) == [("Ada Example", "number")]


async def test_whom_the_call_names_for_sure_comes_before_a_memory_of_the_number(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await with_dora(house, TagRule(r"customer (\w+)", TagFinds.RECORD, certainty=Certainty.SURE))
        await house.choosing.choose(LUCA, ADA, "crm:1")
        await house.post(body("w.1", "start", 0, tags=["customer 77"]))
        await house.work()
        call = house.screens[LUCA.id].frames[-1]["call"]
        assert call["picked"] is False
        assert (call["contact"] or {}).get("name") != "Ada Example"


async def test_a_choice_on_the_call_itself_stands_against_its_tag_until_the_call_is_over(
    tmp_path: Path,
) -> None:
    def contact(house: House) -> tuple[str | None, bool]:
        call = house.screens[LUCA.id].frames[-1]["call"]
        return (call["contact"] or {}).get("name"), call["picked"]

    async with open_house(tmp_path) as house:
        await with_dora(house, TagRule(r"customer (\w+)", TagFinds.RECORD, certainty=Certainty.SURE))
        await house.post(body("w.1", "start", 0, tags=["customer 77"]))
        await house.work()
        assert contact(house) == (None, False)
        await house.choosing.choose(LUCA, ADA, "crm:1")
        assert contact(house) == ("Ada Example", True)
        await house.post(body("w.1", "update", 10, status="TALKING", talk_ms=1, tags=["customer 77"]))
        await house.work()
        assert contact(house) == ("Ada Example", True)
        await house.post(body("w.1", "end", 20, status="TALKING", tags=["customer 77"]))
        await house.work()
        assert contact(house) == ("Ada Example", True)
        assert house.desk.held == 0
        # For the next call it is a memory again.
        await house.post(body("w.2", "start", 30, tags=["customer 77"]))
        await house.work()
        assert contact(house) == (None, False)


@pytest.mark.parametrize("phone", ["anonymous", "", None, "000000"])
async def test_C05_a_withheld_caller_matches_nothing_by_a_tag_either(
    tmp_path: Path, phone: str | None
) -> None:
    async with open_house(tmp_path) as house:
        await with_dora(house, RULE)
        await house.post(body("w.1", "start", 0, tags=["customer 77"], phone=phone))
        await house.work()
        call = house.screens[LUCA.id].frames[-1]["call"]
        assert (call["withheld"], call["candidates"], call["contact"]) == (True, [], None)


async def test_C06_on_an_internal_call_only_the_colleague_is_shown(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        stored = Contact("crm:5", "crm", "freshdesk", "5", "Stranger", numbers=(ContactNumber("202"),))
        await house.directory.put([stored], PLAN)
        await with_dora(house, RULE)
        inside = flow(local("202"), local("201"), tags=["customer 77"])
        await house.post({**live("i.1", 0, inside, start=True), "time": house.clock.now_ms()})
        await house.work()
        call = house.screens[LUCA.id].frames[-1]["call"]
        assert (call["direction"], call["display"]) == ("internal", "Mia")
        assert (call["candidates"], call["contact"], call["create"]) == ([], None, [])


async def test_C25_the_prefix_of_a_queue_in_the_callers_name_finds_nobody(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await with_dora(house, RULE)
        named = "SALES:Dora Example customer 77"
        await house.post(body("w.1", "start", 0, name=named, phone="+442079460099"))
        await house.work()
        call = house.screens[LUCA.id].frames[-1]["call"]
        assert (call["network_name"], call["candidates"]) == (named, [])


async def test_tags_of_others_are_only_ever_text(tmp_path: Path) -> None:
    odd: list[Any] = [
        "<img src=x onerror=alert(1)>",
        "x" * 10_240,
        "customer\u202e 77",
        "\x00\x1b[31m",
        "",
        None,
        7,
        {},
    ]
    async with open_house(tmp_path) as house:
        await with_dora(house, TagRule(r".*"), RULE)
        await house.post(body("w.1", "start", 0, tags=[*odd, *(f"t{n}" for n in range(1_000))]))
        await house.work()
        assert house.screens[LUCA.id].states == ["w.1:ringing"]
        assert candidates(house)[0] == ("Ada Example", "number")


def tags_of(*bodies: dict[str, Any]) -> tuple[str, ...]:
    return Watcher().feed(*bodies)[-1].call.tags


def test_generation_a_the_newest_tags_of_the_call_count() -> None:
    first = older("start", "a.1", 0, remote(), local("201"))
    assert tags_of(first) == ()
    keyed = older("update", "a.1", 10, remote(), local("201"), tags=["customer 77"])
    assert tags_of(first, keyed) == ("customer 77",)
    corrected = older("update", "a.1", 20, remote(), local("201"), tags=["customer 78"])
    silent = older("update", "a.1", 30, remote(), local("201"), tags=[])
    assert tags_of(first, keyed, corrected, silent) == ("customer 78",)


def test_generation_b_the_tags_of_all_flows_are_the_calls() -> None:
    keyed = flow(remote(), local("201"), "TALKING", talkTime=5, tags=["customer 77"])
    passed_on = flow(remote(), local("202"), flowIndex=1, tags=["second line", "customer 77"])
    assert tags_of(live("b.1", 0, keyed, start=True), live("b.1", 10, keyed, passed_on)) == (
        "customer 77",
        "second line",
    )
    # A later body that holds the new flow alone takes nothing away.
    assert tags_of(live("b.1", 0, keyed, start=True), live("b.1", 10, passed_on)) == (
        "customer 77",
        "second line",
    )
    ended = over("b.1", 20, passed_on)
    assert "customer 77" in tags_of(live("b.1", 0, keyed, start=True), ended)
