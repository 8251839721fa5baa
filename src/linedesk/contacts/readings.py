"""How the numbers of a book are read where no record of an app stands behind an entry: an imported file's.

An import may name a region of its own; it is kept, for when the numbers are read again. `sync/reshow` is
the only one that reads them again by itself, and says of each book how it was read last.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection

from linedesk.numbers import NumberPlan
from linedesk.store import documents

READING = 1
"""Raised when a version of Linedesk reads numbers, or folds words, in another way."""

_FILE = "file:"


def plan_of_file(c: Connection, book: str, plan: NumberPlan) -> NumberPlan:
    """`plan`, which is that of the book's account, in the region that the book's import named."""
    named = documents.get(c, documents.read_as(book))
    return plan if named is None else replace(plan, region=named["region"])


def imported(c: Connection, book: str, plan: NumberPlan, *, whole: bool) -> None:
    """Keep how a file was read. `whole`: the book holds nothing else.

    What is read by several plans, or by another than the service would take, is read again there.
    """
    documents.put(c, documents.read_as(book), {"region": plan.region})
    shown = documents.get(c, documents.shown_as(book))
    if whole and (shown is None or shown["made_with"].startswith(_FILE)):
        documents.put(c, documents.shown_as(book), {"made_with": file_mark(plan)})
    elif shown is not None and shown["made_with"] != file_mark(plan):
        documents.remove(c, [documents.shown_as(book)])


def file_mark(plan: NumberPlan) -> str:
    """Tells two ways of reading the numbers of a file apart."""
    return _FILE + fingerprint([READING, settings_of(plan)])


def settings_of(plan: NumberPlan) -> Mapping[str, Any]:
    """What of a plan says how a number is read."""
    settings = asdict(plan)
    # Whatever is dialled is made when it is dialled.
    del settings["dial_rules"]
    return settings


def fingerprint(made_with: list[Any]) -> str:
    """A short text that is another for any other content."""
    return hashlib.blake2s(json.dumps(made_with, sort_keys=True).encode(), digest_size=12).hexdigest()
