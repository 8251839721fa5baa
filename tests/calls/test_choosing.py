"""C01, C05: choosing whom a number is, as the agent's live calls, the lookup and the history show it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from calls.desk_house import ADA, LUCA, MIA, PLAN, House, body, open_house
from linedesk.agents.model import Agent
from linedesk.contacts.model import Contact, ContactNumber, ContactType, contact_id
from linedesk.contacts.policy import TagFinds, TagRule
from linedesk.errors import PickRefused

WORK = (ContactNumber(ADA, "work"),)
BEN = Contact(contact_id("crm", "2"), "crm", "freshdesk", "2", "Ben Example", numbers=WORK)
HIDDEN = Contact(contact_id("other", "3"), "other", "freshdesk", "3", "Cleo Example", numbers=WORK)
FIRM = Contact(
    contact_id("crm", "4"),
    "crm",
    "freshdesk",
    "4",
    "Example Ltd",
    type=ContactType.COMPANY,
    numbers=(ContactNumber("+44207946001", "main"),),
)
ADA_ID = "crm:1"


async def rung(house: House, **more: Any) -> dict[str, Any]:
    await house.directory.put([BEN], PLAN)
    await house.post(body("w.1", "start", 0, **more))
    await house.work()
    return call_of(house)


def call_of(house: House, agent: Agent = LUCA) -> dict[str, Any]:
    return dict(house.screens[agent.id].frames[-1]["call"])


async def test_C01_of_several_the_chosen_one_is_shown_on_the_live_call_and_forgotten_again(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path) as house:
        call = await rung(house)
        assert (call["contact"], call["picked"], len(call["candidates"])) == (None, False, 2)
        answer = await house.choosing.choose(LUCA, "020 7946 0018", BEN.id)
        assert (answer["number"], answer["contact"]["name"]) == (ADA, "Ben Example")
        call = call_of(house)
        assert (call["contact"]["name"], call["picked"]) == ("Ben Example", True)
        assert len(call["candidates"]) == 2
        assert house.desk.calls_for(LUCA) == [call]
        await house.choosing.forget(LUCA, ADA)
        assert (call_of(house)["contact"], call_of(house)["picked"]) == (None, False)
        assert len(house.screens[LUCA.id].frames) == 3


async def test_C01_the_next_call_of_the_number_remembers_after_a_restart(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await rung(house)
        await house.choosing.choose(LUCA, ADA, BEN.id)
    async with open_house(tmp_path) as house:
        (call,) = house.desk.calls_for(LUCA)
        assert (call["contact"]["name"], call["picked"]) == ("Ben Example", True)


async def test_C12_a_choice_is_told_to_its_agent_alone(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await rung(house)
        await house.post(body("w.1", "update", 10, callee="202"))
        await house.work()
        before = len(house.screens[MIA.id].frames)
        await house.choosing.choose(LUCA, ADA, BEN.id)
        assert len(house.screens[MIA.id].frames) == before
        assert call_of(house, MIA)["picked"] is False


async def test_choosing_the_same_again_says_nothing_new(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await rung(house)
        await house.choosing.choose(LUCA, ADA, BEN.id)
        frames = len(house.screens[LUCA.id].frames)
        await house.choosing.choose(LUCA, ADA, BEN.id)
        assert len(house.screens[LUCA.id].frames) == frames


async def test_C05_a_possible_one_is_chosen_with_one_click(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.directory.remove("crm", ["1"])
        await house.directory.put([FIRM], PLAN)
        await house.post(body("w.1", "start", 0))
        await house.work()
        call = call_of(house)
        assert (call["contact"]["certainty"], call["picked"]) == ("possible", False)
        await house.choosing.choose(LUCA, ADA, FIRM.id)
        call = call_of(house)
        # Chosen, but what it is known by is still the same.
        assert (call["contact"]["name"], call["contact"]["certainty"]) == ("Example Ltd", "possible")
        assert (call["picked"], call["create"]) == (True, [])


@pytest.mark.parametrize("contact", [HIDDEN.id, "nobody", "", "crm:2"])
async def test_C12_whom_the_agent_may_not_see_or_who_has_another_number_is_refused(
    tmp_path: Path, contact: str
) -> None:
    async with open_house(tmp_path) as house:
        await house.directory.put([HIDDEN], PLAN)
        agent = Agent("eve", "eve", "Eve", LUCA.role, books=frozenset({"crm"}))
        with pytest.raises(PickRefused) as refused:
            await house.choosing.choose(agent, ADA, contact)
        assert (refused.value.status, refused.value.code) == (409, "pick_refused")


@pytest.mark.parametrize("text", ["anonymous", "", "not a number", "999"])
async def test_C05_a_number_that_nobody_owns_is_refused(tmp_path: Path, text: str) -> None:
    async with open_house(tmp_path) as house:
        with pytest.raises(PickRefused, match="withheld"):
            await house.choosing.choose(LUCA, text, ADA_ID)
        await house.choosing.forget(LUCA, text)


async def test_C06_a_chosen_contact_without_the_number_does_not_count_and_is_not_lost(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path) as house:
        await rung(house)
        await house.choosing.choose(LUCA, ADA, BEN.id)
        await house.directory.remove("crm", ["2"])
        await house.desk.refresh()
        call = call_of(house)
        assert (call["contact"]["name"], call["picked"]) == ("Ada Example", False)
        await house.directory.put([BEN], PLAN)
        await house.desk.refresh()
        assert (call_of(house)["contact"]["name"], call_of(house)["picked"]) == ("Ben Example", True)


async def test_the_lookup_and_the_history_name_the_chosen_one(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await rung(house)
        await house.post(body("w.1", "end", 9_000, status="CONNECTING"))
        await house.work()
        (row,) = (await house.recent.list(LUCA, 20, None, False))["items"]
        assert (row["contact"], row["picked"], row["name"]) == (None, False, "")
        await house.choosing.choose(LUCA, ADA, BEN.id)
        (row,) = (await house.recent.list(LUCA, 20, None, False))["items"]
        assert (row["contact"]["id"], row["picked"], row["name"]) == (BEN.id, True, "Ben Example")
        found = await house.people.lookup(LUCA, ADA)
        items = [*found["sure"], *found["possible"]]
        assert house.choosing.picked(LUCA, "020 7946 0018", items) == BEN.id
        assert house.choosing.picked(MIA, ADA, items) is None
        assert house.choosing.picked(LUCA, ADA, [each for each in items if each["id"] != BEN.id]) is None


async def test_C18_who_was_found_by_a_tag_can_be_chosen_on_the_live_call(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house.tag_rules = (TagRule(r"customer (\w+)", TagFinds.RECORD),)
        far = Contact(contact_id("crm", "77"), "crm", "freshdesk", "77", "Dora Example")
        await house.directory.put([far], PLAN)
        call = await rung(house, tags=["customer 77"])
        assert [each["name"] for each in call["candidates"]][-1] == "Dora Example"
        await house.choosing.choose(LUCA, ADA, far.id)
        call = call_of(house)
        assert (call["contact"]["name"], call["picked"]) == ("Dora Example", True)
        with pytest.raises(PickRefused):  # no call of Mia's shows her
            await house.choosing.choose(MIA, ADA, far.id)
