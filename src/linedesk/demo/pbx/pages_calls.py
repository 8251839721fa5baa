"""The simulated PBX's pages of people and calls: who is free, who talks, what has been. Reading only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from linedesk.demo.pbx.call import Kind, Phase, SimCall
from linedesk.demo.pbx.exchange import Exchange
from linedesk.demo.pbx.looks import page
from linedesk.demo.pbx.state import Mood
from linedesk.demo.pbx.users import User

_SHOWN = 50
_PHONE = {"registered": "Free", "ringing": "Ringing", "talking": "Talking", "rt": "Talking, rings again"}
_MOODS = {"available": "Available", "away": "Away", "dnd": "Do not disturb", "mur": "Ringer off"}
_PHASES = {
    Phase.SETUP: "Being set up",
    Phase.PICKUP: "Rings the caller’s own phone",
    Phase.RINGING: "Ringing",
    Phase.TALKING: "Talking",
    Phase.HELD: "On hold",
}
_ENDS = {"17": "Busy", "19": "No answer", "21": "Rejected"}


class CallPages:
    """The handlers. Everybody who reaches the demo may look; nothing can be changed here."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/colleagues", self.colleagues), web.get("/calls", self.calls)]

    async def colleagues(self, _request: web.Request) -> web.StreamResponse:
        people = [self._person(user) for user in self._exchange.house.users.values()]
        return page("pbx_colleagues.html", title="Colleagues", section="colleagues", people=people)

    async def calls(self, _request: web.Request) -> web.StreamResponse:
        """Live calls first, then those that ended, the newest on top."""
        calls = list(self._exchange.state.calls.values())[::-1]
        live = [self._call(call) for call in calls if call.live]
        ended = [self._call(call) for call in calls if not call.live][:_SHOWN]
        return page("pbx_calls.html", title="Calls", section="calls", live=live, ended=ended)

    def _person(self, user: User) -> dict[str, Any]:
        state = self._exchange.state
        mood = state.moods.get(user.extension, Mood())
        away = user.extension in state.switches.without_device
        return {
            "user": user,
            "phone": "No phone" if away else _PHONE[self._exchange.presence_of(user.extension)],
            "mood": _MOODS.get(mood.status, mood.status),
            "message": mood.message,
        }

    def _call(self, call: SimCall) -> dict[str, Any]:
        until_ms = call.ended_ms or self._exchange.now_ms()
        talked_s = (until_ms - call.answered_ms) // 1000 if call.answered_ms is not None else 0
        began = datetime.fromtimestamp(call.started_ms / 1000, UTC)
        return {
            "id": call.id,
            "began": f"{began:%Y-%m-%d %H:%M:%S} UTC",
            "caller": self._party(call.party or call.caller, call),
            "called": self._called(call),
            "queue": call.queue if call.queue and call.answered_by else "",
            "rings": ", ".join(call.ringing_now) if call.phase is Phase.RINGING else "",
            "state": _ending(call) if call.phase is Phase.ENDED else _PHASES[call.phase],
            "talked": f"{talked_s // 60}:{talked_s % 60:02d}" if call.answered_ms is not None else "",
        }

    def _called(self, call: SimCall) -> str:
        if call.queue and call.answered_by is None and not call.parts:
            return call.queue
        return self._party(call.answered_by or call.destination, call)

    def _party(self, number: str | None, call: SimCall) -> str:
        """A colleague with name and extension, anybody else by name and number as the PBX knows them."""
        if number is None:
            return "Withheld"
        user = self._exchange.house.user(number)
        if user is not None:
            return f"{user.name} ({user.extension})"
        outside = call.kind is Kind.INBOUND or number == call.destination
        return f"{call.name} ({number})" if outside and call.name else number


def _ending(call: SimCall) -> str:
    if call.answered_ms is not None or call.parts:
        return "Ended"
    return _ENDS.get(call.end_cause or "", "Missed" if call.kind is Kind.INBOUND else "Not answered")
