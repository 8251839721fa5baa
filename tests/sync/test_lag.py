"""What an app tells of a record against what is known of it: news, or the past (S4, S14)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from linedesk.apps.records import Record
from linedesk.store.records import Copy
from linedesk.sync.lag import SET_BACK_MS, is_late, is_older, lags

LAG_MS = 5_000
AT_MS = 1_000_000
OURS = Copy(Record("1", {"name": "Ours"}, modified_ms=500), changed_ms=AT_MS, written_ms=AT_MS)


def told(name: str, modified_ms: int | None, *, gone: bool = False, merged_into: str | None = None) -> Copy:
    record = Record("1", {"name": name}, modified_ms=modified_ms)
    return Copy(record, AT_MS, gone=gone, merged_into=merged_into)


@pytest.mark.parametrize(
    ("copy", "late"),
    [
        (told("Ours", 500), False),
        (told("Ours", None), False),
        (told("Before", 499), True),
        (told("Typed in the same second", 500), True),
        (told("Typed", 501), False),
        (told("Typed", None), True),
        (told("Ours", 500, gone=True), True),
        (told("Ours", 500, gone=True, merged_into="2"), False),
    ],
    ids=["ours", "ours-untold", "past", "same-time", "later", "untold", "gone", "merged"],
)
def test_S14_within_the_lag_only_what_is_newer_than_our_write_is_news(copy: Copy, late: bool) -> None:
    assert is_late(OURS, copy, AT_MS + LAG_MS - 1, LAG_MS) is late


def test_after_the_lag_what_has_no_time_is_news_and_what_is_older_is_not() -> None:
    after_ms = AT_MS + LAG_MS
    assert not is_late(OURS, told("Typed", None), after_ms, LAG_MS)
    assert not is_late(OURS, told("Ours", 500, gone=True), after_ms, LAG_MS)
    assert is_late(OURS, told("Before", 499), after_ms, LAG_MS)


def test_S21_an_app_whose_clock_or_data_were_set_back_is_believed_in_the_end() -> None:
    assert is_older(OURS, told("Restored", 1), AT_MS + SET_BACK_MS - 1)
    assert not is_older(OURS, told("Restored", 1), AT_MS + SET_BACK_MS)
    assert not is_older(OURS, told("Restored", 1), AT_MS - SET_BACK_MS)  # ours was set back


def test_an_older_record_that_lacks_a_field_is_late() -> None:
    typed = replace(OURS, record=Record("1", {"name": "Ours", "company": "Uno"}, modified_ms=500))
    assert is_older(typed, told("Ours", 499), AT_MS)
    unlisted = Record("1", {"name": "Ours"}, missing=frozenset({"company"}), modified_ms=499)
    assert not is_older(typed, Copy(unlisted, AT_MS), AT_MS)


def test_an_older_time_with_the_same_values_is_no_lateness() -> None:
    assert not is_older(OURS, told("Ours", 499), AT_MS)


def test_S21_a_write_that_lies_far_ahead_is_long_visible() -> None:
    assert lags(OURS, AT_MS - LAG_MS + 1, LAG_MS)
    assert not lags(OURS, AT_MS - LAG_MS, LAG_MS)
