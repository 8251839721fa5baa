"""`linedesk demo`: everything on one machine, with no account anywhere."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import webbrowser
from contextlib import ExitStack
from pathlib import Path

import click

from linedesk.clock import SystemClock
from linedesk.settings import load_settings


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The service's port; 0 picks a free one. [default: 8420, or a free one]",
)
@click.option(
    "--contacts", type=click.IntRange(0, 1_000_000), default=200, show_default=True, help="How many contacts."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, other contacts.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep everything in this folder; without it, a temporary one.",
)
@click.option("--no-schedule", is_flag=True, help="Let syncs run only on command.")
@click.option("--no-browser", is_flag=True, help="Do not open the start page.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="config.toml; only its log_format and log_level are used, the rest is the demo's own.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line once everything is ready.")
def demo(
    *,
    port: int | None,
    contacts: int,
    seed: int,
    data: Path | None,
    no_schedule: bool,
    no_browser: bool,
    config: Path | None,
    as_json: bool,
) -> None:
    """Show Linedesk at work: a simulated PBX, a simulated CRM, and the desk in it."""
    from linedesk.commands.serve import run_loop, until_stopped
    from linedesk.demo.compose import Wish, running
    from linedesk.logs import configure_logs

    settings = load_settings(config)
    # A demo is quiet unless it is told otherwise.
    configure_logs(
        settings.log_format, settings.log_level if "log_level" in settings.model_fields_set else "warning"
    )
    with ExitStack() as stack:
        if data is None:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linedesk-demo-")))
        wish = Wish(data.resolve(), port, contacts, seed, schedule=not no_schedule)

        async def run() -> None:
            async with running(wish, SystemClock()) as ready:
                if as_json:
                    print(json.dumps(ready.ready, ensure_ascii=False), flush=True)
                else:
                    print(f"The demo is ready: {ready.start_page}\nStop it with Ctrl-C.", flush=True)
                if not no_browser and _has_screen():
                    webbrowser.open(ready.start_page)
                await until_stopped()

        run_loop(run)


def _has_screen() -> bool:
    """Whether a browser can show up; without a screen a text browser would take the terminal."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
