"""What `linedesk sync` says of a run: counts of what was done, or only the reason where nothing was."""

from __future__ import annotations

from typing import Any

import pytest

from linedesk.commands.sync import sentences, stage_sentence

CHANGE: dict[str, Any] = {
    "side": "book",
    "op": "create",
    "record": None,
    "fields": {"name": [None, "Ada"], "office": [None, "+390212345678"], "email": [None, ""]},
    "reason": "",
}


def report(**given: Any) -> dict[str, Any]:
    """A report as `linedesk.sync.report` makes it; counts by their names."""
    names = ("create", "update", "delete", "skip", "error")
    counts = {name: given.pop(name, 0) for name in names}
    base = {"run": 1, "state": "done", "hash": "abc", "writes": 0, "sentence": ""}
    return {**base, "changes": [], "errors": [], "waiting": [], "counts": counts, **given}


@pytest.mark.parametrize("preview", [True, False])
def test_a_run_that_failed_before_it_wrote_anything_only_says_why(preview: bool) -> None:
    failed = report(state="failed", sentence="Freshdesk (crm) does not accept the key.", changes=[CHANGE])
    assert sentences(failed, preview=preview) == ["Freshdesk (crm) does not accept the key."]


def test_a_run_that_failed_midway_says_what_it_did_and_why_it_ended() -> None:
    failed = report(
        state="failed", writes=3, create=2, update=1, changes=[CHANGE] * 3, sentence="It is down."
    )
    assert sentences(failed, preview=False) == ["Created 2 contacts and updated 1.", "It is down."]


def test_a_preview_says_what_it_would_do_how_long_it_takes_and_how_to_approve_it() -> None:
    seen = report(run=None, create=1, skip=2, changes=[CHANGE], sentence="Writing it takes about 1 s.")
    assert sentences(seen, preview=True) == [
        "Would create 1 contact and update 0.",
        "2 contacts left alone.",
        "Writing it takes about 1 s.",
        "  + book: Ada, +390212345678",
        "To write exactly this: --approve abc",
    ]


def test_a_braked_run_shows_the_new_plan_and_its_hash() -> None:
    braked = report(state="braked", create=2, changes=[CHANGE] * 2, sentence="The plan is another one now.")
    assert sentences(braked, preview=False) == [
        "Would create 2 contacts and update 0.",
        "The plan is another one now.",
        "  + book: Ada, +390212345678",
        "  + book: Ada, +390212345678",
        "To write exactly this: --approve abc",
    ]


def test_a_preview_shows_each_changed_field_and_lets_no_name_steer_the_terminal() -> None:
    fields = {"name": ["Ada", "Ada\x1b[2J\u202e"], "address": ["Via\nRoma", None]}
    update = {**CHANGE, "op": "update", "record": "7", "fields": fields}
    only_id = {**update, "fields": {}}
    seen = report(run=None, update=25, changes=[update, only_id, *[update] * 23])
    lines = sentences(seen, preview=True)
    assert lines[1] == "  ~ book 7: name: Ada -> Ada\ufffd[2J\ufffd; address: Via Roma -> (empty)"
    assert lines[2] == "  ~ book 7: Linedesk’s id"
    assert lines[21:] == ["  and 5 more; --json shows them all.", "To write exactly this: --approve abc"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Nothing to write: both sides agree."),
        ({"error": 1}, "Nothing was written."),
        ({"sentence": "The answer to 1 write was lost."}, "Nothing was written."),
        ({"waiting": [{"side": "crm", "record": "1", "reason": "Two fit."}]}, "Nothing was written."),
    ],
)
def test_a_run_without_writes_claims_agreement_only_where_there_is_one(given: Any, said: str) -> None:
    assert sentences(report(**given), preview=False)[0] == said


def test_long_lists_are_cut_and_the_rest_is_counted() -> None:
    errors = [{"side": "crm", "record": str(n), "code": "x", "message": "No name."} for n in range(25)]
    lines = sentences(report(error=25, errors=errors), preview=False)
    assert lines[1] == "25 contacts can't be synced:"
    assert (lines[2], lines[-1]) == ("  crm 0: No name.", "  and 5 more; --json shows them all.")


def test_what_a_vendor_wrote_moves_no_cursor_and_passes_for_no_line() -> None:
    errors = [{"side": "crm", "record": "1\n", "code": "x", "message": "\x1b[2J\u202eoN\r"}]
    lines = sentences(report(error=1, errors=errors), preview=False)
    assert lines[2] == "  crm 1 :  [2J oN "


@pytest.mark.parametrize(
    ("left_s", "said"),
    [
        (0.2, "90 contacts to write; about 1 s"),
        (63, "90 contacts to write; about 1 min 3 s"),
        (7_500, "90 contacts to write; about 2 h 5 min"),
        (None, "90 contacts to write"),
    ],
)
def test_progress_says_how_long_the_rest_takes(left_s: float | None, said: str) -> None:
    assert stage_sentence({"stage": "writing", "done": 10, "total": 100, "left_s": left_s}) == said
