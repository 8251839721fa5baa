"""What can go wrong at the door of the simulated PBX before and after a request is served: switches only."""

from __future__ import annotations

from collections import deque

from aiohttp import web

from linedesk.clock import Clock
from linedesk.demo.pbx.state import State
from linedesk.demo.pbx.wire import Refused, error
from linedesk.demo.switches import PbxSwitches
from linedesk.demo.web import until_gone

_SECOND_MS = 1000
_STATUSES = {"500": "Internal Server Error", "503": "Service Unavailable", "429": "Too Many Requests"}

_BEFORE = frozenset({*_STATUSES, "html", "hang", "drop-before-accept"})


def under(path: str, prefixes: tuple[str, ...]) -> bool:
    """Whether `path` is at or below one of `prefixes`, in any case."""
    return any(path.lower().startswith(prefix.lower()) for prefix in prefixes)


class Faults:
    """`before` may answer in the API's place, `after` may spoil its answer."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._recent: deque[int] = deque()

    async def before(self, request: web.Request) -> web.StreamResponse | None:
        sw = self._state.switches
        return _busy(sw) if self._too_many(sw) else await self.struck(request)

    async def struck(self, request: web.Request) -> web.StreamResponse | None:
        """The fault's answer, if it hits this request: `before` without the limit of requests."""
        sw = self._state.switches
        if sw.api_fault not in _BEFORE or not self._strikes(request, sw):
            return None
        self._count(sw)
        if sw.api_fault == "hang":
            await until_gone(request)
        if sw.api_fault == "drop-before-accept":
            cut(request)
        if sw.api_fault == "html":
            text = "<html><body><h1>It works!</h1></body></html>"
            return web.Response(text=text, content_type="text/html")
        if sw.api_fault == "429":
            return _busy(sw)
        status = sw.api_fault if sw.api_fault in _STATUSES else "503"
        return error(Refused(int(status), _STATUSES[status]), with_200=False, v2=False)

    async def after(self, request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
        sw = self._state.switches
        if not self._strikes(request, sw):
            return answer
        if sw.api_fault == "drop-after-accept" and request.method != "GET":
            self._count(sw)
            cut(request)  # the command was taken; the caller never hears of it
        if sw.api_fault == "hang-after-accept" and request.method != "GET":
            self._count(sw)
            await until_gone(request)
        if sw.api_fault == "truncated" and isinstance(answer, web.Response):
            self._count(sw)
            body = bytes(answer.body) if isinstance(answer.body, bytes | bytearray) else b""
            return web.Response(body=body[: len(body) // 2], content_type="application/json")
        return answer

    def _too_many(self, sw: PbxSwitches) -> bool:
        if sw.rate_limit_per_s is None:
            return False
        now_ms = self._clock.now_ms()
        while self._recent and self._recent[0] <= now_ms - _SECOND_MS:
            self._recent.popleft()
        if len(self._recent) >= sw.rate_limit_per_s:
            return True
        self._recent.append(now_ms)
        return False

    def _strikes(self, request: web.Request, sw: PbxSwitches) -> bool:
        if sw.api_fault == "none":
            return False
        return not sw.api_fault_paths or under(request.path, sw.api_fault_paths)

    def _count(self, sw: PbxSwitches) -> None:
        """One of `api_fault_times` is used up; with the last one the fault is over."""
        if sw.api_fault_times is None:
            return
        left = max(0, sw.api_fault_times - 1)
        change = {"api_fault_times": left} if left else {"api_fault": "none", "api_fault_times": None}
        self._state.switches = sw.changed(change)
        self._state.save()


def cut(request: web.Request) -> None:
    """The connection breaks."""
    if request.transport is not None:
        request.transport.abort()


def _busy(sw: PbxSwitches) -> web.Response:
    answer = error(Refused(429, _STATUSES["429"]), with_200=False, v2=False)
    if sw.retry_after_s is not None:
        answer.headers["Retry-After"] = str(sw.retry_after_s)
    return answer
