"""`linedesk check`: reaches each account and says in sentences what is missing and where to mend it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import click

from linedesk.commands.books import config_option, json_option, quiet_settings
from linedesk.settings import Settings

_MARKS = {"ok": ("+", "green"), "hint": ("-", "yellow"), "missing": ("!", "red")}


@click.command()
@config_option
@json_option
def check(config: Path | None, as_json: bool) -> None:
    """Reach every account and say what is missing. Exit 0: all is well; 1: something is missing."""
    document = asyncio.run(_document(quiet_settings(config)))
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else _text(document))
    sys.exit(0 if document["well"] else 1)


async def _document(settings: Settings) -> Any:
    from linedesk.commands.control import reach

    async with reach(settings) as service:
        if service is not None:
            # The service knows when events last came, and its requests share one budget.
            return await service.report("/check", {})
    return await _here(settings)


async def _here(settings: Settings) -> dict[str, Any]:
    from linedesk.clock import SystemClock
    from linedesk.parts import opened_parts

    async with opened_parts(settings, SystemClock()) as parts:
        report = await parts.checkup(serving=False).run()
    return report.to_document()


def _text(document: dict[str, Any]) -> str:
    lines: list[str] = []
    for each in (*document["accounts"], *document["connections"]):
        title = f"{each['name']} ({each['app']})" if each["app"] else f"connection {each['name']}"
        about = f": {each['identity']}" if each["identity"] else ""
        lines.append(click.style(f"{title}{about}", bold=True))
        for finding in each["findings"]:
            mark, colour = _MARKS[finding["level"]]
            lines.append(f"  {click.style(mark, fg=colour)} {finding['sentence']}")
            if finding["remedy"]:
                lines.append(f"      {finding['remedy']}")
    if not document["accounts"]:
        lines.append("There are no accounts yet: describe them in a file and run `linedesk apply FILE.toml`.")
    elif document["well"]:
        lines.append("All is well.")
    else:
        lines.append("Something is missing: see the lines with `!`.")
    return "\n".join(lines)
