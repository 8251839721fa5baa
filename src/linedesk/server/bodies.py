"""Reading a request's body: raw, capped while it comes in, with a deadline."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from linedesk import json_in
from linedesk.errors import BadRequest, LinedeskError, TooLarge
from linedesk.server.services import services_of

HOOK_READ_S = 5.0
REQUEST_READ_S = 10.0

M = TypeVar("M", bound=BaseModel)


async def read_raw(
    request: web.Request, max_bytes: int, deadline_s: float, too_large: LinedeskError, too_slow: LinedeskError
) -> bytes:
    """The body's bytes as sent. Raises the given errors; never holds more than `max_bytes` and a chunk."""
    if request.content_length is not None and request.content_length > max_bytes:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(deadline_s):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > max_bytes:
                    raise too_large
    except TimeoutError:
        raise too_slow from None
    return bytes(body)


async def read_body(request: web.Request) -> bytes:
    """The body of an API or page request. Raises `TooLarge` or `BadRequest`."""
    limit = services_of(request).settings.request_body_max_bytes
    return await read_raw(
        request,
        limit,
        REQUEST_READ_S,
        TooLarge(f"The request's body is larger than {limit} bytes."),
        BadRequest(f"The request's body did not arrive within {REQUEST_READ_S:.0f} s."),
    )


async def read_json(request: web.Request, model: type[M], *, empty: bool = False) -> M:
    """The JSON body as `model`. With `empty`, no body is `{}`. Raises `BadRequest` naming each fault."""
    raw = await read_body(request)
    if not raw and empty:
        raw = b"{}"
    try:
        document = json_in.read_json(raw)
    except ValueError:
        raise BadRequest("The request's body must be JSON.") from None
    return check(document, model)


async def read_form(request: web.Request) -> dict[str, str]:
    """The fields of a page's form (`application/x-www-form-urlencoded`). Raises `BadRequest`."""
    from urllib.parse import parse_qsl

    if request.content_type != "application/x-www-form-urlencoded":
        raise BadRequest("The form must be sent as application/x-www-form-urlencoded.")
    raw = await read_body(request)
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=32, errors="strict"))
    except ValueError:
        raise BadRequest("The form can't be read.") from None


def check(document: Any, model: type[M]) -> M:
    """`document` as `model`; raises `BadRequest` with one sentence that never repeats the values."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        faults = [
            f"`{'.'.join(str(step) for step in item['loc']) or 'body'}`: {item['msg'].lower()}"
            for item in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        raise BadRequest("; ".join(faults[:5]) + ".") from None
