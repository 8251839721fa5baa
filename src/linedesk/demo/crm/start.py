"""The start page and the control page, and the door through which their desks are signed in.

The codes come from the service itself, asked for with the agents' own tokens, as a CRM that signs its
people in to Linedesk would do it. Only pages of this very site get one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import aiohttp
from aiohttp import web

from linedesk.demo import seed
from linedesk.demo.crm.pages import Place, environment
from linedesk.errors import BadRequest, OriginRefused, VendorUnreachable

_CODE_S = 5.0


@dataclass(frozen=True, slots=True)
class DemoAgent:
    """One agent as the start page names it. `slot` is the widget's slot in that agent's frame."""

    name: str
    extension: str
    slot: str
    user: str
    password: str
    token: str


class StartPages:
    """The handlers. `agents` by slot; the first is the one who is rung."""

    def __init__(self, place: Place, agents: Mapping[str, DemoAgent], admin: tuple[str, str]) -> None:
        self._place = place
        self._agents = agents
        self._admin = admin
        self._environment = environment()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.start),
            web.get("/control", self.control),
            web.post("/demo/code", self.code),
        ]

    async def start(self, _request: web.Request) -> web.Response:
        return self._page("start.html")

    async def control(self, _request: web.Request) -> web.Response:
        return self._page("control.html")

    async def code(self, request: web.Request) -> web.Response:
        """`{"slot"}` -> `{"code"}`: a one-time code for the agent of that slot."""
        if request.headers.get("Origin") != f"{request.scheme}://{request.host}":
            raise OriginRefused("Only the demo's own pages get a sign-in code.")
        try:
            fields = json.loads(await request.read() or b"{}")
        except (ValueError, RecursionError):
            raise BadRequest("Send a JSON object.") from None
        slot = fields.get("slot") if isinstance(fields, dict) else None
        agent = self._agents.get(slot) if isinstance(slot, str) else None
        if agent is None:
            raise BadRequest("There is no agent in this slot.")
        return web.json_response({"code": await self._ask(agent.token)})

    async def _ask(self, token: str) -> str:
        url, headers = f"{self._place.service}/api/session/code", {"Authorization": f"Bearer {token}"}
        try:
            async with (
                asyncio.timeout(_CODE_S),
                aiohttp.ClientSession() as session,
                session.post(url, headers=headers) as answer,
            ):
                answer.raise_for_status()
                code: str = (await answer.json())["code"]
                return code
        except (aiohttp.ClientError, OSError, TimeoutError, KeyError, ValueError):
            raise VendorUnreachable(
                "The service gave no sign-in code.",
                remedy="Sign in by hand with the names on the start page.",
            ) from None

    def _page(self, template: str) -> web.Response:
        agents = list(self._agents.values())
        boot = {
            "pbx": self._place.pbx,
            "agents": [{"name": each.name, "extension": each.extension} for each in agents],
            "callers": {
                "known": seed.KNOWN_CALLER,
                "shared": seed.SHARED_CALLER,
                "possible": seed.POSSIBLE_CALLER,
                "unknown": seed.UNKNOWN_CALLER,
                "hostile": seed.HOSTILE_CALLER,
            },
        }
        text = self._environment.get_template(template).render(
            boot=boot,
            agents=[asdict(each) for each in agents],
            admin=self._admin,
            service=self._place.service,
        )
        return web.Response(text=text, content_type="text/html")
