"""`linedesk contacts export`: a book as CSV or vCards, which `linedesk contacts import` takes back."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from linedesk.commands.books import config_option, with_books
from linedesk.contacts.csv_export import csv_parts, widths
from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact
from linedesk.contacts.vcard_export import VERSIONS, vcard_parts
from linedesk.errors import UserError
from linedesk.settings import Settings
from linedesk.store.database import Database

_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}


@dataclass(frozen=True, slots=True)
class _Form:
    """How the file is written."""

    format: str
    separator: str
    version: str


@click.command()
@click.option("--book", help="The book to export; without it, the only one that has contacts.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "vcard"]),
    help="Without it, as the file's name says (.vcf: vcard), else csv.",
)
@click.option(
    "--separator",
    type=click.Choice(list(_SEPARATORS)),
    default="comma",
    help="Between the columns of a CSV file; Excel in many countries wants semicolon.",
)
@click.option("--vcard-version", type=click.Choice(VERSIONS), default=VERSIONS[0], help="Of vCards.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file, readable by you alone; without it, standard output.",
)
@config_option
def export(
    *,
    book: str | None,
    format_: str | None,
    separator: str,
    vcard_version: str,
    output: Path | None,
    config: Path | None,
) -> None:
    """Export a book's contacts; importing the file again changes nothing."""
    named = "vcard" if output is not None and output.suffix.lower() in {".vcf", ".vcard"} else "csv"
    form = _Form(format_ or named, _SEPARATORS[separator], vcard_version)

    async def run(_settings: Settings, books: Database) -> tuple[str, list[Contact]]:
        directory = Directory(books)
        name = await _book(directory, book)
        return name, [each async for each in directory.contacts(name)]

    name, contacts = with_books(config, run)
    parts, left_out = _parts(contacts, form)
    if output is None:
        for part in parts:
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
    else:
        _write(output, parts)
        noun = "contact" if len(contacts) == 1 else "contacts"
        click.echo(f"Exported {len(contacts):,} {noun} of {name} to {output}.")
    if left_out:
        click.echo(f"{left_out:,} numbers and addresses are left out: a row has no more room.", err=True)


async def _book(directory: Directory, given: str | None) -> str:
    names = await directory.books()
    if given is not None:
        if given not in names:
            listed = f"there are {', '.join(names)}" if names else "there are no contacts at all"
            raise UserError(f"The book {given} has no contacts; {listed}.", remedy="Name a book with --book.")
        return given
    if len(names) == 1:
        return names[0]
    if not names:
        raise UserError("There are no contacts to export.", remedy="Import some, or run a sync first.")
    raise UserError(f"There are several books: {', '.join(names)}.", remedy="Name one with --book.")


def _parts(contacts: list[Contact], form: _Form) -> tuple[Iterable[bytes], int]:
    """The file in parts, and how many values it has no room for."""
    if form.format == "vcard":
        return vcard_parts(contacts, form.version), 0
    room = widths(contacts)
    return csv_parts(contacts, room.columns, form.separator), room.left_out


def _write(path: Path, parts: Iterable[bytes]) -> None:
    """All of it or nothing: a file that is there is replaced when the new one is whole."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(parts)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UserError(
            f"{path} can't be written: {error.strerror}.", remedy="Check the folder and its rights."
        ) from error
