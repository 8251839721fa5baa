"""`linedesk sync`: one run of a connection, or its plan, in the running service or in this process."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from linedesk.commands.books import actor, config_option, json_option, quiet_settings
from linedesk.settings import Settings
from linedesk.sync.report import duration

_EXIT = {"done": 0, "failed": 1, "braked": 3}
_SHOWN = 20
Told = Callable[[Mapping[str, Any]], None]


@click.command()
@click.argument("connection")
@click.option("--preview", is_flag=True, help="Say what would be written, and write nothing.")
@click.option("--approve", metavar="HASH", help="Write only if the plan is still the one with this hash.")
@config_option
@json_option
def sync(*, connection: str, preview: bool, approve: str | None, config: Path | None, as_json: bool) -> None:
    """Run one sync of CONNECTION. Exit code 0: done, 3: it needs an approval, 1: it failed."""
    settings = quiet_settings(config)
    asked = {"connection": connection, "preview": preview, "approve": approve, "actor": actor()}
    with Teller(live=sys.stderr.isatty()) as teller:
        report = asyncio.run(_report(settings, asked, teller.tell))
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        click.echo("\n".join(sentences(report, preview=preview)))
    sys.exit(_EXIT[report["state"]])


async def _report(settings: Settings, asked: Mapping[str, Any], tell: Told) -> Mapping[str, Any]:
    """Ask the service that runs on this data folder; without one, do it here under the same lease."""
    from linedesk.commands.control import reach

    async with reach(settings) as client:
        if client is None:
            return await _here(settings, asked, tell)
        report: Mapping[str, Any] = {}
        async for line in client.post_stream("/sync", asked):
            if "progress" in line:
                tell(line["progress"])
            report = line.get("report", report)
        return report


async def _here(settings: Settings, asked: Mapping[str, Any], tell: Told) -> Mapping[str, Any]:
    from linedesk.clock import SystemClock
    from linedesk.parts import opened_parts
    from linedesk.sync.engine import Ask
    from linedesk.sync.report import progress_document, report_document

    async with opened_parts(settings, SystemClock()) as parts:
        ask = Ask(preview=asked["preview"], approve=asked["approve"], actor=asked["actor"])
        report = await parts.engine.run(
            asked["connection"], ask, lambda progress: tell(progress_document(progress))
        )
    return report_document(report)


class Teller:
    """Progress on standard error: a bar on a terminal, else a line at each new stage."""

    def __init__(self, *, live: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), disable=not live, transient=True)
        self._live = live
        self._task = self._bar.add_task("", total=None)
        self._stage = ""

    def __enter__(self) -> Teller:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def tell(self, progress: Mapping[str, Any]) -> None:
        """Show how far it is."""
        sentence = stage_sentence(progress)
        if self._live:
            self._bar.update(
                self._task, description=sentence, completed=progress["done"], total=progress["total"]
            )
        elif progress["stage"] != self._stage and sentence:
            click.echo(sentence, err=True)
        self._stage = progress["stage"]


def stage_sentence(progress: Mapping[str, Any]) -> str:
    """What is going on, and how long the budget makes it take; "" at the end."""
    stage = progress["stage"]
    if stage == "writing":
        count = progress["total"] - progress["done"]
        noun = "contact" if count == 1 else "contacts"
        left_s = progress["left_s"]
        takes = f"; about {duration(left_s)}" if left_s is not None else ""
        return f"{count:,} {noun} to write{takes}"
    names = {
        "reading-a": "Reading the first account",
        "reading-b": "Reading the second account",
        "planning": "Comparing",
    }
    return names.get(stage, "")


def sentences(report: Mapping[str, Any], *, preview: bool) -> list[str]:
    """The report for people: what was, or would be, written, and what they should look at.

    A run that ended before it wrote anything only says why.
    """
    is_failed = report["state"] == "failed"
    lines = _counted(report, preview=preview) if not is_failed or report["writes"] else []
    if report.get("sentence"):
        lines.append(report["sentence"])
    is_offered = bool(report["changes"]) and not report["writes"] and not is_failed
    if is_offered:
        lines += _examples(report["changes"])
    lines += _listed("can't be synced", report["errors"], "message")
    lines += _listed("wait for a person", report.get("waiting", ()), "reason")
    lines += _listed("wait until they are read whole", report.get("unread", ()), "reason")
    if is_offered:
        held = ", although it is held back" if report.get("brakes") else ""
        lines.append(f"To write exactly this{held}: --approve {report['hash']}")
    return [_plain(line) for line in lines]


def _plain(line: str) -> str:
    """Names and ids come from outside: none may move the cursor, turn the text round or pass for a line."""
    return "".join(each if each.isprintable() else " " for each in line)


def _counted(report: Mapping[str, Any], *, preview: bool) -> list[str]:
    counts = report["counts"]
    if report["writes"]:
        lines = [f"{_deeds(counts, 'Created', 'updated', 'deleted')}."]
    elif report["changes"]:
        lines = [f"Would {_deeds(counts, 'create', 'update', 'delete')}."]
    elif counts["error"] or report.get("waiting") or report.get("unread") or report.get("sentence"):
        lines = ["Nothing to write." if preview else "Nothing was written."]
    else:
        lines = ["Nothing to write: both sides agree."]
    if counts["skip"]:
        lines.append(f"{_number(counts['skip'])} left alone.")
    return lines


def _deeds(counts: Mapping[str, int], create: str, update: str, delete: str) -> str:
    """`Created 2 contacts and updated 1`; deletes only where there are any."""
    made, changed, removed = counts["create"], counts["update"], counts["delete"]
    if not removed:
        return f"{create} {_number(made)} and {update} {changed:,}"
    return f"{create} {_number(made)}, {update} {changed:,} and {delete} {removed:,}"


def _examples(changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """What would be written, of the first ones: a count alone shows nobody a wrong field."""
    lines = [f"  {_change(each)}" for each in changes[:_SHOWN]]
    if len(changes) > _SHOWN:
        lines.append(f"  and {len(changes) - _SHOWN:,} more; --json shows them all.")
    return lines


def _change(change: Mapping[str, Any]) -> str:
    fields = change["fields"].items()
    if change["op"] == "create":
        text = ", ".join(str(after) for _, (_, after) in fields if after)
        return _printable(f"+ {change['side']}: {text}")
    if change["op"] == "delete":
        text = ", ".join(str(before) for _, (before, _) in fields if before)
        return _printable(f"- {change['side']} {change['record']}: {text}")
    text = "; ".join(
        f"{name}: {before or '(empty)'} -> {after or '(empty)'}" for name, (before, after) in fields
    )
    return _printable(f"~ {change['side']} {change['record']}: {text or 'Linedesk’s id'}")


def _printable(text: str) -> str:
    """On one line: a contact's name may hold anything, also what steers a terminal."""
    line = " ".join(text.split())
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)


def _listed(what: str, items: Sequence[Mapping[str, Any]], key: str) -> list[str]:
    if not items:
        return []
    lines = [f"{_number(len(items))} {what}:"]
    lines += [f"  {item['side']} {item['record']}: {item[key]}" for item in items[:_SHOWN]]
    if len(items) > _SHOWN:
        lines.append(f"  and {len(items) - _SHOWN:,} more; --json shows them all.")
    return lines


def _number(count: int) -> str:
    return f"{count:,} {'contact' if count == 1 else 'contacts'}"
