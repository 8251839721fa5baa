"""`linedesk undo`: takes back what a run wrote, as far as nobody edited it since (S18)."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from linedesk.commands.books import actor, config_option, json_option, quiet_settings
from linedesk.commands.connections import names_of
from linedesk.commands.plain_lines import changed, counted, first_ones, say
from linedesk.commands.report_lines import NOBODY, Names
from linedesk.commands.sync import Teller, Told
from linedesk.settings import Settings

_EXIT = {"done": 0, "failed": 1, "braked": 3}


@click.command()
@click.argument("run", metavar="RUN|CONNECTION")
@click.option("--record", metavar="ID", help="Only what was written to or from this record.")
@click.option("--account", metavar="ACCOUNT", help="Where the record stands; for an id that both sides have.")
@click.option("--rule", metavar="NAME", help="Only what this rule wrote.")
@click.option("--preview", is_flag=True, help="Say what would be taken back, and write nothing.")
@config_option
@json_option
def undo(
    *,
    run: str,
    record: str | None,
    account: str | None,
    rule: str | None,
    preview: bool,
    config: Path | None,
    as_json: bool,
) -> None:
    """Take back what RUN wrote; what anybody edited since is left alone, and listed.

    With a CONNECTION in place of a run, and --rule or --record: what that rule wrote last, or what was
    written last to or from that record. Exit code 0: done, 1: it failed or a part of it was refused.
    """
    settings = quiet_settings(config)
    asked = {
        "run": int(run) if run.isdecimal() and len(run) < 16 else None,
        "connection": run,
        "record": record,
        "account": account,
        "rule": rule,
        "preview": preview,
        "actor": actor(),
    }
    with Teller(live=sys.stderr.isatty()) as teller:
        report = asyncio.run(_report(settings, asked, teller.tell))
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        say(sentences(report, preview=preview, names=names_of(config, run, report)))
    sys.exit(1 if report["errors"] else _EXIT[report["state"]])


async def _report(settings: Settings, asked: Mapping[str, Any], tell: Told) -> Mapping[str, Any]:
    """Ask the service that runs on this data folder; without one, do it here under the same lease."""
    from linedesk.commands.control import reach

    async with reach(settings) as client:
        if client is None:
            return await _here(settings, asked, tell)
        report: Mapping[str, Any] = await client.report("/undo", asked, tell)
        return report


async def _here(settings: Settings, asked: Mapping[str, Any], tell: Told) -> Mapping[str, Any]:
    from linedesk.clock import SystemClock
    from linedesk.parts import opened_parts
    from linedesk.sync.report import progress_document, report_document
    from linedesk.sync.undoing import UndoAsk, run_meant

    names = ("preview", "actor", "record", "account", "rule")
    ask = UndoAsk(**{name: asked[name] for name in names})
    async with opened_parts(settings, SystemClock()) as parts:
        number = await run_meant(parts.stores.books, asked["run"], asked["connection"], ask)
        report = await parts.engine.undo(number, ask, lambda progress: tell(progress_document(progress)))
    return report_document(report)


def sentences(report: Mapping[str, Any], *, preview: bool, names: Names = NOBODY) -> list[str]:
    """The report for people: what was, or would be, taken back, and what stays as it is."""
    counts = report["counts"]
    did = [
        f"{counted(counts[op], 'record')} {words}"
        for op, words in (("update", "put back"), ("delete", "removed again"), ("create", "made again"))
        if counts[op]
    ]
    head = ", ".join(did)
    if preview:
        lines = [f"Would come out so: {head}." if head else "Nothing to take back."]
        lines += first_ones([f"  {_change(each, names)}" for each in report["changes"]])
    else:
        lines = [f"Done: {head}." if head else "Nothing was taken back."]
        notes = [
            f"  {each['side']} {each['record']}: {note}"
            for each in report["changes"]
            for note in each["notes"]
        ]
        lines += first_ones(notes)
    lines += [report["sentence"]] if report["sentence"] else []
    lines += _listed("left alone", report["skipped"], "reason")
    lines += _listed("refused by the app", report["errors"], "message")
    return lines


def _change(change: Mapping[str, Any], names: Names) -> str:
    signs = {"create": "+", "update": "~", "delete": "-"}
    record = f"{change['record']}{names.of(change)}" if change["record"] else "(new)"
    shown = {name: pair for name, pair in change["fields"].items() if any(pair)}
    notes = "".join(f" {note}" for note in change["notes"])
    return f"{signs[change['op']]} {change['side']} {record}: {changed(shown)}{notes}"


def _listed(what: str, items: list[Mapping[str, Any]], key: str) -> list[str]:
    if not items:
        return []
    lines = [f"  {item['side']} {item['record']}: {item[key]}" for item in items]
    return [f"{counted(len(items), 'record')} {what}:", *first_ones(lines)]
