"""`/open`: from a number to the contact's page, or to a page that lets the agent choose.

A GET changes nothing; the POST of the page's form remembers or forgets the agent's choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from linedesk.agents.rights import Right, require
from linedesk.agents.tokens import LINK
from linedesk.errors import NotSignedIn
from linedesk.numbers import Kind, Number, read
from linedesk.server.auth import Browser, agent_of_token, bearer, browser_of
from linedesk.server.bodies import check, read_form
from linedesk.server.headers import PagePolicy
from linedesk.server.models import NumberQuery, PickBody
from linedesk.server.number_pages import shown_number
from linedesk.server.numbers_in import number_param, require_number
from linedesk.server.origins import is_loopback_url
from linedesk.server.page import render
from linedesk.server.services import services_of
from linedesk.server.sign_in import csrf_token, require_csrf, to_sign_in

_PLAIN_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?", re.ASCII)


def is_page_link(url: Any) -> bool:
    """Whether a link may be followed: https anywhere, http on this machine only (the demo)."""
    if not isinstance(url, str) or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback_url(url)))


async def open_number(request: web.Request) -> web.Response:
    """`GET /open`: to the page of the chosen contact or of the one sure contact, else a page to choose or
    create. With `choose=1` always that page. A colleague's number leads to no contact but a chosen one, and
    an empty number is a withheld one: whoever fills in the link has no other way to say so.

    Asked by the session's cookie, by a bearer token, or by the agent's link token (`link`), which is good
    for this alone: it may stand in a PBX's or CRM's settings.
    """
    services = services_of(request)
    browser: Browser | None = None
    if "Authorization" in request.headers:
        agent = await agent_of_token(services, bearer(request))
    elif link := request.query.get("link"):
        agent = await agent_of_token(services, link, LINK)
    else:
        try:
            browser = await browser_of(request)
        except NotSignedIn:
            return to_sign_in(request)
        agent = browser.agent
    require(agent, Right.SEARCH_CONTACTS)
    require_number(request)
    text = number_param(request)
    if text:
        text = check({"number": text}, NumberQuery).number
    found = await services.people.lookup(agent, text)
    items = [*found["sure"], *found["possible"]]
    picked = services.choosing.picked(agent, text, items)
    if request.query.get("choose") != "1":
        sure = found["sure"] if found.get("colleague") is None else ()
        link_there = _link(_best(items, sure, picked))
        if link_there is not None:
            return web.Response(status=302, headers={"Location": link_there})
    # Only who came by the session's cookie has a form: a link token changes nothing.
    csrf = csrf_token(browser) if browser is not None else ""
    plan = services.plan_of(agent.account)
    number = read(text, plan)
    shown = shown_number(number, text, plan)
    context = {**_context(text, number, found, picked), "shown": shown}
    return render(request, "open.html", _policy(items), csrf=csrf, **context)


async def choose_on_page(request: web.Request) -> web.Response:
    """`POST /open`: remember the contact and go to its page, or with `forget` forget the choice."""
    services = services_of(request)
    form = await read_form(request)
    text = check({"number": form.get("number", "")}, NumberQuery).number
    here = f"/open?{urlencode({'number': text, 'choose': '1'})}"
    try:
        browser = await browser_of(request)
    except NotSignedIn:
        return _see_other(f"/sign-in?{urlencode({'next': here})}")
    require(browser.agent, Right.SEARCH_CONTACTS)
    require_csrf(browser, form)
    if form.get("forget") == "1":
        await services.choosing.forget(browser.agent, text)
        return _see_other(here)
    wanted = check({"number": text, "contact": form.get("contact", "")}, PickBody)
    answer = await services.choosing.choose(browser.agent, wanted.number, wanted.contact)
    link = _link(answer["contact"])
    return _see_other(link if link is not None and _origin(link) is not None else here)


def _best(
    items: Sequence[Mapping[str, Any]], sure: Sequence[Mapping[str, Any]], picked: str | None
) -> Mapping[str, Any] | None:
    if picked is not None:
        return next((item for item in items if item["id"] == picked), None)
    return sure[0] if len(sure) == 1 else None


def _context(text: str, number: Number, found: Mapping[str, Any], picked: str | None) -> dict[str, Any]:
    company = found.get("company")
    return {
        "text": text,
        "withheld": number.kind is Kind.ANONYMOUS,
        "readable": number.value is not None,
        "colleague": found.get("colleague"),
        "sure": [_entry(each, picked) for each in found["sure"]],
        "possible": [_entry(each, picked) for each in found["possible"]],
        "company": {**company, "link": _link(company)} if company and _link(company) else None,
        "create": [each for each in found["create"] if is_page_link(each["url"])],
        "dial": f"/dial?{urlencode({'number': text})}",
    }


def _policy(items: Sequence[Mapping[str, Any]]) -> PagePolicy:
    """A choice leads to the contact's page, and form-action holds for the whole chain of redirects."""
    links = [link for item in items if (link := _link(item)) is not None]
    origins = sorted({origin for link in links if (origin := _origin(link)) is not None})
    return PagePolicy(form_targets=("'self'", *origins))


def _entry(item: Mapping[str, Any], picked: str | None) -> dict[str, Any]:
    """What the template shows of one person: `link` opens, `others` are its pages in further apps."""
    link, pages = _link(item), item.get("pages", ())
    titles = [page["app_title"] for page in pages]
    others = [
        {"link": page["page_url"], "title": _title(page, titles)}
        for page in pages
        if is_page_link(page["page_url"]) and page["page_url"] != link
    ]
    return {**item, "link": link, "others": others, "chosen": picked is not None and item["id"] == picked}


def _title(page: Mapping[str, Any], titles: Sequence[str]) -> str:
    """The app's name, with the account where the person is in two accounts of one app."""
    title = str(page["app_title"])
    return title if titles.count(title) == 1 else f"{title} ({page['account']})"


def _link(item: Mapping[str, Any] | None) -> str | None:
    url = item["page_url"] if item is not None else None
    return str(url) if is_page_link(url) else None


def _origin(link: str) -> str | None:
    """The link's origin as a Content-Security-Policy can name it; None for a host that it can't."""
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}" if _PLAIN_HOST.fullmatch(parts.netloc) else None


def _see_other(location: str) -> web.Response:
    return web.Response(status=303, headers={"Location": location})
