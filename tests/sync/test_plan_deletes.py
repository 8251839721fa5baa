"""What a two-way plan does when a record is gone: deletes by policy, and merges that nobody named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from linedesk.sync.model import Answer, Decision, LinkState, Op, Question, Side, SkipKind
from linedesk.sync.policies import Deletes
from sync.plan_linked import ONLY_VIPS
from sync.plan_linked import linked as _linked


def test_H03_S12_a_delete_goes_along_only_by_policy_once_and_with_all_that_it_held() -> None:
    houses, ada, book_id = _linked(deletes=Deletes.PROPAGATE)
    held = dict(houses.book[book_id].fields)
    houses.delete(ada)
    (change,) = houses.run().changes
    assert (change.side, change.op, change.record_id, change.source_id) == (Side.B, Op.DELETE, book_id, ada)
    assert change.fields == {name: (value, None) for name, value in held.items()}
    assert houses.plan().changes == ()
    assert [each.state for each in houses.links.values()] != [LinkState.ACTIVE]


@pytest.mark.parametrize("before", [Deletes.NEVER, Deletes.TAG])
def test_S12_a_policy_that_is_set_later_deletes_nothing_of_what_went_before(before: Deletes) -> None:
    houses, ada, book_id = _linked(deletes=before)
    houses.delete(ada)
    houses.run()
    houses.connection = replace(houses.connection, deletes=Deletes.PROPAGATE)
    assert houses.plan().changes == ()
    assert book_id in houses.book


def test_S11_S12_what_left_the_rules_before_it_was_deleted_takes_nothing_along() -> None:
    houses, ada, book_id = _linked(deletes=Deletes.PROPAGATE, rules=ONLY_VIPS)
    houses.edit(ada, tags=())
    houses.delete(ada)
    plan = houses.run()
    assert plan.changes == ()
    assert [each.kind for each in plan.skipped] == [SkipKind.EXCLUDED]
    assert book_id in houses.book


def test_S04_a_record_is_not_deleted_before_all_of_it_is_read() -> None:
    houses, ada, book_id = _linked(deletes=Deletes.PROPAGATE)
    houses.book[book_id] = replace(houses.book[book_id], missing=frozenset({"note"}))
    houses.delete(ada)
    plan = houses.plan()
    assert plan.changes == ()
    assert [(each.record_id, each.missing) for each in plan.unread] == [(book_id, ("note",))]


def test_the_delete_tag_is_given_once_and_goes_when_the_record_comes_back() -> None:
    houses, ada, book_id = _linked(deletes=Deletes.TAG)
    before = houses.crm[ada]
    houses.delete(ada)
    (change,) = houses.run().changes
    assert change.fields == {"tags": (("vip",), ("vip", "Deleted in crm"))}
    houses.edit(book_id, tags=("vip",))  # a person does not want it
    assert houses.run().changes == ()
    houses.edit(book_id, tags=("vip", "Deleted in crm"))
    houses.crm[ada] = before
    (change,) = houses.run().changes
    assert change.fields == {"tags": (("vip", "Deleted in crm"), ("vip",))}
    assert houses.plan().changes == ()


@pytest.mark.parametrize("policy", list(Deletes))
def test_H07_what_was_deleted_on_either_side_is_not_made_again(policy: Deletes) -> None:
    for side in Side:
        houses, ada, book_id = _linked(deletes=policy)
        houses.delete(ada if side is Side.A else book_id)
        for _ in range(3):
            plan = houses.run()
            assert all(each.op is not Op.CREATE for each in plan.changes)


@pytest.mark.parametrize("policy", list(Deletes))
def test_S23_a_vanished_record_whose_number_another_holds_waits_for_a_person(policy: Deletes) -> None:
    houses, ada, book_id = _linked(deletes=policy)
    houses.names_merge_winner = False
    winner = houses.add(name="A. Example", mobile="+39 045 1234567")
    houses.delete(ada)
    plan = houses.run()
    assert (plan.changes, plan.linkings) == ((), ())
    asked = {each.record_id: (each.question, each.candidates) for each in plan.waiting}
    assert asked == {ada: (Question.MERGED, (winner,)), winner: (Question.PAIR, (book_id,))}
    same = Decision(Side.A, ada, Answer.SAME, chosen_id=winner, question=Question.MERGED)
    houses.decisions = [same]
    houses.run()
    assert houses.counterpart(winner).id == book_id
    assert len(houses.crm) == len(houses.book) == 1
    assert houses.plan().waiting == ()


def test_S23_not_the_same_means_the_policy_and_a_linked_winner_keeps_its_own_link() -> None:
    for answer in (Answer.NOT_THE_SAME, Answer.SAME):
        houses, ada, book_id = _linked(deletes=Deletes.PROPAGATE)
        bob = houses.add(name="Bob Example", phone="045 1234567")
        houses.run()
        houses.names_merge_winner = False
        houses.delete(ada)
        (waiting,) = houses.run().waiting
        assert (waiting.question, waiting.candidates) == (Question.MERGED, (bob,))
        chosen = bob if answer is Answer.SAME else None
        houses.decisions = [Decision(Side.A, ada, answer, chosen, (bob,), Question.MERGED)]
        ops = [each.op for each in houses.run().changes]
        assert ops == ([] if answer is Answer.SAME else [Op.DELETE])
        assert houses.counterpart(bob).id != book_id
        assert houses.plan().waiting == ()
