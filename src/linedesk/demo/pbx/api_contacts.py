"""Contacts in the v1 API, under `/Contacts/` and under their phonebook alike.

Writes are forms with `data[…]`; the last write wins, nothing tells of a deletion, and a DELETE without an
id empties the whole book, as on the real PBX.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from aiohttp import web

from linedesk.demo.pbx.api_books import check_write, named_book, visible
from linedesk.demo.pbx.books import Phonebook, Row
from linedesk.demo.pbx.listing import Listing, Match, pick, read_listing
from linedesk.demo.pbx.paging import Pages, for_page
from linedesk.demo.pbx.shelves import SEARCHED, TEXTS
from linedesk.demo.pbx.wire import Asked, Refused, RouteMissing, number, result, total
from linedesk.demo.switches import PbxSwitches

_USUAL = Listing(search_fields=SEARCHED)


async def contacts(asked: Asked) -> web.StreamResponse:
    """All that the credential may see, or one book's."""
    books = [named_book(asked)] if "book" in asked.path else visible(asked)
    listing = read_listing(asked.listing_query(), _USUAL)
    listing = for_page(listing, asked.switches)
    count, rows = asked.exchange.state.books.find(_in_seconds(listing, asked.switches), [b.id for b in books])
    pages: Pages = asked.exchange.pages
    page = pages.spoil(listing, count, rows, asked.switches)
    for book in books:
        pages.served(book.id, asked.exchange.state.books, asked.exchange.now_ms() // 1000)
    records = [pick(_record(asked, row), listing.fields) for row in page.rows]
    return result({"total": total(asked, page.total, str), "records": records})


async def contact(asked: Asked) -> web.StreamResponse:
    row, _ = _named(asked)
    return result(_record(asked, row))


async def create(asked: Asked) -> web.StreamResponse:
    """Answers `result.id`. Duplicates of any kind are welcome."""
    written, sw = await asked.data(), asked.switches
    nameless = asked.is_json and sw.json_contact == "nameless"
    book = named_book(asked) if "book" in asked.path else _book_of(asked, written, nameless=nameless)
    if not written.get("name", "").strip() and not nameless:
        raise Refused(sw.invalid_contact_as, "Field name is required")
    check_write(asked, book)
    values = _stored(written, sw)
    if not sw.writes_kept:
        return result({"id": number(asked, asked.exchange.state.next_number(), int)})
    added = asked.exchange.state.books.add(book.id, values, asked.exchange.now_ms() // 1000)
    return result({"id": number(asked, added, int)})


async def update(asked: Asked) -> web.StreamResponse:
    """Partial: fields that are not sent stay."""
    row, book = _named(asked)
    check_write(asked, book)
    written, sw = await asked.data(), asked.switches
    if asked.is_json and sw.json_contact == "refuse":
        raise Refused(sw.invalid_contact_as, "No data")
    values = _stored(written, sw)
    if not sw.empty_clears:
        values = {name: value for name, value in values.items() if value}
    if not values.get("name", "-").strip():
        raise Refused(sw.invalid_contact_as, "Field name is required")
    if sw.writes_kept and values:
        at_s = asked.exchange.now_ms() // 1000 if sw.writes_bump_last_update else None
        asked.exchange.state.books.update(row["id"], values, at_s)
    return result({"id": number(asked, row["id"], int)})


async def remove(asked: Asked) -> web.StreamResponse:
    row, book = _named(asked)
    check_write(asked, book)
    if asked.switches.writes_kept:
        asked.exchange.state.books.delete(row["id"])
    return result("Success")


async def wipe(asked: Asked) -> web.StreamResponse:
    """Every contact of the book goes: this is where a delete with an empty id ends."""
    if not asked.switches.wipe_route:
        raise RouteMissing
    book = named_book(asked)
    check_write(asked, book)
    asked.exchange.state.books.wipe(book.id)
    return result("Success")


def _named(asked: Asked) -> tuple[Row, Phonebook]:
    wanted = asked.path["id"]
    found = asked.exchange.state.books.contact(int(wanted)) if wanted.isdecimal() else None
    inside = "book" not in asked.path or (found and str(found["phonebook_id"]) == asked.path["book"])
    if found is None or not inside:
        raise Refused(404, "Contact not found")
    try:
        return found, named_book(asked, str(found["phonebook_id"]))
    except Refused:
        raise Refused(404, "Contact not found") from None


def _book_of(asked: Asked, written: dict[str, str], *, nameless: bool) -> Phonebook:
    book_id = written.get("phonebook_id", "").strip()
    if not book_id and not nameless:
        raise Refused(asked.switches.invalid_contact_as, "Field phonebook_id is required")
    return named_book(asked, book_id or "1")


def _stored(written: dict[str, str], sw: PbxSwitches) -> dict[str, str]:
    """The fields that the PBX knows; others are passed over, long ones cut if the switch says so."""
    return {name: written[name][: sw.text_max] for name in TEXTS if name in written}


def _record(asked: Asked, row: Row) -> dict[str, Any]:
    return {
        **row,
        "id": number(asked, row["id"], str),
        "phonebook_id": number(asked, row["phonebook_id"], str),
        "last_update": _stamp(row["last_update"], asked.switches),
    }


def _stamp(at_s: int, sw: PbxSwitches) -> str | int:
    moment = datetime.fromtimestamp(at_s, timezone(timedelta(hours=sw.last_update_zone_h)))
    match sw.last_update_as:
        case "epoch_s":
            return at_s
        case "epoch_ms":
            return at_s * 1000
        case "iso":
            return moment.isoformat()
        case _:
            return f"{moment:%Y-%m-%d %H:%M:%S}"


def _in_seconds(listing: Listing, sw: PbxSwitches) -> Listing:
    """`last_update` in filters, from the spelling of the wire to what is stored."""

    def translated(match: Match) -> Match:
        low, high = (None if edge is None else _seconds(edge, sw) for edge in (match.low, match.high))
        return Match(tuple(_seconds(each, sw) for each in match.values), low, high)

    filters = [(name, translated(m) if name == "last_update" else m) for name, m in listing.filters]
    return replace(listing, filters=tuple(filters))


def _seconds(text: str, sw: PbxSwitches) -> str:
    if text.isdecimal():
        return text[:-3] if len(text) > 11 else text
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    zone = timezone(timedelta(hours=sw.last_update_zone_h))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return str(int(moment.astimezone(UTC).timestamp()))
