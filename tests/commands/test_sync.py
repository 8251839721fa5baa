"""What `linedesk sync` says of a run: counts of what was done, or only the reason where nothing was."""

from __future__ import annotations

from typing import Any

import pytest

from linedesk.commands.report_lines import Names, sentences
from linedesk.commands.sync import stage_sentence

CHANGE: dict[str, Any] = {
    "side": "book",
    "op": "create",
    "record": None,
    "fields": {"name": [None, "Ada"], "office": [None, "+390212345678"], "email": [None, ""]},
    "reason": "It is new in crm.",
    "notes": [],
    "link": "ld-1",
}
NAMES = Names("office", "crm", "book", {("book", "7"): "Ada", ("crm", "9"): "Bob\x1b[2J"})


def report(**given: Any) -> dict[str, Any]:
    """A report as `linedesk.sync.report` makes it; counts by their names."""
    names = ("create", "update", "delete", "skip", "error", "create-a", "create-b", "update-a", "update-b")
    counts = {name.replace("_", "-"): given.pop(name.replace("-", "_"), 0) for name in names}
    base = {"run": 1, "state": "done", "hash": "abc", "writes": 0, "sentence": ""}
    return {**base, "changes": [], "errors": [], "waiting": [], "counts": counts, **given}


@pytest.mark.parametrize("preview", [True, False])
def test_a_run_that_failed_before_it_wrote_anything_only_says_why(preview: bool) -> None:
    failed = report(state="failed", sentence="Freshdesk (crm) does not accept the key.", changes=[CHANGE])
    assert sentences(failed, preview=preview) == ["Freshdesk (crm) does not accept the key."]


def test_a_run_that_failed_midway_says_what_it_did_and_why_it_ended() -> None:
    failed = report(
        state="failed", writes=3, create_b=2, update_a=1, changes=[CHANGE] * 3, sentence="It is down."
    )
    assert sentences(failed, preview=False, names=NAMES) == [
        "Done: 2 contacts created in book; 1 contact updated in crm.",
        "It is down.",
    ]


def test_a_preview_says_what_it_would_do_how_long_it_takes_and_how_to_approve_it() -> None:
    why = 'Rule "Customers": the tag "customer" is missing.'
    alone = [{"side": "crm", "record": str(n), "reason": "", "trace": why} for n in range(2)]
    seen = report(
        run=None, create_b=1, changes=[CHANGE], skipped=alone, sentence="Writing it takes about 1 s."
    )
    assert sentences(seen, preview=True, names=NAMES) == [
        "It would create 1 contact in book.",
        "Writing it takes about 1 s.",
        "  + book: Ada, +390212345678",
        "      It is new in crm.",
        "2 contacts left alone:",
        f"  2 in crm: {why}",
        "To write exactly this: --approve abc",
    ]


def test_a_braked_run_shows_the_new_plan_and_its_hash() -> None:
    braked = report(state="braked", create_b=2, changes=[CHANGE] * 2, sentence="The plan is another one now.")
    assert sentences(braked, preview=False, names=NAMES) == [
        "It would create 2 contacts in book.",
        "The plan is another one now.",
        *["  + book: Ada, +390212345678", "      It is new in crm."] * 2,
        "To write exactly this: --approve abc",
    ]


def test_a_preview_shows_each_changed_field_and_lets_no_name_steer_the_terminal() -> None:
    fields = {"name": ["Ada", "Ada\x1b[2J\u202e"], "address": ["Via\nRoma", None]}
    update = {**CHANGE, "op": "update", "record": "7", "fields": fields, "reason": "", "notes": ["Cut\x1b."]}
    only_id = {**update, "fields": {}, "notes": []}
    seen = report(run=None, update_b=25, changes=[update, only_id, *[update] * 23])
    lines = sentences(seen, preview=True, names=NAMES)
    assert lines[1] == "  ~ book 7 (Ada): name: Ada -> Ada\ufffd[2J\ufffd; address: Via Roma -> (empty)"
    assert lines[2:4] == ["      Cut\ufffd.", "  ~ book 7 (Ada): Linedesk’s id"]
    assert lines[-2:] == ["  and 5 more; --json shows them all.", "To write exactly this: --approve abc"]


def test_lists_and_labels_are_shown_as_people_write_them() -> None:
    numbers = [{"value": "+390212345678", "label": "work"}]
    fields = {"tags": [None, ["vip", "new"]], "phones": [numbers, []]}
    update = {**CHANGE, "op": "update", "record": "7", "fields": fields, "reason": ""}
    lines = sentences(report(run=None, update_b=1, changes=[update]), preview=True)
    assert lines[1] == "  ~ book 7: tags: (empty) -> vip, new; phones: +390212345678 (work) -> (empty)"


def test_a_delete_shows_who_goes_without_the_ids_of_the_record() -> None:
    fields = {"id": ["7", None], "name": ["Ada", None], "document_id": ["ld-1", None]}
    delete = {**CHANGE, "op": "delete", "record": "7", "fields": fields, "reason": "It was deleted in crm."}
    lines = sentences(report(run=None, changes=[delete]), preview=True)
    assert lines[1:3] == ["  - book 7: Ada", "      It was deleted in crm."]


def test_who_waits_is_named_with_the_command_that_says_how_to_answer() -> None:
    waiting = [{"side": "crm", "record": "9", "reason": "Two fit."}]
    assert sentences(report(waiting=waiting), preview=False, names=NAMES)[1:] == [
        "1 contact waits for a person:",
        "  crm 9 (Bob [2J): Two fit.",
        "  How to answer: linedesk waiting office",
    ]
    only_seen = sentences(report(run=None, waiting=waiting), preview=True, names=NAMES)
    assert only_seen[-1] == "  How to answer, once a run went through: linedesk waiting office"


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
