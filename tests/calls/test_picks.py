"""C01: the agent's choice per number: remembered, shared by spellings, forgotten, never another agent's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from calls.desk_house import ADA, LUCA, MIA, PLAN, House, open_house
from linedesk.calls.picks import Picks, pick_key
from linedesk.errors import NotSignedIn, StoreError
from linedesk.numbers import NumberPlan, read
from linedesk.store import agents as agent_rows
from linedesk.store import picks as rows


async def opened(house: House) -> Picks:
    picks = Picks(house.stores.books, house.clock)
    await picks.load()
    return picks


async def test_C01_a_choice_survives_a_restart_and_can_be_forgotten(tmp_path: Path) -> None:
    number = read(ADA, PLAN)
    async with open_house(tmp_path) as house:
        await house.picks.choose(LUCA, number, "crm:1")
        await house.picks.choose(LUCA, number, "crm:2")  # the later one counts
    async with open_house(tmp_path) as house:
        assert house.picks.chosen(LUCA.id, number) == "crm:2"
        assert house.picks.chosen(MIA.id, number) is None
        await house.picks.forget(LUCA, number)
        assert house.picks.chosen(LUCA.id, number) is None
        await house.picks.forget(LUCA, number)
    async with open_house(tmp_path) as house:
        assert house.picks.chosen(LUCA.id, number) is None


async def test_C01_spellings_and_country_variants_share_a_choice(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.picks.choose(LUCA, read("020 7946 0018", PLAN), "crm:1")
        assert house.picks.chosen(LUCA.id, read("tel:+44-20-7946-0018", PLAN)) == "crm:1"
        brazil = NumberPlan("BR")
        await house.picks.choose(LUCA, read("+55 11 96123-4567", brazil), "crm:9")
        assert house.picks.chosen(LUCA.id, read("+55 11 6123-4567", brazil)) == "crm:9"
        assert house.picks.chosen(LUCA.id, read("+442079460019", PLAN)) is None


@pytest.mark.parametrize("text", ["", "anonymous", "000000", "no number", "999"])
async def test_C05_nobody_is_chosen_for_a_number_that_nobody_owns(tmp_path: Path, text: str) -> None:
    async with open_house(tmp_path) as house:
        number = read(text, PLAN)
        assert pick_key(number) is None
        with pytest.raises(ValueError, match="without a key"):
            await house.picks.choose(LUCA, number, "crm:1")
        await house.picks.forget(LUCA, number)
        assert house.picks.chosen(LUCA.id, number) is None


async def test_the_choices_of_a_deleted_agent_go_with_the_agent(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.picks.choose(LUCA, read(ADA, PLAN), "crm:1")
        await house.picks.choose(MIA, read(ADA, PLAN), "crm:1")
        await house.stores.books.write(lambda c: agent_rows.remove(c, LUCA.id))
        (left,) = await house.stores.books.read(rows.all_picks)
        assert left.agent_id == MIA.id
        await house.roster.refresh()
        await house.desk.refresh()
        assert house.picks.chosen(LUCA.id, read(ADA, PLAN)) is None


async def test_who_is_deleted_while_choosing_is_no_longer_signed_in(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.stores.books.write(lambda c: agent_rows.remove(c, LUCA.id))
        with pytest.raises(NotSignedIn) as refused:
            await house.choosing.choose(LUCA, ADA, "crm:1")
        assert refused.value.status == 401
        assert house.picks.chosen(LUCA.id, read(ADA, PLAN)) is None


async def test_of_two_quick_choices_the_later_one_counts_in_memory_and_on_disk(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        number = read(ADA, PLAN)
        await asyncio.gather(*(house.picks.choose(LUCA, number, f"crm:{at}") for at in range(5)))
        (row,) = await house.stores.books.read(rows.all_picks)
        assert (row.contact_id, house.picks.chosen(LUCA.id, number)) == ("crm:4", "crm:4")


async def test_what_another_process_chose_is_there_after_a_refresh(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        other = await opened(house)
        await other.choose(LUCA, read(ADA, PLAN), "crm:1")
        await house.desk.refresh()
        assert house.picks.chosen(LUCA.id, read(ADA, PLAN)) == "crm:1"


async def test_a_reading_that_began_before_a_choice_does_not_undo_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path) as house:
        picks, gate = await opened(house), asyncio.Event()
        real = house.stores.books.read

        async def slowly(work: Any, **more: Any) -> Any:
            found = await real(work, **more)
            await gate.wait()
            return found

        monkeypatch.setattr(house.stores.books, "read", slowly)
        loading = asyncio.create_task(picks.load())
        await asyncio.sleep(0)
        choosing = asyncio.create_task(picks.choose(LUCA, read(ADA, PLAN), "crm:1"))
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(loading, choosing)
        assert picks.chosen(LUCA.id, read(ADA, PLAN)) == "crm:1"


async def test_a_choice_that_can_not_be_stored_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path) as house:

        async def full(_work: Any) -> None:
            raise StoreError("The disk is full.")

        monkeypatch.setattr(house.stores.books, "write", full)
        with pytest.raises(StoreError):
            await house.picks.choose(LUCA, read(ADA, PLAN), "crm:1")
        assert house.picks.chosen(LUCA.id, read(ADA, PLAN)) is None
