"""Traces that the two-way machine found, in few steps: each was a fault once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from contract.memory import FIELDS, MemoryApp
from sync.engine_house import TARGET, house
from sync.memory_stores import memory_stores
from sync.test_undoing import TWO_WAY, people, undo


async def test_S01_S18_an_edit_that_no_run_carried_yet_goes_its_way_after_an_undo_of_another_field() -> None:
    """An undo agreed on all that both held then, and so the edit was never told to the other side."""
    async with house(Path(), stores=memory_stores(), connection=TWO_WAY) as home:
        (ada,) = people(home, 1)
        await home.sync()
        (there,) = home.b.records
        home.a.edit(ada, name="Countess")
        done = await home.sync()
        home.a.edit(ada, email="countess@example.com")
        await undo(home, done.run)
        assert home.b.truth(there).text("name") == "Person 0"
        for _ in range(2):
            await home.sync()
        assert home.b.truth(there).text("email") == "countess@example.com"
        assert (home.a.truth(ada).text("name"), home.b.truth(there).text("name")) == ("Countess", "Person 0")
        with home.a.no_write_due(), home.b.no_write_due():
            assert (await home.sync()).writes == 0


async def test_S18_a_new_record_with_a_value_in_a_field_that_linedesk_cannot_write_is_not_deleted() -> None:
    """Its users can fill that field, and nobody could bring the value back."""
    address = replace(next(each for each in FIELDS if each.name == "address"), read_only=True)
    fields = [address if each.name == "address" else each for each in FIELDS]
    async with house(Path(), stores=memory_stores(), connection=TWO_WAY) as home:
        app = MemoryApp(home.clock, account="book", capabilities=TARGET, fields=fields, server=home.b)
        home.apps["book"] = app
        people(home, 2)
        made = await home.sync()
        kept, gone = home.b.records
        home.b.edit(kept, address="Via Roma 1")
        report = await undo(home, made.run)
        assert home.b.truth(kept).text("address") == "Via Roma 1"
        assert gone not in [each.id for each in home.b.active]
        assert [each.record_id for each in report.plan.skipped] == [kept]
