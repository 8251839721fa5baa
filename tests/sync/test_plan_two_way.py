"""What a two-way plan does with pairs, scope, origins, conflicts, actions and undone writes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from linedesk.apps.records import Record
from linedesk.sync.model import (
    Agreed,
    Answer,
    Decision,
    Direction,
    LinkState,
    MappingRow,
    Op,
    Question,
    Side,
    SkipKind,
)
from linedesk.sync.plan import make_plan
from linedesk.sync.policies import Conflict
from linedesk.sync.rules import Action, Condition, Do, Not, Rule, Test
from sync.plan_linked import ADA, ONLY_VIPS, VIP
from sync.plan_linked import houses as _houses
from sync.plan_linked import linked as _linked


def test_S06_G05_both_sides_are_paired_before_any_record_is_made() -> None:
    houses = _houses()
    for name in ("Ada", "Bob", "Cleo"):
        houses.add(name=name, email=f"{name}@example.test")
        houses.add_to_book(name=name.upper(), email=f"{name}@EXAMPLE.test")
    houses.add(name="Only CRM")
    houses.add_to_book(name="Only Book")
    plan = houses.run()
    assert sorted((each.op, each.side) for each in plan.changes if each.op is Op.CREATE) == [
        (Op.CREATE, Side.A),
        (Op.CREATE, Side.B),
    ]
    assert len(houses.crm) == len(houses.book) == len(houses.links) == 5
    assert len(plan.linkings) == 3


def test_G01_G15_a_second_run_and_a_third_write_nothing() -> None:
    houses = _houses()
    houses.add(**ADA)
    houses.add_to_book(name="Bob Example", office="045 7654321")
    houses.run()
    for _ in range(2):
        plan = houses.run()
        assert (plan.changes, plan.linkings, plan.same) == ((), (), 2)


def test_G02_S07_a_key_field_that_changes_on_either_side_is_an_update() -> None:
    houses, ada, book_id = _linked()
    houses.edit(book_id, email="lee.k@example.test", office="06 7654321")
    (change,) = houses.run().changes
    assert (change.side, change.op, change.record_id) == (Side.A, Op.UPDATE, ada)
    assert set(change.fields) == {"email", "phone"}
    houses.edit(book_id, email="LEE.K@example.test")
    assert houses.plan().changes == ()


def test_G06_phone_only_records_are_paired_or_made_on_either_side() -> None:
    houses = _houses()
    houses.add(name="Ada Example", mobile="333 1234567")
    houses.add_to_book(name="EXAMPLE Ada", mobile="+39 333 1234567")
    houses.add_to_book(name="Bob", office="045 1234567")
    houses.run()
    assert len(houses.crm) == len(houses.book) == 2


def test_G07_G14_S06_whoever_is_unsure_waits_on_both_sides_and_nothing_is_made() -> None:
    houses = _houses()
    ada = houses.add(name="Ada Example", email="info@example.test")
    one = houses.add_to_book(name="Ida", email="info@example.test")
    two = houses.add_to_book(name="Eva", email="info@example.test")
    plan = houses.run()
    assert (plan.changes, plan.linkings) == ((), ())
    asked = {(each.side, each.record_id): set(each.candidates) for each in plan.waiting}
    assert asked == {(Side.A, ada): {one, two}, (Side.B, one): {ada}, (Side.B, two): {ada}}


@pytest.mark.parametrize("side", list(Side))
def test_a_pair_that_is_not_the_same_is_made_on_both_sides(side: Side) -> None:
    houses = _houses()
    ada = houses.add(name="Ada Example", email="info@example.test")
    book_id = houses.add_to_book(name="Reception", email="info@example.test")
    rival = houses.add_to_book(name="Night desk", email="info@example.test")
    houses.decisions = [
        Decision(Side.A, ada, Answer.NOT_THE_SAME, candidates=(book_id, rival))
        if side is Side.A
        else Decision(Side.B, each, Answer.NOT_THE_SAME, candidates=(ada,))
        for each in (book_id, rival)
    ]
    plan = houses.run()
    assert [each.op for each in plan.changes] == [Op.CREATE] * 3
    assert len(houses.crm) == len(houses.book) == 3


@pytest.mark.parametrize("side", list(Side))
def test_a_record_that_is_left_alone_has_no_copy_made_from_its_like(side: Side) -> None:
    houses = _houses()
    ada = houses.add(**ADA)
    book_id = houses.add_to_book(**ADA)
    houses.decisions = [Decision(side, ada if side is Side.A else book_id, Answer.SKIP)]
    plan = houses.plan()
    assert (plan.changes, plan.linkings) == ((), ())
    assert {(each.record_id, each.kind) for each in plan.skipped} == {
        (ada, SkipKind.PERSON),
        (book_id, SkipKind.PERSON),
    }


def test_S11_who_leaves_the_rules_is_left_as_is_and_comes_back_by_its_link() -> None:
    houses, ada, book_id = _linked(rules=ONLY_VIPS)
    link_id = next(iter(houses.links))
    houses.edit(ada, tags=(), company="Example Srl")
    houses.edit(book_id, tags=())
    plan = houses.run()
    assert (plan.changes, plan.linkings) == ((), ())
    assert [(each.side, each.kind) for each in plan.skipped] == [
        (Side.A, SkipKind.EXCLUDED),
        (Side.B, SkipKind.EXCLUDED),
    ] or [(each.side, each.kind) for each in plan.skipped] == [
        (Side.B, SkipKind.EXCLUDED),
        (Side.A, SkipKind.EXCLUDED),
    ]
    assert all("vip" in each.trace for each in plan.skipped)
    assert book_id in houses.book
    houses.edit(ada, tags=("vip",))
    (change,) = houses.run().changes
    assert (change.link_id, change.record_id) == (link_id, book_id)
    assert change.fields == {"organization": (None, "Example Srl")}
    assert change.rule == "VIPs"
    assert "vip" in change.trace


def test_S11_a_way_that_is_lost_restores_nothing() -> None:
    houses, ada, book_id = _linked(rules=ONLY_VIPS)
    houses.edit(book_id, tags=(), organization="By Hand")
    houses.edit(ada, tags=("vip",))
    plan = houses.plan()
    assert plan.changes == ()


def test_who_is_out_of_the_rules_is_not_made_but_is_a_counterpart() -> None:
    houses = _houses(rules=ONLY_VIPS)
    houses.add(name="Bob Example", email="bob@example.test")
    ada = houses.add(**ADA, tags=("vip",))
    book_id = houses.add_to_book(**ADA)
    plan = houses.run()
    assert [each.op for each in plan.changes if each.op is Op.CREATE] == []
    assert houses.counterpart(ada).id == book_id
    assert [each.kind for each in plan.skipped] == [SkipKind.EXCLUDED]


def test_a_pair_that_no_rule_takes_either_way_is_not_linked() -> None:
    houses = _houses(rules=ONLY_VIPS)
    houses.add(**ADA)
    houses.add_to_book(**ADA)
    plan = houses.run()
    assert (plan.changes, plan.linkings) == ((), ())
    assert [each.kind for each in plan.skipped] == [SkipKind.EXCLUDED] * 2


def test_S19_nothing_is_decided_while_a_rule_needs_what_is_not_read() -> None:
    houses = _houses(rules=ONLY_VIPS)
    ada = houses.add(**ADA)
    houses.crm[ada] = replace(houses.crm[ada], missing=frozenset({"tags"}))
    houses.add_to_book(**ADA, tags=("vip",))
    plan = houses.plan()
    assert (plan.changes, plan.linkings, plan.waiting) == ((), (), ())
    assert [(each.record_id, each.missing) for each in plan.unread] == [(ada, ("tags",))]


def test_G04_what_another_connection_made_is_paired_but_not_passed_on() -> None:
    houses = _houses()
    bob = houses.add_to_book(name="Bob Example", office="045 7654321")
    houses.foreign = {bob}
    plan = houses.plan()
    assert plan.changes == ()
    assert [(each.record_id, each.kind) for each in plan.skipped] == [(bob, SkipKind.EXCLUDED)]
    houses.add(name="Bob Example", phone="045 7654321")
    assert len(houses.plan().linkings) == 1
    houses.crm.clear()
    houses.connection = replace(houses.connection, pass_on=True)
    assert [each.side for each in houses.plan().changes] == [Side.A]


def test_H02_a_conflict_that_a_person_settles_waits_until_then_and_only_its_field() -> None:
    houses, ada, book_id = _linked(conflict=Conflict.ASK)
    houses.edit(ada, company="A Srl", address="Via Roma 1")
    houses.edit(book_id, organization="B Srl")
    plan = houses.run()
    assert [set(each.fields) for each in plan.changes] == [{"address"}]
    (waiting,) = plan.waiting
    assert (waiting.question, waiting.record_id, waiting.candidates) == (Question.CONFLICT, ada, (book_id,))
    assert waiting.fields == ("company=organization",)
    assert houses.run().waiting == (waiting,)
    answer = Decision(Side.A, ada, Answer.KEEP_B, question=Question.CONFLICT, about=waiting.about)
    houses.decisions = [answer]
    (change,) = houses.run().changes
    assert (change.side, change.fields) == (Side.A, {"company": ("A Srl", "B Srl")})
    houses.edit(ada, company="A2 Srl")
    houses.edit(book_id, organization="B2 Srl")
    plan = houses.plan()
    assert plan.changes == ()  # that answer was about other values
    assert len(plan.waiting) == 1


def test_an_action_is_done_once_and_taken_back_when_no_rule_wants_it() -> None:
    add = Action(Do.ADD, "tag", "from crm", revert=True)
    has_email = Condition(Test.HAS_EMAIL)
    rules = (Rule("With e-mail", Side.B, has_email, (add,)), Rule("Rest", Side.B), Rule("Back", Side.A))
    houses = _houses(rules=rules)
    ada = houses.add(**ADA)
    (change,) = houses.run().changes
    assert (change.fields["tags"], change.rule) == ((None, ("from crm",)), "With e-mail")
    assert houses.plan().changes == ()
    houses.edit(ada, email="")
    (change,) = houses.run().changes
    assert change.fields == {"email": ("ada@example.test", ""), "tags": (("from crm",), ())}
    assert houses.plan().changes == ()
    assert next(iter(houses.links.values())).applied == {}


def test_S11_actions_are_taken_back_even_where_no_rule_takes_the_pair() -> None:
    add = Action(Do.ADD, "tag", "from crm", revert=True)
    rules = (Rule("VIPs", Side.B, VIP, (add,)),)
    houses = _houses(rules=rules)
    ada = houses.add(**ADA, tags=("vip",))
    houses.run()
    houses.edit(ada, tags=(), company="Example Srl")
    (change,) = houses.run().changes
    assert change.fields == {"tags": (("from crm",), ())}
    assert "does not apply any more" in change.reason
    assert houses.plan().changes == ()


def test_S18_a_held_pair_is_left_alone_until_somebody_edits_it() -> None:
    houses, ada, book_id = _linked()
    link = next(iter(houses.links.values()))
    base = {**link.base, "company=organization": Agreed("Example Srl", "Old Srl")}
    houses.links[link.id] = replace(link, state=LinkState.HELD, base=base)
    houses.edit(ada, company="Example Srl")
    houses.edit(book_id, organization="Old Srl")
    plan = houses.plan()
    assert (plan.changes, plan.linkings) == ((), ())
    assert [each.kind for each in plan.skipped] == [SkipKind.HELD]
    houses.edit(ada, company="New Srl")
    (change,) = houses.run().changes
    assert change.fields == {"organization": ("Old Srl", "New Srl")}
    assert houses.links[link.id].state is LinkState.ACTIVE


def test_S18_a_create_that_was_undone_is_made_again_only_after_an_edit() -> None:
    houses, ada, book_id = _linked()
    link = next(iter(houses.links.values()))
    base = {key: Agreed(each.a, None) for key, each in link.base.items()}
    houses.links[link.id] = replace(link, state=LinkState.HELD, base=base)
    houses.delete(book_id)
    plan = houses.run()
    assert (plan.changes, plan.linkings) == ((), ())
    assert [each.kind for each in plan.skipped] == [SkipKind.HELD]
    houses.edit(ada, name="Ada Other")
    (change,) = houses.run().changes
    assert (change.op, change.side, change.link_id) == (Op.CREATE, Side.B, link.id)
    assert houses.counterpart(ada).fields["name"] == "Ada Other"
    assert houses.plan().changes == ()


def test_S10_a_row_of_one_direction_never_writes_back_in_a_two_way_connection() -> None:
    houses, ada, book_id = _linked()
    houses.rows = tuple(
        replace(row, direction=Direction.TO_B) if row.a == "company" else row for row in houses.rows
    )
    houses.edit(ada, company="Example Srl")
    houses.run()
    houses.edit(book_id, organization="By Hand", address="Via Roma 1")
    changes = {each.side: dict(each.fields) for each in houses.run().changes}
    assert changes == {
        Side.A: {"address": (None, "Via Roma 1")},
        Side.B: {"organization": ("By Hand", "Example Srl")},
    }


def test_S19_the_hash_tells_the_sides_apart() -> None:
    there, back = _houses(rows=()), _houses(rows=())
    one_row = (MappingRow("email", "email"),)
    for houses in (there, back):
        houses.rows = one_row
        houses.book_fields = tuple(replace(each, required=False) for each in houses.book_fields)
        houses.crm_fields = tuple(replace(each, required=False) for each in houses.crm_fields)
    record = Record("x1", {"email": "ada@example.test"})
    there.crm["x1"], back.book["x1"] = record, record
    assert there.plan().hash != back.plan().hash


def test_two_sides_of_which_neither_is_written_by_a_rule_write_nothing() -> None:
    houses = _houses()
    houses.add(**ADA)
    a, b = houses.known()
    nobody = Rule("Off", Side.B, enabled=False)
    connection = replace(houses.connection, rules=(nobody,))
    plan = make_plan(connection, houses.rows, a, b, (), (), houses.new_id)
    assert plan.changes == ()
    assert "switched off" in plan.skipped[0].trace


def test_a_rule_that_excludes_says_which_condition_did() -> None:
    houses = _houses(rules=(Rule("Others", Side.B, Not(VIP)), Rule("Back", Side.A)))
    houses.add(**ADA, tags=("vip",))
    (skipped,) = houses.plan().skipped
    assert skipped.kind is SkipKind.EXCLUDED
    assert "vip" in skipped.trace
