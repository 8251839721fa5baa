"""Who asks: the agent of a bearer token or of a browser session. Rights are `agents.rights`."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import web

from linedesk.agents.model import Agent
from linedesk.agents.rights import Right, require
from linedesk.agents.sessions import BROWSER
from linedesk.agents.tokens import API
from linedesk.errors import NotSignedIn
from linedesk.server.cookies import SESSION
from linedesk.server.services import Services, services_of


@dataclass(frozen=True, slots=True)
class Browser:
    """A signed-in browser: the agent, the session's cookie value and its hash."""

    agent: Agent
    value: str = field(repr=False)
    session_hash: str = field(repr=False)


def bearer(request: web.Request) -> str:
    """The token of the Authorization header. Raises `NotSignedIn`."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("The request carries no token.", remedy="Send `Authorization: Bearer TOKEN`.")
    return token.strip()


async def agent_of_token(services: Services, token: str, purpose: str | None = None) -> Agent:
    """The active agent of a bearer token, or of a token for one `purpose`. Raises `NotSignedIn`."""
    verified = await services.tokens.verify(token, purpose)
    return active_agent(services, verified.agent_id)


async def api_agent(request: web.Request, right: Right) -> Agent:
    """The agent that calls the API, with `right`. Raises `NotSignedIn` or `Forbidden`."""
    agent = await agent_of_token(services_of(request), bearer(request))
    require(agent, right)
    return agent


def active_agent(services: Services, agent_id: str) -> Agent:
    """The agent as it is now. Raises `NotSignedIn` when it is gone or switched off."""
    agent = services.roster.by_id(agent_id)
    if agent is None or not agent.active:
        raise NotSignedIn("This agent is switched off.")
    return agent


async def browser_of(request: web.Request) -> Browser:
    """The session of the browser's cookie. Raises `NotSignedIn`."""
    services = services_of(request)
    value = request.cookies.get(SESSION)
    if not value:
        raise NotSignedIn("This browser is not signed in.")
    session = await services.sessions.check(value, BROWSER)
    return Browser(active_agent(services, session.agent_id), value, session.hash)


async def mint_token(
    services: Services, agent_id: str, session_hash: str | None = None
) -> dict[str, str | int]:
    """A fresh API token as the API answers it."""
    token, expires_ms = await services.tokens.mint(
        agent_id, API, services.settings.token_minutes * 60, session_hash
    )
    return {"token": token, "expires_at": expires_ms}
