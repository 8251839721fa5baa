"""`/dial`: what a phone link in a CRM leads to. It asks, then calls. `/open` is in `open_page`.

A GET never dials; the POST needs the form of the same session and dials once for its key.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from linedesk.agents.model import Agent
from linedesk.agents.rights import Right, require
from linedesk.errors import BadRequest, LinedeskError, NotSignedIn
from linedesk.numbers import international, national, price_class, read
from linedesk.numbers.model import Kind, Number, NumberPlan
from linedesk.server.api import dial_counted
from linedesk.server.auth import Browser, browser_of
from linedesk.server.bodies import check, read_form
from linedesk.server.headers import PagePolicy
from linedesk.server.models import NumberQuery
from linedesk.server.numbers_in import number_param, require_number
from linedesk.server.page import render
from linedesk.server.services import services_of
from linedesk.server.sign_in import csrf_token, require_csrf, to_sign_in

_ORIGIN = "page"
_KEY_MAX = 200


async def ask_to_dial(request: web.Request) -> web.Response:
    """`GET /dial`: shows the number and its price class, and asks."""
    try:
        browser = await browser_of(request)
    except NotSignedIn:
        return to_sign_in(request)
    require(browser.agent, Right.DIAL)
    require_number(request, filled=True)
    text = check({"number": number_param(request)}, NumberQuery).number
    return _ask(request, browser, text)


async def dial_from_page(request: web.Request) -> web.Response:
    """`POST /dial`: one call for one key; a doubtful number is asked about again."""
    services = services_of(request)
    form = await read_form(request)
    text = check({"number": form.get("number", "")}, NumberQuery).number
    try:
        browser = await browser_of(request)
    except NotSignedIn:
        return web.Response(
            status=303,
            headers={"Location": f"/sign-in?{urlencode({'next': '/dial?' + urlencode({'number': text})})}"},
        )
    require(browser.agent, Right.DIAL)
    require_csrf(browser, form)
    key = form.get("key", "")
    if not key or len(key) > _KEY_MAX or not key.isascii() or not key.isprintable():
        raise BadRequest("The form carries no key.", remedy="Load the page again and repeat.")
    confirm = form.get("confirm") == "1"
    try:
        status, body = await dial_counted(
            services, browser.agent, text, key=key, origin=_ORIGIN, confirm=confirm
        )
    except LinedeskError as error:
        status, body = error.status, error.as_json()
    if status == 202:
        context = {**_number_context(request, browser.agent, text), "notice": body.get("notice")}
        return render(request, "dialled.html", PagePolicy(), status=202, **context)
    return _ask(request, browser, text, status=status, refusal=body["error"])


def _ask(
    request: web.Request,
    browser: Browser,
    text: str,
    *,
    status: int = 200,
    refusal: dict[str, str] | None = None,
) -> web.Response:
    return render(
        request,
        "dial.html",
        PagePolicy(),
        status=status,
        text=text,
        key=secrets.token_urlsafe(16),
        csrf=csrf_token(browser),
        refusal=refusal,
        confirm=refusal is not None and refusal["code"] == "confirmation_needed",
        **_number_context(request, browser.agent, text),
    )


def _number_context(request: web.Request, agent: Agent, text: str) -> dict[str, Any]:
    services = services_of(request)
    plan = services.plan_of(agent.account)
    number = read(text, plan)
    price = None
    if number.kind is Kind.E164 and number.value is not None:
        price = services.catalogue.text(f"pages.price_{price_class(number.value).value}")
    return {
        "shown": shown_number(number, text, plan),
        "abroad": international(number.value) if number.kind is Kind.E164 and number.value else None,
        "readable": number.value is not None,
        "after_answer": number.ext,
        "price": price,
        "extension": agent.extension,
    }


def shown_number(number: Number, text: str, plan: NumberPlan) -> str:
    """The number as people write it; what can not be read stays as it came."""
    if number.kind is Kind.E164 and number.value is not None:
        return national(number.value, plan.region)
    return number.value or text
