"""The cookies: the browser's session, a widget frame's (one a slot), and a sign-in with Wildix's.

Written by hand: `Partitioned` is younger than the standard library's cookies.
"""

from __future__ import annotations

import re

from aiohttp import web

from linedesk.errors import BadRequest

SESSION = "__Host-linedesk"
ATTEMPT = "__Host-linedesk-wildix"
DEFAULT_SLOT = "main"
_SLOT = re.compile(r"[a-z0-9]{1,16}")


def read_slot(text: str | None) -> str:
    """A slot's name, `main` when none is given. Raises `BadRequest`."""
    slot = DEFAULT_SLOT if text is None else text
    if _SLOT.fullmatch(slot) is None:
        raise BadRequest("`slot` must be 1 to 16 of a-z and 0-9.")
    return slot


def frame_cookie(slot: str) -> str:
    """The name of a slot's frame cookie."""
    return f"__Host-linedesk-frame-{slot}"


def set_session(response: web.StreamResponse, value: str) -> None:
    """A cookie for this browser session; the server knows when it ends."""
    _add(response, SESSION, value, "SameSite=Lax")


def drop_session(response: web.StreamResponse) -> None:
    _add(response, SESSION, "", "SameSite=Lax; Max-Age=0")


def set_attempt(response: web.StreamResponse, value: str, max_age_s: int) -> None:
    """What binds a sign-in with Wildix to this browser; Lax, so that it comes back from the PBX's page."""
    _add(response, ATTEMPT, value, f"SameSite=Lax; Max-Age={max_age_s}")


def set_frame(response: web.StreamResponse, slot: str, value: str, max_age_s: int) -> None:
    """The frame's cookie in the jar of the page that holds it."""
    _add(response, frame_cookie(slot), value, f"SameSite=None; Partitioned; Max-Age={max_age_s}")


def drop_frame(response: web.StreamResponse, slot: str) -> None:
    _add(response, frame_cookie(slot), "", "SameSite=None; Partitioned; Max-Age=0")


def _add(response: web.StreamResponse, name: str, value: str, rest: str) -> None:
    response.headers.add("Set-Cookie", f"{name}={value}; Path=/; Secure; HttpOnly; {rest}")
