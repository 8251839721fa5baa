"""The HTTP client on real sockets: deadlines, caps, retries, certificates, and what never leaks."""

from __future__ import annotations

import asyncio
import datetime
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from linedesk.addresses import Reach
from linedesk.errors import ConfigError, VendorError, VendorGarbled, VendorTimeout, VendorUnreachable
from linedesk.net import HttpClient

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HERE = Reach(loopback=True)
SECRET = "access_planted-secret"


class Server:
    """Answers each request with the next of `answers`, the last one again and again."""

    def __init__(self, *answers: Handler) -> None:
        self.answers = list(answers)
        self.seen: list[web.Request] = []
        self.port = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        await request.read()
        handler = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await handler(request)


@asynccontextmanager
async def serving(*answers: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(*answers)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        await runner.cleanup()


@asynccontextmanager
async def asking(url: str, **settings: Any) -> AsyncIterator[HttpClient]:
    settings = {"who": "The PBX acme", "timeout_s": 5.0, "reach": HERE, **settings}
    client = HttpClient(url, **settings)
    try:
        yield client
    finally:
        await client.close()


def says(status: int = 200, text: str = "{}", headers: dict[str, str] | None = None) -> Handler:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type="application/json", headers=headers)

    return answer


def drips(pause_s: float) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        for _ in range(1000):
            await response.write(b" ")
            await asyncio.sleep(pause_s)
        return response

    return answer


