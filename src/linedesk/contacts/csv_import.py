"""Contacts out of a CSV file: read, understood and checked, before anything is written. Pure.

Files come out of spreadsheets, which eat zeros and plus signs: a number that looks damaged is kept as it
stands and named with its line, so that nobody is matched by a guess.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from linedesk.apps.info import AppInfo, safe_url
from linedesk.contacts.csv_cells import neutral
from linedesk.contacts.csv_columns import Columns, number_kind, understand
from linedesk.contacts.csv_own import OwnColumns, own_columns, own_contact
from linedesk.contacts.model import Contact, ContactNumber, ContactType, contact_id
from linedesk.errors import CsvError
from linedesk.numbers import Kind, NumberPlan, read

MAX_BYTES = 256 * 1024 * 1024
MAX_COLUMNS = 256
MAX_ROWS = 1_000_000
_TEXT_MAX = 300
UNREADABLE = "no phone number"
NO_LINK = "no https address"
_NUMBERS_MAX = 50
_DELIMITERS = ",;\t"
_EXPONENT = re.compile(r"\d+(?:[.,]\d+)?e\+?\d+", re.IGNORECASE)
_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_COMPANY_WORDS = {
    "company",
    "organization",
    "organisation",
    "azienda",
    "societa",
    "società",
    "firma",
    "entreprise",
}
_YES = {"1", "true", "yes", "y", "si", "sì", "ja", "oui", "x"}


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to look at: the line in the file (the header is line 1), what it is about, and why."""

    line: int
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class CsvContacts:
    """What a file holds. `damaged` are numbers that look eaten by a spreadsheet, `unreadable` other ones
    that are no number, `bad_links` addresses that may not become a link, `repeated` rows whose record came
    before (the last counts), `empty` rows with nothing to call a contact by, `broken` lines of a vCard that
    are none."""

    contacts: tuple[Contact, ...]
    columns: Columns
    delimiter: str
    encoding: str
    damaged: tuple[Warned, ...]
    unreadable: tuple[Warned, ...]
    bad_links: tuple[Warned, ...]
    repeated: tuple[int, ...]
    empty: tuple[int, ...]
    broken: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Where the contacts go: the book, its app, the account's address, and how local numbers are read."""

    book: str
    app: AppInfo
    base: str
    plan: NumberPlan


def read_contacts(data: bytes, target: Target) -> CsvContacts:
    """Understand a file. Raises `CsvError` if it is too large, is no CSV, or has no name or phone column.

    A file of Linedesk's own export is read exactly as it was written.
    """
    text, encoding = decoded(data)
    delimiter = _delimiter(text)
    rows = _rows(text, delimiter)
    _, header = next(rows, (0, []))
    columns = understand(header)
    _check(columns, header)
    reader = _Reader(target, columns, own_columns(header))
    for line, row in rows:
        reader.add(line, row)
    return CsvContacts(
        contacts=tuple(reader.contacts.values()),
        columns=columns,
        delimiter=delimiter,
        encoding=encoding,
        damaged=tuple(reader.damaged),
        unreadable=tuple(reader.unreadable),
        bad_links=tuple(reader.bad_links),
        repeated=tuple(reader.repeated),
        empty=tuple(reader.empty),
    )


class _Reader:
    """Collects contacts row by row."""

    def __init__(self, target: Target, columns: Columns, own: OwnColumns | None) -> None:
        self._target = target
        self._columns = columns
        self._own = own
        self.contacts: dict[str, Contact] = {}
        self.damaged: list[Warned] = []
        self.unreadable: list[Warned] = []
        self.bad_links: list[Warned] = []
        self.repeated: list[int] = []
        self.empty: list[int] = []

    def add(self, line: int, row: Sequence[str]) -> None:
        """Take one row; `line` is where it begins in the file."""
        if self._own is not None:
            self._add_own(line, row, self._own)
            return
        name = _joined_name(self._columns, row)
        company = _field(self._columns, row, "company")
        emails = tuple(
            dict.fromkeys(
                email for at in self._columns.emails for email in _split(_cell(row, at)) if "@" in email
            )
        )
        numbers = self._numbers(line, row)
        if not (name or company or emails or numbers):
            self.empty.append(line)
            return
        record_id = _field(self._columns, row, "id") or made_id(name, company, emails, numbers)
        self._keep(line, self._contact(line, row, record_id, name, company, emails, numbers))

    def _add_own(self, line: int, row: Sequence[str], own: OwnColumns) -> None:
        read_row = own_contact(row, own, self._target.book, self._target.app)
        self.bad_links += [Warned(line, url, NO_LINK) for url in read_row.bad_links]
        for number in read_row.contact.numbers:
            self._examine(line, number.raw)
        self._keep(line, read_row.contact)

    def _keep(self, line: int, contact: Contact) -> None:
        if contact.record_id in self.contacts:
            self.repeated.append(line)
        self.contacts[contact.record_id] = contact

    def _contact(  # noqa: PLR0917 - one row's parts
        self,
        line: int,
        row: Sequence[str],
        record_id: str,
        name: str,
        company: str,
        emails: tuple[str, ...],
        numbers: tuple[ContactNumber, ...],
    ) -> Contact:
        target = self._target
        kind = _field(self._columns, row, "type").casefold()
        is_company = kind in _COMPANY_WORDS or (not name and bool(company))
        contact = Contact(
            id=contact_id(target.book, record_id),
            book=target.book,
            app=target.app.name,
            record_id=record_id,
            name=name or company,
            type=ContactType.COMPANY if is_company else ContactType.PERSON,
            company="" if is_company and not name else company,
            emails=emails,
            numbers=numbers,
            page_url=self._link(line, row, "url"),
            archived=_field(self._columns, row, "archived").casefold() in _YES,
            blocked=_field(self._columns, row, "blocked").casefold() in _YES,
            company_url=self._link(line, row, "company_url"),
        )
        if contact.page_url is None and "id" in self._columns.fields:
            return _with_page(contact, target)
        return contact

    def _link(self, line: int, row: Sequence[str], name: str) -> str | None:
        url = _field(self._columns, row, name, limit=2_000)
        if not url:
            return None
        if safe_url(url):
            return url
        self.bad_links.append(Warned(line, url, NO_LINK))
        return None

    def _numbers(self, line: int, row: Sequence[str]) -> tuple[ContactNumber, ...]:
        found: dict[str, ContactNumber] = {}
        for column in self._columns.phones:
            label = column.label
            if column.label_at is not None and (given := _cell(row, column.label_at)):
                label = number_kind(given)
            for raw in _split(_cell(row, column.at)):
                found.setdefault(raw, ContactNumber(raw, label))
                self._examine(line, raw)
        return tuple(found.values())[:_NUMBERS_MAX]

    def _examine(self, line: int, raw: str) -> None:
        if reason := damage(raw, self._target.plan):
            self.damaged.append(Warned(line, raw, reason))
        elif read(raw, self._target.plan).value is None:
            self.unreadable.append(Warned(line, raw, UNREADABLE))


