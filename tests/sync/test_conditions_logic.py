"""Trees of conditions and several rules: three-valued logic, and which condition decided."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.apps.records import Record, Value
from linedesk.sync.conditions import Judge, Scope, Verdict, usual_rules
from linedesk.sync.model import Direction, Side
from linedesk.sync.rules import All, AnyOf, Condition, Not, Rule, Test, When
from sync.rules_house import CRM, add, asks, judged, put, record, remove, rule

VIP = asks(Test.MEMBER, "tag", "vip")
PHONE = asks(Test.HAS_PHONE)
ROME = asks(Test.EQUALS, "city", "Rome")
MADE = asks(Test.CREATED_SINCE, "", "2026-01-31")
THERE = asks(Test.EXISTS)
CONDITIONS = (VIP, PHONE, ROME, MADE, THERE, asks(Test.EMPTY, "mobile"), asks(Test.CONTAINS, "mobile", "+39"))
WHENS = st.recursive(
    st.sampled_from(CONDITIONS),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, max_size=3).map(lambda of: All(tuple(of))),
        st.lists(inner, max_size=3).map(lambda of: AnyOf(tuple(of))),
    ),
    max_leaves=8,
)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """A record as a listing gives it: some of what it holds may be left out."""
    fields: dict[str, Value] = {
        "phone": draw(st.sampled_from([None, "045 1234567"])),
        "mobile": draw(st.sampled_from(["", "333 1234567", "+44 7700 900853"])),
        "city": draw(st.sampled_from(["", "Rome", "Milan"])),
        "tags": draw(st.sampled_from([(), ("VIP",), ("wholesale",)])),
    }
    missing = draw(st.sets(st.sampled_from(["mobile", "tags"])))
    return replace(record(), fields=fields, missing=frozenset(missing))


def opposite(scope: Scope) -> Scope:
    return {Scope.IN: Scope.OUT, Scope.OUT: Scope.IN}.get(scope, scope)


def same(one: Verdict, other: Verdict) -> bool:
    return (one.scope, set(one.missing)) == (other.scope, set(other.missing))


@settings(max_examples=60)
@given(WHENS, records(), st.booleans())
def test_not_turns_what_is_sure_and_leaves_what_is_not(when: When, given: Record, exists: bool) -> None:
    verdict = judged(when, given, exists=exists)
    turned = judged(Not(when), given, exists=exists)
    assert turned.scope is opposite(verdict.scope)
    assert set(turned.missing) == set(verdict.missing)
    assert same(judged(Not(Not(when)), given, exists=exists), verdict)


@settings(max_examples=60)
@given(st.lists(WHENS, max_size=3).map(tuple), records(), st.booleans())
def test_de_morgan(parts: tuple[When, ...], given: Record, exists: bool) -> None:
    turned = tuple(Not(each) for each in parts)
    assert same(judged(Not(All(parts)), given, exists=exists), judged(AnyOf(turned), given, exists=exists))
    assert same(judged(Not(AnyOf(parts)), given, exists=exists), judged(All(turned), given, exists=exists))


@settings(max_examples=60)
@given(WHENS, records(), st.booleans())
def test_S19_reading_details_never_turns_a_verdict_that_is_sure(
    when: When, given: Record, exists: bool
) -> None:
    before = judged(when, given, exists=exists)
    read = judged(when, replace(given, missing=frozenset()), exists=exists)
    assert read.scope is not Scope.UNKNOWN
    if before.scope is Scope.UNKNOWN:
        assert set(before.missing) <= given.missing
    else:
        assert read.scope is before.scope


@settings(max_examples=60)
@given(WHENS, records(), st.booleans())
def test_what_is_waited_for_settles_it(when: When, given: Record, exists: bool) -> None:
    verdict = judged(when, given, exists=exists)
    while verdict.scope is Scope.UNKNOWN:
        assert verdict.missing
        given = replace(given, missing=given.missing - set(verdict.missing))
        verdict = judged(when, given, exists=exists)
    assert verdict.trace.startswith('Rule "Customers": ')


UNREAD = record(phone="045 1234567", city="Milan", missing=("tags",))


@pytest.mark.parametrize(
    ("when", "scope", "says"),
    [
        (All((PHONE, ROME, VIP)), Scope.OUT, '"City" is not "Rome"'),
        (All((VIP, ROME)), Scope.OUT, '"City" is not "Rome"'),
        (All((PHONE, VIP)), Scope.UNKNOWN, '"Tags" is not read yet'),
        (All((PHONE, MADE)), Scope.IN, "it has a phone number, and it was created since 2026-01-31"),
        (AnyOf((VIP, PHONE)), Scope.IN, "it has a phone number"),
        (AnyOf((ROME, VIP)), Scope.UNKNOWN, '"Tags" is not read yet'),
        (AnyOf((ROME, THERE)), Scope.OUT, '"City" is not "Rome", and it is not on the other side yet'),
        (Not(PHONE), Scope.OUT, "it has a phone number, which this rule excludes"),
        (Not(ROME), Scope.IN, '"City" is not "Rome"'),
        (Not(AnyOf((ROME, PHONE))), Scope.OUT, "it has a phone number, which this rule excludes"),
        (Not(VIP), Scope.UNKNOWN, '"Tags" is not read yet'),
        (All(()), Scope.IN, "it is asked nothing"),
        (AnyOf(()), Scope.OUT, "there is no condition"),
    ],
)
def test_the_trace_names_what_decided(when: When, scope: Scope, says: str) -> None:
    verdict = judged(when, UNREAD)
    assert (verdict.scope, verdict.trace) == (scope, f'Rule "Customers": {says}.')


def test_a_long_any_tells_the_first_three() -> None:
    cities = AnyOf(tuple(asks(Test.EQUALS, "city", name) for name in ("A", "B", "C", "D", "E")))
    assert judged(cities, UNREAD).trace.endswith('"City" is not "C", and 2 more.')


def test_no_rule_matches_and_each_says_why() -> None:
    rules = tuple(rule(ROME, name=name) for name in ("One", "Two", "Three", "Four", "Five"))
    verdict = Judge(rules, Side.B, CRM).judge(UNREAD, exists=False)
    assert verdict.trace == (
        'Rule "One": "City" is not "Rome". Rule "Two": "City" is not "Rome". Rule "Three": "City" is not '
        '"Rome". And 2 more rules.'
    )


def test_one_rule_is_enough_and_all_that_match_are_told_in_order() -> None:
    rules = (rule(ROME, name="No"), rule(PHONE, name="First"), rule(None, name="Second"))
    verdict = Judge(rules, Side.B, CRM).judge(UNREAD, exists=False)
    assert (verdict.scope, [each.name for each in verdict.rules]) == (Scope.IN, ["First", "Second"])
    assert verdict.trace == 'Rule "First": it has a phone number.'


@pytest.mark.parametrize(
    ("rules", "scope"),
    [
        ((rule(PHONE), rule(VIP, name="2")), Scope.IN),
        ((rule(PHONE), rule(VIP, add("x"), name="2")), Scope.UNKNOWN),
        ((rule(PHONE, add("X")), rule(VIP, add("x"), name="2")), Scope.IN),
        ((rule(PHONE, put("city", "1")), rule(VIP, put("city", "2"), name="2")), Scope.IN),
        ((rule(VIP, put("city", "2"), name="2"), rule(PHONE, put("city", "1"))), Scope.UNKNOWN),
        ((rule(PHONE, add("x")), rule(VIP, remove("x"), name="2")), Scope.IN),
        ((rule(VIP, remove("x"), name="2"), rule(PHONE, add("x"))), Scope.UNKNOWN),
        ((rule(ROME, add("x")), rule(VIP, name="2")), Scope.UNKNOWN),
    ],
)
def test_a_rule_that_waits_matters_only_where_it_would_do_something(
    rules: tuple[Rule, ...], scope: Scope
) -> None:
    verdict = Judge(rules, Side.B, CRM).judge(UNREAD, exists=False)
    assert verdict.scope is scope
    assert verdict.missing == (("tags",) if scope is Scope.UNKNOWN else ())


def test_rules_of_the_other_direction_and_those_that_are_off_take_nobody() -> None:
    back = rule(None, name="Back", to=Side.A)
    off = Rule("Paused", Side.B, None, enabled=False)
    assert (
        Judge((back,), Side.B, CRM).judge(UNREAD, exists=True).trace == "There is no rule for this direction."
    )
    verdict = Judge((off,), Side.B, CRM).judge(UNREAD, exists=True)
    assert (verdict.scope, verdict.trace) == (Scope.OUT, 'Rule "Paused" is switched off.')


@pytest.mark.parametrize("direction", Direction)
def test_the_usual_rules_take_everyone_in_every_direction_that_is_written(direction: Direction) -> None:
    rules = usual_rules(direction, ())
    assert {each.to for each in rules} == {side for side in Side if direction.writes(side)}
    assert len({each.name for each in rules}) == len(rules)
    for each in rules:
        verdict = Judge(rules, each.to, CRM).judge(record(), exists=False)
        assert (verdict.scope, verdict.trace) == (Scope.IN, f'Rule "{each.name}": it takes everyone.')


def test_H19_a_contact_without_a_number_is_not_made_in_a_phonebook_and_the_trace_says_why() -> None:
    judge = Judge(usual_rules(Direction.BOTH, {Side.B}), Side.B, CRM)
    mail_only = record(email="anna@example.com")
    verdict = judge.judge(mail_only, exists=False)
    assert verdict.scope is Scope.OUT
    assert verdict.trace == 'Rule "Usual rule": it has no phone number, and it is not on the other side yet.'
    assert judge.judge(mail_only, exists=True).scope is Scope.IN
    assert judge.judge(UNREAD, exists=False).scope is Scope.IN
    back = Judge(usual_rules(Direction.BOTH, {Side.B}), Side.A, CRM)
    assert back.judge(mail_only, exists=False).scope is Scope.IN


def test_a_judge_gives_the_same_verdict_however_many_it_gave_before() -> None:
    judge = Judge((rule(AnyOf((PHONE, VIP))),), Side.B, CRM)
    asked: list[Record] = [UNREAD, record(missing=("tags",)), record(tags=("vip",)), record()] * 2
    fresh = [Judge((rule(AnyOf((PHONE, VIP))),), Side.B, CRM).judge(each, exists=False) for each in asked]
    assert [judge.judge(each, exists=False) for each in asked] == fresh
    assert isinstance(VIP, Condition)
