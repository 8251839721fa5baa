"""What every request passes: deadline, origin check, errors to answers, security headers.

The first in `ALL` is the outermost. Handlers raise errors of `linedesk.errors` and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from linedesk.errors import (
    BadRequest,
    LinedeskError,
    NotFound,
    OriginRefused,
    TooLarge,
)
from linedesk.server.headers import API_CSP, COMMON, HSTS, NO_STORE, SERVER
from linedesk.server.origins import SAFE_METHODS, may_change, own_origins
from linedesk.server.page import error_page
from linedesk.server.services import services_of

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

REQUEST_S = 30.0
_SOCKET = "/agent/socket"
_HOOKS = "/hooks/"
_MACHINE = ("/api/", _HOOKS, "/agent/", "/assets/", "/healthz", "/readyz", "/metrics", "/widget.js")


def is_for_people(request: web.Request) -> bool:
    """Whether an error is best told on a page: a navigation to one of our pages."""
    return not request.path.startswith(_MACHINE) and "Authorization" not in request.headers


async def security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal `on_response_prepare`: every answer carries the common headers; what a page set stays."""
    headers = response.headers
    headers["Server"] = SERVER
    for name, value in COMMON.items():
        headers.setdefault(name, value)
    if "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = API_CSP
        headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cache-Control", NO_STORE)
    if services_of(request).base_url().startswith("https:"):
        headers.setdefault("Strict-Transport-Security", HSTS)


@web.middleware
async def errors_to_answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The error tree as JSON, or as a page; anything unexpected is logged and told without details."""
    try:
        return await handler(request)
    except LinedeskError as error:
        return _answer(request, error)
    except web.HTTPException as answer:
        if answer.status < 400:
            return answer
        return _answer(request, _translate(answer), allow=answer.headers.get("Allow"))
    except Exception:
        # The last line of defence: nobody may see a traceback.
        log.error("request_failed", method=request.method, route=_route(request), exc_info=True)
        return _answer(request, LinedeskError("Linedesk could not do this because of a fault of its own."))


@web.middleware
async def deadline(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No request lasts for ever; services have shorter deadlines of their own."""
    if request.path == _SOCKET:
        return await handler(request)
    try:
        async with asyncio.timeout(REQUEST_S) as scope:
            return await handler(request)
    except TimeoutError:
        if not scope.expired():
            raise
        log.warning("request_timed_out", method=request.method, route=_route(request))
        raise LinedeskError(f"Linedesk did not finish this within {REQUEST_S:.0f} s.") from None


@web.middleware
async def change_guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Only our own pages, or no page at all, may change anything; hooks have their signature."""
    if request.path.startswith(_HOOKS):
        return await handler(request)
    if request.method not in SAFE_METHODS:
        own = own_origins(services_of(request).base_url())
        if not may_change(request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site"), own):
            raise OriginRefused(
                "Another page tried to change something in Linedesk.",
                remedy="Open Linedesk at its own address and try again there.",
            )
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise BadRequest("Compressed request bodies are not accepted.")
    return await handler(request)


ALL = (errors_to_answers, deadline, change_guard)


def _answer(request: web.Request, error: LinedeskError, *, allow: str | None = None) -> web.Response:
    if error.status >= 500:
        log.info("request_answered", error_code=error.code, reason=error.message, route=_route(request))
    if is_for_people(request):
        response = error_page(request, error)
    else:
        response = web.json_response(error.as_json(), status=error.status)
    if allow is not None:
        response.headers["Allow"] = allow
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _translate(answer: web.HTTPException) -> LinedeskError:
    if answer.status == 404:
        return NotFound("There is nothing at this address.")
    if answer.status == 413:
        return TooLarge("The request's body is too large.")
    error: LinedeskError = BadRequest("The request can't be served as it is.")
    if answer.status == 405:
        error = BadRequest("This address does not take this method.")
    error.status = answer.status
    return error


def _route(request: web.Request) -> str:
    # The pattern, never the address: numbers stand in queries.
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "(none)"
