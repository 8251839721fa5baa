"""The sign-in page, its twin in the widget's window, and signing out."""

from __future__ import annotations

import hmac
from hashlib import sha256
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from linedesk.agents.model import Agent
from linedesk.agents.sessions import BROWSER
from linedesk.errors import Forbidden, LinedeskError, NotSignedIn, TooMany
from linedesk.server import cookies
from linedesk.server.auth import Browser, browser_of
from linedesk.server.bodies import read_form, read_json
from linedesk.server.clients import client_of
from linedesk.server.headers import PagePolicy
from linedesk.server.models import SlotChoice
from linedesk.server.origins import is_loopback_url
from linedesk.server.page import data_block, render
from linedesk.server.services import services_of

_HOME = "/agent"
# The widget's window must keep its opener: the frame waits there for the code.
_WIDGET_OPENER = "unsafe-none"


def own_path(text: str | None) -> str:
    """`next` if it is a path of our own, else the desk. Never another site, however it is written."""
    if (
        not text
        or not text.startswith("/")
        or text.startswith("//")
        or "\\" in text
        or not text.isprintable()
    ):
        return _HOME
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc else _HOME


def to_sign_in(request: web.Request) -> web.Response:
    """Send the browser to the sign-in page and back here afterwards."""
    here = request.path_qs if request.method == "GET" else request.path
    return web.Response(status=302, headers={"Location": f"/sign-in?{urlencode({'next': here})}"})


def csrf_token(browser: Browser) -> str:
    """The secret that a form of this session carries; it can't be told without the cookie."""
    return sha256(b"linedesk-form:" + browser.value.encode()).hexdigest()


def require_csrf(browser: Browser, form: dict[str, str]) -> None:
    """Raise `Forbidden` unless the form came from a page of this session."""
    if not hmac.compare_digest(form.get("csrf", "").encode(), csrf_token(browser).encode()):
        raise Forbidden("This form is from another session.", remedy="Load the page again and repeat.")


async def show_sign_in(request: web.Request) -> web.Response:
    """`GET /sign-in`: the form; in the widget's window also the way on with the session there is."""
    widget = request.query.get("widget") == "1"
    slot = cookies.read_slot(request.query.get("slot"))
    known = await _browser_or_none(request) if widget and request.query.get("other") != "1" else None
    return _form(
        request, next_path=own_path(request.query.get("next")), widget=widget, slot=slot, known=known
    )


async def do_sign_in(request: web.Request) -> web.Response:
    """`POST /sign-in`: a new session, then on to `next`, or the code to the widget."""
    services = services_of(request)
    form = await read_form(request)
    widget, next_path = form.get("widget") == "1", own_path(form.get("next"))
    slot = cookies.read_slot(form.get("slot") or None)
    if widget and form.get("continue") == "1":
        browser = await browser_of(request)
        require_csrf(browser, form)
        return await _hand_code(request, browser.agent, slot, browser.session_hash)
    try:
        agent = await services.sign_in.check(
            form.get("user", ""), form.get("password", ""), client_of(request)
        )
    except (NotSignedIn, TooMany) as error:
        return _form(
            request, next_path=next_path, widget=widget, slot=slot, error=error, user=form.get("user", "")
        )
    return await enter(request, agent, next_path=next_path, slot=slot if widget else None)


async def enter(request: web.Request, agent: Agent, *, next_path: str, slot: str | None) -> web.Response:
    """The agent has proved who it is: a new session, then on to `next_path`, or the code to the widget of
    `slot`. Raises `NotSignedIn` if the agent was switched off meanwhile."""
    services = services_of(request)
    if slot is not None and (known := await _browser_or_none(request)) is not None:
        # Another person's session in this browser stays: only this widget becomes the agent's.
        own = known.agent.id == agent.id
        return await _hand_code(request, agent, slot, known.session_hash if own else None)
    value, _ = await services.sessions.start(agent.id, BROWSER, replaces=request.cookies.get(cookies.SESSION))
    if slot is not None:
        session = await services.sessions.check(value, BROWSER)
        response = await _hand_code(request, agent, slot, session.hash)
    else:
        response = web.Response(status=303, headers={"Location": next_path})
    cookies.set_session(response, value)
    return response


async def sign_out(request: web.Request) -> web.Response:
    """`POST /sign-out`: the session of this browser or of one slot ends, with its tokens and sockets.

    With a browser's session end the widgets that it signed in.
    """
    services = services_of(request)
    from_page = request.content_type == "application/x-www-form-urlencoded"
    if from_page:
        slot = (await read_form(request)).get("slot") or None
        slot = None if slot is None else cookies.read_slot(slot)
    else:
        slot = (await read_json(request, SlotChoice, empty=True)).slot
    name = cookies.SESSION if slot is None else cookies.frame_cookie(slot)
    value = request.cookies.get(name)
    if value:
        await services.sessions.end(value)
    response = (
        web.Response(status=303, headers={"Location": "/sign-in"}) if from_page else web.Response(status=204)
    )
    if slot is None:
        cookies.drop_session(response)
    else:
        cookies.drop_frame(response, slot)
    return response


async def _hand_code(request: web.Request, agent: Agent, slot: str, session_hash: str | None) -> web.Response:
    services = services_of(request)
    code, _ = await services.tokens.mint_code(agent.id, session_hash)
    policy = PagePolicy(form_targets=(), script=True, opener_policy=_WIDGET_OPENER)
    boot = {"code": code, "slot": slot}
    return render(request, "signed_in.html", policy, boot=data_block(boot), name=agent.name)


def _wildix_ways(request: web.Request, next_path: str, slot: str | None) -> list[dict[str, str]]:
    """A button for each PBX through which agents can sign in."""
    services = services_of(request)
    names = services.wildix.accounts() if services.wildix is not None else ()
    back = {"next": next_path} if slot is None else {"widget": "1", "slot": slot}
    text, ways = services.catalogue.text, []
    for name in names:
        label = "pages.sign_in_wildix" if len(names) == 1 else "pages.sign_in_wildix_account"
        href = f"/sign-in/wildix?{urlencode({'account': name, **back})}"
        ways.append({"href": href, "label": text(label, account=name)})
    return ways


def _form(
    request: web.Request,
    *,
    next_path: str,
    widget: bool,
    slot: str,
    known: Browser | None = None,
    error: LinedeskError | None = None,
    user: str = "",
) -> web.Response:
    targets = ["'self'"]
    if next_path.startswith("/open"):
        # Browsers apply form-action to the whole chain of redirects, and /open leads to the CRM.
        targets.append("https:")
        if is_loopback_url(services_of(request).base_url()):
            targets += ["http://localhost:*", "http://127.0.0.1:*"]
    policy = PagePolicy(
        form_targets=tuple(targets), opener_policy=_WIDGET_OPENER if widget else "same-origin"
    )
    other = f"/sign-in?{urlencode({'widget': '1', 'slot': slot, 'other': '1'})}"
    return render(
        request,
        "sign_in.html",
        policy,
        status=200 if error is None else error.status,
        next_path=next_path,
        widget=widget,
        slot=slot,
        known=known.agent.name if known is not None else None,
        csrf=csrf_token(known) if known is not None else "",
        other=other,
        wildix=_wildix_ways(request, next_path, slot if widget else None),
        error=error,
        user=user,
    )


async def _browser_or_none(request: web.Request) -> Browser | None:
    try:
        return await browser_of(request)
    except NotSignedIn:
        return None
