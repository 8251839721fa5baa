"""Actions over random records: done once, taken back whole, and nothing else is touched (S5, S13)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.apps.records import Record, Value
from linedesk.sync.acting import act
from linedesk.sync.memberships import folded, text_of, words_of
from linedesk.sync.model import Applied, Side
from linedesk.sync.rules import Action, Rule
from linedesk.sync.values import same
from sync.rules_house import CRM, FIELDS, add, after, put, record, remove, rule

NAMES = st.sampled_from(["vip", "VIP", "straße", "STRASSE", "a", "b"])
TAGS = st.lists(NAMES, max_size=4, unique_by=folded).map(tuple)
ACTIONS = st.one_of(
    st.builds(add, NAMES),
    st.builds(remove, NAMES),
    st.builds(put, st.just("city"), st.sampled_from(["", "Rome", "x" * 30])),
    st.builds(put, st.just("tier"), st.sampled_from(["gold", "1", "no such"])),
    st.builds(put, st.just("employees"), st.sampled_from(["12", "1e3", "many"])),
)
RULES = st.lists(st.lists(ACTIONS, max_size=3).map(lambda each: rule(None, *each)), max_size=3).map(tuple)
RECORDS = st.builds(
    lambda tags, city, tier: record(name="Anna", tags=tags, city=city, tier=tier),
    TAGS,
    st.sampled_from(["", "Rome", "Milan"]),
    st.sampled_from(["1", "2"]),
)


def kept(before: dict[str, Applied], done: object) -> dict[str, Applied]:
    merged = {**before, **done.applied}  # type: ignore[attr-defined]
    return {key: each for key, each in merged.items() if each is not None}


def alike(one: Record, other: Record) -> bool:
    return all(
        same(one.fields.get(name), other.fields.get(name), info.kind, CRM.plan)
        for name, info in FIELDS.items()
    )


def words(value: Value) -> set[str]:
    return {folded(text_of(word)) for word in words_of(value)}


@settings(max_examples=80)
@given(RULES, RECORDS)
def test_S03_acting_on_the_result_does_nothing(rules: tuple[Rule, ...], given: Record) -> None:
    first = act(rules, given, CRM, {}, Side.B)
    second = act(rules, after(given, first.fields), CRM, kept({}, first), Side.B)
    assert (second.fields, second.applied) == ({}, {})


@settings(max_examples=80)
@given(RULES, RECORDS)
def test_S18_what_was_done_is_taken_back_whole(rules: tuple[Rule, ...], given: Record) -> None:
    first = act(rules, given, CRM, {}, Side.B)
    done = after(given, first.fields)
    back = act((), done, CRM, kept({}, first), Side.B)
    assert kept(kept({}, first), back) == {}
    assert alike(after(done, back.fields), given)


@settings(max_examples=80)
@given(RULES, RULES, RECORDS)
def test_other_rules_later_leave_what_they_alone_would_have_made(
    earlier: tuple[Rule, ...], later: tuple[Rule, ...], given: Record
) -> None:
    first = act(earlier, given, CRM, {}, Side.B)
    done = after(given, first.fields)
    second = act(later, done, CRM, kept({}, first), Side.B)
    both = after(done, second.fields)
    third = act((), both, CRM, kept(kept({}, first), second), Side.B)
    assert alike(after(both, third.fields), given)


@settings(max_examples=80)
@given(RULES, RECORDS)
def test_S05_S13_only_named_effects_happen(rules: tuple[Rule, ...], given: Record) -> None:
    actions: list[Action] = [action for each in rules for action in each.actions]
    done = act(rules, given, CRM, {}, Side.B)
    assert set(done.fields) <= {"tags"} | {action.name for action in actions}
    before, present = words(given.fields["tags"]), words(after(given, done.fields).fields["tags"])
    named = {folded(action.value) for action in actions if action.name == "tag"}
    assert before ^ present <= named
    for name, (was, _) in done.fields.items():
        assert was == given.fields.get(name)
