"""The one HTTP client: deadlines, checked addresses, size cap, rate budget, retries, redaction.

Nothing else in Linedesk imports httpx. A request ends in a `Reply` of any status, or in a `VendorError`:
`VendorUnreachable` when nothing was sent, `VendorTimeout` when it was and no whole answer came back. What
a status or a body means is the adapter's business.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
import stamina
import structlog

from linedesk.addresses import Reach
from linedesk.budget import Gate, retry_after_s
from linedesk.errors import VendorError, VendorGarbled, VendorTimeout, VendorUnreachable
from linedesk.json_in import read_json

log = structlog.get_logger(__name__)

_ATTEMPTS = 3
_PASSING = frozenset({429, 502, 503, 504})
# Below the 5 s after which common web servers drop an idle connection, so that a POST meets a live one.
_IDLE_S = 4.0
_LONGEST_WAIT_S = 5.0
# A hundred contacts with all the text that an app takes. Reading it stops everything else for a moment.
_BODY_MAX_BYTES = 8_388_608
_REPEAT = "Try again; if it stays, run `linedesk check`."


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole answer. `who` names the other side in sentences; the body stays out of the repr.

    `headers`: names in lower case; of a repeated header the values stand behind each other with commas.
    """

    who: str
    status: int
    content_type: str
    body: bytes = field(repr=False)
    retry_after_s: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def json(self) -> object:
        """The body as JSON, as `read_json` has it; raises `VendorGarbled`."""
        try:
            return read_json(self.body)
        except ValueError:
            page = "html" in self.content_type or self.body.lstrip()[:1] == b"<"
            what = "a web page instead of data" if page else "data that is damaged or cut off"
            raise VendorGarbled(f"{self.who} answered with {what} (HTTP {self.status}).") from None


