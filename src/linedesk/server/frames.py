"""What a client may say on the agent socket, and why the server ends one.

Pure: text in, a frame or a refusal out. The socket itself is in `socket.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

VERSION = 1
MAX_FRAME_BYTES = 16_384
_MAX_TOKEN = 512

CLOSE_CODES = {
    "not_signed_in": 4001,
    "bad_request": 4002,
    "slow_reader": 4003,
    "token_expired": 4004,
    "revoked": 4005,
    "going_away": 1001,
}
_OTHER_CLOSE = 4002


class SocketEnds(Exception):
    """The server ends this socket: `code` of docs/protocol.md and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def close_code(self) -> int:
        """The WebSocket close code."""
        return CLOSE_CODES.get(self.code, _OTHER_CLOSE)

    def frame(self) -> dict[str, str]:
        """The last frame before the close."""
        return {"type": "error", "code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Hello:
    token: str
    visible: bool


@dataclass(frozen=True, slots=True)
class FreshToken:
    token: str


@dataclass(frozen=True, slots=True)
class Focus:
    pass


ClientFrame = Hello | FreshToken | Focus


def parse_hello(text: str) -> Hello:
    """The first frame. Raises `SocketEnds` for anything else."""
    frame = parse(text)
    if not isinstance(frame, Hello):
        raise SocketEnds("not_signed_in", "The first frame must be `hello` with a token.")
    return frame


def parse_later(text: str) -> FreshToken | Focus:
    """Any frame after the first. Raises `SocketEnds`."""
    frame = parse(text)
    if isinstance(frame, Hello):
        raise SocketEnds("bad_request", "`hello` comes once, as the first frame.")
    return frame


def parse(text: str) -> ClientFrame:
    """One frame of a client. Raises `SocketEnds` with a sentence that names what is wrong."""
    document = _document(text)
    kind = document.get("type")
    if kind == "hello":
        if document.get("v") != VERSION or isinstance(document.get("v"), bool):
            raise SocketEnds("bad_request", f"This service speaks version {VERSION} of the socket only.")
        visible = document.get("visible", True)
        if not isinstance(visible, bool):
            raise SocketEnds("bad_request", "`visible` must be true or false.")
        return Hello(_token(document), visible)
    if kind == "token":
        return FreshToken(_token(document))
    if kind == "focus":
        return Focus()
    raise SocketEnds("bad_request", "A frame's `type` must be hello, token or focus.")


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise SocketEnds("bad_request", "A frame must be one JSON object.") from None
    if not isinstance(document, dict):
        raise SocketEnds("bad_request", "A frame must be one JSON object.")
    return document


def _token(document: dict[str, Any]) -> str:
    token = document.get("token")
    if not isinstance(token, str) or not token or len(token) > _MAX_TOKEN:
        raise SocketEnds("not_signed_in", "`token` must hold the agent's token.")
    return token
