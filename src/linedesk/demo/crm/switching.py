"""The CRM's switches, kept over a restart, and their two requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aiohttp import web

from linedesk.demo.crm.switches import FreshdeskSwitches
from linedesk.demo.files import read_json, write_json
from linedesk.errors import BadRequest


class CrmSwitchboard:
    """`switches` is the present table."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        stored = read_json(path) if path is not None else None
        self.switches = FreshdeskSwitches.model_validate(stored or {})

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/_sim/switches", self.show), web.put("/_sim/switches", self.change)]

    def change_one(self, name: str, value: Any) -> None:
        """Change one switch from inside (a fault that happens once)."""
        self._set(self.switches.changed({name: value}))

    async def show(self, _request: web.Request) -> web.Response:
        return web.json_response(self.switches.model_dump(mode="json"))

    async def change(self, request: web.Request) -> web.Response:
        """Changes the switches that are named; answers all."""
        try:
            partial = json.loads(await request.read())
        except (ValueError, RecursionError):
            raise BadRequest("Send a JSON object of switches to change.") from None
        self._set(self.switches.changed(partial))
        return await self.show(request)

    def _set(self, switches: FreshdeskSwitches) -> None:
        self.switches = switches
        if self._path is not None:
            write_json(self._path, switches.model_dump(mode="json"))