class _TryAgain(Exception):
    """No error of the tree: it carries an answer through the retries."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"HTTP {reply.status}")
        self.reply = reply


class HttpClient:
    """A client for one account; `await close()` at the end.

    `who` begins every sentence ("The PBX acme"). `timeout_s` is the deadline of one `send` with all its
    retries; for background work the waits for the budget come on top. `gate` is the budget of all requests
    that bring none of their own. `max_body_bytes` caps an answer. Raises `ConfigError` for an address that
    is not allowed whatever it resolves to.
    """

    def __init__(
        self,
        base_url: str,
        *,
        who: str,
        timeout_s: float,
        reach: Reach | None = None,
        max_body_bytes: int = _BODY_MAX_BYTES,
        gate: Gate | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.who = who
        self._reach = reach or Reach()
        self._reach.check_url(base_url)
        self._base_url = base_url.rstrip("/")
        self._timeout_s = timeout_s
        self._max_body_bytes = max_body_bytes
        self._gate = gate
        self._closed = False
        _quiet_library_logs()
        self._client = httpx.AsyncClient(
            transport=_CheckedTransport(self._reach, tls or _trusted()),
            timeout=httpx.Timeout(timeout_s),
            follow_redirects=False,
            trust_env=False,
            # A session that an answer starts would sign later requests in as whoever it belongs to.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Mapping[str, object] | None = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        idempotent: bool | None = None,
        interactive: bool = True,
        gate: Gate | None = None,
    ) -> Reply:
        """Send one request and read the whole answer.

        Only an `idempotent` request (by default GET and HEAD) is ever sent twice. `interactive`: a person
        waits, so it goes before background work when there is a budget, and its waiting counts for the
        deadline. `path` starts with `/` and is quoted already; `query` is not. `content` is a body that is
        encoded already; its type belongs into `headers`.
        """
        request = self._client.build_request(
            method,
            self._base_url + path,
            params=query,
            json=json,
            data=form,
            content=content,
            # Compressed answers would slip past the size cap.
            headers={"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})},
        )
        again = method in {"GET", "HEAD"} if idempotent is None else idempotent
        progress = _Progress(again, gate or self._gate, interactive)
        try:
            async with asyncio.timeout(self._timeout_s) as deadline:
                progress.deadline = deadline
                return await (self._retrying(request, progress) if again else self._once(request, progress))
        except _TryAgain as last:
            return last.reply
        except TimeoutError:
            error = self._too_late(progress)
        except VendorError as failed:
            error = failed
        log.warning("request_failed", who=self.who, method=method, path=path, error_code=error.code)
        raise error from None

    async def close(self) -> None:
        """Close every connection; what still waits for its turn, and what comes later, is refused."""
        self._closed = True
        await self._client.aclose()

    async def _retrying(self, request: httpx.Request, progress: _Progress) -> Reply:
        async for attempt in stamina.retry_context(
            on=lambda error: not self._closed and _pause(error),
            attempts=_ATTEMPTS,
            timeout=None,
            wait_initial=0.1,
            wait_max=1.0,
            wait_jitter=0.1,
        ):
            with attempt:
                reply = await self._once(request, progress)
                # In the background whoever asks goes by what a 429 says, and waits for longer than this does.
                if reply.status in _PASSING and (progress.interactive or reply.status != 429):
                    raise _TryAgain(reply)
        return reply

    async def _once(self, request: httpx.Request, progress: _Progress) -> Reply:
        progress.sent = False
        self._check_open()
        await progress.pass_gate()
        # The wait may have been minutes, and the library would answer with an error of its own.
        self._check_open()
        request.extensions = {**request.extensions, "trace": progress.note}
        try:
            response = await self._client.send(request, stream=True)
            try:
                reply = await self._read(response)
            finally:
                await response.aclose()
        except httpx.TimeoutException:
            raise self._too_late(progress) from None
        except httpx.HTTPError as error:
            # The library's own text may quote headers, so only its kind is ever told.
            raise self._lost(error, progress) from None
        if progress.gate is not None:
            progress.gate.note(reply.status, reply.headers)
        return reply

    def _check_open(self) -> None:
        if self._closed:
            raise VendorUnreachable(
                f"The account of {self.who} was changed or removed meanwhile.",
                remedy="Try again: Linedesk then uses the account as it is now.",
            )

    async def _read(self, response: httpx.Response) -> Reply:
        if response.is_redirect:
            raise VendorGarbled(
                f"{self.who} sends Linedesk on to another address instead of answering.",
                remedy="Put the address at which the system really answers into the account.",
            )
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise VendorGarbled(f"{self.who} answered with a compressed body, which was not asked for.")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._max_body_bytes:
                raise VendorGarbled(f"{self.who} answered with more than {self._max_body_bytes} bytes.")
        headers = dict(response.headers)
        return Reply(
            who=self.who,
            status=response.status_code,
            content_type=headers.get("content-type", "").lower(),
            body=bytes(body),
            retry_after_s=retry_after_s(headers),
            headers=headers,
        )

    def _too_late(self, progress: _Progress) -> VendorError:
        if progress.sent:
            return progress.lost(f"{self.who} didn't answer within {self._timeout_s:g} s.")
        return VendorUnreachable(f"{self.who} couldn't be reached within {self._timeout_s:g} s.")

    def _lost(self, error: httpx.HTTPError, progress: _Progress) -> VendorError:
        if progress.sent:
            return progress.lost(f"{self.who} broke the connection before its whole answer came.")
        if _is_certificate(error):
            return VendorUnreachable(
                f"{self.who} showed a certificate that is not valid for its address.",
                remedy="Use the name that the certificate is made for; this machine must trust its maker.",
            )
        return VendorUnreachable(f"{self.who} can't be reached.")


class _Progress:
    """Whether any byte of the request may have gone out: only then can it have had an effect."""

    def __init__(self, harmless: bool, gate: Gate | None, interactive: bool) -> None:
        self.sent = False
        self.gate = gate
        self.deadline: asyncio.Timeout | None = None
        self.interactive = interactive
        self._remedy = _REPEAT if harmless else None

    async def pass_gate(self) -> None:
        """Wait for the budget. Background work may wait for minutes there, so its deadline moves along."""
        if self.gate is None:
            return
        loop, deadline = asyncio.get_running_loop(), self.deadline
        due = deadline.when() if deadline is not None else None
        began = loop.time()
        if deadline is not None and not self.interactive:
            deadline.reschedule(None)
        await self.gate.wait(interactive=self.interactive)
        if deadline is not None and due is not None and not self.interactive:
            deadline.reschedule(due + loop.time() - began)

    def lost(self, sentence: str) -> VendorTimeout:
        """The request went out, and no whole answer came."""
        return VendorTimeout(sentence, remedy=self._remedy)

    async def note(self, event: str, _info: object) -> None:
        """httpx's trace hook."""
        if event.endswith("send_request_headers.started"):
            self.sent = True


class _CheckedTransport(httpx.AsyncBaseTransport):
    """Connects to the address that was checked; the certificate is still checked against the name."""

    def __init__(self, reach: Reach, tls: ssl.SSLContext) -> None:
        self._reach = reach
        limits = httpx.Limits(max_connections=20, keepalive_expiry=_IDLE_S)
        self._inner = httpx.AsyncHTTPTransport(verify=tls, limits=limits, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host, port = request.url.host, request.url.port or (443 if request.url.scheme == "https" else 80)
        *others, last = await self._reach.resolve(host, port)
        for address in others:
            try:
                return await self._inner.handle_async_request(_aimed(request, host, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                # Nothing was sent yet, so the next address of the same name may be tried.
                log.debug("address_failed", host=host, cause=type(error).__name__)
        return await self._inner.handle_async_request(_aimed(request, host, last))

    async def aclose(self) -> None:
        await self._inner.aclose()


def _aimed(request: httpx.Request, host: str, address: str) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )


def _pause(error: Exception) -> bool | float:
    """Whether, and after how many seconds, an idempotent request is sent again."""
    if isinstance(error, _TryAgain):
        asked_s = error.reply.retry_after_s
        return True if asked_s is None else asked_s <= _LONGEST_WAIT_S and max(asked_s, 0.1)
    return isinstance(error, VendorUnreachable | VendorTimeout)


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


@cache
def _trusted() -> ssl.SSLContext:
    """The public authorities, and those that this machine's administrator added.

    Reading them holds up the event loop for a tenth of a second, so all clients share what was read once.
    """
    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context


def _quiet_library_logs() -> None:
    # They write whole addresses (numbers are in the queries) and, at debug level, headers.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