async def aborts(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    raise asyncio.CancelledError


async def test_a_request_carries_query_json_and_headers_and_reads_the_answer() -> None:
    async with (
        serving(says(text='{"a": 1}')) as server,
        asking(f"http://127.0.0.1:{server.port}/base/") as client,
    ):
        reply = await client.send(
            "POST", "/x", query={"user": "+39 1"}, json={"destination": "+39"}, headers={"X-Own": "y"}
        )
    assert (reply.status, reply.json()) == (200, {"a": 1})
    (seen,) = server.seen
    assert (seen.method, seen.path, dict(seen.query)) == ("POST", "/base/x", {"user": "+39 1"})
    assert seen.headers["X-Own"] == "y"
    assert seen.headers["Accept-Encoding"] == "identity"
    assert await seen.json() == {"destination": "+39"}


async def test_a_cookie_of_an_answer_is_never_sent_again_and_one_of_our_own_is() -> None:
    sets = says(headers={"Set-Cookie": "PHPSESSID=somebody; Path=/; HttpOnly"})
    async with serving(sets, says()) as server, asking(f"http://127.0.0.1:{server.port}") as client:
        first = await client.send("GET", "/login")
        await client.send("GET", "/a")
        await client.send("GET", "/b", headers={"Cookie": "PHPSESSID=own"})
        assert first.headers["set-cookie"].startswith("PHPSESSID=somebody")
        assert [each.headers.get("Cookie") for each in server.seen] == [None, None, "PHPSESSID=own"]


@pytest.mark.parametrize(
    "text", ['{"a": NaN}', "[Infinity]", "-Infinity", '{"a": 1', "", "\xff", "[" * 99_999]
)
async def test_what_is_no_json_is_garbled(text: str) -> None:
    async with serving(says(text=text)) as server, asking(f"http://127.0.0.1:{server.port}") as client:
        reply = await client.send("GET", "/")
        with pytest.raises(VendorGarbled, match=r"^The PBX acme answered with data that is damaged"):
            reply.json()


async def test_a_form_keeps_its_plus_sign() -> None:
    async with serving(says()) as server, asking(f"http://127.0.0.1:{server.port}") as client:
        await client.send("POST", "/x", form={"data[phone]": "+39 1"})
    assert (await server.seen[0].post())["data[phone]"] == "+39 1"


async def test_an_answer_that_drips_ends_at_the_deadline() -> None:
    async with (
        serving(drips(0.02)) as server,
        asking(f"http://127.0.0.1:{server.port}", timeout_s=0.3) as client,
    ):
        with pytest.raises(VendorTimeout, match=r"didn't answer within 0\.3 s"):
            await client.send("POST", "/x")


async def test_a_partner_that_never_accepts_was_sent_nothing() -> None:
    with _full_backlog() as port:
        async with asking(f"http://127.0.0.1:{port}", timeout_s=0.3) as client:
            with pytest.raises(VendorUnreachable, match="couldn't be reached within"):
                await client.send("POST", "/x")


async def test_an_answer_above_the_cap_is_cut_off() -> None:
    async with (
        serving(says(text="x" * 5000)) as server,
        asking(f"http://127.0.0.1:{server.port}", max_body_bytes=4999) as client,
    ):
        with pytest.raises(VendorGarbled, match="more than 4999 bytes"):
            await client.send("GET", "/x")


async def test_a_compressed_answer_can_not_slip_past_the_cap() -> None:
    async with (
        serving(says(headers={"Content-Encoding": "gzip"})) as server,
        asking(f"http://127.0.0.1:{server.port}") as client,
    ):
        with pytest.raises(VendorGarbled, match="compressed"):
            await client.send("GET", "/x")


async def test_a_redirect_is_not_followed() -> None:
    async with (
        serving(says(302, headers={"Location": "http://169.254.169.254/"})) as server,
        asking(f"http://127.0.0.1:{server.port}") as client,
    ):
        with pytest.raises(VendorGarbled, match="another address"):
            await client.send("GET", "/x")
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_reading_is_tried_again_when_the_partner_is_busy(status: int) -> None:
    async with (
        serving(says(status), says(status), says(text='"ok"')) as server,
        asking(f"http://127.0.0.1:{server.port}") as client,
    ):
        assert (await client.send("GET", "/x")).json() == "ok"
    assert len(server.seen) == 3


async def test_reading_gives_up_with_the_last_answer() -> None:
    async with serving(says(503)) as server, asking(f"http://127.0.0.1:{server.port}") as client:
        assert (await client.send("GET", "/x")).status == 503
    assert len(server.seen) == 3


async def test_a_long_retry_after_is_not_waited_for() -> None:
    async with (
        serving(says(429, headers={"Retry-After": "3600"})) as server,
        asking(f"http://127.0.0.1:{server.port}") as client,
    ):
        reply = await client.send("GET", "/x")
    assert (reply.status, reply.retry_after_s, len(server.seen)) == (429, 3600.0, 1)


async def test_background_work_leaves_a_429_to_whoever_asked() -> None:
    async with serving(says(429)) as server, asking(f"http://127.0.0.1:{server.port}") as client:
        assert (await client.send("GET", "/x", interactive=False)).status == 429
    assert len(server.seen) == 1


async def test_C08_a_command_is_never_sent_twice_when_the_partner_is_busy() -> None:
    async with serving(says(503)) as server, asking(f"http://127.0.0.1:{server.port}") as client:
        assert (await client.send("POST", "/x")).status == 503
    assert len(server.seen) == 1


async def test_C08_a_command_is_never_sent_twice_when_the_connection_breaks() -> None:
    async with serving(aborts) as server, asking(f"http://127.0.0.1:{server.port}") as client:
        with pytest.raises(VendorTimeout) as caught:
            await client.send("POST", "/x")
    assert "phone" in caught.value.remedy
    assert len(server.seen) == 1


async def test_a_command_that_says_it_is_idempotent_is_sent_again() -> None:
    async with serving(aborts, says()) as server, asking(f"http://127.0.0.1:{server.port}") as client:
        assert (await client.send("PUT", "/x", idempotent=True)).status == 200
    assert len(server.seen) == 2


async def test_a_token_and_a_body_are_in_no_error_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):  # earlier clients of this process have set them already
        logging.getLogger(name).setLevel(logging.NOTSET)
    with structlog.testing.capture_logs() as logs:
        async with serving(says(), aborts) as server, asking(f"http://127.0.0.1:{server.port}") as client:
            await client.send("GET", "/x", query={"n": "+390212345678"})
            with pytest.raises(VendorTimeout) as caught:
                await client.send(
                    "POST",
                    "/x",
                    query={"n": "+390212345678"},
                    json={"body": SECRET},
                    headers={"Authorization": f"Bearer {SECRET}"},
                )
    told = f"{caught.value!r} {caught.value.__cause__!r} {logs} {caplog.text}"
    assert logs[0]["event"] == "request_failed"
    for secret in (SECRET, "390212345678"):
        assert secret not in told


