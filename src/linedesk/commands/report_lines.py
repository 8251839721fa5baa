"""What a run did, or would do, in lines for a person: counts by account, every change, what waits. Pure.

Reports are those of `sync.report`; titles come from what was read of the accounts, where it is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from linedesk.commands.plain_lines import changed, counted, plain, shown_value

SHOWN = 20
_REASONS = 5
_OPS = {"create": ("create", "created"), "update": ("update", "updated"), "delete": ("delete", "deleted")}
_SIGNS = {"create": "+", "update": "~", "delete": "-"}

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Names:
    """A connection's name and accounts, and records as people know them by account and id."""

    connection: str = ""
    a: str = "the first account"
    b: str = "the second account"
    titles: Mapping[Place, str] = field(default_factory=dict)

    def of(self, item: Mapping[str, Any]) -> str:
        """` (Ada Example)`, or nothing where nobody knows."""
        title = self.titles.get((item["side"], item["record"] or ""))
        return f" ({title})" if title and title != item["record"] else ""


NOBODY = Names()


def named(report: Mapping[str, Any]) -> list[Place]:
    """The records that the lines will name."""
    lists = (report["changes"], report["errors"], report.get("waiting", ()), report.get("unread", ()))
    return [(each["side"], each["record"]) for items in lists for each in items[:SHOWN] if each["record"]]


def sentences(report: Mapping[str, Any], *, preview: bool, names: Names = NOBODY) -> list[str]:
    """The report for people: what was, or would be, written, and what they should look at.

    A run that ended before it wrote anything only says why.
    """
    is_failed = report["state"] == "failed"
    lines = _counts(report, names, preview=preview) if not is_failed or report["writes"] else []
    if report.get("sentence"):
        lines.append(report["sentence"])
    is_offered = bool(report["changes"]) and not report["writes"] and not is_failed
    if is_offered:
        lines += _cut([line for each in report["changes"][:SHOWN] for line in _change(each, names)], report)
    lines += _listed(names, "can't be synced", report["errors"], "message")
    waiting = report.get("waiting", ())
    lines += _listed(names, "for a person", waiting, "reason", waits=True)
    if waiting and names.connection:
        # A plan only looks: a question is kept, and can be answered, once a run has gone through.
        is_kept = report["run"] is not None and report["state"] != "braked"
        how = "How to answer" if is_kept else "How to answer, once a run went through"
        lines.append(f"  {how}: linedesk waiting {names.connection}")
    lines += _listed(names, "until read whole", report.get("unread", ()), "reason", waits=True)
    lines += _left_alone(report.get("skipped", ()))
    if is_offered:
        held = ", although it is held back" if report.get("brakes") else ""
        lines.append(f"To write exactly this{held}: --approve {report['hash']}")
    return [plain(line) for line in lines]


def _counts(report: Mapping[str, Any], names: Names, *, preview: bool) -> list[str]:
    counts = report["counts"]
    if report["writes"] or report["changes"]:
        did = bool(report["writes"])
        parts = "; ".join(_deeds(counts, names, did=did))
        return [f"Done: {parts}." if did else f"It would {parts}."]
    is_open = counts["error"] or report.get("waiting") or report.get("unread") or report.get("sentence")
    if not is_open:
        return ["Nothing to write: both sides agree."]
    return ["Nothing to write." if preview else "Nothing was written."]


def _deeds(counts: Mapping[str, int], names: Names, *, did: bool) -> Iterator[str]:
    """`create 2 contacts in book`, for each account and kind of write that there is."""
    for op, (does, done) in _OPS.items():
        for side, account in (("a", names.a), ("b", names.b)):
            count = counts.get(f"{op}-{side}", 0)
            if count:
                noun = counted(count, "contact")
                yield f"{noun} {done} in {account}" if did else f"{does} {noun} in {account}"


def _cut(lines: list[str], report: Mapping[str, Any]) -> list[str]:
    more = len(report["changes"]) - SHOWN
    return [*lines, f"  and {more:,} more; --json shows them all."] if more > 0 else lines


def _change(change: Mapping[str, Any], names: Names) -> Iterator[str]:
    """A line for what is written, and one for why."""
    op, fields = change["op"], change["fields"]
    known = (change["record"], change.get("link"))
    if op == "update":
        text = changed(fields) or "Linedesk’s id"
    else:
        at = 1 if op == "create" else 0
        values = [pair[at] for pair in fields.values() if pair[at] and pair[at] not in known]
        text = ", ".join(shown_value(each) for each in values)
    record = f" {change['record']}{names.of(change) if op == 'update' else ''}" if change["record"] else ""
    yield _printable(f"  {_SIGNS[op]} {change['side']}{record}: {text}")
    why = " ".join([change["reason"], *change.get("notes", ())]).strip()
    if why:
        yield _printable(f"      {why}", indent=6)


def _printable(text: str, indent: int = 2) -> str:
    """On one line: a contact's name may hold anything, also what steers a terminal."""
    line = " " * indent + " ".join(text.split())
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)


def _listed(
    names: Names, what: str, items: Sequence[Mapping[str, Any]], key: str, *, waits: bool = False
) -> list[str]:
    if not items:
        return []
    verb = (" waits" if len(items) == 1 else " wait") if waits else ""
    lines = [f"{counted(len(items), 'contact')}{verb} {what}:"]
    lines += [f"  {item['side']} {item['record']}{names.of(item)}: {item[key]}" for item in items[:SHOWN]]
    if len(items) > SHOWN:
        lines.append(f"  and {len(items) - SHOWN:,} more; --json shows them all.")
    return lines


def _left_alone(skipped: Sequence[Mapping[str, Any]]) -> list[str]:
    """How many, and the commonest reasons: a count alone shows nobody a wrong rule."""
    if not skipped:
        return []
    why = Counter(f"{each['side']}: {each.get('trace') or each['reason']}" for each in skipped)
    lines = [f"  {count:,} in {reason}" for reason, count in why.most_common(_REASONS)]
    if len(why) > _REASONS:
        lines.append("  and others; --json shows them all.")
    return [f"{counted(len(skipped), 'contact')} left alone:", *lines]
