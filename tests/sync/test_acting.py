"""What actions of rules do on the target, once, and what is taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from linedesk.apps.records import Entry, Value
from linedesk.sync.acting import Acted, act
from linedesk.sync.memberships import groups_of
from linedesk.sync.model import Applied, Known, Side
from linedesk.sync.rules import Action, Do, Rule
from sync.rules_house import CRM, FIELDS, add, after, in_lists, put, record, remove, rule

ANNA = record(city="Milan", tags=("b", "Wholesale", "a"))


def acted(
    rules: tuple[Rule, ...],
    target: object = ANNA,
    *,
    known: Known = CRM,
    applied: dict[str, Applied] | None = None,
    drafted: dict[str, Value] | None = None,
) -> Acted:
    return act(rules, target, known, applied or {}, Side.B, drafted=drafted)  # type: ignore[arg-type]


def kept(done: Acted, before: dict[str, Applied] | None = None) -> dict[str, Applied]:
    """`Link.applied` after it."""
    merged = {**(before or {}), **done.applied}
    return {key: each for key, each in merged.items() if each is not None}


def test_a_tag_is_added_behind_the_others_and_the_link_remembers_it() -> None:
    done = acted((rule(None, add("VIP")),))
    assert done.fields == {"tags": (("b", "Wholesale", "a"), ("b", "Wholesale", "a", "VIP"))}
    assert done.applied == {"b:add:tag:vip": Applied(Side.B, "tags", (), ("VIP",), "Customers", revert=True)}
    assert (done.rule, done.notes, done.missing) == ("Customers", (), ())


def test_a_tag_that_is_there_in_another_case_is_not_added_and_is_nobodys_doing() -> None:
    assert acted((rule(None, add("WHOLESALE")),)) == Acted()


def test_a_tag_is_removed_in_every_case_and_the_others_stay_where_they_are() -> None:
    done = acted((rule(None, remove("wholesale")),), record(tags=("b", "Wholesale", "a", "WHOLESALE")))
    assert done.fields["tags"][1] == ("b", "a")
    assert done.applied["b:remove:tag:wholesale"] == Applied(
        Side.B, "tags", ("Wholesale", "WHOLESALE"), (), "Customers", revert=True
    )
    assert acted((rule(None, remove("nothing such")),)) == Acted()


def test_a_new_record_is_made_with_what_actions_add() -> None:
    rules = (rule(None, add("VIP"), put("city", "Rome"), remove("x"), add("News", kind="list")),)
    done = acted(rules, None, known=in_lists(), drafted={"name": "Anna", "tags": ("a",)})
    assert done.fields == {"tags": (None, ("a", "VIP")), "city": (None, "Rome"), "@list:News": (None, True)}
    assert set(done.applied) == {"b:add:tag:vip", "b:set:city:", "b:add:list:news"}


def test_actions_come_on_top_of_what_the_sync_writes() -> None:
    done = acted((rule(None, add("VIP"), put("city", "Rome")),), drafted={"tags": ("new",), "city": "Bari"})
    assert done.fields == {"tags": (("b", "Wholesale", "a"), ("new", "VIP")), "city": ("Milan", "Rome")}
    assert kept(done)["b:set:city:"].before == "Bari"


@pytest.mark.parametrize("action", [add("VIP"), remove("wholesale"), put("city", "Rome")])
def test_what_a_person_undoes_by_hand_is_not_done_again(action: Action) -> None:
    first = acted((rule(None, action),))
    assert first.fields
    assert acted((rule(None, action),), applied=kept(first)) == Acted()


@pytest.mark.parametrize("action", [add("VIP"), remove("wholesale"), put("city", "Rome")])
def test_what_no_rule_wants_any_more_is_taken_back(action: Action) -> None:
    first = acted((rule(None, action),))
    back = acted((rule(None, name="Other"),), after(ANNA, first.fields), applied=kept(first))
    assert set(back.applied.values()) == {None}
    assert back.rule == "Customers"
    restored = after(after(ANNA, first.fields), back.fields)
    assert set(restored.fields["tags"]) == set(ANNA.fields["tags"])  # type: ignore[arg-type]
    assert restored.fields["city"] == "Milan"
    again = acted((rule(None, action),), restored, applied=kept(back, kept(first)))
    assert set(again.fields) == set(first.fields)


@pytest.mark.parametrize(
    ("action", "edited"),
    [
        (add("VIP"), record(city="Milan", tags=("b", "mine"))),
        (remove("wholesale"), record(city="Milan", tags=("wholesale",))),
        (put("city", "Rome"), record(city="Bari", tags=())),
    ],
)
def test_what_somebody_changed_since_is_not_taken_back_but_forgotten(action: Action, edited: object) -> None:
    first = acted((rule(None, action),))
    back = acted((), edited, applied=kept(first))
    assert back.fields == {}
    assert set(back.applied.values()) == {None}


def test_other_tags_that_came_since_stay_when_one_is_taken_back() -> None:
    first = acted((rule(None, add("VIP")),))
    edited = record(tags=("VIP", "b", "new"))
    assert acted((), edited, applied=kept(first)).fields == {"tags": (("VIP", "b", "new"), ("b", "new"))}


def test_without_revert_nothing_is_taken_back_and_it_is_not_done_again() -> None:
    action = add("VIP", revert=False)
    first = acted((rule(None, action),))
    tagged = after(ANNA, first.fields)
    assert acted((), tagged, applied=kept(first)) == Acted()
    assert acted((rule(None, action),), ANNA, applied=kept(first)) == Acted()


def test_two_rules_that_want_the_same_have_it_once_and_it_stays_while_one_wants_it() -> None:
    one, two = rule(None, add("VIP"), name="1"), rule(None, add("vip"), name="2")
    first = acted((one, two))
    assert list(first.applied) == ["b:add:tag:vip"]
    assert first.rule == "1"
    tagged = after(ANNA, first.fields)
    assert acted((two,), tagged, applied=kept(first)) == Acted()
    assert acted((), tagged, applied=kept(first)).fields["tags"][1] == ("b", "Wholesale", "a")


def test_of_opposite_actions_the_first_rule_decides() -> None:
    both = (rule(None, remove("wholesale"), name="1"), rule(None, add("Wholesale"), name="2"))
    assert acted(both).fields["tags"][1] == ("b", "a")
    assert acted(both[::-1]) == Acted()


def test_of_two_values_for_a_field_the_first_rule_decides() -> None:
    rules = (rule(None, put("city", "Rome"), name="1"), rule(None, put("city", "Bari"), name="2"))
    first = acted(rules)
    assert first.fields["city"][1] == "Rome"
    second = acted(rules[1:], after(ANNA, first.fields), applied=kept(first))
    assert second.fields["city"] == ("Rome", "Bari")
    assert second.applied["b:set:city:"] == Applied(Side.B, "city", "Milan", "Bari", "2", revert=True)


def test_a_new_value_in_the_rule_is_set_once_and_goes_back_to_what_the_person_had() -> None:
    first = acted((rule(None, put("city", "Rome")),))
    edited = replace(ANNA, fields={"city": "by hand"})
    second = acted((rule(None, put("city", "Bari")),), edited, applied=kept(first))
    assert second.fields["city"] == ("by hand", "Bari")
    back = acted((), after(edited, second.fields), applied=kept(second, kept(first)))
    assert back.fields["city"] == ("Bari", "by hand")


@pytest.mark.parametrize(
    ("field", "text", "sent"),
    [
        ("tier", "silver", "2"),
        ("newsletter", "yes", True),
        ("employees", "12", 12),
        ("employees", "1.5", 1.5),
        ("customer_since", "2026-01-31", "2026-01-31"),
        ("city", "x" * 30, "x" * 20),
        ("city", " Rome ", "Rome"),
        ("tags", "only", ("only",)),
        ("city", "", None),
    ],
)
def test_a_value_is_sent_as_the_field_holds_it(field: str, text: str, sent: Value) -> None:
    assert acted((rule(None, put(field, text)),)).fields[field][1] == sent


@pytest.mark.parametrize(
    ("field", "text", "note"),
    [
        ("tier", "Bronze", "none of the choices of Tier"),
        ("newsletter", "maybe", "neither yes nor no"),
        ("employees", "many", "not a number"),
        ("employees", "inf", "not a number"),
        ("customer_since", "soon", "not a date"),
        ("verified", "yes", "Verified can only be read"),
        ("zzz", "x", "there is no field zzz"),
    ],
)
def test_a_value_that_the_field_cannot_hold_is_not_sent_and_a_note_says_so(
    field: str, text: str, note: str
) -> None:
    done = acted((rule(None, put(field, text)),))
    assert (done.fields, done.applied) == ({}, {})
    assert note in " ".join(done.notes)


def test_a_target_that_is_not_read_yet_is_waited_for() -> None:
    unread = record(city="Milan", missing=("tags",))
    done = acted((rule(None, add("VIP"), put("city", "Rome")),), unread)
    assert done.missing == ("tags",)
    assert set(done.fields) == {"city"}
    held = kept(acted((rule(None, add("VIP")),)))
    assert acted((), unread, applied=held) == Acted(missing=("tags",))


def test_S10_what_was_done_on_the_other_side_is_left_alone() -> None:
    other = {"a:add:tag:vip": Applied(Side.A, "tags", (), ("VIP",), "Back", revert=True)}
    assert acted((), record(tags=("VIP",)), applied=other) == Acted()
    assert acted((rule(None, add("VIP")),), applied=other).fields["tags"][1][-1:] == ("VIP",)  # type: ignore[index]


def test_membership_of_a_list_is_a_change_of_its_own() -> None:
    joins = (rule(None, add("news", kind="list")),)
    done = acted(joins, record("7"), known=in_lists(News=()))
    assert done.fields == {"@list:News": (False, True)}
    assert acted(joins, record("7"), known=in_lists(News=("7",))) == Acted()
    back = acted((), record("7"), known=in_lists(News=("7",)), applied=kept(done))
    assert back.fields == {"@list:News": (True, False)}
    leaves = (rule(None, remove("news", kind="list")),)
    assert acted(leaves, record("7"), known=in_lists(News=("7",))).fields == {"@list:News": (True, False)}
    assert acted(joins, record("7")).missing == ("@list:news",)


def test_a_kind_of_groups_that_the_app_has_not_is_noted() -> None:
    assert acted((rule(None, add("x", kind="label")),)).notes == (
        "crm has no label; nothing is done with it.",
    )


def test_words_keep_their_labels() -> None:
    labelled = replace(ANNA, fields={"tags": (Entry("a", "red"), Entry("B", "blue"))})
    assert acted((rule(None, add("c")),), labelled).fields["tags"][1] == (
        Entry("a", "red"), Entry("B", "blue"), Entry("c")
    )  # fmt: skip
    gone = acted((rule(None, remove("b")),), labelled)
    back = acted((), after(labelled, gone.fields), applied=kept(gone))
    assert back.fields["tags"][1] == labelled.fields["tags"]
    again = replace(ANNA, fields={"tags": (Entry("b", "by hand"),)})
    assert acted((), again, applied=kept(gone)).fields == {}


def test_a_field_that_holds_one_group_only() -> None:
    one = replace(CRM, fields={**FIELDS, "tags": replace(FIELDS["tags"], many=False)})
    held = record(tags="Silver")
    done = acted((rule(None, add("Gold")),), held, known=one)
    assert done.fields == {"tags": ("Silver", "Gold")}
    back = acted((), record(tags="gold"), known=one, applied=kept(done))
    assert back.fields == {"tags": ("gold", "Silver")}
    assert acted((), record(tags="Bronze"), known=one, applied=kept(done)).fields == {}


def test_the_groups_that_actions_need_are_those_on_no_field() -> None:
    rules = (rule(None, add("x"), add("News", kind="list"), put("city", "Rome")),)
    assert groups_of(rules, Side.B, FIELDS) == {"@list:News"}
    assert groups_of(rules, Side.A, FIELDS) == frozenset()
    assert Action(Do.SET, "city", "Rome").key == "set:city:"
