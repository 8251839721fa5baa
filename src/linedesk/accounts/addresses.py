"""Checks of what an administrator types as an address; a refusal is a `ValueError` that says why."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

_FREE_PORTS = 1024  # as `addresses.Reach`: a well-known port is some other service
_DEFAULT_PORTS = {"https": 443, "http": 80}


def check_origin(text: str) -> str:
    """`text` if it is an origin exactly as a browser sends it, else `ValueError`."""
    parts = _split(text)
    if parts.path or parts.query or parts.fragment or "?" in text or "#" in text:
        raise ValueError(f"{text!r} must end after the host or port, without a path or a slash")
    exact = _exact(parts)
    if text != exact:
        raise ValueError(f"{text!r} must be written as {exact!r}, as the browser shows it")
    return exact


def check_account_url(text: str, *, path_allowed: bool) -> str:
    """The address of an account without a slash at its end, else `ValueError`."""
    parts = _split(text)
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise ValueError(f"{text!r} must have no `?` and no `#`")
    if (
        parts.port not in {None, 443}
        and (parts.port or 0) < _FREE_PORTS
        and not is_loopback(parts.hostname or "")
    ):
        raise ValueError(f"{text!r} must use port 443 or one from {_FREE_PORTS} up")
    path = parts.path.rstrip("/")
    if path and not path_allowed:
        raise ValueError(f"{text!r} must end after the host; write {_exact(parts)!r}")
    return _exact(parts) + path


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by definition, without asking any name server."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _split(text: str) -> SplitResult:
    if not text.isascii() or not text.isprintable() or " " in text or "*" in text or "\\" in text:
        raise ValueError(f"{text!r} must be one exact address in ASCII (a name with other letters as xn--…)")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(f"{text!r} is not an address") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or port == 0:
        raise ValueError(f"{text!r} must begin with https:// and a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the address must hold no user name and no password")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(f"{text!r} must use https (http is allowed on this machine only)")
    return parts


def _exact(parts: SplitResult) -> str:
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    port = parts.port
    tail = "" if port is None or port == _DEFAULT_PORTS[parts.scheme] else f":{port}"
    return f"{parts.scheme}://{shown}{tail}"
