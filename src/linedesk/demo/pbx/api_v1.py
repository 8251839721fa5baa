"""The older API: dialling with `Originate`, version, liveness, network. People: `api_people.py`."""

from __future__ import annotations

import re

from aiohttp import web

from linedesk.demo.pbx.users import SERIAL
from linedesk.demo.pbx.wire import Asked, Refused, result, total
from linedesk.errors import BadRequest

_CHANNEL = re.compile(r"Local/(?P<extension>[^@]+)@(?P<dialplan>.+)", re.IGNORECASE)


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


async def version(asked: Asked) -> web.StreamResponse:
    return result({"version": asked.switches.wms_version})


async def ping(_asked: Asked) -> web.StreamResponse:
    return result("pong")


async def networks(asked: Asked) -> web.StreamResponse:
    """The PBXs of the network: this one alone."""
    host = asked.request.host
    pbx = {"id": "1", "name": "demo", "serial": SERIAL, "host": host, "master": True}
    return result({"total": total(asked, 1, int), "records": [pbx]})


def _dial(asked: Asked, extension: str, number: str) -> None:
    if extension in asked.switches.without_device:
        raise Refused(400, "User has no active device")
    try:
        asked.exchange.click_to_dial(extension, number)
    except BadRequest as wrong:
        raise Refused(400, wrong.message) from None
