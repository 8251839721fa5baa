"""`linedesk serve`: the service, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import click

from linedesk.clock import SystemClock
from linedesk.settings import load_settings

_SWITCH_S = 0.0005


@click.command()
@click.option("--config", type=click.Path(path_type=Path), help="config.toml; without it, the defaults.")
@click.option("--port", type=click.IntRange(0, 65535), help="Instead of the configured port.")
def serve(config: Path | None, port: int | None) -> None:
    """Run the service."""
    from linedesk.logs import configure_logs
    from linedesk.main import service

    settings = load_settings(config, port=port)
    configure_logs(settings.log_format, settings.log_level)

    async def run() -> None:
        async with service(settings, SystemClock()) as running:
            click.echo(f"Linedesk listens at {running.url}", err=True)
            for sentence in running.advice():
                click.echo(sentence, err=True)
            await until_stopped()
            click.echo("Linedesk stops.", err=True)

    run_loop(run)


async def until_stopped() -> None:
    """Return at the first SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    try:
        await stop.wait()
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)


def run_loop(run) -> None:  # type: ignore[no-untyped-def]
    """Run a coroutine function on uvloop where it is installed."""
    # The database's threads hand over to the loop and back several times a statement; with Python's usual
    # 5 ms between switches a busy loop would make each hand-over wait.
    sys.setswitchinterval(_SWITCH_S)
    try:
        import uvloop
    except ImportError:
        asyncio.run(run())
    else:
        uvloop.run(run())
