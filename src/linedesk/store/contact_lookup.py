"""Who holds a key: the one query of a popup. It gives what the plain matcher of contacts/match.py gives."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection

from linedesk.contacts.model import Contact, ContactType
from linedesk.numbers import Certainty, Key
from linedesk.store.contact_rows import SELECTED, assembled, keys_of
from linedesk.store.contacts_sqlite import fetch, marks

_WEAK = 100_000  # added to the position of a key that is not sure; no contact has so many numbers

# CROSS JOIN keeps the order: a few keys, their owners, and only of those the contacts. Any other order
# walks a book. `best` is the position of the number that speaks strongest for its owner.
_FIND = """
    WITH wanted(key, weak, own) AS (VALUES {wanted}), owners AS (
        SELECT k.contact_rowid AS at,
            min(k.position + CASE WHEN w.weak = 0 AND k.certainty = 'sure' THEN 0 ELSE {weak} END) AS best
        FROM wanted w CROSS JOIN contact_keys k ON k.key = w.key
            CROSS JOIN contacts c ON c.rowid_ = k.contact_rowid
        WHERE (w.own OR c.type = 'company') {visible}
        GROUP BY k.contact_rowid
        ORDER BY best >= {weak}, c.archived OR c.blocked, lower(c.name), k.contact_rowid
        LIMIT ?)
    SELECT {columns}, o.best
    FROM owners o CROSS JOIN contacts c ON c.rowid_ = o.at
        LEFT JOIN contact_numbers n ON n.contact_rowid = c.rowid_
    ORDER BY o.best >= {weak}, c.archived OR c.blocked, lower(c.name), c.rowid_, n.position
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """A contact that holds one of the keys asked for; `label` and `raw` are of the number that has `key`."""

    contact: Contact
    certainty: Certainty
    label: str
    raw: str
    key: str


def find(
    c: Connection, keys: Sequence[Key], boards: Sequence[str], books: Collection[str] | None, limit: int
) -> list[Hit]:
    """Contacts that hold one of `keys`, and companies that hold one of `boards` (those are only possible).

    Sure ones come first, then those that are neither put away nor blocked, then by name. One statement.
    """
    if not keys or (books is not None and not books):
        return []
    values: list[str | int] = []
    for key in keys:
        values += (key.text, int(key.certainty is not Certainty.SURE), 1)
    for board in boards:
        values += (board, 1, 0)
    values += sorted(books or ())
    rows = fetch(c, _statement(len(keys) + len(boards), len(books or ())), [*values, limit])
    hits = []
    for each in assembled(rows):
        weak, position = divmod(each.more[0], _WEAK)
        number = each.numbers[position]
        certainty = Certainty.POSSIBLE if weak else Certainty.SURE
        company = each.contact.type is ContactType.COMPANY
        matched = _matched(number.keys, keys, boards if company else (), certainty)
        hits.append(Hit(each.contact, certainty, number.label, number.raw, matched))
    return hits


@lru_cache(maxsize=256)
def _statement(wanted: int, books: int) -> str:
    return _FIND.format(
        wanted=",".join(["(?,?,?)"] * wanted),
        visible=f"AND c.book IN ({marks(books)})" if books else "",
        weak=_WEAK,
        columns=SELECTED,
    )


def _matched(stored: str, keys: Sequence[Key], boards: Sequence[str], certainty: Certainty) -> str:
    """The key of a number that made it match as surely as it did."""
    asked = {key.text: key.certainty for key in keys}
    held = keys_of(stored)
    for key in held:
        both_sure = key.certainty is Certainty.SURE and asked.get(key.text) is Certainty.SURE
        if key.text in asked and (certainty is Certainty.POSSIBLE or both_sure):
            return key.text
    return next((key.text for key in held if key.text in boards), "")
