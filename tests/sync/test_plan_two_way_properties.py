"""Random lives of two books under a two-way connection: S1 S2 S3 S4 S6 S9 S10 S12 S13 S17 S19 S23."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.apps.records import Record, Value
from linedesk.sync.model import Answer, Connection, Decision, Direction, LinkState, Op, Plan, Question, Side
from linedesk.sync.policies import Blanks, Conflict, Deletes
from linedesk.sync.rules import Action, Condition, Do, Rule, Test
from linedesk.sync.values import is_blank, same
from sync.plan_house import ITALY, ROWS, TWO_WAY, Houses
from sync.plan_mirror import mirror_plan, told, writes

FIELDS = {"name": "name", "email": "email", "phone": "office", "mobile": "mobile", "company": "organization"}
names = st.sampled_from(["Ada Example", "ada  EXAMPLE", "Bob", "Zoe\u0308", "null"])
emails = st.sampled_from(["", "ada@example.test", "ADA@example.test", "info@example.test", None])
numbers = st.sampled_from(["", "045 1234567", "+390451234567", "201", None])
companies = st.sampled_from(["", "Example Srl", "Élan", None])
tags = st.sampled_from([(), ("vip",), ("vip", "old")])
people = st.fixed_dictionaries(
    {"name": names, "email": emails, "phone": numbers, "mobile": numbers, "company": companies, "tags": tags}
)
VIP = Condition(Test.MEMBER, "tag", ("vip",))
MARK = Action(Do.ADD, "tag", "synced", revert=True)
rules = st.sampled_from(
    [
        (),
        (Rule("There", Side.B, None, (MARK,)), Rule("Back", Side.A)),
        (Rule("VIPs", Side.B, VIP), Rule("VIPs back", Side.A, VIP, (MARK,))),
        (Rule("VIPs", Side.B, VIP), Rule("Back", Side.A)),
    ]
)
connections = st.builds(
    lambda **settings: replace(TWO_WAY, **settings),
    direction=st.sampled_from([Direction.BOTH, Direction.BOTH, Direction.TO_A, Direction.TO_B]),
    conflict=st.sampled_from(Conflict),
    tie=st.sampled_from(Side),
    blanks=st.sampled_from(Blanks),
    deletes=st.sampled_from(Deletes),
    rules=rules,
)
steps = st.tuples(
    st.sampled_from(["add", "add", "edit", "edit", "delete", "answer", "part"]),
    st.sampled_from(Side),
    st.integers(0, 20),
    st.sampled_from(sorted({*FIELDS, "tags"})),
    people,
)


def _live(houses: Houses, step: tuple[str, Side, int, str, dict[str, Any]]) -> None:
    """One thing that somebody does to one of the books."""
    what, side, number, name, fields = step
    records = houses.crm if side is Side.A else houses.book
    own = {FIELDS.get(key, key) if side is Side.B else key: value for key, value in fields.items()}
    chosen = sorted(records)[number % len(records)] if records else None
    houses.whole = what != "part"
    if what == "add":
        (houses.add if side is Side.A else houses.add_to_book)(**own)
    elif what == "edit" and chosen is not None:
        key = FIELDS.get(name, name) if side is Side.B else name
        houses.edit(chosen, **{key: own[key]})
    elif what == "delete" and chosen is not None:
        houses.delete(chosen)
    elif what == "answer":
        _answer(houses, number)


def _answer(houses: Houses, number: int) -> None:
    """A person answers one of the questions there are."""
    waiting = houses.plan().waiting
    if not waiting:
        return
    each = waiting[number % len(waiting)]
    if each.question is Question.CONFLICT:
        answer = (Answer.KEEP_A, Answer.KEEP_B)[number % 2]
    else:
        answer = (Answer.SAME, Answer.NOT_THE_SAME, Answer.SKIP)[number % 3]
    chosen = each.candidates[0] if answer is Answer.SAME else None
    houses.decisions.append(
        Decision(each.side, each.record_id, answer, chosen, each.candidates, each.question, each.about)
    )


def _check(houses: Houses, before: dict[str, Record], plan: Plan) -> None:
    """What one run may have done."""
    now = {**houses.crm, **houses.book}
    deleted = {each.record_id for each in plan.changes if each.op is Op.DELETE}
    assert set(before) - set(now) == deleted  # S12
    written = {each.record_id: each.fields for each in plan.changes if each.record_id is not None}
    assert len([each for each in plan.changes if each.record_id]) == len(written)
    for record_id in before.keys() & now.keys():
        fields = written.get(record_id, {})
        for name, value in before[record_id].fields.items():
            if name not in fields and name not in {"external_id", "document_id"}:
                assert now[record_id].fields[name] == value  # S4, S13: nothing changes beside the plan
    made = Counter((each.side, each.source_id) for each in plan.changes if each.op is Op.CREATE)
    assert set(made.values()) <= {1}  # S6
    asked = {(each.side.other, each.record_id) for each in plan.waiting}
    assert not asked & set(made)  # S6: who waits is not made


def _agree(houses: Houses, connection: Connection) -> None:
    """S1: linked records that a rule takes hold the same, where nobody asks."""
    if connection.direction is not Direction.BOTH or connection.rules or connection.conflict is Conflict.ASK:
        return
    for link in houses.links.values():
        a, b = houses.crm.get(link.a_id), houses.book.get(link.b_id)
        if link.state is LinkState.ACTIVE and a is not None and b is not None:
            for row in ROWS:
                _same(a.fields.get(row.a), b.fields.get(row.b), row.a, connection)


def _same(left: Value, right: Value, name: str, connection: Connection) -> None:
    if is_blank(left) != is_blank(right):
        assert connection.blanks is Blanks.NEVER or name == "name"
        return
    kind = {info.name: info.kind for info in Houses().crm_fields}[name]
    assert same(left, right, kind, ITALY)


@settings(max_examples=80, deadline=None)
@given(connection=connections, lives=st.lists(st.lists(steps, max_size=5), min_size=1, max_size=4))
def test_S01_S02_S03_S04_S06_S09_S12_S23_random_edits_converge_and_are_quiet(
    connection: Connection, lives: list[list[tuple[str, Side, int, str, dict[str, Any]]]]
) -> None:
    houses = Houses(connection=connection, names_merge_winner=False)
    for life in lives:
        for step in life:
            _live(houses, step)
        before = {**houses.crm, **houses.book}
        shown = houses.plan()
        mirror = mirror_plan(houses)
        assert writes(mirror) == writes(shown, turned=True)  # S9
        assert told(mirror) == told(shown, turned=True)
        plan = houses.run()
        assert plan.hash == shown.hash  # S19
        _check(houses, before, plan)
        houses.whole = True
        houses.run()
        houses.run()
        last = houses.plan()
        assert (last.changes, last.linkings) == ((), ())  # S2, S3
        _agree(houses, connection)
