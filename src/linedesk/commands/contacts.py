"""`linedesk contacts import`: a CSV file or vCards into a book. A running service sees it at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from linedesk.apps.registry import REGISTRY
from linedesk.commands.books import config_option, json_option, with_books
from linedesk.commands.contacts_export import export
from linedesk.commands.contacts_index import rebuild, reread
from linedesk.contacts.csv_import import CsvContacts, Target, Warned, read_contacts
from linedesk.contacts.directory import Directory
from linedesk.contacts.readings import imported
from linedesk.contacts.vcard_import import looks_like_vcards, read_vcards
from linedesk.errors import CsvError, UserError
from linedesk.numbers import NumberPlan, is_region
from linedesk.settings import Settings
from linedesk.store import accounts
from linedesk.store.accounts import AccountRow
from linedesk.store.database import Database

_REGION = "IT"
_BOOK = "csv"
_LINES_SHOWN = 10
_SMALL_BOOK = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did or, as a preview, would do."""

    book: str
    app: str
    region: str
    preview: bool
    file: CsvContacts
    new: int
    updated: int
    removed: int
    why_book: str = ""
    refused: str = ""


@click.group()
def contacts() -> None:
    """Contacts of the directory."""


contacts.add_command(reread)
contacts.add_command(rebuild)
contacts.add_command(export)


@contacts.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--book",
    help="The book the contacts go to: the name of an app account. Without it, the only app account's, "
    f"else `{_BOOK}`.",
)
@click.option(
    "--app", type=click.Choice(sorted(REGISTRY)), help="The app of the records; without it, the account's."
)
@click.option("--region", help="Where local numbers are at home (IT, DE …); without it, the PBX's region.")
@click.option("--replace", is_flag=True, help="Also remove contacts of the book that the file does not hold.")
@click.option(
    "--yes-remove",
    type=click.IntRange(0),
    metavar="N",
    help="Let --replace remove so many contacts, where it would refuse: all, or most of a large book.",
)
@click.option("--preview", is_flag=True, help="Say what would happen, and write nothing.")
@config_option
@json_option
def import_(
    *,
    file: Path,
    book: str | None,
    app: str | None,
    region: str | None,
    replace: bool,
    yes_remove: int | None,
    preview: bool,
    config: Path | None,
    as_json: bool,
) -> None:
    """Import FILE, a CSV with a header line or vCards; importing it again changes nothing."""
    data = _read_file(file)
    if book is not None and not book.strip():
        raise UserError("The book needs a name.", remedy="Give it with --book.")

    async def run(_settings: Settings, books: Database) -> Outcome:
        rows = await books.read(accounts.all_accounts)
        name, why = (book.strip(), "") if book is not None else _default_book(rows, app)
        target = _target(rows, name, app, region)
        wish = _Wish(replace=replace, yes_remove=yes_remove, preview=preview, why_book=why)
        reader = read_vcards if looks_like_vcards(data) else read_contacts
        return await _import(books, reader(data, target), target, wish)

    outcome = with_books(config, run)
    click.echo(json.dumps(_document(outcome), ensure_ascii=False) if as_json else _sentences(outcome))


@dataclass(frozen=True, slots=True)
class _Wish:
    replace: bool
    yes_remove: int | None
    preview: bool
    why_book: str


async def _import(books: Database, read: CsvContacts, target: Target, wish: _Wish) -> Outcome:
    directory = Directory(books)
    stored = await directory.record_ids(target.book)
    given = {contact.record_id for contact in read.contacts}
    gone = len(stored - given) if wish.replace else 0
    refused = _refusal(target.book, len(given), len(stored), gone, wish.yes_remove)
    if not wish.preview:
        if refused:
            raise UserError(
                f"Nothing was changed: {refused}.",
                remedy=f"Check the file; if it is right, say so with --yes-remove {gone}.",
            )
        if wish.replace:
            gone = await directory.replace_book(target.book, read.contacts, target.plan)
        else:
            await directory.put(read.contacts, target.plan)
        whole = wish.replace or not stored
        await books.write(lambda c: imported(c, target.book, target.plan, whole=whole))
    return Outcome(
        book=target.book,
        app=target.app.name,
        region=target.plan.region,
        preview=wish.preview,
        file=read,
        new=len(given - stored),
        updated=len(given & stored),
        removed=gone,
        why_book=wish.why_book,
        refused=f"{refused}; that needs --yes-remove {gone}" if refused else "",
    )


def _refusal(book: str, given: int, stored: int, gone: int, yes_remove: int | None) -> str:
    """Why so many contacts are not removed without a word: a wrong or cut file looks like this."""
    if gone <= (yes_remove or 0):
        return ""
    most = stored >= _SMALL_BOOK and gone * 2 > stored
    if given and not most and yes_remove is None:
        return ""
    holds = f"the file holds {_count(given, 'contact')}" if given else "the file holds no contacts"
    return f"{holds}, and --replace would remove {gone:,} of the {stored:,} in {book}"


