"""What the apps share of their HTTP: one way to ask, to write, and to turn a bad answer into a sentence.

An app gives its own reading of its errors (`Judge`); what that leaves is read by the status alone. Nothing
of a body is ever passed on except a vendor's own words after `one_line`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from linedesk.apps.base import Refused, Unsure
from linedesk.budget import Gate
from linedesk.clock import Clock
from linedesk.errors import (
    VendorAuth,
    VendorBusy,
    VendorError,
    VendorForbidden,
    VendorGarbled,
    VendorNotFound,
    VendorRefused,
    VendorRouteMissing,
    VendorTimeout,
    VendorUnreachable,
)
from linedesk.net import HttpClient, Reply
from linedesk.plain import plain_line

_WORDS_MAX = 200
_PAUSES_S = (1.0, 4.0, 10.0)
_PATIENCE_S = 180.0
_PASSING = frozenset({502, 503, 504})
_REACH = "Check the account's address, and what stands between this machine and it (a proxy, a firewall)."
_LOOKED_FOR = "Nothing to do: the next run looks whether it was written, before it writes again."

_Meaning = tuple[type[VendorError], str]
_MEANING: Mapping[int, _Meaning] = {
    401: (VendorAuth, "refused the credential"),
    403: (VendorForbidden, "doesn't let this credential do that"),
    404: (VendorNotFound, "doesn't have it"),
    405: (VendorRouteMissing, "doesn't have this function"),
    429: (VendorBusy, "gets too many requests"),
    502: (VendorTimeout, "gave no answer to the gateway in front of it"),
    503: (VendorBusy, "is busy or down for maintenance"),
    504: (VendorTimeout, "gave no answer to the gateway in front of it"),
}
_CLIENT: _Meaning = (VendorRefused, "refused the request")
_SERVER: _Meaning = (VendorError, "had an error of its own")

Judge = Callable[[Reply], VendorError | None]
"""An app's own reading of an answer that is not good; None: its status says all there is."""


@dataclass(frozen=True, slots=True)
class Remedies:
    """What a person does when the credential, its rights or the address are wrong, in the app's words."""

    credential: str
    rights: str
    address: str


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    query: Mapping[str, str] | None
    body: Mapping[str, Any] | None
    gate: Gate


class AppHttp:
    """Requests of one account. `gate` is passed by every request that brings none of its own.

    `secrets` are never in a sentence, even if the vendor repeats them.
    """

    def __init__(
        self,
        http: HttpClient,
        gate: Gate,
        clock: Clock,
        *,
        headers: Mapping[str, str],
        remedies: Remedies,
        judge: Judge,
        secrets: tuple[str, ...] = (),
    ) -> None:
        self.who = http.who
        self._http = http
        self._gate = gate
        self._clock = clock
        self._headers = headers
        self._remedies = remedies
        self._judge = judge
        self._secrets = secrets

    async def ask(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        gate: Gate | None = None,
        interactive: bool = False,
    ) -> Reply:
        """A good answer to a GET; raises the fitting `VendorError`."""
        reply = await self.exchange("GET", path, query=query, gate=gate, interactive=interactive)
        if not good(reply):
            raise self.error(reply)
        return reply

    async def write(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, idempotent: bool = False
    ) -> Mapping[str, Any] | Refused | Unsure:
        """The object that a write answers with (empty without a body), or why there is none.

        Raises only what concerns the whole account (unreachable, credential or its rights, too many
        requests): then nothing was written.
        """
        try:
            reply = await self.exchange(method, path, body=body, idempotent=idempotent)
        except (VendorTimeout, VendorGarbled) as error:
            error.remedy = _LOOKED_FOR
            return Unsure(error)
        if not good(reply):
            refusal = self.error(reply)
            if isinstance(refusal, VendorAuth | VendorForbidden | VendorBusy) and reply.status < 500:
                raise refusal
            return Unsure(refusal) if reply.status >= 500 else Refused(refusal)
        if not reply.body.strip():
            return {}
        try:
            return object_in(reply)
        except VendorGarbled as error:
            return Unsure(error)

    async def exchange(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        gate: Gate | None = None,
        interactive: bool = False,
        idempotent: bool | None = None,
    ) -> Reply:
        """One whole answer of any status.

        Background work has patience: after a 429 it stands at the gate again, and what may be asked twice
        is asked again after a pause. For a person a request is repeated only while they would wait.
        """
        safe = method == "GET" if idempotent is None else idempotent
        request = _Request(method, path, query, body, gate or self._gate)
        if interactive:
            return await self._send(request, idempotent=safe, interactive=True)
        for pause_s in _PAUSES_S:
            try:
                reply = await self._send(request, idempotent=False)
            except (VendorUnreachable, VendorTimeout):
                if not safe:
                    raise
            else:
                asked_s = reply.retry_after_s or 0.0
                if reply.status == 429:
                    # It was not carried out, so even a write may go again; the gate knows when.
                    continue
                if not safe or reply.status not in _PASSING or asked_s > _PATIENCE_S:
                    return reply
                pause_s = max(pause_s, asked_s)  # noqa: PLW2901
            await self._clock.sleep(pause_s)
        return await self._send(request, idempotent=False)

    async def _send(self, request: _Request, *, idempotent: bool, interactive: bool = False) -> Reply:
        try:
            return await self._http.send(
                request.method,
                request.path,
                query=request.query,
                json=request.body,
                headers=self._headers,
                idempotent=idempotent,
                interactive=interactive,
                gate=request.gate,
            )
        except (VendorUnreachable, VendorTimeout, VendorGarbled) as error:
            error.remedy = _REACH
            raise

    def error(self, reply: Reply) -> VendorError:
        """What an answer that is not good means."""
        if _is_page(reply) and reply.status < 500 and reply.status not in {401, 429}:
            return VendorGarbled(
                f"{reply.who} answered with a web page instead of data (HTTP {reply.status}).",
                remedy=self._remedies.address,
            )
        judged = self._judge(reply)
        return judged if judged is not None else by_status(reply, self._remedies)

    def words(self, text: object) -> str:
        """A vendor's own words for a sentence, without this account's secrets."""
        return one_line(text, self._secrets)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()


