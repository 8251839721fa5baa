"""`GET /agent/socket`: one agent's live frames over one WebSocket.

Auth phase, one reader, one writer, one keeper (pings, token's end), each a task of one group. What is
said is `frames.py`, what waits is `outbox.py`, who opens pages is `sockets.py`.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import structlog
from aiohttp import WSMsgType, web

from linedesk.agents.model import Agent
from linedesk.agents.rights import Right, require
from linedesk.bus.base import Frame
from linedesk.errors import LinedeskError, OriginRefused
from linedesk.server import frames
from linedesk.server.auth import active_agent
from linedesk.server.frames import FreshToken, SocketEnds
from linedesk.server.me import me
from linedesk.server.origins import may_connect, own_origins
from linedesk.server.outbox import Outbox
from linedesk.server.services import Services, services_of
from linedesk.server.sockets import SOCKETS, Sockets

log = structlog.get_logger(__name__)

# Proxies cut what is silent for 60 s; a browser that sleeps gets more than one ping's time.
PING_S = 25.0
SILENCE_MS = 75_000
SEND_S = 30.0
GOODBYE_S = 2.0
_WRITER_LIMIT_BYTES = 16_384


class PeerGone(Exception):
    """The other side closed, or fell silent: there is nobody to tell."""


async def agent_socket(request: web.Request) -> web.WebSocketResponse:
    """Upgrade and serve one agent socket. Raises `OriginRefused` before the upgrade."""
    services = services_of(request)
    own, listed = own_origins(services.base_url()), services.accounts.origins()
    if not may_connect(request.headers.get("Origin"), own, listed):
        raise OriginRefused("This page may not open a socket to Linedesk.")
    socket = web.WebSocketResponse(
        autoping=False,
        compress=False,
        max_msg_size=frames.MAX_FRAME_BYTES,
        writer_limit=_WRITER_LIMIT_BYTES,
        timeout=GOODBYE_S,
    )
    transport = request.transport
    await socket.prepare(request)
    await AgentSocket(services, request.app[SOCKETS], socket, transport).serve()
    return socket


class AgentSocket:
    """One socket from its first frame to its last. Also its end of the bus (`bus.base.Subscriber`)."""

    def __init__(
        self,
        services: Services,
        sockets: Sockets,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
    ) -> None:
        self._services = services
        self._sockets = sockets
        self._socket = socket
        self._transport = transport
        self._outbox = Outbox(services.settings.socket_queue_frames)
        self._waiting = asyncio.Event()
        self._ended: asyncio.Future[SocketEnds] = asyncio.get_running_loop().create_future()
        self._heard_ms = services.clock.now_ms()
        self._agent_id = ""
        self._expires_ms = 0
        self.token_hash = ""

    def deliver(self, frame: Frame) -> None:
        """Take a frame of the bus; a reader that lets too many wait is cut."""
        if self._outbox.put(frame):
            self._waiting.set()
        else:
            self.close("slow_reader", "Too many frames wait for this browser. Connect again.")

    def close(self, code: str, message: str) -> None:
        """End the socket with this error code; the first reason counts."""
        if not self._ended.done():
            self._ended.set_result(SocketEnds(code, message))

    async def serve(self) -> None:
        """Return when the socket is closed, whoever closed it."""
        try:
            visible = await self._sign_in()
        except SocketEnds as refusal:
            await self._say_goodbye(refusal)
            return
        except PeerGone:
            return
        end: SocketEnds | None = None
        try:
            self._join(visible)
            end = await self._live()
        finally:
            self._leave()
        if end is not None:
            await self._say_goodbye(end)
        elif not self._socket.closed:
            self._abort()

    async def _sign_in(self) -> bool:
        """The auth phase; answers whether the desk is visible."""
        limit_s = self._services.settings.socket_hello_s
        try:
            async with asyncio.timeout(limit_s):
                hello = frames.parse_hello(await self._receive())
        except TimeoutError:
            raise SocketEnds("not_signed_in", f"No `hello` came within {limit_s:g} s.") from None
        await self._take_token(hello.token)
        return hello.visible

    async def _take_token(self, token: str) -> None:
        """Live on `token` from now on; raises `SocketEnds`. It must be of the agent of this socket."""
        try:
            verified = await self._services.tokens.verify(token)
            agent = active_agent(self._services, verified.agent_id)
            require(agent, Right.SEE_OWN_CALLS)
        except LinedeskError as error:
            raise SocketEnds("not_signed_in", f"{error.message} {error.remedy}") from None
        if self._agent_id not in {"", agent.id}:
            raise SocketEnds("not_signed_in", "The fresh token belongs to another agent.")
        self._agent_id, self.token_hash, self._expires_ms = agent.id, verified.token_hash, verified.expires_ms

    def _join(self, visible: bool) -> None:
        # No await from here to the welcome: a frame is in the welcome or comes after it, never between.
        self._services.bus.subscribe(self._agent_id, self)
        opens = self._sockets.join(self._agent_id, self, visible=visible)
        agent = self._services.roster.by_id(self._agent_id)
        self._services.metrics.socket_opened()
        if agent is None:
            self.close("revoked", "This agent is gone. Sign in again.")
            return
        self.deliver(self._welcome(agent, opens))

    def _welcome(self, agent: Agent, opens: bool) -> Frame:
        return {
            "type": "welcome",
            "agent": me(self._services, agent),
            "calls": self._services.desk.calls_for(agent),
            "opener": opens,
            "expires_at": self._expires_ms,
            "now": self._services.clock.now_ms(),
        }

    def _leave(self) -> None:
        self._services.bus.unsubscribe(self._agent_id, self)
        self._sockets.leave(self._agent_id, self)
        self._services.metrics.socket_closed()

    async def _live(self) -> SocketEnds | None:
        """Run until something ends the socket; the reason, or None when the other side went."""
        try:
            async with asyncio.TaskGroup() as group:
                for work in (self._read(), self._write(), self._keep(), self._await_end()):
                    group.create_task(work)
        except BaseExceptionGroup as failures:
            ends, others = failures.split(SocketEnds)
            faults = others.split(PeerGone)[1] if others is not None else None
            if faults is not None:
                raise faults from None
            return _first(ends) if ends is not None else None
        raise RuntimeError("the tasks of a socket only end by an exception")

    async def _await_end(self) -> None:
        raise await self._ended

    async def _read(self) -> None:
        while True:
            frame = frames.parse_later(await self._receive())
            if isinstance(frame, FreshToken):
                await self._take_token(frame.token)
            else:
                self._sockets.focus(self._agent_id, self)

    async def _receive(self) -> str:
        """The next text frame; answers pings on the way. Raises `PeerGone` or `SocketEnds`."""
        while True:
            message = await self._socket.receive()
            self._heard_ms = self._services.clock.now_ms()
            if message.type is WSMsgType.TEXT:
                return str(message.data)
            if message.type is WSMsgType.PING:
                with suppress(ConnectionError):
                    await self._socket.pong(message.data)
            elif message.type is WSMsgType.BINARY:
                raise SocketEnds("bad_request", "Frames are JSON text.")
            elif message.type is not WSMsgType.PONG:
                raise PeerGone

    async def _write(self) -> None:
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            while len(self._outbox):
                await self._send(self._outbox.take())

    async def _send(self, frame: Frame) -> None:
        try:
            async with asyncio.timeout(SEND_S):
                await self._socket.send_str(_as_text(frame))
        except TimeoutError:
            raise SocketEnds("slow_reader", "This browser reads too slowly. Connect again.") from None
        except ConnectionError:
            raise PeerGone from None

    async def _keep(self) -> None:
        """Ping, notice silence, and end the socket with its token."""
        clock = self._services.clock
        while True:
            left_ms = self._expires_ms - clock.now_ms()
            if left_ms <= 0:
                raise SocketEnds(
                    "token_expired", "The token has expired. Get a fresh one, then connect again."
                )
            await clock.sleep(min(PING_S, left_ms / 1000))
            if clock.now_ms() - self._heard_ms > SILENCE_MS:
                raise PeerGone
            try:
                async with asyncio.timeout(SEND_S):
                    await self._socket.ping()
            except TimeoutError:
                raise SocketEnds("slow_reader", "This browser reads too slowly. Connect again.") from None
            except ConnectionError:
                raise PeerGone from None

    async def _say_goodbye(self, end: SocketEnds) -> None:
        """Send the reason and close; a reader that does not take it is dropped."""
        self._services.metrics.socket_cut(end.code)
        if end.code == "slow_reader":
            log.info("socket_cut", error_code=end.code)
        try:
            async with asyncio.timeout(GOODBYE_S):
                if end.code != "going_away":
                    await self._socket.send_str(_as_text(end.frame()))
                await self._socket.close(code=end.close_code, message=end.code.encode())
        except (TimeoutError, ConnectionError):
            self._abort()
        if end.code == "slow_reader":
            # An orderly close would keep the unread bytes in memory until the reader takes them.
            self._abort()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


def _as_text(frame: Frame) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def _first(group: BaseExceptionGroup[SocketEnds]) -> SocketEnds:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    if not isinstance(found, SocketEnds):
        raise TypeError("the group holds only ends of sockets")
    return found
