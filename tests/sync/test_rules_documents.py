"""Rules as documents: an exact round trip, and sentences with a path on what is wrong."""

from __future__ import annotations

import json
import tomllib
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.sync.model import Side
from linedesk.sync.rule_documents import rules_from_document, rules_to_document
from linedesk.sync.rules import Action, All, AnyOf, Condition, Do, Not, Rule, Test
from sync.rules_house import asks

SIDES = {each.value: each for each in Side}
NAMES = st.text(min_size=1, max_size=12).map(str.strip).filter(bool)
WORDS = ["name", "to", "when", "all", "not", "field", "equals", "actions", "add"]
TEXTS = st.text(max_size=12)


def values(texts: st.SearchStrategy[str], most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(texts, min_size=1, max_size=most).map(tuple)


INSTANTS = st.one_of(st.dates().map(date.isoformat), st.datetimes().map(datetime.isoformat))
CONDITIONS = st.one_of(
    st.builds(Condition, st.sampled_from([Test.EQUALS, Test.CONTAINS, Test.ONE_OF]), NAMES, values(TEXTS)),
    st.builds(Condition, st.just(Test.EMPTY), NAMES),
    st.builds(Condition, st.just(Test.MEMBER), NAMES, values(NAMES)),
    st.builds(Condition, st.sampled_from([Test.OWNER, Test.COMPANY]), st.just(""), values(NAMES)),
    st.builds(
        Condition, st.sampled_from([Test.CREATED_SINCE, Test.CHANGED_SINCE]), st.just(""), values(INSTANTS, 1)
    ),
    st.builds(Condition, st.sampled_from([Test.HAS_PHONE, Test.HAS_EMAIL, Test.EXISTS])),
)
WHENS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)
ACTIONS = st.one_of(
    st.builds(Action, st.sampled_from([Do.ADD, Do.REMOVE]), NAMES, NAMES, st.booleans()),
    st.builds(Action, st.just(Do.SET), NAMES, TEXTS, st.booleans()),
)
RULES = st.lists(
    st.builds(
        Rule,
        NAMES,
        st.sampled_from(Side),
        st.none() | WHENS,
        st.lists(ACTIONS, max_size=3).map(tuple),
        st.booleans(),
    ),
    max_size=3,
    unique_by=lambda each: each.name,
).map(tuple)


@settings(max_examples=50)
@given(RULES)
def test_rules_come_back_as_they_were_through_json(rules: tuple[Rule, ...]) -> None:
    document = json.loads(json.dumps(rules_to_document(rules)))
    assert rules_from_document(document, SIDES) == rules


def one(**given: Any) -> Rule:
    (rule,) = rules_from_document([{"name": "X", "to": "book", **given}], {"crm": Side.A, "book": Side.B})
    return rule


def test_a_whole_rule_as_a_person_writes_it() -> None:
    text = """
    [[rules]]
    name = "Customers"
    to = "book"
    when = { all = [
        { has = "phone" },
        { in = "tag", name = ["vip", "gold"] },
        { not = { field = "city", equals = "Rome" } },
        { any = [{ created_since = 2026-01-31 }, { exists = true }] },
    ] }
    actions = [{ add = "tag", name = "from CRM", revert = true }, { set = "floor", value = 3 }]
    enabled = false
    """
    rules = rules_from_document(tomllib.loads(text)["rules"], {"book": Side.B})
    assert rules == (
        Rule(
            "Customers",
            Side.B,
            All(
                (
                    asks(Test.HAS_PHONE),
                    asks(Test.MEMBER, "tag", "vip", "gold"),
                    Not(asks(Test.EQUALS, "city", "Rome")),
                    AnyOf((asks(Test.CREATED_SINCE, "", "2026-01-31"), asks(Test.EXISTS))),
                )
            ),
            (Action(Do.ADD, "tag", "from CRM", revert=True), Action(Do.SET, "floor", "3")),
            enabled=False,
        ),
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"field": "x", "empty": False}, Not(asks(Test.EMPTY, "x"))),
        ({"exists": False}, Not(asks(Test.EXISTS))),
        ({"field": "x", "equals": True}, asks(Test.EQUALS, "x", "true")),
        ({"field": "x", "equals": ["a", 2]}, asks(Test.EQUALS, "x", "a", "2")),
        ({"owner": "Lena"}, asks(Test.OWNER, "", "Lena")),
        ({"company": ["A", "B"]}, asks(Test.COMPANY, "", "A", "B")),
        ({"has": "email"}, asks(Test.HAS_EMAIL)),
    ],
)
def test_other_ways_to_write_a_condition(written: dict[str, Any], meant: Condition) -> None:
    assert one(when=written).when == meant


