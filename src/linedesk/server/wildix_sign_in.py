"""Signing in with Wildix, as a browser sees it: off to the PBX's consent page, and back.

Who the person is, `agents.wildix_sign_in` finds; the session is begun as after a password.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from linedesk.accounts.connecting import is_connecting
from linedesk.agents.wildix_sign_in import LIFE_S, Attempt, Back, WildixSignIn
from linedesk.errors import BadRequest, Forbidden, LinedeskError, NotFound, NotSignedIn
from linedesk.server import cookies
from linedesk.server.clients import client_of
from linedesk.server.headers import PagePolicy
from linedesk.server.origins import is_loopback_url
from linedesk.server.page import render
from linedesk.server.services import services_of
from linedesk.server.sign_in import enter, own_path

DONE = "/sign-in/wildix/done"

_TO_OWN_HOST = "moved"
_REASON = re.compile(r"[a-z_]{1,40}")
_PASSWORD = "Sign in with your Linedesk name and password."  # noqa: S105 - a sentence


async def begin(request: web.Request) -> web.Response:
    """`GET /sign-in/wildix`: remember the attempt, bind it to this browser, and go to the PBX."""
    _only_get(request)
    back = _back(request)
    base = services_of(request).base_url().rstrip("/")
    # The cookie must be of the very host that the PBX sends the browser back to.
    if request.host != urlsplit(base).netloc and _TO_OWN_HOST not in request.query:
        query = urlencode([*request.query.items(), (_TO_OWN_HOST, "1")])
        return web.Response(status=302, headers={"Location": f"{base}{request.path}?{query}"})
    try:
        if not base.startswith("https:") and not is_loopback_url(base):
            raise Forbidden("Signing in with Wildix needs Linedesk at an https:// address.", remedy=_PASSWORD)
        wildix = _wildix(request)
        begun = wildix.begin(
            _account(request, wildix),
            f"{base}{DONE}",
            back,
            request.cookies.get(cookies.ATTEMPT),
            client_of(request),
        )
    except LinedeskError as error:
        return _refused(request, error, back)
    response = web.Response(status=302, headers={"Location": begun.url})
    cookies.set_attempt(response, begun.browser, LIFE_S)
    return response


async def done(request: web.Request) -> web.Response:
    """`GET /sign-in/wildix/done`: the PBX's answer. In with the agent, or a page that says why not."""
    _only_get(request)
    if is_connecting(request.query.get("state", "")):
        # Only whoever runs `linedesk connect` can use it: the page says to take the address there.
        return render(request, "wildix_connect.html", PagePolicy())
    back = Back(own_path(None))
    try:
        wildix = _wildix(request)
        attempt = wildix.take(request.query.get("state", ""), request.cookies.get(cookies.ATTEMPT))
        back = attempt.back
        agent = await wildix.finish(attempt, _code(request, attempt))
        return await enter(request, agent, next_path=back.next_path, slot=back.slot)
    except LinedeskError as error:
        return _refused(request, error, back)


def _only_get(request: web.Request) -> None:
    """A HEAD would use a state up, and whoever sends one is no person."""
    if request.method != "GET":
        raise BadRequest("This address does not take this method.")


def _back(request: web.Request) -> Back:
    slot = cookies.read_slot(request.query.get("slot")) if request.query.get("widget") == "1" else None
    return Back(own_path(request.query.get("next")), slot)


def _wildix(request: web.Request) -> WildixSignIn:
    wildix = services_of(request).wildix
    if wildix is None:
        raise NotFound("Nobody can sign in with Wildix here.", remedy=_PASSWORD)
    return wildix


def _account(request: web.Request, wildix: WildixSignIn) -> str:
    names = wildix.accounts()
    return request.query.get("account") or (names[0] if len(names) == 1 else "")


def _code(request: web.Request, attempt: Attempt) -> str:
    error = request.query.get("error")
    if error == "access_denied":
        raise NotSignedIn(
            f"You didn't allow Linedesk to act for you on the PBX {attempt.account}.",
            remedy="Sign in again and allow it, or sign in with your Linedesk name and password.",
        )
    if error is not None:
        told = f" ({error})" if _REASON.fullmatch(error) else ""
        raise NotSignedIn(
            f"The PBX {attempt.account} ended the sign-in{told}.",
            remedy="Try again; if it stays, ask an owner of Linedesk to look at the account's sign-in.",
        )
    return request.query.get("code", "")


def _refused(request: web.Request, error: LinedeskError, back: Back) -> web.Response:
    query = (
        {"next": back.next_path} if back.slot is None else {"widget": "1", "slot": back.slot, "other": "1"}
    )
    # The widget's window keeps its opener also when the first try goes wrong.
    policy = PagePolicy(opener_policy="same-origin" if back.slot is None else "unsafe-none")
    return render(
        request,
        "wildix_refused.html",
        policy,
        status=error.status,
        message=error.message,
        remedy=error.remedy,
        again=f"/sign-in?{urlencode(query)}",
    )
