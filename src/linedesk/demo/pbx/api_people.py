"""People in the v1 API: colleagues, groups, departments, who am I, presence, registered phones."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from aiohttp import web

from linedesk.demo.pbx.listing import Listing, pick, read_listing, select
from linedesk.demo.pbx.state import Mood
from linedesk.demo.pbx.users import User, colleague_record
from linedesk.demo.pbx.wire import Asked, Refused, RouteMissing, result, total

_SEARCHED = ("name", "extension", "email", "officePhone", "mobilePhone", "faxNumber")
_USUAL = Listing(count=1500, sort="dn", descending=True, search_fields=_SEARCHED)
_MOODS = frozenset({"available", "away", "dnd", "mur"})
_UNTIL = re.compile(r"\d{2}/\d{2}/\d{4} \d{2}:\d{2}")


async def colleagues(asked: Asked) -> web.StreamResponse:
    """Visible to any user; by default up to 1500, sorted by `dn`, descending."""
    listing = read_listing(asked.listing_query(), _USUAL)
    people = [_record(asked, user) for user in asked.exchange.house.users.values()]
    count, page = select(people, listing)
    records = [pick(each, listing.fields) for each in page]
    return result({"total": total(asked, count, str), "records": records})


async def pbx_colleagues(asked: Asked) -> web.StreamResponse:
    """The same list, for administrators."""
    if not asked.token.root:
        raise Refused(403, "Forbidden")
    return await colleagues(asked)


async def colleague(asked: Asked) -> web.StreamResponse:
    """One colleague by the id in WMS, not by extension."""
    for user in asked.exchange.house.users.values():
        if user.db_id == asked.path["id"]:
            return result(_record(asked, user))
    raise Refused(404, "User not found")


async def personal_info(asked: Asked) -> web.StreamResponse:
    """Who the token is."""
    user = asked.exchange.house.user(asked.token.extension or "")
    if user is None:
        raise Refused(400, "The token has no user")
    return result(_record(asked, user))


async def groups(asked: Asked) -> web.StreamResponse:
    records = [{"id": "55", "dn": "cn=Default,dc=wildix", "name": "Default"}]
    return result({"total": total(asked, 1, int), "records": records})


async def departments(asked: Asked) -> web.StreamResponse:
    names = sorted({user.department for user in asked.exchange.house.users.values() if user.department})
    records = [{"id": str(number), "name": name} for number, name in enumerate(names, 1)]
    return result({"total": total(asked, len(records), int), "records": records})


async def presence(asked: Asked) -> web.StreamResponse:
    """What a user has set, and what the phone does."""
    extension = _extension(asked)
    mood = asked.exchange.state.moods.get(extension, Mood())
    telephony = asked.exchange.presence_of(extension)
    return result({"extension": extension, **asdict(mood), "telephony": telephony})


async def set_presence(asked: Asked) -> web.StreamResponse:
    """`status`, `message`, `until` ("DD/MM/YYYY HH:mm", UTC), as JSON or as a form."""
    extension, fields = _extension(asked), await asked.fields()
    fields = {**fields, **await asked.data()}
    status, words, until = (str(fields.get(name) or "") for name in ("status", "message", "until"))
    if status not in _MOODS:
        raise Refused(400, "Parameter status is wrong")
    if until and not _UNTIL.fullmatch(until):
        raise Refused(400, "Parameter until is wrong")
    if not asked.token.root and extension != asked.token.extension:
        raise Refused(403, "Forbidden")
    asked.exchange.set_mood(extension, Mood(status, words[:500], until))
    return result("Success")


async def personal_presence(asked: Asked) -> web.StreamResponse:
    """Not there on today's WMS; the switch brings it back."""
    if not asked.switches.personal_presence_get:
        raise RouteMissing
    return await presence(asked)


async def registrations(asked: Asked) -> web.StreamResponse:
    """Which phones are registered, of all users or of those in the path."""
    house = asked.exchange.house
    wanted = asked.path.get("extensions", ",".join(house.users)).split(",")
    return result({each: _registered(asked, each) for each in wanted if house.user(each) is not None})


def _registered(asked: Asked, extension: str) -> dict[str, Any]:
    if extension in asked.switches.without_device:
        return {"registrations": []}
    phone = {
        "online": "1",
        "contact": f"sip:{extension}@127.0.0.1",
        "received": "127.0.0.1",
        "instance": f"demo-{extension}",
        "useragent": "WP820 demo",
    }
    return {"registrations": [phone]}


def _extension(asked: Asked) -> str:
    extension = asked.path.get("extension") or asked.token.extension or ""
    if asked.exchange.house.user(extension) is None:
        raise Refused(404, "User not found")
    return extension


def _record(asked: Asked, user: User) -> dict[str, Any]:
    record = colleague_record(user)
    if asked.switches.duplicate_email and user.role != "admin":
        # All but the administrator share one address, as a team mailbox makes them do.
        first = next(each for each in asked.exchange.house.users.values() if each.role != "admin")
        record["email"] = first.email
    return record