def deep(levels: int) -> dict[str, Any]:
    item: dict[str, Any] = {"exists": True}
    for _ in range(levels):
        item = {"not": item}
    return item


@pytest.mark.parametrize(
    ("given", "path", "says"),
    [
        ({"when": {"field": "x", "eqals": "a"}}, ".when.eqals", "(did you mean `equals`?)"),
        ({"when": {"al": []}}, ".when.al", "(did you mean `all`?)"),
        ({"when": {"all": [{"exists": True}, {"has": "fone"}]}}, ".when.all[2].has", "must be `email`"),
        ({"when": {"all": []}}, ".when.all", "must name at least one condition"),
        ({"when": {"any": {"exists": True}}}, ".when.any", "must be a list"),
        ({"when": []}, ".when", "must be a table"),
        ({"when": {}}, ".when", "is empty"),
        ({"when": {"equals": "x"}}, ".when.field", "is missing: it says what `equals` is about"),
        ({"when": {"name": "x"}}, ".when.in", "is missing"),
        ({"when": {"field": "x"}}, ".when", "needs exactly one of `equals`"),
        ({"when": {"field": "x", "equals": "a", "empty": True}}, ".when", "needs exactly one of"),
        ({"when": {"field": "x", "equals": []}}, ".when.equals", "must name at least one value"),
        ({"when": {"field": "x", "equals": {}}}, ".when.equals", "must be a text, a number"),
        ({"when": {"field": "", "empty": True}}, ".when.field", "must be a text that is not empty"),
        ({"when": {"exists": "yes"}}, ".when.exists", "must be true or false"),
        ({"when": {"exists": True, "has": "phone"}}, ".when", "has `has` and `exists`; put several"),
        ({"when": {"in": "tag"}}, ".when.name", "is missing"),
        ({"when": {"created_since": "31.1.2026"}}, ".when.created_since", "must be a date such as"),
        ({"when": deep(30)}, ".when" + ".not" * 21, "is nested more than 20 deep"),
        ({"to": "boook"}, ".to", "must be `book` or `crm` (did you mean `book`?)"),
        ({"to": 7}, ".to", "must be `book` or `crm`"),
        ({"name": " "}, ".name", "must be a text that is not empty"),
        ({"name": "x" * 300}, ".name", "has 300 characters; 200 is the most"),
        ({"wen": {}}, ".wen", "(did you mean `when`?)"),
        ({"enabled": 1}, ".enabled", "must be true or false"),
        ({"actions": {}}, ".actions", "must be a list"),
        ({"actions": [{"add": "tag"}]}, ".actions[1].name", "is missing"),
        ({"actions": [{"add": "tag", "value": "x"}]}, ".actions[1].value", "is not a key"),
        ({"actions": [{"set": "city"}]}, ".actions[1].value", "is missing"),
        ({"actions": [{"set": "city", "value": None}]}, ".actions[1].value", "must be a text, a number"),
        ({"actions": [{"ad": "tag", "name": "x"}]}, ".actions[1].ad", "(did you mean `add`?)"),
        ({"actions": [{"add": "tag", "remove": "tag", "name": "x"}]}, ".actions[1]", "exactly one of"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_path(given: dict[str, Any], path: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"^`rules") as caught:
        one(**given)
    assert str(caught.value).startswith(f"`rules[1]{path}`")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("items", "sentence"),
    [
        ({}, "`rules` must be a list"),
        (["x"], "`rules[1]` must be a table"),
        ([{"to": "a"}], "`rules[1].name` is missing"),
        ([{"name": "X"}], "`rules[1].to` is missing"),
        (
            [{"name": "X", "to": "a"}, {"name": "X", "to": "b"}],
            '`rules[2].name`: there is a rule "X" already',
        ),
        ([{}] * 101, "`rules` has 101 entries; 100 is the most"),
    ],
)
def test_a_list_that_is_no_list_of_rules(items: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"^`rules") as caught:
        rules_from_document(items, SIDES)
    assert str(caught.value).startswith(sentence)


@settings(max_examples=100)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXTS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(["name", "to", "when", "all", "not", "field", "equals", "add"]), inner
            ),
        ),
        max_leaves=12,
    )
)
def test_any_other_document_is_refused_with_a_sentence(items: object) -> None:
    try:
        rules = rules_from_document(items, SIDES)
    except ValueError as error:
        assert str(error).startswith("`rules")  # noqa: PT017 - most are refused, an empty list is not
    else:
        assert rules_from_document(rules_to_document(rules), SIDES) == rules
