"""The route table: every address with its handler, and for the API what goes in and comes out.

`app` serves it, `openapi` describes it; a handler that is not here does not exist.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web
from pydantic import BaseModel

from linedesk.server import (
    api,
    app_hooks,
    assets,
    desk_page,
    health,
    hooks,
    models,
    number_pages,
    open_page,
    openapi,
    picks,
    sign_in,
    socket,
    wildix_sign_in,
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Auth = Literal["none", "token", "session", "signature"]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address. `answers` maps a status to its body's model (None: no body or a page)."""

    method: str
    path: str
    handler: Handler
    summary: str
    auth: Auth = "none"
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    answers: Mapping[int, type[BaseModel] | None] = field(default_factory=lambda: {200: None})
    errors: tuple[int, ...] = ()
    headers: tuple[str, ...] = ()
    documented: bool = False


def _api(
    method: str,
    path: str,
    handler: Handler,
    summary: str,
    answer: type[BaseModel] | None,
    *,
    status: int = 200,
    auth: Auth = "token",
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    errors: tuple[int, ...] = (),
    headers: tuple[str, ...] = (),
) -> Route:
    return Route(
        method, path, handler, summary, auth, query, body, {status: answer}, errors, headers, documented=True
    )


def table() -> tuple[Route, ...]:
    """Every route of the service."""
    return (*_API, *_MACHINES, *_PAGES)


_API = (
    _api(
        "POST",
        "/api/session",
        api.start_session,
        "Sign in with user and password.",
        models.TokenAnswer,
        auth="none",
        body=models.Credentials,
        errors=(401, 429),
    ),
    _api("DELETE", "/api/session", api.end_session, "End this token and cut its sockets.", None, status=204),
    _api(
        "POST",
        "/api/session/code",
        desk_page.make_code,
        "A one-time code that signs a widget in.",
        models.CodeAnswer,
    ),
    _api(
        "POST",
        "/api/session/link",
        api.make_link,
        "A token that is good for `/open` links alone.",
        models.TokenAnswer,
    ),
    _api("GET", "/api/me", api.read_me, "The agent itself.", models.MeAnswer),
    _api(
        "PATCH",
        "/api/me",
        api.change_me,
        "Change the agent's own settings.",
        models.MeAnswer,
        body=models.OwnSettings,
    ),
    _api(
        "GET",
        "/api/contacts",
        api.search_contacts,
        "Search contacts by name, company, e-mail or digits.",
        models.SearchAnswer,
        query=models.SearchQuery,
    ),
    _api(
        "GET",
        "/api/lookup",
        api.lookup_number,
        "Who owns a number.",
        models.LookupAnswer,
        query=models.LookupQuery,
    ),
    _api(
        "PUT",
        "/api/picks",
        picks.choose_contact,
        "Remember which contact a number is, for this agent.",
        models.PickAnswer,
        body=models.PickBody,
        errors=(409,),
    ),
    _api(
        "DELETE",
        "/api/picks",
        picks.forget_contact,
        "Forget which contact a number is.",
        None,
        status=204,
        query=models.NumberQuery,
    ),
    _api(
        "GET",
        "/api/history",
        api.read_history,
        "The agent's own calls, newest first.",
        models.HistoryAnswer,
        query=models.HistoryQuery,
    ),
    _api("GET", "/api/colleagues", api.read_colleagues, "Colleagues on the PBX.", models.ColleaguesAnswer),
    _api(
        "POST",
        "/api/calls",
        api.dial,
        "Ring the agent's phone, then call the number.",
        models.DialAccepted,
        status=202,
        body=models.DialBody,
        errors=(409, 422, 429, 502, 503, 504),
        headers=("Idempotency-Key",),
    ),
    _api("GET", "/api/openapi.json", openapi.serve, "This document.", None, auth="none"),
)

_MACHINES = (
    _api(
        "POST",
        "/hooks/wildix/{account}",
        hooks.wildix_hook,
        "A signed webhook of a Wildix PBX.",
        models.HookAnswer,
        auth="signature",
        errors=(401, 404, 413, 503),
        headers=(hooks.SIGNATURE_HEADER,),
    ),
    _api(
        "POST",
        "/hooks/app/{account}",
        app_hooks.app_hook,
        "A webhook of an app with contacts, signed as that app does.",
        models.AppHookAnswer,
        auth="none",
        errors=(401, 404, 413),
    ),
    _api("GET", "/healthz", health.healthz, "The process answers.", models.HealthAnswer, auth="none"),
    _api(
        "GET",
        "/readyz",
        health.readyz,
        "Ready for work.",
        models.HealthAnswer,
        auth="none",
    ),
    Route("GET", "/metrics", health.metrics, "Prometheus metrics."),
    Route("GET", "/agent/socket", socket.agent_socket, "The agent socket."),
    _api(
        "POST",
        "/agent/frame",
        desk_page.enter_frame,
        "Exchange a one-time code for a frame's cookie and a token.",
        models.TokenAnswer,
        auth="none",
        body=models.CodeExchange,
        errors=(401,),
    ),
    _api(
        "POST",
        "/agent/token",
        desk_page.fresh_token,
        "A fresh token from the session's or a frame's cookie.",
        models.TokenAnswer,
        auth="session",
        body=models.SlotChoice,
    ),
)

_PAGES = (
    Route("GET", "/", desk_page.home, "To the desk."),
    Route("GET", "/agent", desk_page.desk, "The desk."),
    Route("GET", "/sign-in", sign_in.show_sign_in, "The sign-in page."),
    Route("POST", "/sign-in", sign_in.do_sign_in, "Sign in from the page."),
    Route("GET", "/sign-in/wildix", wildix_sign_in.begin, "To the PBX's consent page."),
    Route("GET", "/sign-in/wildix/done", wildix_sign_in.done, "Back from the PBX's consent page."),
    Route("POST", "/sign-out", sign_in.sign_out, "End the session."),
    Route("GET", "/open", open_page.open_number, "To the contact of a number."),
    Route("POST", "/open", open_page.choose_on_page, "Remember or forget the contact of a number."),
    Route("GET", "/dial", number_pages.ask_to_dial, "Ask before dialling."),
    Route("POST", "/dial", number_pages.dial_from_page, "Dial."),
    Route("GET", "/widget.js", assets.serve_loader, "The loader."),
    Route("GET", "/favicon.ico", assets.serve_favicon, "The icon."),
    Route("GET", "/assets/{name}", assets.serve_asset, "Styles and scripts."),
)
