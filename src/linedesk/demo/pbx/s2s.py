"""Server-to-server requests: is the JWT a true signature of this very request? Pure.

The rule is that of the vendor's own client class: method, path, the signed headers, query and body in one
canonical text, its SHA-256 inside an HS256 JWT that lives five minutes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from linedesk.demo.pbx.doors import S2sApp

_LIFE_S = 300
_ALWAYS = frozenset({"host", "x-app-id"})


@dataclass(frozen=True, slots=True)
class Request:
    """What is signed. `headers` with lower-case names; `body` is empty for GET and DELETE."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]


def verified(token: str, app: S2sApp, request: Request, now_s: float) -> bool:
    """Whether `token` was made by `app` for `request` and is in its five minutes."""
    try:
        claims = jwt.decode(token, OctKey.import_key(app.secret), algorithms=["HS256"]).claims
    except (JoseError, ValueError):
        return False
    issued, expires, signed = claims.get("iat"), claims.get("exp"), claims.get("sign")
    if not isinstance(issued, int) or not isinstance(expires, int) or not isinstance(signed, dict):
        return False
    if claims.get("iss") != app.name or expires <= now_s or expires - issued > _LIFE_S:
        return False
    names, said = signed.get("headers"), signed.get("hash")
    if signed.get("alg") != "sha256" or not isinstance(names, list) or not isinstance(said, str):
        return False
    wanted = {str(name).lower() for name in names}
    if not wanted >= _ALWAYS or not wanted <= set(request.headers):
        return False
    text = canonical(request, {name: request.headers[name] for name in wanted})
    return hmac.compare_digest(hashlib.sha256(text.encode()).hexdigest(), said)


def canonical(request: Request, headers: Mapping[str, str]) -> str:
    """The text whose hash is signed."""
    body = _group(request.body) if request.body else ""
    return request.method + request.path + _group(headers) + _group(request.query) + body


def _group(values: Mapping[str, Any]) -> str:
    lowered = {str(name).lower(): value for name, value in values.items()}
    order = sorted(lowered, key=lambda name: (0, int(name), "") if name.isdecimal() else (1, 0, name))
    return "".join(f"{name}:{_value(lowered[name])};" for name in order)


def _value(value: Any) -> str:
    match value:
        case True:
            return "1"
        case False:
            return "0"
        case None:
            return ""
        case dict():
            return _group(value)
        case list():
            return _group({str(index): each for index, each in enumerate(value)})
        case _:
            return str(value).strip()
