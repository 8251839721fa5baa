"""`/_sim/…`: the hands that work the simulated PBX from outside. No part of a real one has this.

Calls from a page are accepted from this origin and the demo's own control page only.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from linedesk.demo.pbx.auth import TokenKind, new_token
from linedesk.demo.pbx.call import SimCall
from linedesk.demo.pbx.exchange import Exchange, Placed
from linedesk.errors import BadRequest

_SHOWN = 30
_LIFE_MAX_S = 100 * 365 * 86_400


class TokenWish(BaseModel):
    """What kind of token is asked for. An `extension` may be written as a number."""

    model_config = ConfigDict(strict=True, frozen=True)

    kind: TokenKind = "simple"
    extension: str | int | None = None
    root: bool = False
    scopes: list[str] = Field(default=[], max_length=100)
    expires_in_s: float | None = Field(None, ge=0, le=_LIFE_MAX_S, allow_inf_nan=False)


class Sim:
    """The handlers; `routes` puts them into an application."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_sim/calls", self.list_calls),
            web.post("/_sim/calls", self.place),
            web.post("/_sim/calls/{id}/{deed:answer|hangup|reject|hold|resume}", self.steer),
            web.get("/_sim/switches", self.switches),
            web.put("/_sim/switches", self.switch),
            web.post("/_sim/tokens", self.token),
            web.post("/_sim/integrations", self.integrate),
        ]

    async def list_calls(self, _request: web.Request) -> web.StreamResponse:
        """`{"calls": […], "lost": n}`, newest first; `lost` counts webhooks given up."""
        calls = list(self._exchange.state.calls.values())[: -_SHOWN - 1 : -1]
        lost = self._exchange.state.lost
        return web.json_response({"calls": [_shown(call) for call in calls], "lost": lost})

    async def place(self, request: web.Request) -> web.StreamResponse:
        """`{"from","to","queue"?,"name"?,"generation"?}` -> 201 with the call; `to` may be a list."""
        fields = await _json(request)
        to = fields.get("to")
        targets = tuple(_text(each, "to") for each in to) if isinstance(to, list) else (_text(to, "to"),)
        generation = fields.get("generation")
        if generation is not None and (not isinstance(generation, str) or generation not in {"A", "B"}):
            raise BadRequest('`generation` is "A" or "B".')
        placed = Placed(
            _text(fields.get("from"), "from", empty=True),
            targets,
            queue=_text(fields["queue"], "queue") if fields.get("queue") else None,
            name=_text(fields.get("name") or "", "name", empty=True),
            generation=generation,
        )
        return web.json_response(_shown(self._exchange.place(placed)), status=201)

    async def steer(self, request: web.Request) -> web.StreamResponse:
        """`answer` and `reject` may name the extension with `{"by": EXT}`, `hangup` CALLER or CALLEE."""
        fields = await _json(request, empty=True)
        by = fields.get("by")
        who = _text(by, "by") if by is not None else None
        call_id = request.match_info["id"]
        match request.match_info["deed"]:
            case "answer":
                call = self._exchange.answer(call_id, who)
            case "reject":
                call = self._exchange.reject(call_id, who)
            case "hangup":
                if who not in {None, "CALLER", "CALLEE"}:
                    raise BadRequest("`by` is CALLER or CALLEE.")
                call = self._exchange.hang_up(call_id, who or "CALLER")
            case "hold":
                call = self._exchange.hold(call_id)
            case _:
                call = self._exchange.resume(call_id)
        return web.json_response(_shown(call))

    async def switches(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(self._exchange.state.switches.model_dump(mode="json"))

    async def switch(self, request: web.Request) -> web.StreamResponse:
        """Changes the switches that are named; answers all."""
        state = self._exchange.state
        state.switches = state.switches.changed(await _json(request))
        state.save()
        return await self.switches(request)

    async def token(self, request: web.Request) -> web.StreamResponse:
        """`{"kind","extension"?,"root"?,"scopes"?,"expires_in_s"?}` -> `{"token"}`."""
        wish = _wish(await _json(request))
        simple = wish.kind == "simple"
        if simple and self._exchange.house.user(str(wish.extension)) is None:
            raise BadRequest("A simple token needs the `extension` of a user.")
        life_s = wish.expires_in_s
        made = new_token(
            wish.kind,
            extension=str(wish.extension) if simple else None,
            root=wish.root,
            scopes=tuple(wish.scopes),
            expires_ms=self._exchange.now_ms() + round(life_s * 1000) if life_s is not None else None,
        )
        self._exchange.state.tokens[made.text] = made
        self._exchange.state.save()
        return web.json_response({"token": made.text}, status=201)

    async def integrate(self, request: web.Request) -> web.StreamResponse:
        """`{"url"}` -> `{"id","secret"}`: the webhook created anew, the former one is gone."""
        url = _text((await _json(request)).get("url"), "url")
        if not url.startswith(("http://", "https://")):
            raise BadRequest("`url` must be an http(s) address.")
        made = self._exchange.integrate(url)
        return web.json_response({"id": made.id, "secret": made.secret}, status=201)


async def _json(request: web.Request, *, empty: bool = False) -> dict[str, Any]:
    raw = await request.read()
    if empty and not raw.strip():
        return {}
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadRequest("Send a JSON object.") from None
    if not isinstance(fields, dict):
        raise BadRequest("Send a JSON object.")
    return fields


def _wish(fields: dict[str, Any]) -> TokenWish:
    try:
        return TokenWish.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise BadRequest(f"`{first['loc'][0]}`: {first['msg'].lower()}.") from None


def _text(value: Any, name: str, *, empty: bool = False) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not (text.strip() or empty):
        raise BadRequest(f"`{name}` must be a text.")
    if not _is_unicode(text):
        raise BadRequest(f"`{name}` holds half a character.")
    return text


def _is_unicode(text: str) -> bool:
    # JSON can carry a lone surrogate, which no file can.
    return not any("\ud800" <= each <= "\udfff" for each in text)


def _shown(call: SimCall) -> dict[str, Any]:
    return {
        "id": call.id,
        "sip_call_id": call.sip_call_id,
        "kind": call.kind.value,
        "phase": call.phase.value,
        "from": call.caller or "anonymous",
        "to": call.queue or call.destination,
        "name": call.name,
        "rings": list(call.ringing_now),
        "answered_by": call.answered_by,
        "generation": call.generation,
        "click": call.click,
        "started_at": call.started_ms,
        "answered_at": call.answered_ms,
        "ended_at": call.ended_ms,
    }
