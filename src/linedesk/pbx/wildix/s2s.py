"""Server-to-server applications: every request carries a short-lived token over what it asks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cmp_to_key
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey

from linedesk.accounts.model import SignedCredential
from linedesk.clock import Clock
from linedesk.errors import ConfigError
from linedesk.pbx.wildix.auth import Outgoing

LIFE_S = 300
_TRIMMED = " \t\n\r\0\x0b"
_HEADER = re.compile(r"[\x21-\x7e]+")
_BRACKET = re.compile(r"\[([^\]]*)\]")
_BODILESS = frozenset({"GET", "HEAD", "DELETE"})


class SignedRequests:
    """Signs each request for one host, with the app's secret. `url` is the plane's scheme and host.

    Raises `ConfigError` for an application id that can't stand in a header or an empty secret.
    """

    def __init__(self, account: str, credential: SignedCredential, url: str, clock: Clock) -> None:
        if not _HEADER.fullmatch(credential.app_id) or not credential.secret or not credential.app_name:
            raise ConfigError(
                f"The server-to-server application of the PBX account {account} is not complete.",
                remedy="Copy its application id, name and secret from WMS again.",
            )
        self._credential = credential
        self._host = _host(url)
        self._key = OctKey.import_key(credential.secret)
        self._clock = clock

    async def headers(self, request: Outgoing) -> Mapping[str, str]:
        custom = {} if request.form or not _has_body(request) else {"Content-Type": "application/json"}
        signed = {**custom, "Host": self._host, "X-APP-ID": self._credential.app_id}
        now_s = self._clock.now_ms() // 1000
        claims = {
            "iss": self._credential.app_name,
            "iat": now_s,
            "exp": now_s + LIFE_S,
            "sign": {
                "alg": "sha256",
                "headers": list(signed),
                "hash": hashlib.sha256(canonical(request, signed).encode()).hexdigest(),
            },
        }
        token = jwt.encode({"alg": "HS256"}, claims, self._key)
        return {**custom, "X-APP-ID": self._credential.app_id, "Authorization": f"Bearer {token}"}

    async def renew(self, refused: Mapping[str, str]) -> bool:
        return False

    async def close(self) -> None:
        """Nothing is open."""


def canonical(request: Outgoing, headers: Mapping[str, str]) -> str:
    """The text that is hashed: method, path, then headers, query and body as sorted `key:value;`."""
    text = request.method + request.path + _group(headers) + _group(_nested(request.query))
    if not _has_body(request):
        return text
    body = request.body or {}
    return text + _group(_nested(body) if request.form else body)


def _has_body(request: Outgoing) -> bool:
    return request.method not in _BODILESS and bool(request.body)


def _host(url: str) -> str:
    """As the `Host` header will have it: without the port that belongs to the scheme."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return shown if parts.port in {None, usual} else f"{shown}:{parts.port}"


def _group(values: Mapping[str, Any] | Sequence[Any]) -> str:
    pairs = values.items() if isinstance(values, Mapping) else enumerate(values)
    lowered = {str(key).lower(): value for key, value in pairs}
    return "".join(f"{key}:{_value(lowered[key])};" for key in sorted(lowered, key=cmp_to_key(_compare)))


def _value(value: object) -> str:
    if value is None or isinstance(value, bool):
        return str(int(value)) if value is not None else ""
    if isinstance(value, Mapping | list | tuple):
        return _group(value)
    return str(value).strip(_TRIMMED)


def _compare(one: str, other: str) -> int:
    """Numbers among keys sort as numbers: a list of eleven is 0, 1, 2 … 10."""
    if one.isdigit() and other.isdigit():
        return (int(one) > int(other)) - (int(one) < int(other))
    return (one > other) - (one < other)


def _nested(flat: Mapping[str, object]) -> Mapping[str, Any]:
    """`data[name]` as the other side reads it: `name` inside `data`; `x[]` counts up."""
    tree: dict[str, Any] = {}
    for key, value in flat.items():
        first, bracket, _ = key.partition("[")
        steps = [first, *(_BRACKET.findall(key) if bracket else [])]
        node = tree
        for step in steps[:-1]:
            child = node.setdefault(step, {})
            if not isinstance(child, dict):
                child = node[step] = {}
            node = child
        node[steps[-1] or str(len(node))] = value
    return tree
