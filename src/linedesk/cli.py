"""The command line: finds a command, runs it, and turns errors into one clear sentence.

Exit codes: 0 done, 1 it could not be done, 2 the input or the settings are wrong.
"""

from __future__ import annotations

import importlib
import sys

import click

from linedesk import __version__
from linedesk.errors import LinedeskError, UserError

# name -> module and attribute; a command's half of the house is imported only when it runs
COMMANDS = {
    "demo": ("linedesk.commands.demo", "demo"),
    "serve": ("linedesk.commands.serve", "serve"),
    "replay": ("linedesk.commands.replay", "replay"),
    "watch": ("linedesk.commands.watch", "watch"),
    "user": ("linedesk.commands.user", "user"),
    "contacts": ("linedesk.commands.contacts", "contacts"),
    "check": ("linedesk.commands.check", "check"),
    "connect": ("linedesk.commands.connect", "connect"),
    "sync": ("linedesk.commands.sync", "sync"),
    "apply": ("linedesk.commands.apply", "apply"),
    "export": ("linedesk.commands.apply", "export"),
    "mapping": ("linedesk.commands.mapping", "mapping"),
    "undo": ("linedesk.commands.undo", "undo"),
    "pause": ("linedesk.commands.pausing", "pause"),
    "resume": ("linedesk.commands.pausing", "resume"),
    "runs": ("linedesk.commands.activity", "runs_command"),
    "activity": ("linedesk.commands.activity", "activity"),
    "story": ("linedesk.commands.story", "story"),
    "waiting": ("linedesk.commands.deciding", "waiting"),
    "decide": ("linedesk.commands.deciding", "decide"),
    "release": ("linedesk.commands.deciding", "release"),
    "number": ("linedesk.commands.number", "number"),
    "match": ("linedesk.commands.match", "match"),
}


class LazyGroup(click.Group):
    """Loads a command when it is asked for, so that `linedesk number` starts at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="linedesk")
def cli() -> None:
    """Linedesk: caller popups, click-to-call and contact sync for the Wildix PBX."""


def main() -> None:
    """The console script."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(1)
    except LinedeskError as error:
        click.echo(f"linedesk: {error.message} {error.remedy}", err=True)
        sys.exit(2 if isinstance(error, UserError) else 1)
