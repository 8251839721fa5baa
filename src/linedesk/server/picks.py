"""`/api/picks`: which contact a number is, for the agent that asks."""

from __future__ import annotations

from aiohttp import web

from linedesk.agents.rights import Right
from linedesk.server.auth import api_agent
from linedesk.server.bodies import check, read_json
from linedesk.server.models import NumberQuery, PickBody
from linedesk.server.numbers_in import number_param
from linedesk.server.services import services_of


async def choose_contact(request: web.Request) -> web.Response:
    """`PUT /api/picks`: this agent's choice, shown on the live calls at once."""
    agent = await api_agent(request, Right.SEARCH_CONTACTS)
    wanted = await read_json(request, PickBody)
    answer = await services_of(request).choosing.choose(agent, wanted.number, wanted.contact)
    return web.json_response(answer)


async def forget_contact(request: web.Request) -> web.Response:
    """`DELETE /api/picks`: also when nothing was chosen."""
    agent = await api_agent(request, Right.SEARCH_CONTACTS)
    query = check({"number": number_param(request)}, NumberQuery)
    await services_of(request).choosing.forget(agent, query.number)
    return web.Response(status=204)
