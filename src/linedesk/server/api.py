"""The HTTP API of a signed-in agent. Each handler checks the input, asks one service, answers its JSON."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from linedesk.agents.model import Agent, OpenPage
from linedesk.agents.rights import Right, require
from linedesk.agents.tokens import LINK
from linedesk.calls.guard import Origin
from linedesk.errors import BadRequest, LinedeskError
from linedesk.server.auth import active_agent, agent_of_token, api_agent, bearer, mint_token
from linedesk.server.bodies import check, read_json
from linedesk.server.clients import client_of
from linedesk.server.me import me
from linedesk.server.models import (
    Credentials,
    DialBody,
    HistoryQuery,
    LookupQuery,
    OwnSettings,
    SearchQuery,
)
from linedesk.server.numbers_in import number_param
from linedesk.server.services import Services, services_of

_KEY_MAX = 200
_LINK_LIFE_S = 365 * 86_400.0


async def start_session(request: web.Request) -> web.Response:
    """`POST /api/session`: user and password for a token."""
    services = services_of(request)
    given = await read_json(request, Credentials)
    agent = await services.sign_in.check(given.user, given.password, client_of(request))
    return web.json_response(await mint_token(services, agent.id))


async def end_session(request: web.Request) -> web.Response:
    """`DELETE /api/session`: this token and its sockets end."""
    services, token = services_of(request), bearer(request)
    await agent_of_token(services, token)
    await services.tokens.revoke(token)
    return web.Response(status=204)


async def make_link(request: web.Request) -> web.Response:
    """`POST /api/session/link`: the agent's own token for `/open` links; a new one at each call."""
    services = services_of(request)
    agent = await agent_of_token(services, bearer(request))
    token, expires_ms = await services.tokens.mint(agent.id, LINK, _LINK_LIFE_S)
    return web.json_response({"token": token, "expires_at": expires_ms})


async def read_me(request: web.Request) -> web.Response:
    """`GET /api/me`."""
    agent = await agent_of_token(services_of(request), bearer(request))
    return web.json_response(me(services_of(request), agent))


async def change_me(request: web.Request) -> web.Response:
    """`PATCH /api/me`: the agent's own settings; every socket of the agent hears of it."""
    services = services_of(request)
    agent = await api_agent(request, Right.CHANGE_OWN_SETTINGS)
    wanted = await read_json(request, OwnSettings)
    changed = me(services, await services.set_open_page(agent, OpenPage(wanted.open_page)))
    services.bus.publish(agent.id, {"type": "me", "agent": changed})
    return web.json_response(changed)


async def search_contacts(request: web.Request) -> web.Response:
    """`GET /api/contacts`."""
    agent = await api_agent(request, Right.SEARCH_CONTACTS)
    query = check(dict(request.query), SearchQuery)
    return web.json_response(await services_of(request).people.search(agent, query.q, query.limit))


async def lookup_number(request: web.Request) -> web.Response:
    """`GET /api/lookup`: who may be meant, whom the agent chose before, and with `explain=1` why."""
    services = services_of(request)
    agent = await api_agent(request, Right.SEARCH_CONTACTS)
    query = check({**request.query, "number": number_param(request)}, LookupQuery)
    answer = await services.people.lookup(agent, query.number)
    picked = services.choosing.picked(agent, query.number, [*answer["sure"], *answer["possible"]])
    answer["picked"] = picked
    if query.explain == "1":
        answer["explain"] = await services.people.explain(agent, query.number, pick=picked)
    return web.json_response(answer)


async def read_history(request: web.Request) -> web.Response:
    """`GET /api/history`."""
    agent = await api_agent(request, Right.READ_OWN_HISTORY)
    query = check(dict(request.query), HistoryQuery)
    answer = await services_of(request).history.list(agent, query.limit, query.before, query.missed == "1")
    return web.json_response(answer)


async def read_colleagues(request: web.Request) -> web.Response:
    """`GET /api/colleagues`."""
    agent = await api_agent(request, Right.SEARCH_CONTACTS)
    return web.json_response({"items": await services_of(request).colleagues(agent)})


async def dial(request: web.Request) -> web.Response:
    """`POST /api/calls`: at most one call for one key.

    Only a token of a browser's or frame's session speaks for a dialpad that a person types on.
    """
    services = services_of(request)
    verified = await services.tokens.verify(bearer(request))
    agent = active_agent(services, verified.agent_id)
    require(agent, Right.DIAL)
    key = request.headers.get("Idempotency-Key", "")
    if not key or len(key) > _KEY_MAX or not key.isascii() or not key.isprintable():
        raise BadRequest(
            f"`Idempotency-Key` must hold 1 to {_KEY_MAX} printable ASCII characters, fresh for each click."
        )
    wanted = await read_json(request, DialBody)
    typed = Origin(wanted.origin) is not Origin.DIALPAD or verified.session_hash is not None
    status, body = await dial_counted(
        services,
        agent,
        wanted.number,
        key=key,
        origin=wanted.origin if typed else Origin.CLIENT,
        confirm=wanted.confirm,
    )
    return web.json_response(body, status=status)


async def dial_counted(
    services: Services, agent: Agent, number: str, *, key: str, origin: str, confirm: bool
) -> tuple[int, dict[str, Any]]:
    """Ask the dialling service and count its answer: the HTTP status and the body."""
    try:
        answer = await services.dialling.dial(agent, number, key, origin, confirm)
    except LinedeskError as refusal:
        services.metrics.dial(refusal.code)
        raise
    error = answer.body.get("error")
    services.metrics.dial(str(error["code"]) if error else "accepted")
    return answer.status, dict(answer.body)
