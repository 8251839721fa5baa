"""`POST /hooks/app/{account}`: the webhook of an app with contacts, judged by that app, capped and in time.

Nothing of it is stored: it makes the next sync come at once, which reads what is true (`apps.hearing`).
"""

from __future__ import annotations

from aiohttp import web

from linedesk.apps.base import HookRequest
from linedesk.errors import HookError, HookTooLarge, LinedeskError, UnknownAccount
from linedesk.server.bodies import HOOK_READ_S, read_raw
from linedesk.server.clients import client_of
from linedesk.server.hooks import REFUSALS
from linedesk.server.services import Services, services_of


async def app_hook(request: web.Request) -> web.Response:
    """Accept one webhook of an app."""
    services, account = services_of(request), request.match_info["account"]
    refusals = request.app[REFUSALS]
    try:
        _heard(services, account, await _read(request, services))
    except LinedeskError as error:
        services.metrics.hook(error.code)
        refusals.refused(account, error, client_of(request))
        raise
    services.metrics.hook("heard")
    refusals.accepted(account)
    return web.json_response({"status": "heard"})


def _heard(services: Services, account: str, hook: HookRequest) -> None:
    if services.app_hooks is None:
        raise UnknownAccount("No account with webhooks has this name.")
    services.app_hooks.hear(account, hook)


async def _read(request: web.Request, services: Services) -> HookRequest:
    limit = services.settings.hook_body_max_bytes
    body = await read_raw(
        request,
        limit,
        HOOK_READ_S,
        HookTooLarge(f"The body is larger than {limit} bytes."),
        HookError(f"The body did not arrive within {HOOK_READ_S:.0f} s."),
    )
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    url = services.base_url().rstrip("/") + request.raw_path
    return HookRequest(method=request.method, url=url, headers=headers, body=body)