async def test_an_illegal_header_does_not_leak_its_value() -> None:
    async with serving(says()) as server, asking(f"http://127.0.0.1:{server.port}") as client:
        with pytest.raises(VendorError) as caught:
            await client.send("POST", "/x", headers={"Authorization": f"Bearer {SECRET}\n"})
    assert SECRET not in repr(caught.value)
    assert server.seen == []


async def test_a_loopback_address_is_refused_unless_it_is_allowed() -> None:
    async with serving(says()) as server, asking(f"http://127.0.0.1:{server.port}", reach=Reach()) as client:
        with pytest.raises(VendorUnreachable, match="not allowed"):
            await client.send("GET", "/x")
    assert server.seen == []


def test_plain_http_to_elsewhere_is_refused_at_once() -> None:
    with pytest.raises(ConfigError, match="https"):
        HttpClient("http://pbx.example", who="The PBX acme", timeout_s=1)


async def test_the_certificate_is_checked_against_the_name_though_the_address_is_dialled(
    tmp_path: Path,
) -> None:
    server_tls, client_tls = _certificate(tmp_path, "localhost")
    async with (
        serving(says(text='"safe"'), tls=server_tls) as server,
        asking(f"https://localhost:{server.port}", tls=client_tls) as client,
    ):
        assert (await client.send("GET", "/x")).json() == "safe"
    assert server.seen[0].host == f"localhost:{server.port}"


async def test_a_certificate_for_another_name_is_refused_and_said(tmp_path: Path) -> None:
    server_tls, client_tls = _certificate(tmp_path, "other.example")
    async with (
        serving(says(), tls=server_tls) as server,
        asking(f"https://localhost:{server.port}", tls=client_tls) as client,
    ):
        with pytest.raises(VendorUnreachable, match="certificate"):
            await client.send("POST", "/x")
    assert server.seen == []


async def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    server_tls, _ = _certificate(tmp_path, "localhost")
    async with (
        serving(says(), tls=server_tls) as server,
        asking(f"https://localhost:{server.port}") as client,
    ):
        with pytest.raises(VendorUnreachable, match="certificate"):
            await client.send("POST", "/x")


@contextmanager
def _full_backlog() -> Iterator[int]:
    """The port of a listener whose queue is full, so that a connection to it never comes about."""
    with socket.socket() as listener, ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def _certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a fresh certificate for `name`, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, private)
    return server, ssl.create_default_context(cafile=str(chain))


async def test_what_waits_for_the_budget_of_a_client_that_is_closed_is_refused_and_not_repeated() -> None:
    class Shut:
        """A budget with nothing left."""

        def __init__(self) -> None:
            self.asked = 0
            self.waiting = asyncio.Event()
            self.free = asyncio.Event()

        async def wait(self, *, interactive: bool) -> None:
            self.asked += 1
            self.waiting.set()
            await self.free.wait()

        def note(self, status: int, headers: object) -> None:
            """Nothing to learn."""

    gate = Shut()
    async with serving(says()) as server:
        client = HttpClient(
            f"http://127.0.0.1:{server.port}", who="The PBX", timeout_s=5, reach=HERE, gate=gate
        )
        waiting = asyncio.create_task(client.send("GET", "/", interactive=False))
        await gate.waiting.wait()
        await client.close()
        gate.free.set()
        with pytest.raises(VendorUnreachable, match="changed or removed"):
            await waiting
        with pytest.raises(VendorUnreachable, match="changed or removed"):
            await client.send("POST", "/")
    assert (gate.asked, server.seen) == (1, [])
