"""Contacts as a CSV file that spreadsheets show as it is, and that `csv_import` reads back exactly. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from linedesk.contacts.csv_own import MOST_EMAILS, MOST_NUMBERS, OwnColumns
from linedesk.contacts.model import Contact

_BOM = "\ufeff"
_ROWS_A_PART = 500


@dataclass(frozen=True, slots=True)
class Widths:
    """How much room the contacts of a file take; `left_out`: values beyond the most that one has room for."""

    columns: OwnColumns
    left_out: int


def widths(contacts: Iterable[Contact]) -> Widths:
    """The columns that hold every contact's addresses and numbers."""
    emails = numbers = left_out = 0
    for each in contacts:
        emails, numbers = max(emails, len(each.emails)), max(numbers, len(each.numbers))
        left_out += max(0, len(each.emails) - MOST_EMAILS) + max(0, len(each.numbers) - MOST_NUMBERS)
    columns = OwnColumns(min(max(emails, 1), MOST_EMAILS), min(max(numbers, 1), MOST_NUMBERS))
    return Widths(columns, left_out)


def csv_parts(contacts: Sequence[Contact], columns: OwnColumns, delimiter: str = ",") -> Iterator[bytes]:
    """The file in parts, UTF-8 with the mark by which spreadsheets know it; rows in the order given."""
    yield _BOM.encode() + _lines([columns.header()], delimiter)
    for start in range(0, len(contacts), _ROWS_A_PART):
        rows = (columns.row(each) for each in contacts[start : start + _ROWS_A_PART])
        yield _lines(rows, delimiter)


def _lines(rows: Iterable[Sequence[str]], delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
