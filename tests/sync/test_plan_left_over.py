"""What becomes of records whose counterpart is gone, and of the copies that people make of them by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

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
from linedesk.sync.pairing import MOST_CANDIDATES
from linedesk.sync.policies import Conflict, Deletes
from linedesk.sync.rules import Condition, Rule, Test
from sync.plan_house import CRM_FIELDS, ROWS, TWO_WAY, Houses

ADA: dict[str, Any] = {"name": "Ada Example", "email": "ada@example.test"}
OFFICE = "045 1234567"


def _houses(**settings: Any) -> Houses:
    return Houses(connection=replace(TWO_WAY, **settings))


def _linked(**settings: Any) -> tuple[Houses, str, str]:
    houses = _houses(**settings)
    ada = houses.add(**ADA, phone=OFFICE)
    houses.run()
    return houses, ada, houses.counterpart(ada).id


def _take_back(houses: Houses, ada: str) -> None:
    """An undo of the write that made the phonebook's record."""
    (link,) = (each for each in houses.links.values() if each.a_id == ada)
    houses.delete(link.b_id)
    base = {key: Agreed(each.a, None) for key, each in link.base.items()}
    houses.links[link.id] = replace(link, state=LinkState.HELD, base=base)


def _same(houses: Houses) -> None:
    (each,) = houses.plan().waiting
    houses.decisions.append(Decision(each.side, each.record_id, Answer.SAME, each.candidates[0]))


@pytest.mark.parametrize("is_edited", [False, True])
@pytest.mark.parametrize("direction", [Direction.BOTH, Direction.TO_B])
def test_S06_S18_a_copy_made_by_hand_of_what_an_undo_took_back_gets_no_double(
    direction: Direction, is_edited: bool
) -> None:
    houses, ada, _ = _linked(direction=direction)
    _take_back(houses, ada)
    by_hand = houses.add_to_book(**ADA, organization="By Hand Srl")
    if is_edited:
        houses.edit(ada, company="Example Srl")
    plan = houses.run()
    assert plan.changes == ()
    if direction is Direction.TO_B and not is_edited:
        assert plan.waiting == ()  # nothing would be made of either
        return
    (asked,) = plan.waiting
    assert {asked.record_id, *asked.candidates} == {ada, by_hand}
    _same(houses)
    houses.run()
    assert houses.counterpart(ada).id == by_hand
    assert [each.state for each in houses.links.values()] == [LinkState.ACTIVE]
    assert houses.plan().changes == ()


def test_S08_S18_such_a_copy_meets_its_record_for_the_first_time() -> None:
    houses, ada, _ = _linked(conflict=Conflict.A)
    _take_back(houses, ada)
    by_hand = houses.add_to_book(**ADA, office="+390457654321")
    houses.run()
    _same(houses)
    houses.run()
    assert houses.book[by_hand].fields["office"] == "+390451234567"  # the policy, not the copy, counts
    assert houses.crm[ada].fields["phone"] == OFFICE


def test_S01_S18_a_record_that_is_made_again_agrees_on_nothing_of_before() -> None:
    houses = _houses()
    houses.rows = (*ROWS, MappingRow("notes", "note"))
    ada = houses.add(**ADA, notes="Call after six")
    houses.run()
    _take_back(houses, ada)
    houses.crm[ada] = replace(houses.crm[ada], missing=frozenset({"notes"}))
    houses.edit(ada, company="Example Srl")
    houses.run()
    assert "note" not in houses.counterpart(ada).fields
    houses.crm[ada] = replace(houses.crm[ada], missing=frozenset())
    houses.run()
    assert houses.counterpart(ada).fields["note"] == "Call after six"


def test_S12_S18_a_held_pair_that_agreed_on_nothing_is_not_made_again_when_a_person_deletes_one() -> None:
    houses, _, book_id = _linked()
    (link,) = houses.links.values()
    houses.links[link.id] = replace(link, state=LinkState.HELD, base={})
    houses.delete(book_id)
    assert houses.run().changes == ()
    assert [each.state for each in houses.links.values()] == [LinkState.B_GONE]


