"""`POST /hooks/wildix/{account}`: signed bytes in, durable, then 2xx. It never looks at what they say.

The order of the checks is part of the contract: an unknown account is told before a missing secret,
size before signature, signature before form. What a body means is `calls.desk`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable

import structlog
from aiohttp import web

from linedesk.errors import (
    BadSignature,
    HookError,
    HookNotJson,
    HookNotListening,
    HookTooLarge,
    LinedeskError,
    UnknownAccount,
)
from linedesk.server.bodies import HOOK_READ_S, read_raw
from linedesk.server.clients import client_of
from linedesk.server.services import Services, services_of

log = structlog.get_logger(__name__)

SIGNATURE_HEADER = "X-Signature"
SOURCE = "webhook"
_NAMES_MAX = 256


class RefusalLog:
    """Says a refusal once for each account and reason, and again only after something was accepted."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], None] = {}

    def refused(self, account: str, error: LinedeskError, address: str) -> None:
        """Log the first refusal of its kind."""
        # Made-up names share one entry: a stranger can neither fill the log nor push the real ones out.
        key = ("", error.code) if isinstance(error, UnknownAccount) else (account, error.code)
        if key in self._said:
            return
        # Names come from outside: the oldest is forgotten, so that made-up ones can't silence the rest.
        while len(self._said) >= _NAMES_MAX:
            del self._said[next(iter(self._said))]
        self._said[key] = None
        log.warning(
            "hook_refused", account=account[:64], error_code=error.code, reason=error.message, address=address
        )

    def accepted(self, account: str) -> None:
        """The account works: its next refusal is news."""
        gone = [key for key in self._said if key[0] == account]
        for key in gone:
            del self._said[key]
        if gone:
            log.info("hook_accepted_again", account=account)


REFUSALS: web.AppKey[RefusalLog] = web.AppKey("hook_refusals", RefusalLog)


def is_signed(body: bytes, signature: str, secrets: Iterable[str]) -> bool:
    """Whether `signature` is the lower-case hex HMAC-SHA256 of `body` under one of `secrets`.

    Constant in time: each secret is tried, and each comparison takes as long as the longest.
    """
    given = signature.encode("utf-8", "surrogateescape")
    fits = False
    for secret in secrets:
        wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
        fits |= hmac.compare_digest(wanted, given)
    return fits


async def wildix_hook(request: web.Request) -> web.Response:
    """Accept one webhook of a PBX account."""
    services = services_of(request)
    account = request.match_info["account"]
    refusals = request.app[REFUSALS]
    try:
        body, event_type = await _checked_body(request, services, account)
    except LinedeskError as error:
        services.metrics.hook(error.code)
        refusals.refused(account, error, client_of(request))
        raise
    stored = await services.intake.accept(account, SOURCE, body)
    status = "stored" if stored else "duplicate"
    services.metrics.hook(status)
    refusals.accepted(account)
    services.heard(account, event_type)
    return web.json_response({"status": status})


async def _checked_body(request: web.Request, services: Services, account: str) -> tuple[bytes, str]:
    known = services.accounts.pbx(account)
    if known is None:
        raise UnknownAccount("No PBX account has this name.")
    secrets = [secret for secret in known.webhook_secrets if secret]
    if not secrets:
        raise HookNotListening("This account has no webhook secret yet, so nothing is accepted.")
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise HookError("Compressed bodies are not accepted: the signature is over the plain bytes.")
    limit = services.settings.hook_body_max_bytes
    body = await read_raw(
        request,
        limit,
        HOOK_READ_S,
        HookTooLarge(f"The body is larger than {limit} bytes."),
        HookError(f"The body did not arrive within {HOOK_READ_S:.0f} s."),
    )
    signatures = request.headers.getall(SIGNATURE_HEADER, [])
    if len(signatures) != 1 or not is_signed(body, signatures[0], secrets):
        raise BadSignature("The signature is missing or does not fit the body.")
    return body, _type_of(body)


def _type_of(body: bytes) -> str:
    """The event's type, empty if it has none; `HookNotJson` for what is no JSON object."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise HookNotJson("The body is signed but is not JSON.") from None
    if not isinstance(document, dict):
        raise HookNotJson("The body is signed but is not a JSON object.")
    event_type = document.get("type")
    return event_type if isinstance(event_type, str) else ""
