"""The planner against a slow and plain one, over random lives of two small books (S1 S2 S8 S10 S11 S12)."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.apps.records import FieldInfo, FieldKind, Value
from linedesk.sync.model import Direction, MappingRow, PairBy, Side
from linedesk.sync.policies import Blanks, Conflict, Deletes
from linedesk.sync.rules import Action, Condition, Do, Rule, Test
from sync.plan_house import TWO_WAY, Houses
from sync.plan_naive import Naive, Write

TEXTS = ("city", "street", "post")
FIELDS = (
    FieldInfo("name", "Name", FieldKind.NAME, required=True),
    FieldInfo("email", "E-mail", FieldKind.EMAIL),
    *(FieldInfo(name, name.title(), FieldKind.TEXT) for name in TEXTS),
    FieldInfo("tags", "Tags", FieldKind.TAGS, many=True, group_kind="tag"),
)
CRM_FIELDS = (*FIELDS, FieldInfo("external_id", "External ID", FieldKind.ID))
BOOK_FIELDS = (*FIELDS, FieldInfo("document_id", "Document", FieldKind.ID))
ROWS = tuple(MappingRow(name, name) for name in ("name", "email", *TEXTS))
VIP = Condition(Test.MEMBER, "tag", ("vip",))
MARK = Action(Do.ADD, "tag", "synced", revert=True)
RULES: tuple[tuple[Rule, ...], ...] = (
    (),
    (Rule("There", Side.B, None, (MARK,)), Rule("Back", Side.A)),
    (Rule("VIPs", Side.B, VIP, (MARK,)), Rule("VIPs back", Side.A, VIP)),
    (Rule("VIPs", Side.B, VIP), Rule("New", Side.B, Condition(Test.EXISTS)), Rule("Back", Side.A)),
    (Rule("Only there", Side.B),),
)
PEOPLE = 5


@dataclass(frozen=True)
class Step:
    """One thing that somebody does: to a book, or to how the connection is set up."""

    what: str
    side: Side
    person: int
    name: str
    text: str
    number: int


steps = st.builds(
    Step,
    st.sampled_from(["add", "add", "edit", "edit", "edit", "tag", "delete", "rules", "policy", "row", "way"]),
    st.sampled_from(Side),
    st.integers(1, PEOPLE),
    st.sampled_from(TEXTS),
    st.sampled_from(["", "Roma", "Verona"]),
    st.integers(0, 59),
)


def _live(houses: Houses, step: Step) -> None:
    records = houses.crm if step.side is Side.A else houses.book
    email = f"person{step.person}@example.test"
    mine = next((key for key, each in records.items() if each.text("email") == email), None)
    given = {"name": f"Person {step.person}", "email": email, step.name: step.text}
    match step.what:
        case "add" if mine is None:
            (houses.add if step.side is Side.A else houses.add_to_book)(**given)
        case "edit" if mine is not None:
            houses.edit(mine, **{step.name: step.text})
        case "tag" if mine is not None:
            tags: Value = (("vip",), (), ("vip", "synced"))[step.number % 3]
            houses.edit(mine, tags=tags)
        case "delete" if mine is not None:
            houses.delete(mine)
        case _:
            _set_up(houses, step)


def _set_up(houses: Houses, step: Step) -> None:
    number = step.number
    match step.what:
        case "rules":
            houses.connection = replace(houses.connection, rules=RULES[number % len(RULES)])
        case "policy":
            houses.connection = replace(
                houses.connection,
                conflict=tuple(Conflict)[number % 4],
                blanks=tuple(Blanks)[number % 3],
                deletes=tuple(Deletes)[number // 20],
                tie=step.side,
            )
        case "row":
            row = MappingRow(step.name, step.name, tuple(Direction)[number % 3], conflict=Conflict.ASK)
            houses.rows = tuple(row if each.key == row.key else each for each in houses.rows)
        case "way":
            direction = tuple(Direction)[number % 3]
            houses.connection = replace(houses.connection, direction=direction)


def _writes(houses: Houses) -> list[Write]:
    """What the planner comes to, in the form of the naive one."""
    told: list[Write] = []
    for change in houses.plan().changes:
        fields = {} if change.op == "delete" else {name: pair[1] for name, pair in change.fields.items()}
        told.append(
            (
                change.side.value,
                change.op.value,
                change.record_id or change.source_id,
                repr(sorted(fields.items())),
            )
        )
    return sorted(told)


@settings(max_examples=int(os.environ.get("NAIVE", "60")), deadline=None)
@given(lives=st.lists(st.lists(steps, max_size=8), min_size=1, max_size=5))
def test_S01_S02_S08_S10_S11_S12_the_planner_comes_to_what_a_naive_one_does(lives: list[list[Step]]) -> None:
    connection = replace(TWO_WAY, pair_by=(PairBy.EMAIL,), external_ids=False)
    houses = Houses(connection=connection, rows=ROWS, crm_fields=CRM_FIELDS, book_fields=BOOK_FIELDS)
    naive = Naive()
    for life in lives:
        for step in life:
            _live(houses, step)
        for _ in range(2):
            assert _writes(houses) == naive.plan(houses)
            houses.run()
            naive.name(houses.links.values())
