"""What a one-way plan does with links, with records that went away, and with those that meet first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from linedesk.apps.records import RecordState
from linedesk.errors import SyncImpossible
from linedesk.sync.conditions import usual_rules
from linedesk.sync.model import Agreed, Answer, Decision, Direction, Link, LinkState, MappingRow, Op, Side
from linedesk.sync.plan import make_plan
from sync.plan_house import CONNECTION, ROWS, Houses, mirrored


def _pair() -> tuple[Houses, str]:
    houses = Houses()
    ada = houses.add(name="Ada Example", email="ada@example.test", phone="045 1234567", company="Example Srl")
    houses.run()
    return houses, ada


def test_a_new_contact_is_made_with_public_numbers_in_international_form() -> None:
    houses = Houses()
    houses.add(
        name="Ada Example", email="ada@example.test", phone="045 1234567", mobile="201", notes="private"
    )
    (change,) = houses.plan().changes
    assert change.op is Op.CREATE
    assert change.side is Side.B
    assert change.fields == {
        "name": (None, "Ada Example"),
        "email": (None, "ada@example.test"),
        "office": (None, "+390451234567"),
        "mobile": (None, "201"),
    }


def test_a_contact_without_a_number_is_made_too() -> None:
    houses = Houses()
    houses.add(name="Ada Example")
    assert [change.op for change in houses.plan().changes] == [Op.CREATE]


@pytest.mark.parametrize("state", [RecordState.BLOCKED, RecordState.DELETED, RecordState.ARCHIVED])
def test_a_contact_that_is_not_active_is_skipped_with_the_reason(state: RecordState) -> None:
    houses = Houses()
    houses.add(state, name="Ada Example")
    plan = houses.plan()
    assert plan.changes == ()
    assert len(plan.skipped) == 1
    assert "crm" in plan.skipped[0].reason


def test_S07_a_change_of_name_number_and_email_is_an_update_of_exactly_these() -> None:
    houses, ada = _pair()
    houses.edit(ada, name="Ada Other", email="other@example.test", phone="06 7654321")
    (change,) = houses.plan().changes
    assert change.op is Op.UPDATE
    assert set(change.fields) == {"name", "email", "office"}
    assert change.fields["name"] == ("Ada Example", "Ada Other")


def test_S13_fields_that_no_row_maps_are_in_no_change() -> None:
    houses, ada = _pair()
    book_id = houses.counterpart(ada).id
    houses.edit(book_id, note="mine", shortcut="42")
    houses.edit(ada, notes="theirs", name="Ada Other")
    (change,) = houses.run().changes
    assert set(change.fields) == {"name"}
    assert houses.book[book_id].fields["note"] == "mine"


def test_S04_a_value_edited_by_hand_in_the_target_is_written_again_and_kept_in_the_change() -> None:
    houses, ada = _pair()
    houses.edit(houses.counterpart(ada).id, organization="By Hand Ltd")
    (change,) = houses.plan().changes
    assert change.fields == {"organization": ("By Hand Ltd", "Example Srl")}
    assert "book" in change.reason


@pytest.mark.parametrize("spelling", ["045 1234567", "+39 045 123 4567", "0039 045 1234567"])
def test_S14_a_number_spelt_otherwise_by_hand_is_left_as_the_person_wrote_it(spelling: str) -> None:
    houses, ada = _pair()
    houses.edit(houses.counterpart(ada).id, office=spelling)
    assert houses.plan().changes == ()


def test_S14_what_the_vendor_makes_of_a_write_is_no_edit() -> None:
    houses = Houses(normalise=lambda name, value: str(value).upper()[:6])
    houses.add(name="Ada Example", company="Example Srl", address="Via Roma 1")
    houses.run()
    second = houses.plan()
    assert (second.changes, second.linkings, second.same) == ((), (), 1)


def test_S14_an_edit_after_a_vendor_changed_the_text_is_still_seen() -> None:
    houses = Houses(normalise=lambda name, value: str(value).upper())
    ada = houses.add(name="Ada Example", company="Example Srl")
    houses.run()
    houses.edit(ada, company="Other Srl")
    (change,) = houses.plan().changes
    assert change.fields == {"organization": ("EXAMPLE SRL", "Other Srl")}


def test_a_value_that_became_blank_is_cleared_and_one_that_always_was_blank_is_not() -> None:
    houses, ada = _pair()
    houses.edit(houses.counterpart(ada).id, address="Via Roma 1")
    houses.edit(ada, company="", address=None)
    (change,) = houses.run().changes
    assert change.fields == {"organization": ("Example Srl", "")}
    assert houses.counterpart(ada).fields["address"] == "Via Roma 1"
    assert houses.plan().changes == ()


def test_a_field_that_a_listing_does_not_tell_is_not_empty() -> None:
    houses, ada = _pair()
    old = houses.crm[ada]
    fields = {name: value for name, value in old.fields.items() if name != "company"}
    houses.crm[ada] = replace(old, fields=fields, missing=frozenset({"company"}))
    plan = houses.plan()
    assert (plan.changes, plan.linkings) == ((), ())


@pytest.mark.parametrize("state", [RecordState.DELETED, RecordState.BLOCKED])
def test_S12_a_contact_deleted_or_blocked_in_the_crm_writes_nothing_and_comes_back_by_its_link(
    state: RecordState,
) -> None:
    houses, ada = _pair()
    houses.edit(ada, name="Ada Other")
    houses.set_state(ada, state)
    plan = houses.run()
    assert plan.changes == ()
    assert [skipped.record_id for skipped in plan.skipped] == [ada]
    houses.set_state(ada, RecordState.ACTIVE)
    (change,) = houses.run().changes
    assert change.op is Op.UPDATE
    assert {link.state for link in houses.links.values()} == {LinkState.ACTIVE}


def test_S12_absence_counts_only_in_a_complete_listing() -> None:
    houses, ada = _pair()
    del houses.crm[ada]
    houses.whole = False
    assert houses.plan().linkings == ()
    houses.whole = True
    (linking,) = houses.plan().linkings
    assert linking.link.state is LinkState.A_GONE


def test_a_contact_deleted_in_the_phonebook_is_never_made_again() -> None:
    houses, ada = _pair()
    houses.book.clear()
    first = houses.run()
    assert first.changes == ()
    assert [linking.link.state for linking in first.linkings] == [LinkState.B_GONE]
    houses.edit(ada, name="Ada Other")
    second = houses.run()
    assert (second.changes, second.linkings) == ((), ())
    assert "not made again" in second.skipped[0].reason


def test_S04_at_the_first_meeting_the_sources_values_win_and_what_only_the_target_has_stays() -> None:
    houses = Houses()
    ada = houses.add(name="Ada Example", email="ada@example.test", company="Example Srl")
    houses.add_to_book(
        name="ADA EXAMPLE", email="ADA@example.test", organization="Old Srl", mobile="333 1234567", note="vip"
    )
    (change,) = houses.run().changes
    assert change.op is Op.UPDATE
    assert change.fields == {
        "name": ("ADA EXAMPLE", "Ada Example"),
        "organization": ("Old Srl", "Example Srl"),
    }
    assert houses.counterpart(ada).fields["mobile"] == "333 1234567"
    assert houses.counterpart(ada).fields["note"] == "vip"


def test_S06_an_unsure_record_waits_and_nothing_is_made_or_overwritten_until_a_person_says() -> None:
    houses = Houses()
    ada = houses.add(name="Ada Example", email="info@example.test")
    one = houses.add_to_book(name="Ada", email="info@example.test")
    two = houses.add_to_book(name="Eva", email="info@example.test")
    plan = houses.run()
    assert plan.changes == ()
    (waiting,) = plan.waiting
    assert (waiting.record_id, set(waiting.candidates)) == (ada, {one, two})
    houses.decisions.append(Decision(Side.A, ada, Answer.SAME, chosen_id=two))
    houses.run()
    assert houses.counterpart(ada).id == two


def test_a_person_can_say_that_it_is_none_of_them_or_that_it_is_left_alone() -> None:
    houses = Houses()
    ada = houses.add(name="Ada Example", email="info@example.test")
    bob = houses.add(name="Bob Example", email="bob@example.test")
    book_id = houses.add_to_book(name="Reception", email="info@example.test")
    houses.decisions = [
        Decision(Side.A, ada, Answer.NOT_THE_SAME, candidates=(book_id,)),
        Decision(Side.A, bob, Answer.SKIP),
    ]
    plan = houses.plan()
    assert [(change.op, change.source_id) for change in plan.changes] == [(Op.CREATE, ada)]
    assert [skipped.record_id for skipped in plan.skipped] == [bob]


def test_S23_a_record_made_anew_waits_for_a_person_beside_what_its_forerunner_left() -> None:
    houses, ada = _pair()
    book_id = houses.counterpart(ada).id
    fields: dict[str, Any] = dict(houses.crm.pop(ada).fields)
    again = houses.add(**fields)
    plan = houses.run()
    assert plan.changes == ()
    assert [(waiting.record_id, waiting.candidates) for waiting in plan.waiting] == [(again, (book_id,))]
    houses.decisions.append(Decision(Side.A, again, Answer.SAME, chosen_id=book_id))
    houses.edit(again, name="Ada Again")
    (change,) = houses.run().changes
    assert (change.op, change.record_id) == (Op.UPDATE, book_id)
    assert houses.counterpart(again).fields["name"] == "Ada Again"
    assert len(houses.book) == len(houses.links) == 1


def test_S23_the_link_follows_the_winner_of_any_number_of_merges() -> None:
    houses, ada = _pair()
    houses.crm.pop(ada)
    winner = houses.add(
        name="Ada Winner", email="ada@example.test", phone="045 1234567", company="Example Srl"
    )
    houses.crm_merged = {ada: "c-between", "c-between": winner}
    (change,) = houses.run().changes
    assert change.fields == {"name": ("Ada Example", "Ada Winner")}
    assert houses.counterpart(winner).id == change.record_id
    assert houses.plan().changes == ()


def test_a_link_is_found_again_by_the_id_its_record_carries() -> None:
    houses, ada = _pair()
    old = houses.counterpart(ada)
    del houses.book[old.id]
    new_id = houses.add_to_book(**cast(dict[str, Any], dict(old.fields)))
    plan = houses.run()
    assert plan.changes == ()
    assert houses.counterpart(ada).id == new_id


def test_links_are_rebuilt_from_the_ids_that_both_records_carry() -> None:
    houses = Houses()
    houses.add(name="Ada", external_id="ld-7")
    book_id = houses.add_to_book(name="Somebody Else", document_id="ld-7")
    (change,) = houses.plan().changes
    assert (change.op, change.record_id, change.link_id) == (Op.UPDATE, book_id, "ld-7")


def test_an_external_id_that_somebody_else_wrote_says_nothing() -> None:
    houses = Houses()
    houses.add(name="Ada", external_id="crm:7")
    houses.add_to_book(name="Somebody Else", document_id="crm:7")
    (change,) = houses.plan().changes
    assert change.op is Op.CREATE
    assert change.link_id != "crm:7"


def test_a_record_with_nothing_to_name_it_by_is_a_problem_and_the_rest_goes_on() -> None:
    houses = Houses()
    nameless = houses.add(address="Via Roma 1")
    houses.add(name="Ada")
    plan = houses.plan()
    assert [problem.record_id for problem in plan.problems] == [nameless]
    assert "Name" in plan.problems[0].sentence
    assert len(plan.changes) == 1


def test_a_record_without_a_name_takes_its_company_and_a_hand_written_name_is_not_replaced_by_it() -> None:
    houses = Houses()
    record_id = houses.add(name=" ", company="Example Srl", phone="045 1234567")
    (change,) = houses.run().changes
    assert change.fields["name"] == (None, "Example Srl")
    assert any("Company" in note for note in change.notes)
    houses.edit(record_id, company="Other Srl")
    assert set(houses.run().changes[0].fields) == {"name", "organization"}
    houses.edit(houses.counterpart(record_id).id, name="Anna of Other Srl")
    assert houses.plan().changes == ()


def test_40_numbers_and_a_name_of_10000_characters_end_in_notes_and_are_quiet_afterwards() -> None:
    houses = Houses()
    numbers = ", ".join(f"+39 045 1234{number:03}" for number in range(40))
    ada = houses.add(name="Ada " * 2500, phone=numbers, mobile="call me " * 20)
    (change,) = houses.run().changes
    assert change.fields["office"] == (None, "+390451234000")
    assert any("40 numbers" in note for note in change.notes)
    assert len(str(change.fields["name"][1])) <= 255
    assert any("cut" in note for note in change.notes)
    assert "mobile" not in change.fields
    assert any("left as it is" in note for note in change.notes)
    assert houses.plan().changes == ()
    houses.edit(ada, name="Ada")
    assert set(houses.plan().changes[0].fields) == {"name"}


def test_S10_a_connection_to_a_writes_on_a_only_and_is_the_mirror_image() -> None:
    houses, ada = _pair()
    houses.edit(ada, name="Ada Other")
    houses.add(name="Bob Example", mobile="333 1234567")
    a, b = houses.known()
    links = [
        Link(link.id, link.b_id, link.a_id, {_turn(key): Agreed(v.b, v.a) for key, v in link.base.items()})
        for link in houses.links.values()
    ]
    there = houses.plan()
    rules = usual_rules(Direction.TO_A, ())
    connection = replace(CONNECTION, direction=Direction.TO_A, rules=rules)
    back = make_plan(connection, mirrored(ROWS), b, a, links, (), houses.new_id)
    assert {change.side for change in back.changes} == {Side.A}
    assert [(c.op, c.record_id, c.source_id, c.fields) for c in back.changes] == [
        (c.op, c.record_id, c.source_id, c.fields) for c in there.changes
    ]


def _turn(key: str) -> str:
    a, b = key.split("=")
    return f"{b}={a}"


def test_S10_a_row_that_goes_the_other_way_writes_nothing() -> None:
    houses = Houses(rows=(*ROWS[:1], MappingRow("email", "email", Direction.TO_A)))
    houses.add(name="Ada", email="ada@example.test")
    assert set(houses.plan().changes[0].fields) == {"name"}


def test_rows_that_can_not_work_end_in_a_sentence() -> None:
    houses = Houses(rows=(MappingRow("name", "nickname"),))
    with pytest.raises(SyncImpossible, match="nickname"):
        houses.plan()


def test_S19_the_hash_names_the_content_and_not_the_order_or_the_ids_of_links() -> None:
    one, other = Houses(), Houses()
    for houses, names in ((one, ("Ada", "Bob")), (other, ("Bob", "Ada"))):
        for name in names:
            houses.add(name=name)
    other.crm = {record.id: record for record in reversed(list(one.crm.values()))}
    assert one.plan().hash == other.plan().hash
    other.edit(next(iter(other.crm)), name="Eva")
    assert one.plan().hash != other.plan().hash
    assert Houses().plan().hash != one.plan().hash


@pytest.mark.parametrize("step_by_step", [False, True])
def test_S06_an_address_of_several_people_is_as_unsure_once_one_of_them_is_linked(step_by_step: bool) -> None:
    """Else the next run would take Bob's entry for Cleo, and give it her name, without asking anybody."""
    houses = Houses()
    houses.add(name="Ada Example", email="info@example.test")
    houses.add_to_book(name="Ada Example", email="info@example.test")
    if step_by_step:
        houses.run()
    cleo = houses.add(name="Cleo Other", email="info@example.test")
    bob = houses.add_to_book(name="Bob Third", email="info@example.test")
    for _ in range(2):
        plan = houses.run()
        assert [(each.record_id, each.candidates) for each in plan.waiting] == [(cleo, (bob,))]
        assert houses.book[bob].text("name") == "Bob Third"
