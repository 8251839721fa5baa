"""How a run ended, as JSON and as counts: what `linedesk sync --json` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linedesk.sync.documents import value_to_json
from linedesk.sync.model import Change, Op, Plan, Problem, Progress, RunReport, Side, Skipped, Unread, Waiting
from linedesk.sync.writing_parts import Tally

Document = dict[str, Any]

_HOUR_S = 3600


def counts_of(plan: Plan, done: Tally, problems: int) -> dict[str, int]:
    """`create`, `update` and `delete` of the changes; what the plan leaves alone; what can't be synced.

    `create-a` and so on: the same of each side that was written to.
    """
    ops = {op.value: sum(done[side, op] for side in Side) for op in Op}
    each = {f"{op.value}-{side.value}": done[side, op] for op in Op for side in Side}
    left = len(plan.skipped) + len(plan.waiting) + len(plan.unread)
    return {**ops, "skip": left, "error": problems, **each}


def report_document(report: RunReport) -> Document:
    """The report of design section 4, with what waits and how it ended in words."""
    names = report.accounts
    return {
        "run": report.run,
        "state": report.state.value,
        "hash": report.plan.hash,
        "writes": report.writes,
        "counts": dict(report.counts),
        "changes": [_change(change, names) for change in report.changes],
        "errors": [_problem(problem, names) for problem in report.problems],
        "waiting": [_waiting(each, names) for each in report.plan.waiting],
        "skipped": [_skipped(each, names) for each in report.plan.skipped],
        "unread": [_unread(each, names) for each in report.plan.unread],
        "brakes": [{"kind": each.kind, "sentence": each.sentence} for each in report.plan.brakes],
        "sentence": report.sentence,
        "takes_s": report.takes_s,
    }


def duration(seconds: float) -> str:
    """`4 s`, `1 min 3 s`, `2 h 5 min`."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // _HOUR_S} h {whole % _HOUR_S // 60} min"


def progress_document(progress: Progress) -> Document:
    """`{"stage", "done", "total", "left_s"}`."""
    return {
        "stage": progress.stage,
        "done": progress.done,
        "total": progress.total,
        "left_s": progress.left_s,
    }


def contents(report: RunReport) -> list[Any]:
    """All that a report holds. Whoever lets go of a long one lets go of this afterwards, in slices."""
    plan = report.plan
    return [
        *report.changes,
        *report.problems,
        *plan.changes,
        *plan.linkings,
        *plan.waiting,
        *plan.skipped,
        *plan.problems,
        *plan.unread,
    ]


def _change(change: Change, names: Mapping[Side, str]) -> Document:
    return {
        "side": names[change.side],
        "op": change.op.value,
        "record": change.record_id,
        "source": change.source_id,
        "fields": {name: [value_to_json(each) for each in pair] for name, pair in change.fields.items()},
        "reason": change.reason,
        "notes": list(change.notes),
        "rule": change.rule,
        "trace": change.trace,
        "link": change.link_id,
    }


def _problem(problem: Problem, names: Mapping[Side, str]) -> Document:
    return {
        "side": names[problem.side],
        "record": problem.record_id,
        "code": problem.code,
        "message": problem.sentence,
    }


def _waiting(waiting: Waiting, names: Mapping[Side, str]) -> Document:
    return {
        "side": names[waiting.side],
        "record": waiting.record_id,
        "candidates": list(waiting.candidates),
        "reason": waiting.reason,
        "question": waiting.question.value,
        "fields": list(waiting.fields),
    }


def _skipped(skipped: Skipped, names: Mapping[Side, str]) -> Document:
    return {
        "side": names[skipped.side],
        "record": skipped.record_id,
        "reason": skipped.reason,
        "kind": skipped.kind.value,
        "trace": skipped.trace,
    }


def _unread(unread: Unread, names: Mapping[Side, str]) -> Document:
    return {
        "side": names[unread.side],
        "record": unread.record_id,
        "missing": list(unread.missing),
        "reason": unread.reason,
    }
