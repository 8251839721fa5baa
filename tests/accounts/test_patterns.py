"""Which regular expressions a tag rule may use: plain ones, and none that takes for ever on some text."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.accounts.patterns import check_tag_pattern
from linedesk.contacts.policy import TAG_MAX


@pytest.mark.parametrize(
    "pattern",
    [
        r"CUST-(\d+)",
        r"(?i)cust[-_ ]?(\d{3,12})",
        r"(?P<id>\d{5})|x(?:y|z)",
        r".*(CUST|ID)-?(\d+).*",
        r"\+?\d{6,15}",
        r"(\d{2}){3}",
        r"[^]a-z]+\]",
        r"[\]()*+]{2}",
        r"a{}b{,x}\(\)\*",
        r"(\d+(?:-\d+)?)",
        "",
    ],
)
def test_C18_plain_patterns_are_taken(pattern: str) -> None:
    assert check_tag_pattern(pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("((", "is not a regular expression: missing )"),
        ("a{2,1}", "is not a regular expression: min repeat greater than max repeat"),
        ("[[]a", "is not a regular expression: Possible nested set"),
        (r"(a+)+", "repeats what repeats or varies itself"),
        (r"(a*)*b", "repeats what repeats or varies itself"),
        (r"(?:a|aa)+", "repeats what repeats or varies itself"),
        (r"(?:x(?:a?b))*", "repeats what repeats or varies itself"),
        (r"(a?){40}", "repeats what repeats or varies itself"),
        (r"(\d{1,9}){2,9}", "repeats what repeats or varies itself"),
        (r"(a)\1", "refers back to a group"),
        (r"(?P<x>a)(?P=x)", "uses (?…) for more than a group"),
        (r"(?=a)a", "uses (?…) for more than a group"),
        (r"(?x)a +", "uses (?…) for more than a group"),
        (r"a*a*a*a*b", "can be tried in too many ways"),
        ("a?" * 40 + "a" * 40, "can be tried in too many ways"),
        ("(a|b)" * 30, "can be tried in too many ways"),
        ("a{,150}" * 4, "can be tried in too many ways"),
    ],
)
def test_a_pattern_that_may_never_end_is_refused_with_the_reason(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)) as caught:
        check_tag_pattern(pattern)
    assert str(caught.value).startswith(repr(pattern)[:40])


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="aab.*+?{}1,2()|[]\\", max_size=14))
def test_what_is_taken_ends_soon_on_the_worst_of_texts(pattern: str) -> None:
    try:
        check_tag_pattern(pattern)
    except ValueError:
        return
    began_s = time.process_time()
    re.fullmatch(pattern, "a" * (TAG_MAX - 1) + "!")
    assert time.process_time() - began_s < 2.0, pattern
