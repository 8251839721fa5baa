"""The desk's page, and how its script comes to a token: from the session, a frame's cookie, or a code."""

from __future__ import annotations

from aiohttp import web

from linedesk.agents.sessions import frame
from linedesk.errors import NotSignedIn
from linedesk.server import cookies
from linedesk.server.assets import ASSETS
from linedesk.server.auth import active_agent, bearer, browser_of, mint_token
from linedesk.server.bodies import read_json
from linedesk.server.headers import PagePolicy
from linedesk.server.models import CodeExchange, SlotChoice
from linedesk.server.page import data_block, render
from linedesk.server.services import Services, services_of
from linedesk.server.sign_in import to_sign_in

# The desk opens CRM pages in a window that it must find again.
_OPENER_POLICY = "same-origin-allow-popups"


async def desk(request: web.Request) -> web.Response:
    """`GET /agent`: as a page of its own for a signed-in browser, or inside the loader's frame."""
    services = services_of(request)
    embed = request.query.get("embed") == "1"
    slot = cookies.read_slot(request.query.get("slot"))
    account = None
    if not embed:
        try:
            account = (await browser_of(request)).agent.account
        except NotSignedIn:
            return to_sign_in(request)
    origins = sorted(services.accounts.origins())
    policy = PagePolicy(ancestors=origins if embed else (), script=True, opener_policy=_OPENER_POLICY)
    missing = request.app[ASSETS].missing()
    if missing:
        return render(request, "not_built.html", policy, status=503, missing=", ".join(missing))
    boot = {
        "messages": services.catalogue.area("desk"),
        "origins": origins,
        "embed": embed,
        "slot": slot,
        "region": services.plan_of(account).region,
    }
    return render(request, "desk.html", policy, boot=data_block(boot), embed=embed)


async def make_code(request: web.Request) -> web.Response:
    """`POST /api/session/code`: a one-time code; the frame it signs in ends with this session or token."""
    services = services_of(request)
    verified = await services.tokens.verify(bearer(request))
    agent = active_agent(services, verified.agent_id)
    source_hash = verified.session_hash or verified.token_hash
    code, expires_ms = await services.tokens.mint_code(agent.id, source_hash)
    return web.json_response({"code": code, "expires_at": expires_ms})


async def enter_frame(request: web.Request) -> web.Response:
    """`POST /agent/frame`: a one-time code for this slot's cookie and a token."""
    services = services_of(request)
    given = await read_json(request, CodeExchange)
    taken = await services.tokens.take_code(given.code)
    agent = active_agent(services, taken.agent_id)
    value, _ = await services.sessions.start(
        agent.id,
        frame(given.slot),
        replaces=request.cookies.get(cookies.frame_cookie(given.slot)),
        source_hash=taken.source_hash,
    )
    session = await services.sessions.check(value, frame(given.slot))
    response = web.json_response(await mint_token(services, agent.id, session.hash))
    cookies.set_frame(response, given.slot, value, services.settings.session_hours * 3600)
    return response


async def fresh_token(request: web.Request) -> web.Response:
    """`POST /agent/token`: a token from the session, or with `slot` from that frame's cookie."""
    services = services_of(request)
    given = await read_json(request, SlotChoice, empty=True)
    if given.slot is None:
        browser = await browser_of(request)
        return web.json_response(await mint_token(services, browser.agent.id, browser.session_hash))
    return web.json_response(await _frame_token(request, services, given.slot))


async def _frame_token(request: web.Request, services: Services, slot: str) -> dict[str, str | int]:
    value = request.cookies.get(cookies.frame_cookie(slot))
    if not value:
        raise NotSignedIn("This widget is not signed in.")
    session = await services.sessions.check(value, frame(slot))
    agent = active_agent(services, session.agent_id)
    return await mint_token(services, agent.id, session.hash)


async def home(_request: web.Request) -> web.Response:
    """`GET /`: people type the bare address."""
    return web.Response(status=302, headers={"Location": "/agent"})
