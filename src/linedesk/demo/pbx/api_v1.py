"""The older API: dialling with `Originate`, colleagues, who am I, version."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from linedesk.demo.pbx.users import User, colleague_record
from linedesk.demo.pbx.wire import Asked, Refused, result
from linedesk.errors import BadRequest

_CHANNEL = re.compile(r"Local/(?P<extension>[^@]+)@(?P<dialplan>.+)", re.IGNORECASE)
_COUNT = 1500


async def originate_call(asked: Asked) -> web.StreamResponse:
    """Rings the token's own user, then dials. Answers no call id."""
    number = (await asked.fields()).get("number")
    if asked.token.extension is None:
        raise Refused(400, "The token has no user")
    if not isinstance(number, str) or not number.strip():
        raise Refused(400, "Parameter number is required")
    _dial(asked, asked.token.extension, number)
    return result("Success")


async def originate(asked: Asked) -> web.StreamResponse:
    """AMI style: dials for any extension; an empty or invalid body is a 500."""
    try:
        fields = await asked.fields()
    except Refused:
        raise Refused(500, "Internal Server Error") from None
    channel = _CHANNEL.fullmatch(str(fields.get("channel", "")))
    number = fields.get("exten")
    if channel is None or not isinstance(number, str) or not number.strip() or not fields.get("context"):
        raise Refused(500, "Internal Server Error")
    extension = channel["extension"]
    if not asked.token.root and extension != asked.token.extension:
        raise Refused(403, "Forbidden")
    if asked.exchange.house.user(extension) is None:
        raise Refused(500, "Internal Server Error")
    _dial(asked, extension, number)
    return result("Success")


async def colleagues(asked: Asked) -> web.StreamResponse:
    """Visible to any user; paged by `start` and `count` (1500), by default sorted by `dn`, descending."""
    users = [colleague_record(user) for user in asked.exchange.house.users.values()]
    users = [each for each in users if _wanted(each, asked.query)]
    reverse = asked.query.get("dir", "DESC").upper() == "DESC"
    order = asked.query.get("sort", "dn")
    users.sort(key=lambda each: str(each.get(order, "")), reverse=reverse)
    start, count = _whole(asked.query.get("start"), 0), _whole(asked.query.get("count"), _COUNT)
    page = users[start : start + count]
    if names := [name for name in asked.query.get("fields", "").split(",") if name]:
        page = [{name: each[name] for name in names if name in each} for each in page]
    return result({"total": _total(asked, len(users)), "records": page})


async def pbx_colleagues(asked: Asked) -> web.StreamResponse:
    """The same list, for administrators."""
    if not asked.token.root:
        raise Refused(403, "Forbidden")
    return await colleagues(asked)


async def colleague(asked: Asked) -> web.StreamResponse:
    """One colleague by the id in WMS, not by extension."""
    return result(colleague_record(_by_db_id(asked, asked.path["id"])))


async def personal_info(asked: Asked) -> web.StreamResponse:
    """Who the token is."""
    user = asked.exchange.house.user(asked.token.extension or "")
    if user is None:
        raise Refused(400, "The token has no user")
    return result(colleague_record(user))


async def version(asked: Asked) -> web.StreamResponse:
    return result({"version": asked.exchange.state.switches.wms_version})


async def ping(_asked: Asked) -> web.StreamResponse:
    return result("pong")


def _dial(asked: Asked, extension: str, number: str) -> None:
    if extension in asked.exchange.state.switches.without_device:
        raise Refused(400, "User has no active device")
    try:
        asked.exchange.click_to_dial(extension, number)
    except BadRequest as wrong:
        raise Refused(400, wrong.message) from None


def _by_db_id(asked: Asked, db_id: str) -> User:
    for user in asked.exchange.house.users.values():
        if user.db_id == db_id:
            return user
    raise Refused(404, "User not found")


def _wanted(record: dict[str, Any], query: Any) -> bool:
    search = query.get("search", "").lower()
    searched = ("name", "extension", "email", "officePhone", "mobilePhone", "faxNumber")
    if search and not any(search in str(record[name]).lower() for name in searched):
        return False
    for key in set(query):
        match = re.fullmatch(r"filter\[(\w+)\](\[\])?", key)
        if match and str(record.get(match[1], "")) not in query.getall(key):
            return False
    return True


def _total(asked: Asked, count: int) -> str | int:
    match asked.exchange.state.switches.total_as:
        case "number":
            return count
        case "mixed":
            return count if asked.exchange.state.next_number() % 2 else str(count)
        case _:
            return str(count)


def _whole(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() else default
