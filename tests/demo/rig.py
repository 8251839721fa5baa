"""A simulated PBX on a real socket, a receiver of its webhooks on another, and a clock that tests move."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from linedesk.clock import ManualClock
from linedesk.demo.pbx.app import PbxSim, hook_secret, pbx_sim, root_token
from linedesk.demo.pbx.courier import sign
from linedesk.demo.pbx.state import State
from linedesk.demo.web import bind, port_of, running, until_gone

_PATIENCE_S = 5.0


@dataclass
class Receiver:
    """Takes webhooks; `answers` are the statuses of the next ones (200 when used up), None never answers."""

    url: str = ""
    secret: str = ""
    answers: list[int | None] = field(default_factory=list)
    got: list[tuple[bytes, str | None]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((await request.read(), request.headers.get("x-signature")))
        self._news.set()
        status = self.answers.pop(0) if self.answers else 200
        if status is None:
            await until_gone(request)
            status = 200
        return web.Response(status=status)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.got]

    def of_calls(self) -> list[dict[str, Any]]:
        return [body for body in self.bodies if body["type"].startswith("call:")]

    def presence(self) -> list[tuple[str, str]]:
        said = (body["data"] for body in self.bodies if body["type"] == "presence:telephony")
        return [(data["extension"], data["status"]) for data in said]

    def all_signed(self) -> bool:
        return all(signature == sign(self.secret, body) for body, signature in self.got)

    async def wait_for(self, count: int) -> None:
        """Until `count` webhooks have come, duplicates included."""
        async with asyncio.timeout(_PATIENCE_S):
            while len(self.got) < count:
                self._news.clear()
                await self._news.wait()


@dataclass
class Rig:
    """Everything a test needs of the simulated PBX."""

    clock: ManualClock
    pbx: PbxSim
    state: State
    receiver: Receiver
    http: aiohttp.ClientSession
    token: str

    async def sim(self, method: str, path: str, body: Any = None) -> Any:
        """Work the simulator from outside; answers the JSON, and fails the test on a refusal."""
        async with self.http.request(method, f"{self.pbx.url}/_sim/{path}", json=body) as answer:
            said = await answer.json()
            assert answer.status < 300, said
            return said

    async def api(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **more: Any
    ) -> tuple[int, Any]:
        """Ask the PBX's own API; answers status and JSON."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        url = f"{self.pbx.url}{path}"
        async with self.http.request(method, url, json=body, headers=headers, **more) as answer:
            return answer.status, await answer.json()

    async def switch(self, **switches: Any) -> None:
        await self.sim("PUT", "switches", switches)

    async def place(self, caller: str, to: Any, **more: Any) -> str:
        call_id: str = (await self.sim("POST", "calls", {"from": caller, "to": to, **more}))["id"]
        return call_id

    async def do(self, call_id: str, deed: str, body: Any = None) -> Any:
        return await self.sim("POST", f"calls/{call_id}/{deed}", body)

    async def after(self, seconds: float) -> None:
        """Let `seconds` pass for the PBX, and everything be delivered that this brings about."""
        await self.settled()
        self.clock.advance(seconds)
        await self.settled()

    async def settled(self) -> None:
        # The timer's task, the courier's and its lane's each need a turn of the loop.
        for _ in range(20):
            await asyncio.sleep(0)
        async with asyncio.timeout(_PATIENCE_S):
            await self.pbx.exchange.courier.settled()


@asynccontextmanager
async def rig(path: Path | None = None, *, clock: ManualClock | None = None) -> AsyncIterator[Rig]:
    """A running rig; with `path` the PBX goes on from what an earlier rig left there."""
    clock = clock or ManualClock()
    receiver, state = Receiver(), State.open(path)
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    taking, pbx = bind(0), bind(0)
    receiver.url = f"http://127.0.0.1:{port_of(taking)}/hook"
    receiver.secret, token = hook_secret(state, receiver.url), root_token(state)
    async with (
        running(app, taking),
        pbx_sim(clock, pbx, state) as sim,
        aiohttp.ClientSession() as http,
    ):
        yield Rig(clock, sim, state, receiver, http, token)
