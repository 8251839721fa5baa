"""A phone number in a query string, as links in CRMs really carry it."""

from __future__ import annotations

import re

from aiohttp import web

from linedesk.errors import BadRequest

_LOST_PLUS = re.compile(r" +(?=\d)")


def number_param(request: web.Request) -> str:
    """The `number` of the query, or "" when there is none.

    A link template that forgets to write `+` as `%2B` brings a space in front of the digits; no number
    begins with a space, so it was a plus. A `tel:` in front is dropped.
    """
    text = request.query.get("number", "")
    if _LOST_PLUS.match(text):
        text = "+" + text.lstrip()
    text = text.strip()
    return text[4:] if text[:4].lower() == "tel:" else text


def require_number(request: web.Request, *, filled: bool = False) -> None:
    """Refuse a link without a `number` in words for who followed it; `filled`: an empty one too."""
    if "number" not in request.query or (filled and not number_param(request)):
        raise BadRequest(
            "The link holds no phone number.",
            remedy="Go back to the page with the link, or type the number at the desk.",
        )
