"""Whether a request may change something, judged by where the browser says it comes from. Pure.

A client that is no browser sends neither `Origin` nor `Sec-Fetch-Site`; it is judged by its token alone.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_EVERYWHERE = frozenset({"0.0.0.0", "::", "[::]"})  # noqa: S104 - compared, never bound
_DEFAULT_PORTS = {"http": 80, "https": 443}


def own_origins(base_url: str) -> frozenset[str]:
    """The origins under which browsers know the service at `base_url`.

    On loopback the names of loopback are one: the port tells the service.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f":{parts.port}"
    if host in _LOOPBACK or host in _EVERYWHERE:
        return frozenset(f"{parts.scheme}://{name}{port}" for name in _LOOPBACK)
    return frozenset({f"{parts.scheme}://{host}{port}"})


def is_loopback_url(url: str) -> bool:
    """Whether `url` leads to this machine and nowhere else. Raises `ValueError` for a URL that is none."""
    host = urlsplit(url).hostname or ""
    return (f"[{host}]" if ":" in host else host) in _LOOPBACK


def may_change(origin: str | None, fetch_site: str | None, own: Collection[str]) -> bool:
    """Whether a request with these headers may change state: from our own pages, or from no page.

    A form of a page with `Referrer-Policy: no-referrer`, as ours are, is sent with `Origin: null`; there
    `Sec-Fetch-Site` alone tells our page from a sandboxed one.
    """
    if origin == "null":
        return fetch_site == "same-origin"
    if origin is not None:
        return origin in own
    return fetch_site in {None, "same-origin", "none"}


def may_connect(origin: str | None, own: Collection[str], listed: Collection[str]) -> bool:
    """Whether a socket may be opened: own pages, pages on the administrator's list, or no page."""
    return origin is None or origin in own or origin in listed