def _read_file(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CsvError(f"{file} can't be read: {error.strerror}.", remedy="Check the file's name.") from error


def _default_book(rows: list[AccountRow], app: str | None) -> tuple[str, str]:
    """The book when none is given, and why it is that one."""
    names = [row.name for row in rows if row.app in REGISTRY and app in {None, row.app}]
    kind = f"{app} account" if app is not None else "app account"
    if len(names) == 1:
        return names[0], f"it is the only {kind}"
    return _BOOK, f"there are {len(names)} {kind}s" if names else f"there is no {kind}"


def _target(rows: list[AccountRow], book: str, app: str | None, region: str | None) -> Target:
    account = next((row for row in rows if row.name == book), None)
    if account is not None and account.app not in REGISTRY:
        raise UserError(
            f"{book} is a PBX, not a book of contacts.",
            remedy="Name an app account, or a new book, with --book.",
        )
    if account is not None and app is not None and account.app != app:
        raise UserError(
            f"The book {book} belongs to {account.app}, not to {app}.",
            remedy="Leave --app out, or choose another book.",
        )
    name = app or (account.app if account is not None else "csv")
    base = str(account.config.get("url", "")) if account is not None else ""
    return Target(book, REGISTRY[name].info, base, NumberPlan(_region(rows, region)))


def _region(rows: list[AccountRow], given: str | None) -> str:
    if given is not None:
        if not is_region(given):
            raise UserError(
                f"{given} is no region.", remedy="Give two letters with --region, for example IT."
            )
        return given.upper()
    regions = sorted({str(row.config["region"]) for row in rows if "region" in row.config})
    if len(regions) > 1:
        raise UserError(
            f"The PBX accounts are in several regions ({', '.join(regions)}).",
            remedy="Say with --region how the local numbers of this file are meant.",
        )
    return regions[0] if regions else _REGION


def _document(outcome: Outcome) -> dict[str, Any]:
    read = outcome.file
    return {
        "book": outcome.book,
        "app": outcome.app,
        "region": outcome.region,
        "preview": outcome.preview,
        "contacts": len(read.contacts),
        "new": outcome.new,
        "updated": outcome.updated,
        "removed": outcome.removed,
        "refused": outcome.refused or None,
        "numbers": sum(len(contact.numbers) for contact in read.contacts),
        "damaged": [_warned(each) for each in read.damaged],
        "unreadable": [_warned(each) for each in read.unreadable],
        "bad_links": [_warned(each) for each in read.bad_links],
        "repeated_lines": list(read.repeated),
        "empty_lines": list(read.empty),
        "broken_lines": list(read.broken),
        "unused_columns": list(read.columns.unused),
    }


def _warned(warned: Warned) -> dict[str, Any]:
    return {"line": warned.line, "text": warned.what, "reason": warned.reason}


def _sentences(outcome: Outcome) -> str:
    read = outcome.file
    done = "Would import" if outcome.preview else "Imported"
    head = f"{done} {_count(len(read.contacts), 'contact')} into {outcome.book}"
    damaged = _where([each.line for each in read.damaged])
    lines = [f"{head}; {_look(len(read.damaged), damaged)}" if read.damaged else f"{head}."]
    parts = [f"{outcome.new} new", f"{outcome.updated} already there"]
    if outcome.removed:
        parts.append(f"{outcome.removed} {'to be removed' if outcome.preview else 'removed'}")
    lines.append(f"{', '.join(parts)}; local numbers are read as in {outcome.region}.")
    notes = (
        ("number", "can't be read as a phone number", [each.line for each in read.unreadable]),
        ("link", "is left out, for it is no https address", [each.line for each in read.bad_links]),
        ("row", "repeats an earlier record, the last counts", list(read.repeated)),
        ("row", "is skipped, for it has no name, number or address", list(read.empty)),
        ("line", "is none of a vCard, and left out", list(read.broken)),
    )
    lines.extend(f"{_where(at).capitalize()}: a {noun} that {what}." for noun, what, at in notes if at)
    pageless = sum(contact.page_url is None for contact in read.contacts)
    if pageless:
        lines.append(
            f"{_count(pageless, 'contact')} without a page that a popup could open: a column `Contact ID` or "
            "`URL` makes one."
        )
    if read.columns.unused:
        lines.append(f"Columns not used: {', '.join(read.columns.unused)}.")
    if outcome.why_book:
        lines.append(f"The book is {outcome.book}, since {outcome.why_book}; --book names another.")
    if outcome.refused:
        lines.append(f"It would be refused: {outcome.refused}.")
    if outcome.preview:
        lines.append("Nothing was written; leave --preview out to import.")
    return "\n".join(lines)


def _look(count: int, where: str) -> str:
    verb = "number looks" if count == 1 else "numbers look"
    return (
        f"{count} {verb} damaged ({where}); kept as written, but matched to nobody until mended in the app."
    )


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _where(lines: list[int]) -> str:
    """`line 14`, `lines 14, 37` or, of many, the first few and how many more."""
    unique = sorted(set(lines))
    shown = ", ".join(str(line) for line in unique[:_LINES_SHOWN])
    more = f" and {len(unique) - _LINES_SHOWN:,} more" if len(unique) > _LINES_SHOWN else ""
    return f"{'line' if len(unique) == 1 else 'lines'} {shown}{more}"
