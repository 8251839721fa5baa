"""The dialling rules as a document: defaults, round trip, and one clear sentence for each mistake."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.calls.dial_policy import DialPolicy
from linedesk.errors import ApplyError

PREFIXES = st.lists(st.from_regex(r"\+[0-9]{1,14}", fullmatch=True), max_size=4, unique=True).map(tuple)
CAPS = st.integers(0, 100_000)
HOURS = st.integers(0, 23)
POLICIES = st.builds(
    DialPolicy,
    stopped=st.booleans(),
    countries=st.lists(st.sampled_from(["IT", "DE", "GB"]), unique=True).map(tuple),
    denied_prefixes=PREFIXES,
    allowed_prefixes=PREFIXES,
    per_minute=CAPS,
    per_hour=CAPS,
    per_day=CAPS,
    night_per_hour=CAPS,
    night_from_hour=HOURS,
    night_to_hour=HOURS,
    per_destination_per_hour=CAPS,
    at_once=CAPS,
    company_per_hour=CAPS,
)


@given(POLICIES)
def test_a_policy_comes_back_from_its_document(policy: DialPolicy) -> None:
    assert DialPolicy.from_document(policy.to_document()) == policy


def test_what_a_document_leaves_out_has_its_safe_default() -> None:
    assert DialPolicy.from_document({}) == DialPolicy()
    assert DialPolicy.from_document({"per_day": 5}) == DialPolicy(per_day=5)


def test_every_rule_has_a_reader() -> None:
    assert set(DialPolicy().to_document()) == {each.name for each in fields(DialPolicy)}
    DialPolicy.from_document(DialPolicy().to_document())


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"per_minut": 1}, "per_minut"),
        ({"stopped": 1}, "true or false"),
        ({"stopped": "no"}, "true or false"),
        ({"per_day": True}, "whole number"),
        ({"per_day": -1}, "whole number"),
        ({"per_day": 1.5}, "whole number"),
        ({"night_to_hour": 24}, "0 to 23"),
        ({"countries": "IT"}, "list"),
        ({"countries": ["Italy"]}, "'IT'"),
        ({"countries": [1]}, "list"),
        ({"denied_prefixes": ["39899"]}, "'+39899'"),
        ({"denied_prefixes": ["+39 899"]}, "'+39899'"),
        ({"allowed_prefixes": ["+"]}, "'+39899'"),
    ],
)
def test_a_wrong_rule_gets_a_sentence_that_names_it(document: dict[str, Any], words: str) -> None:
    with pytest.raises(ApplyError) as caught:
        DialPolicy.from_document(document)
    assert next(iter(document)) in caught.value.message
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("start", "end", "night"),
    [(22, 6, {22, 23, 0, 1, 2, 3, 4, 5}), (1, 4, {1, 2, 3}), (0, 0, set()), (23, 0, {23})],
)
def test_the_night_may_cross_midnight(start: int, end: int, night: set[int]) -> None:
    policy = DialPolicy(night_from_hour=start, night_to_hour=end)
    assert {hour for hour in range(24) if policy.is_night(hour)} == night