def good(reply: Reply) -> bool:
    return 200 <= reply.status < 300


def object_in(reply: Reply) -> Mapping[str, Any]:
    """The JSON object of an answer; raises `VendorGarbled`."""
    value = _json(reply)
    if not isinstance(value, dict):
        raise VendorGarbled(f"{reply.who} answered with something else than an object.", remedy=_REACH)
    return value


def rows_in(reply: Reply) -> list[Mapping[str, Any]]:
    """The JSON array of objects of an answer; raises `VendorGarbled`."""
    value = _json(reply)
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise VendorGarbled(f"{reply.who} answered with something else than a list.", remedy=_REACH)
    return value


def by_status(reply: Reply, remedies: Remedies, why: str = "") -> VendorError:
    """The error that a status stands for. `why`: the vendor's reason after `one_line`."""
    status = reply.status
    kind, words = _MEANING.get(status, _SERVER if status >= 500 else _CLIENT)
    remedy = {
        VendorAuth: remedies.credential,
        VendorForbidden: remedies.rights,
        VendorNotFound: "The record is gone; look at the app.",
        VendorRouteMissing: remedies.address,
        VendorTimeout: "Try again; if it stays, run `linedesk check`.",
        VendorRefused: "Correct the record that it comes from.",
    }.get(kind)
    tail = f": {why.rstrip('.')}." if why else f" (HTTP {status})."
    wait_s = reply.retry_after_s if kind is VendorBusy else None
    asked = f" It asks to wait {wait_s:g} s." if wait_s is not None else ""
    return kind(f"{reply.who} {words}{tail}{asked}", remedy=remedy)


def one_line(text: object, secrets: tuple[str, ...] = ()) -> str:
    """Text from outside as one plain line of limited length, without the secrets given."""
    if not isinstance(text, str):
        return ""
    for secret in filter(None, secrets):
        text = text.replace(secret, "(hidden)")
    line = plain_line(text)
    return line if len(line) <= _WORDS_MAX else line[: _WORDS_MAX - 1] + "…"


def _json(reply: Reply) -> object:
    try:
        return reply.json()
    except VendorGarbled as error:
        error.remedy = _REACH
        raise


def _is_page(reply: Reply) -> bool:
    return "html" in reply.content_type or reply.body.lstrip()[:1] == b"<"