@pytest.mark.parametrize("tie", Side)
def test_S06_two_records_that_each_lost_their_counterpart_become_one_pair_when_a_person_says_so(
    tie: Side,
) -> None:
    houses = _houses(tie=tie, conflict=Conflict.A)
    ada, other = (
        houses.add(**ADA, company="Example Srl"),
        houses.add(name="Old Card", email="old@example.test"),
    )
    houses.run()
    hers, others = houses.counterpart(ada).id, houses.counterpart(other).id
    houses.delete(hers)
    houses.delete(other)
    houses.run()
    houses.edit(others, **ADA, organization="By Hand Srl")
    (asked,) = houses.run().waiting
    assert (asked.record_id, asked.candidates) == ((ada, (others,)) if tie is Side.A else (others, (ada,)))
    _same(houses)
    houses.run()
    (link,) = houses.links.values()
    assert (link.a_id, link.b_id, link.state) == (ada, others, LinkState.ACTIVE)
    assert houses.book[others].fields["organization"] == "Example Srl"  # they met for the first time
    assert (houses.plan().changes, houses.plan().linkings) == ((), ())


def test_S23_no_person_is_asked_about_a_record_that_the_same_plan_deletes() -> None:
    houses, ada, book_id = _linked(deletes=Deletes.PROPAGATE)
    houses.delete(ada)
    again = houses.add(**ADA)
    plan = houses.run()
    assert {(each.op, each.record_id) for each in plan.changes} == {
        (Op.DELETE, book_id),
        (Op.CREATE, None),
    }
    assert plan.waiting == ()
    assert houses.counterpart(again).fields["name"] == "Ada Example"


@pytest.mark.parametrize("policy", Deletes)
@pytest.mark.parametrize("name", ["Ada Example", "Zoe Example"])
def test_S23_a_switchboards_number_raises_a_question_only_where_an_answer_matters(
    policy: Deletes, name: str
) -> None:
    houses, ada, _ = _linked(deletes=policy)
    houses.names_merge_winner = False
    bob, other = houses.add(name="Bob", phone=OFFICE), houses.add(name=name, phone=OFFICE)
    houses.run()
    houses.decisions += [
        Decision(each.side, each.record_id, Answer.NOT_THE_SAME, None, each.candidates)
        for each in houses.plan().waiting
    ]
    houses.run()
    houses.delete(ada)
    asked = [each for each in houses.run().waiting if each.question is Question.MERGED]
    found = {candidate for each in asked for candidate in each.candidates}
    if policy is Deletes.NEVER:
        assert found == ({other} if name == "Ada Example" else set())
    else:
        assert found == {bob, other}


def test_S23_a_number_of_one_other_record_raises_a_question_under_any_policy() -> None:
    houses, ada, _ = _linked()
    houses.names_merge_winner = False
    bob = houses.add(name="Bob", phone=OFFICE)
    houses.run()
    houses.delete(ada)
    (asked,) = houses.run().waiting
    assert (asked.question, asked.candidates) == (Question.MERGED, (bob,))


def test_S23_whoever_is_left_is_asked_about_before_the_counterpart_goes() -> None:
    houses, ada, book_id = _linked(deletes=Deletes.PROPAGATE)
    houses.names_merge_winner = False
    for number in range(MOST_CANDIDATES + 5):
        houses.add(name=f"Person {number}", phone=OFFICE)
    houses.run()
    houses.delete(ada)
    (asked,) = (each for each in houses.run().waiting if each.question is Question.MERGED)
    assert len(asked.candidates) == MOST_CANDIDATES
    said = Decision(Side.A, ada, Answer.NOT_THE_SAME, candidates=asked.candidates, question=Question.MERGED)
    houses.decisions.append(said)
    (rest,) = (each for each in houses.run().waiting if each.question is Question.MERGED)
    assert (len(rest.candidates), set(rest.candidates) & set(asked.candidates)) == (5, set())
    assert book_id in houses.book
    houses.decisions[-1:] = [replace(said, candidates=asked.candidates + rest.candidates)]
    houses.run()
    assert book_id not in houses.book


def test_the_delete_tag_goes_with_a_reason_when_the_record_is_back() -> None:
    houses, ada, _ = _linked(deletes=Deletes.TAG)
    houses.delete(ada)
    houses.run()
    houses.crm[ada] = houses.last[ada]
    (change,) = houses.run().changes
    assert change.fields == {"tags": (("Deleted in crm",), ())}
    assert change.reason == "Its counterpart is in crm again."


