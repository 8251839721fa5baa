"""Headers, origins, faults, and what an answer never says."""

from __future__ import annotations

import asyncio
import gzip
import re
from typing import Any

import pytest

from linedesk.errors import ConfigError
from linedesk.server.origins import may_change, may_connect, own_origins
from linedesk.server.proxies import client_address, networks
from server.browser import Browser
from server.house import PASSWORD, House, open_house

PATHS = (
    "/agent?embed=1",
    "/agent",
    "/sign-in",
    "/open?number=1",
    "/api/me",
    "/healthz",
    "/nothing",
    "/widget.js",
    "/assets/desk.js",
)


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_carries_the_security_headers(house: House, path: str) -> None:
    headers = (await Browser(house).get(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "microphone=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "*" not in policy.replace("localhost:*", "").replace("127.0.0.1:*", "")
    assert "Access-Control-Allow-Origin" not in headers
    if path not in {"/widget.js", "/assets/desk.js"}:
        assert headers["Cache-Control"] == "no-store"
    if path != "/agent?embed=1":
        assert "frame-ancestors 'none'" in policy


async def test_scripts_run_by_a_nonce_that_is_new_each_time(house: House) -> None:
    seen = set()
    for _ in range(2):
        page = await Browser(house).get("/agent?embed=1")
        nonce = re.search(r"'nonce-([\w-]+)'", page.headers["Content-Security-Policy"])
        assert nonce
        assert f'nonce="{nonce[1]}"' in page.text
        seen.add(nonce[1])
    assert len(seen) == 2


async def test_https_services_say_so_and_plain_ones_do_not(
    tmp_path_factory: pytest.TempPathFactory, house: House
) -> None:
    assert "Strict-Transport-Security" not in (await Browser(house).get("/healthz")).headers
    async with open_house(
        tmp_path_factory.mktemp("safe"), public_url="https://linedesk.example.test"
    ) as safe:
        assert "Strict-Transport-Security" in (await Browser(safe).get("/healthz")).headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/session"),
        ("POST", "/sign-in"),
        ("POST", "/sign-out"),
        ("POST", "/agent/token"),
        ("PATCH", "/api/me"),
        ("POST", "/api/calls"),
        ("DELETE", "/api/session"),
        ("POST", "/agent/frame"),
        ("POST", "/dial"),
    ],
)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=["foreign", "null", "cross-site", "same-site"],
)
async def test_no_other_page_may_change_anything(
    house: House, method: str, path: str, headers: dict[str, str]
) -> None:
    headers = {**headers, **await house.bearer(), **await house.cookie()}
    async with house.http.request(method, house.base + path, headers=headers) as answer:
        assert answer.status == 403
        assert "Set-Cookie" not in answer.headers
        if answer.content_type == "application/json":
            assert (await answer.json())["error"]["code"] == "origin_refused"


async def test_a_client_that_is_no_browser_needs_no_origin(house: House) -> None:
    body = {"user": "luca", "password": PASSWORD}
    async with house.http.post(f"{house.base}/api/session", json=body) as answer:
        assert answer.status == 200


async def test_compressed_requests_are_refused_unopened(house: House) -> None:
    headers = {"Content-Encoding": "gzip", **await house.bearer()}
    async with house.http.post(
        f"{house.base}/api/calls", data=gzip.compress(b"0" * 50_000_000), headers=headers
    ) as answer:
        assert answer.status == 400


async def test_a_fault_of_our_own_is_told_without_details(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_args: Any) -> Any:
        raise ValueError("the password of the database is hunter2")

    monkeypatch.setattr(house.people, "search", broken)
    async with house.http.get(f"{house.base}/api/contacts?q=a", headers=await house.bearer()) as answer:
        text = await answer.text()
        assert answer.status == 500
        assert (await answer.json())["error"]["code"] == "internal"
    assert "hunter2" not in text
    assert "ValueError" not in text


async def test_a_service_that_hangs_does_not_hang_the_client(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_args: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr("linedesk.server.middleware.REQUEST_S", 0.05)
    monkeypatch.setattr(house.people, "search", hang)
    async with house.http.get(f"{house.base}/api/contacts?q=a", headers=await house.bearer()) as answer:
        assert answer.status == 500
        assert "did not finish" in (await answer.json())["error"]["message"]


async def test_a_slow_body_is_given_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linedesk.server.bodies.REQUEST_READ_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.base.rpartition(":")[2]))
    writer.write(b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
    answer = await asyncio.wait_for(reader.readuntil(b"}}"), 5)
    assert b" 400 " in answer
    assert b"did not arrive" in answer
    writer.close()


def test_own_origins() -> None:
    assert own_origins("https://linedesk.example.com") == {"https://linedesk.example.com"}
    assert own_origins("https://linedesk.example.com:443/") == {"https://linedesk.example.com"}
    assert own_origins("https://linedesk.example.com:8443") == {"https://linedesk.example.com:8443"}
    loopback = {"http://127.0.0.1:8420", "http://localhost:8420", "http://[::1]:8420"}
    for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0"):
        assert own_origins(f"http://{host}:8420") == loopback


@pytest.mark.parametrize(
    ("origin", "fetch_site", "may"),
    [
        ("https://own.example", "same-origin", True),
        ("https://own.example", None, True),
        ("https://own.example.evil.example", None, False),
        ("https://OWN.example", None, False),
        ("", None, False),
        (None, "same-origin", True),
        (None, "none", True),
        (None, None, True),
        (None, "cross-site", False),
        (None, "same-site", False),
        ("null", "same-origin", True),
        ("null", "same-site", False),
        ("null", "none", False),
        ("null", None, False),
    ],
)
def test_who_may_change(origin: str | None, fetch_site: str | None, may: bool) -> None:
    assert may_change(origin, fetch_site, {"https://own.example"}) is may


def test_who_may_connect() -> None:
    own, listed = {"https://own.example"}, {"https://crm.example"}
    assert may_connect(None, own, listed)
    assert may_connect("https://own.example", own, listed)
    assert may_connect("https://crm.example", own, listed)
    assert not may_connect("https://crm.example:8443", own, listed)
    assert not may_connect("null", own, listed)


@pytest.mark.parametrize(
    ("peer", "forwarded", "wanted"),
    [
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["127.0.0.1, not an address"], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["2001:db8::5"], "2001:db8::5"),
        (None, ["198.51.100.1"], ""),
    ],
)
def test_forwarded_addresses_are_believed_of_our_proxies_only(
    peer: str | None, forwarded: list[str], wanted: str
) -> None:
    assert client_address(peer, forwarded, networks(["10.0.0.0/8"])) == wanted


def test_a_wrong_proxy_is_told() -> None:
    with pytest.raises(ConfigError, match="trusted_proxies"):
        networks(["proxy.example"])
