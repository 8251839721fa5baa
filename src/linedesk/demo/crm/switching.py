"""The CRM's switches, kept over a restart, and their two requests."""

from __future__ import annotations

import json
from pathlib import Path

from aiohttp import web

from linedesk.demo.files import read_json, write_json
from linedesk.demo.switches import CrmSwitches
from linedesk.errors import BadRequest


class CrmSwitchboard:
    """`switches` is the present table."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        stored = read_json(path) if path is not None else None
        self.switches = CrmSwitches.model_validate(stored or {})

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/_sim/switches", self.show), web.put("/_sim/switches", self.change)]

    async def show(self, _request: web.Request) -> web.Response:
        return web.json_response(self.switches.model_dump(mode="json"))

    async def change(self, request: web.Request) -> web.Response:
        """Changes the switches that are named; answers all."""
        try:
            partial = json.loads(await request.read())
        except (ValueError, RecursionError):
            raise BadRequest("Send a JSON object of switches to change.") from None
        self.switches = self.switches.changed(partial)
        if self._path is not None:
            write_json(self._path, self.switches.model_dump(mode="json"))
        return await self.show(request)
