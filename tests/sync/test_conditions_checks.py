"""What can't work in rules is said before a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from linedesk.apps.records import FieldInfo, FieldKind, Group
from linedesk.sync.acting_checks import check_groups
from linedesk.sync.conditions import check_rules, unruled
from linedesk.sync.model import Direction, MappingRow, Side
from linedesk.sync.rules import Action, All, Not, Rule, Test
from sync.rules_house import FIELDS, add, asks, put, remove, rule

KINDS = {Side.A: ("tag", "list"), Side.B: ("tag",)}
BOTH = {Side.A: FIELDS, Side.B: FIELDS}
VIP = asks(Test.MEMBER, "tag", "vip")


def wrong(
    *rules: Rule, direction: Direction = Direction.BOTH, rows: Sequence[MappingRow] = ()
) -> tuple[str, ...]:
    return check_rules(rules, BOTH, KINDS, direction, rows)


def test_rules_that_can_work_are_not_complained_about() -> None:
    fine = rule(
        All((VIP, Not(asks(Test.EQUALS, "tier", "gold")), asks(Test.OWNER, "", "Lena"))),
        add("from CRM"),
        put("city", "Rome"),
        put("tier", "Silver"),
        put("employees", "12"),
        put("customer_since", "2026-01-31"),
        put("newsletter", "yes"),
    )
    assert wrong(fine, rule(None, name="Back", to=Side.A)) == ()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (rule(asks(Test.EQUALS, "cty", "x")), 'has no field "cty" (did you mean `city`?)'),
        (rule(Not(asks(Test.EMPTY, "zzz"))), 'the app that it reads has no field "zzz".'),
        (rule(asks(Test.MEMBER, "lists", "x")), "no groups of the kind lists (did you mean `list`?)"),
        (rule(None, add("x", kind="label")), "the app that it writes has no groups of the kind label."),
        (rule(None, add("x", kind="list")), "the app that it writes has no groups of the kind list."),
        (rule(asks(Test.CREATED_SINCE, "", "31.1.2026")), '"31.1.2026" is no date'),
        (rule(asks(Test.CHANGED_SINCE)), '"" is no date'),
        (
            rule(asks(Test.EQUALS, "tier", "Bronze")),
            '"Tier" is never "Bronze": its choices are Gold, Silver.',
        ),
        (rule(asks(Test.EQUALS, "employees", "many")), '"Employees" is never "many": it holds a number.'),
        (rule(asks(Test.ONE_OF, "customer_since", "soon")), "it holds a date"),
        (rule(asks(Test.EQUALS, "newsletter", "maybe")), "it holds yes or no"),
        (rule(None, put("ctiy", "x")), 'the app that it writes has no field "ctiy" (did you mean `city`?)'),
        (rule(None, put("verified", "yes")), '"Verified" can only be read'),
        (rule(None, put("crm_id", "7")), '"ID" can only be read'),
        (rule(None, put("email", "a@example.com")), '"E-mail" must be different in each record'),
        (rule(None, put("name", " ")), '"Name" can\'t be empty'),
        (rule(None, put("tier", "Bronze")), "The value is none of the choices of Tier"),
        (rule(None, put("employees", "many")), "The value is not a number"),
        (rule(None, put("customer_since", "31.1.")), "The value is not a date"),
        (rule(None, put("city", "1"), put("city", "2")), 'sets the field "city" twice'),
        (rule(None, add("x"), remove("X")), 'both adds and removes the tag "X"'),
        (rule(None, add(" ")), "it names no tag"),
    ],
)
def test_what_cannot_work_is_said_with_the_name_of_the_rule(given: Rule, says: str) -> None:
    (sentence,) = wrong(given)
    assert says in sentence
    assert sentence.startswith('Rule "Customers"')
    assert sentence.endswith(".")


def test_an_owner_is_asked_for_only_where_the_app_tells_one() -> None:
    without = {name: info for name, info in FIELDS.items() if info.kind is not FieldKind.OWNER}
    rules = (rule(asks(Test.OWNER, "", "Lena")),)
    (sentence,) = check_rules(rules, {**BOTH, Side.A: without}, KINDS, Direction.BOTH, ())
    assert "tells no owner" in sentence


def test_two_rules_of_one_name_and_a_rule_that_goes_nowhere() -> None:
    (twice,) = wrong(rule(None), rule(VIP, to=Side.A))
    assert 'Two rules have the name "Customers"' in twice
    (nowhere,) = wrong(rule(None, to=Side.A), direction=Direction.TO_B)
    assert "goes where this connection writes nothing" in nowhere


def test_an_action_on_what_the_mapping_writes_is_refused_only_in_that_direction() -> None:
    city, tags = MappingRow("place", "name+city"), MappingRow("tags", "tags", Direction.TO_A)
    actions: tuple[Action, ...] = (put("city", "Rome"), add("x"))
    (sentence,) = wrong(rule(None, *actions), rows=(city, tags))
    assert 'the mapping writes "City" too' in sentence
    assert wrong(rule(None, *actions), rows=(replace(city, direction=Direction.TO_A), tags)) == ()
    (sentence,) = wrong(rule(None, *actions, to=Side.A), rows=(city, tags))
    assert 'the mapping writes "Tags" too' in sentence


def test_one_rule_adds_what_another_removes() -> None:
    (sentence,) = wrong(rule(None, add("x"), name="1"), rule(VIP, remove("X"), name="2"))
    assert sentence.startswith('Rules "1" and "2" quarrel about the tag "X"')
    assert wrong(rule(None, add("x"), name="1"), rule(VIP, remove("x"), name="2", to=Side.A)) == ()


def test_rules_that_rule_each_other_out_do_not_quarrel() -> None:
    phone = asks(Test.HAS_PHONE)
    yes = rule(All((phone, VIP)), add("x"), name="1")
    assert wrong(yes, rule(Not(VIP), remove("x"), name="2")) == ()
    assert wrong(rule(Not(VIP), add("x"), name="1"), rule(All((VIP, phone)), remove("x"), name="2")) == ()


def test_a_direction_without_a_rule_is_told_of() -> None:
    names = {Side.A: "crm", Side.B: "book"}
    (sentence,) = unruled((rule(None),), Direction.BOTH, names)
    assert sentence.startswith("No rule goes to crm, so nothing is written there")
    assert unruled((), Direction.BOTH, names) == ()
    assert unruled((rule(None),), Direction.TO_B, names) == ()
    assert unruled((rule(None), replace(rule(None, to=Side.A), enabled=False)), Direction.BOTH, names) == ()


GROUPS = (Group("1", "Newsletter", "list"), Group("2", "Everyone in Rome", "list", writable=False))


def test_an_action_on_a_group_whose_members_are_made_by_a_rule_of_the_app_is_refused() -> None:
    reading = rule(asks(Test.MEMBER, "list", "everyone in rome"), name="2", to=Side.A)
    adding = rule(None, add("everyone in rome", kind="list"), add("newsletter", kind="list"), name="3")
    (blocked,) = check_groups((reading, adding), Side.B, FIELDS, GROUPS)
    assert blocked.startswith('Rule "3": the list "Everyone in Rome" can\'t be written')
    assert check_groups((replace(adding, enabled=False),), Side.B, FIELDS, GROUPS) == ()


def test_a_word_of_a_field_is_no_group_to_be_asked_about() -> None:
    lists = FieldInfo("lists", "Lists", FieldKind.TAGS, many=True, group_kind="list")
    adding = rule(None, add("everyone in rome", kind="list"))
    assert check_groups((adding,), Side.B, {**FIELDS, "lists": lists}, GROUPS) == ()
    assert len(check_groups((adding,), Side.B, FIELDS, GROUPS)) == 1
