"""What a link becomes after a write: an action's effect is known again in the app's own spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.memory import spaces_trimmed
from linedesk.apps.records import Entry, Record, Value
from linedesk.sync.acting_values import left_by
from linedesk.sync.after_write import link_after
from linedesk.sync.documents import applied_from_document, applied_to_document
from linedesk.sync.model import Applied, Change, Connection, Link, Op, Side
from linedesk.sync.rules import Action, Condition, Do, Rule, Test
from sync.engine_house import OFFICE, house
from sync.memory_stores import memory_stores

KEY = "b:set:notes:"
ACME = Condition(Test.EQUALS, "company", ("Acme",))


def _stored(sent: Value, after: Value, held: Value, field: str = "tags") -> Applied:
    did = Applied(Side.B, field, (), after, "VIP", revert=True)
    change = Change(Side.B, Op.UPDATE, "ld-1", "1", "7", {field: ((), sent)}, "", applied={KEY: did})
    link = link_after(change, "1", Link("ld-1", "7", "1", {}), {}, stored=Record("1", {field: held}))
    kept = link.applied[KEY]
    assert kept == did  # a spelling makes no other action of it
    read = applied_from_document(applied_to_document(link.applied))[KEY]
    assert read is not None
    assert left_by(read) == left_by(kept)
    return kept


@pytest.mark.parametrize(
    ("sent", "after", "held", "left"),
    [
        ("Talks  Italian", "Talks  Italian", "Talks Italian", "Talks Italian"),
        ("Talks Italian", "Talks Italian", "TALKS ITALIAN", "TALKS ITALIAN"),
        ("Talks Italian", "Talks Italian", "She moved away", "Talks Italian"),
        (("old", "Key Account"), ("Key Account",), ("old", "key-account"), ("key-account",)),
        (("old", "vip"), ("vip",), ("old", "vip"), ("vip",)),
        (("vip",), ("vip",), ("VIP", "typed by hand"), ("VIP",)),
        (("vip",), ("vip",), ("typed by hand",), ("vip",)),
        ((Entry("Vip"),), (Entry("Vip"),), (Entry("vip"),), (Entry("vip"),)),
        ("vip", ("vip",), "Vip", ("Vip",)),
    ],
)
def test_J_what_an_action_left_is_known_as_the_app_spells_it(
    sent: Value, after: Value, held: Value, left: Value
) -> None:
    assert left_by(_stored(sent, after, held)) == left


async def test_J_an_action_is_taken_back_where_the_app_spells_it_in_its_own_way_and_never_done_twice() -> (
    None
):
    action = Action(Do.SET, "notes", "Talks  Italian", revert=True)
    rules = (Rule("Acme", Side.B, ACME, (action,)), Rule("All", Side.B))
    connection = Connection("office", "crm", "book", direction=OFFICE.direction, rules=rules)
    async with house(Path(), stores=memory_stores(), connection=connection) as home:
        home.b.faults.text = lambda _, value: value.upper() if isinstance(value, str) else value
        ada = home.a.seed(name="ADA", company="Acme")
        await home.sync()
        (there,) = home.b.active
        assert there.text("notes") == "TALKS  ITALIAN"
        with home.b.no_write_due():
            assert (await home.sync()).writes == 0
        home.a.edit(ada, company="Globex")
        await home.sync()
        assert home.b.truth(there.id).text("notes") == ""


async def test_J_what_a_person_wrote_over_an_action_is_not_taken_back() -> None:
    action = Action(Do.SET, "notes", "Talks Italian", revert=True)
    rules = (Rule("Acme", Side.B, ACME, (action,)), Rule("All", Side.B))
    connection = Connection("office", "crm", "book", direction=OFFICE.direction, rules=rules)
    async with house(Path(), stores=memory_stores(), connection=connection) as home:
        home.b.faults.text = spaces_trimmed()
        ada = home.a.seed(name="Ada", company="Acme")
        await home.sync()
        (there,) = home.b.active
        home.b.edit(there.id, notes="Talks Italian and French")
        home.a.edit(ada, company="Globex")
        await home.sync()
        assert home.b.truth(there.id).text("notes") == "Talks Italian and French"