@pytest.mark.parametrize(
    ("conflict", "why"),
    [
        (Conflict.A, "It was changed in crm. Both sides changed Company: crm counts."),
        (Conflict.B, "It was changed in book. Both sides changed Company: book counts."),
        (Conflict.NEWEST, "It was changed in book. Both sides changed Company: book was changed last."),
    ],
)
def test_H02_the_reason_of_a_settled_conflict_names_the_side_that_counts(
    conflict: Conflict, why: str
) -> None:
    houses, ada, book_id = _linked(conflict=conflict)
    houses.edit(ada, company="Example Srl")
    houses.edit(book_id, organization="By Hand Srl")
    (change,) = houses.run().changes
    assert change.reason.replace("Organization", "Company") == why


def test_S18_a_link_that_is_held_no_more_says_why() -> None:
    houses, ada, book_id = _linked()
    (link,) = houses.links.values()
    houses.links[link.id] = replace(link, state=LinkState.HELD)
    houses.edit(ada, company="Example Srl")
    houses.edit(book_id, organization="Example Srl")
    plan = houses.run()
    assert plan.changes == ()
    assert [each.reason for each in plan.linkings] == ["It was edited since a write of it was taken back."]
    assert SkipKind.HELD not in {each.kind for each in plan.skipped}


def test_G06_people_whose_names_stand_in_two_fields_are_paired_by_number_and_name() -> None:
    houses = _houses()
    name, *others = CRM_FIELDS
    parts = (
        replace(name, name="last_name", label="Last name"),
        replace(name, name="first_name", label="First name", required=False),
    )
    houses.crm_fields = (*parts, *others)
    houses.rows = (MappingRow("first_name+last_name", "name", transform="name"), *ROWS[1:])
    ada = houses.add(first_name="Ada", last_name="Example", phone=OFFICE)
    firm = houses.add(company="Example Srl", phone="045 7654321")
    book_id = houses.add_to_book(name="Ada Example", office="+39 045 1234567")
    stands_in = houses.add_to_book(name="Example Srl", office="+39 045 7654321")
    houses.run()
    assert houses.counterpart(ada).id == book_id
    assert houses.counterpart(firm).id == stands_in


def test_S06_who_is_only_like_people_that_are_left_alone_is_left_alone_and_not_asked_about() -> None:
    houses = _houses()
    ada = houses.add(**ADA)
    twins = [houses.add_to_book(**ADA), houses.add_to_book(**ADA)]
    houses.decisions = [Decision(Side.B, each, Answer.SKIP) for each in twins]
    plan = houses.run()
    assert (plan.changes, plan.waiting) == ((), ())
    assert {each.record_id: each.kind for each in plan.skipped} == dict.fromkeys(
        (ada, *twins), SkipKind.PERSON
    )


def test_S11_a_pair_in_step_that_no_rule_takes_any_more_is_told_as_excluded() -> None:
    vips = Condition(Test.MEMBER, "tag", ("vip",))
    houses, ada, book_id = _linked()
    houses.connection = replace(
        houses.connection, rules=(Rule("VIPs", Side.B, vips), Rule("VIPs back", Side.A, vips))
    )
    plan = houses.plan()
    assert (plan.changes, plan.same) == ((), 0)
    assert {each.record_id: each.kind for each in plan.skipped} == dict.fromkeys(
        (ada, book_id), SkipKind.EXCLUDED
    )


def test_S19_no_side_of_a_linked_pair_is_written_while_a_rule_of_the_other_way_is_undecided() -> None:
    houses, ada, book_id = _linked()
    noted = Rule("Noted", Side.A, Condition(Test.CONTAINS, "note", ("six",)))
    houses.connection = replace(houses.connection, rules=(Rule("There", Side.B), noted))
    houses.edit(ada, company="Example Srl")
    houses.book[book_id] = replace(houses.book[book_id], missing=frozenset({"note"}))
    plan = houses.plan()
    assert (plan.changes, plan.linkings) == ((), ())
    assert [(each.record_id, each.missing) for each in plan.unread] == [(book_id, ("note",))]


def test_G07_S06_both_sides_of_a_doubtful_pair_wait_and_neither_is_made() -> None:
    houses = _houses()
    houses.add(name="Ada Example", email="info@example.test")
    houses.run()
    zoe = houses.add(name="Zoe", email="info@example.test")
    bob = houses.add_to_book(name="Bob", email="info@example.test")
    plan = houses.run()
    assert plan.changes == ()
    assert {each.record_id: each.candidates for each in plan.waiting} == {zoe: (bob,), bob: (zoe,)}