def _with_page(contact: Contact, target: Target) -> Contact:
    return replace(contact, page_url=target.app.page_url(target.base, contact))


def damage(raw: str, plan: NumberPlan) -> str | None:
    """Why a number looks as if a spreadsheet had taken it for a quantity; None if it does not."""
    if _EXPONENT.fullmatch(raw):
        return "written as a quantity, digits are lost"
    if re.fullmatch(r"\d{6,}[.,]0+", raw):
        return "written as a quantity"
    if raw.isdecimal() and read(raw, plan).kind is Kind.INVALID and read("0" + raw, plan).kind is Kind.E164:
        return "the 0 at its start is lost"
    return None


def decoded(data: bytes) -> tuple[str, str]:
    """The text of a file and its encoding. Raises `CsvError` if it is too large or no text."""
    if len(data) > MAX_BYTES:
        raise CsvError(
            f"The file is larger than {MAX_BYTES // 1024 // 1024} MB.",
            remedy="Split it and import the parts.",
        )
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    # What is no UTF-8 comes from an older Windows program in Western Europe.
    encodings = ("utf-16",) if wide else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, encoding
    raise CsvError("The file is no text.")


def _delimiter(text: str) -> str:
    """The delimiter under which the header line means most."""

    def known(delimiter: str) -> tuple[int, int]:
        header = next(_rows(text, delimiter), (0, []))[1]
        return understand(header).known, len(header)

    return max(_DELIMITERS, key=known)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, with the line on which each begins; the header comes first."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    count = 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                count += 1
                _check_size(row, count, begins)
                yield begins, row
            begins = reader.line_num + 1
    except csv.Error as error:
        raise CsvError(f"Line {begins} is no CSV: {error}.") from error


def _check_size(row: Sequence[str], count: int, line: int) -> None:
    if len(row) > MAX_COLUMNS:
        raise CsvError(f"Line {line} has more than {MAX_COLUMNS} columns.")
    if count > MAX_ROWS + 1:
        raise CsvError(f"The file has more than {MAX_ROWS:,} rows.", remedy="Split it and import the parts.")


def _check(columns: Columns, header: Sequence[str]) -> None:
    if not header:
        raise CsvError("The file is empty.")
    seen = ", ".join(text.strip()[:30] for text in header[:8])
    if not columns.usable:
        raise CsvError(f"The first line has no column for a name or a company; it has: {seen}.")
    if not columns.phones and not columns.emails:
        raise CsvError(
            f"The first line has no column for a phone number or an e-mail address; it has: {seen}."
        )


def _cell(row: Sequence[str], at: int, limit: int = _TEXT_MAX) -> str:
    """The text of a cell on one line, without what programs put around it to keep it text."""
    text = row[at].strip() if at < len(row) else ""
    if formula := _FORMULA.fullmatch(text):
        text = formula[1].replace('""', '"')
    elif text[:1] == "'" and neutral(text[1:]) == text:
        text = text[1:]
    return _CONTROL.sub(" ", text).strip()[:limit]


def _field(columns: Columns, row: Sequence[str], name: str, limit: int = _TEXT_MAX) -> str:
    at = columns.fields.get(name)
    return "" if at is None else _cell(row, at, limit)


def _split(text: str) -> list[str]:
    """The values of one cell: Google puts ` ::: ` between several."""
    return [part for each in text.split(":::") if (part := each.strip())]


def _joined_name(columns: Columns, row: Sequence[str]) -> str:
    parts = (_field(columns, row, part) for part in ("first", "middle", "last"))
    return _field(columns, row, "name") or " ".join(part for part in parts if part)


def made_id(name: str, company: str, emails: Sequence[str], numbers: Sequence[ContactNumber]) -> str:
    """An id for a row without one: what seldom changes, so that the next export finds the same record."""
    told = emails[0].casefold() if emails else f"{company}\n{numbers[0].raw if numbers else ''}"
    return "row-" + hashlib.blake2s(f"{name}\n{told}".encode("utf-8", "replace"), digest_size=12).hexdigest()
