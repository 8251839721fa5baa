"""`/_sim/…`: the hands that work the simulated PBX from outside. No part of a real one has this.

Calls from a page are accepted from this origin and the demo's own control page only.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from linedesk.demo.pbx.call import SimCall
from linedesk.demo.pbx.exchange import Exchange, Placed
from linedesk.demo.pbx.state import FAMILIES
from linedesk.errors import BadRequest, TooLarge

BODY_MAX = 65_536
_SHOWN = 30


class Sim:
    """The handlers; `routes` puts them into an application."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_sim/calls", self.list_calls),
            web.post("/_sim/calls", self.place),
            web.post("/_sim/calls/{id}/{deed:answer|hangup|reject|hold|resume|transfer}", self.steer),
            web.get("/_sim/switches", self.switches),
            web.put("/_sim/switches", self.switch),
            web.post("/_sim/conference", self.conference),
            web.post("/_sim/integrations", self.integrate),
            web.post("/_sim/webhooks", self.webhooks),
        ]

    async def list_calls(self, _request: web.Request) -> web.StreamResponse:
        """`{"calls": […], "lost": n}`, newest first; `lost` counts webhooks given up."""
        calls = list(self._exchange.state.calls.values())[: -_SHOWN - 1 : -1]
        lost = self._exchange.state.lost
        return web.json_response({"calls": [_shown(call) for call in calls], "lost": lost})

    async def place(self, request: web.Request) -> web.StreamResponse:
        """`{"from","to","queue"?,"name"?,"generation"?}` -> 201 with the call; `to` may be a list."""
        fields = await read_object(request)
        to = fields.get("to")
        targets = tuple(text_of(each, "to") for each in to) if isinstance(to, list) else (text_of(to, "to"),)
        generation = fields.get("generation")
        if generation is not None and (not isinstance(generation, str) or generation not in {"A", "B"}):
            raise BadRequest('`generation` is "A" or "B".')
        placed = Placed(
            text_of(fields.get("from"), "from", empty=True),
            targets,
            queue=text_of(fields["queue"], "queue") if fields.get("queue") else None,
            name=text_of(fields.get("name") or "", "name", empty=True),
            generation=generation,
        )
        return web.json_response(_shown(self._exchange.place(placed)), status=201)

    async def steer(self, request: web.Request) -> web.StreamResponse:
        """`answer` and `reject` may name the extension with `{"by": EXT}`, `hangup` CALLER or CALLEE;
        `transfer` needs `by` and `to`.
        """
        fields = await read_object(request, empty=True)
        by = fields.get("by")
        who = text_of(by, "by") if by is not None else None
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
            case "transfer":
                to = text_of(fields.get("to"), "to")
                call = self._exchange.transfer(call_id, who or "", to)
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
        state.switches = state.switches.changed(await read_object(request))
        state.save()
        return await self.switches(request)

    async def conference(self, request: web.Request) -> web.StreamResponse:
        """`{"extension","status"}`: say by webhook that a user has joined or left a meeting."""
        fields = await read_object(request)
        extension, status = (
            text_of(fields.get("extension"), "extension"),
            text_of(fields.get("status"), "status"),
        )
        self._exchange.tell_conference(extension, status)
        return web.json_response({"extension": extension, "status": status}, status=201)

    async def integrate(self, request: web.Request) -> web.StreamResponse:
        """`{"url","families"?}` -> `{"id","secret"}`: the webhook created anew; the former one makes no more
        bodies. `families`: some of call, presence and analytics."""
        fields = await read_object(request)
        url, families = text_of(fields.get("url"), "url"), fields.get("families", list(FAMILIES))
        if not isinstance(families, list) or not all(each in FAMILIES for each in families):
            raise BadRequest(f"`families` is a list of some of {', '.join(FAMILIES)}.")
        if not url.startswith(("http://", "https://")):
            raise BadRequest("`url` must be an http(s) address.")
        made = self._exchange.integrate(url, tuple(families))
        return web.json_response({"id": made.id, "secret": made.secret}, status=201)

    async def webhooks(self, request: web.Request) -> web.StreamResponse:
        """`{"on": false}` stops all webhooks, as Cloud Analytics does when it is switched off."""
        wanted = (await read_object(request)).get("on")
        if not isinstance(wanted, bool):
            raise BadRequest("`on` is true or false.")
        state = self._exchange.state
        state.switches = state.switches.changed({"cloud_analytics": wanted})
        state.save()
        return web.json_response({"on": wanted})


async def read_object(request: web.Request, *, empty: bool = False, most: int = BODY_MAX) -> dict[str, Any]:
    """The JSON object of a request of at most `most` bytes; raises `BadRequest` or `TooLarge`."""
    raw = await request.read()
    if len(raw) > most:
        raise TooLarge(f"Send at most {most} bytes.")
    if empty and not raw.strip():
        return {}
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadRequest("Send a JSON object.") from None
    if not isinstance(fields, dict):
        raise BadRequest("Send a JSON object.")
    return fields


def text_of(value: Any, name: str, *, empty: bool = False) -> str:
    """A text or a whole number of a request, as text; raises `BadRequest` for anything else."""
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
        "digits": call.digits,
        "click": call.click,
        "started_at": call.started_ms,
        "answered_at": call.answered_ms,
        "ended_at": call.ended_ms,
    }
