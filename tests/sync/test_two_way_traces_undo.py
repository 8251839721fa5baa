"""Traces that the two-way machine found, in few steps: each was a fault once."""

from __future__ import annotations

from pathlib import Path

from sync.engine_house import house
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
