"""`linedesk sync`: one run of a connection, or its plan, in the running service or in this process."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from linedesk.commands.books import actor, config_option, json_option, quiet_settings
from linedesk.commands.connections import names_of
from linedesk.commands.report_lines import NOBODY, Names, sentences
from linedesk.settings import Settings
from linedesk.sync.report import duration

_EXIT = {"done": 0, "failed": 1, "braked": 3}
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
    with Teller(live=sys.stderr.isatty(), names=names_of(config, connection)) as teller:
        report = asyncio.run(_report(settings, asked, teller.tell))
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        names = names_of(config, connection, report)
        click.echo("\n".join(sentences(report, preview=preview, names=names)))
    sys.exit(_EXIT[report["state"]])


async def _report(settings: Settings, asked: Mapping[str, Any], tell: Told) -> Mapping[str, Any]:
    """Ask the service that runs on this data folder; without one, do it here under the same lease."""
    from linedesk.commands.control import reach

    async with reach(settings) as client:
        if client is None:
            return await _here(settings, asked, tell)
        report: Mapping[str, Any] = await client.report("/sync", asked, tell)
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

    def __init__(self, *, live: bool, names: Names = NOBODY) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), disable=not live, transient=True)
        self._live = live
        self._names = names
        self._task = self._bar.add_task("", total=None)
        self._stage = ""

    def __enter__(self) -> Teller:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def tell(self, progress: Mapping[str, Any]) -> None:
        """Show how far it is."""
        sentence = stage_sentence(progress, self._names)
        if self._live:
            self._bar.update(
                self._task, description=sentence, completed=progress["done"], total=progress["total"]
            )
        elif progress["stage"] != self._stage and sentence:
            click.echo(sentence, err=True)
        self._stage = progress["stage"]


def stage_sentence(progress: Mapping[str, Any], names: Names = NOBODY) -> str:
    """What is going on, and how long the budget makes it take; "" at the end."""
    stage = progress["stage"]
    if stage == "writing":
        count = progress["total"] - progress["done"]
        noun = "contact" if count == 1 else "contacts"
        left_s = progress["left_s"]
        takes = f"; about {duration(left_s)}" if left_s is not None else ""
        return f"{count:,} {noun} to write{takes}"
    said = {
        "reading-a": f"Reading {names.a}",
        "reading-b": f"Reading {names.b}",
        "planning": "Comparing",
    }
    return said.get(stage, "")
