"""The webhook's door, on a real socket."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.errors import StoreError
from linedesk.server import bodies
from linedesk.server.hooks import is_signed
from server.house import SECRETS, House, open_house, sign

BODY = b'{"type":"call:live","data":{"id":"1"}}'


async def post(
    house: House, body: bytes, account: str = "office", **headers: str
) -> tuple[int, dict[str, object]]:
    async with house.http.post(f"{house.base}/hooks/wildix/{account}", data=body, headers=headers) as answer:
        return answer.status, await answer.json()


def code_of(document: dict[str, object]) -> object:
    error = document["error"]
    assert isinstance(error, dict)
    assert error["message"]
    assert error["remedy"]
    return error["code"]


async def test_a_signed_body_is_stored_as_it_came(house: House) -> None:
    body = b'{ "type":"call:live",\n"x": "\xc3\xa9" }'
    assert await post(house, body, **sign(body)) == (200, {"status": "stored"})
    assert house.intake.stored == [("office", "webhook", body)]
    assert house.metric("linedesk_hooks_total", result="stored") == 1


async def test_a_replayed_body_is_a_duplicate(house: House) -> None:
    await post(house, BODY, **sign(BODY))
    assert await post(house, BODY, **sign(BODY)) == (200, {"status": "duplicate"})
    assert len(house.intake.stored) == 1


async def test_both_secrets_are_good_during_a_rotation(house: House) -> None:
    for number, secret in enumerate(SECRETS):
        body = json.dumps({"number": number}).encode()
        status, _ = await post(house, body, **sign(body, secret))
        assert status == 200
    house.accounts.hooks["office"].webhook_secrets = (SECRETS[0],)
    body = b'{"number":3}'
    status, document = await post(house, body, **sign(body, SECRETS[1]))
    assert (status, code_of(document)) == (401, "hook_bad_signature")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Signature": ""},
        {"X-Signature": sign(b"other bytes")["X-Signature"]},
        {"X-Signature": sign(BODY)["X-Signature"].upper()},
        {"X-Signature": "sha256=" + sign(BODY)["X-Signature"]},
        {"X-Signature": sign(BODY, "")["X-Signature"]},
        {"X-Signature": "ü" * 64},
    ],
    ids=["missing", "empty", "other-bytes", "upper-case", "prefixed", "empty-secret", "not-ascii"],
)
async def test_a_forged_body_is_refused_and_never_stored(house: House, headers: dict[str, str]) -> None:
    status, document = await post(house, BODY, **headers)
    assert (status, code_of(document)) == (401, "hook_bad_signature")
    assert house.intake.stored == []
    assert house.metric("linedesk_hooks_total", result="hook_bad_signature") == 1


async def test_an_unknown_account_and_one_without_a_secret(house: House) -> None:
    status, document = await post(house, BODY, "nobody", **sign(BODY))
    assert (status, code_of(document)) == (404, "hook_unknown_account")
    house.accounts.hooks["deaf"].webhook_secrets = ("",)
    status, document = await post(house, BODY, "deaf", **sign(BODY, ""))
    assert (status, code_of(document)) == (503, "hook_not_listening")


@pytest.mark.parametrize("body", [b"", b"hello", b"[1]", b'"text"', b"{", b"\xff\xfe", b"[" * 100_000])
async def test_a_signed_body_that_is_no_json_object_is_refused(house: House, body: bytes) -> None:
    status, document = await post(house, body, **sign(body))
    assert (status, code_of(document)) == (400, "hook_not_json")
    assert house.intake.stored == []


async def test_an_oversized_body_is_refused_by_its_length(tmp_path: Path) -> None:
    async with open_house(tmp_path, hook_body_max_bytes=1024) as house:
        status, document = await post(house, b"x" * 1025, **sign(b"x" * 1025))
        assert (status, code_of(document)) == (413, "hook_too_large")
        fitting = json.dumps({"pad": "y" * 1013}).encode()
        assert len(fitting) == 1024
        assert (await post(house, fitting, **sign(fitting)))[0] == 200


async def test_an_endless_chunked_body_is_cut_off_at_the_cap(tmp_path: Path) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(10_000):
            yield b"z" * 1024
            sent += 1024

    async with open_house(tmp_path, hook_body_max_bytes=4096) as house:
        url = f"{house.base}/hooks/wildix/office"
        async with house.http.post(url, data=endless(), headers=sign(b"")) as answer:
            assert (answer.status, code_of(await answer.json())) == (413, "hook_too_large")
        assert sent < 10_000 * 1024, "the server must answer before it has read everything"


async def test_a_compressed_body_is_refused_unopened(house: House) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    status, document = await post(house, bomb, **headers, **sign(bomb))
    assert (status, code_of(document)) == (400, "hook_refused")
    assert house.intake.stored == []


async def test_a_slow_post_is_given_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linedesk.server.hooks.HOOK_READ_S", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.base.rpartition(":")[2]))
    writer.write(b"POST /hooks/wildix/office HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    answer = await asyncio.wait_for(reader.readuntil(b"}}"), 5)
    assert b" 400 " in answer
    assert b"did not arrive" in answer
    writer.close()


async def test_a_body_that_breaks_off_leaves_the_server_well(house: House) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", int(house.base.rpartition(":")[2]))
    writer.write(b"POST /hooks/wildix/office HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    await writer.drain()
    writer.transport.abort()
    assert (await post(house, BODY, **sign(BODY)))[0] == 200


async def test_malformed_chunks_are_a_bad_request(house: House) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.base.rpartition(":")[2]))
    writer.write(
        b"POST /hooks/wildix/office HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"zz\r\nhello\r\n0\r\n\r\n"
    )
    answer = await asyncio.wait_for(reader.read(65_536), 5)
    assert b" 400 " in answer
    assert house.intake.stored == []
    writer.close()


async def test_no_2xx_when_the_body_could_not_be_stored(house: House) -> None:
    house.intake.failure = StoreError("The disk is full.")
    status, document = await post(house, BODY, **sign(BODY))
    assert (status, code_of(document)) == (503, "store_error")


async def test_a_hook_needs_no_origin_and_only_takes_post(house: House) -> None:
    status, _ = await post(house, BODY, Origin="https://evil.example", **sign(BODY))
    assert status == 200
    async with house.http.get(f"{house.base}/hooks/wildix/office") as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "POST"


def test_the_read_deadline_is_the_senders_own() -> None:
    assert bodies.HOOK_READ_S == 5.0


@given(st.binary(max_size=200), st.text(max_size=70), st.lists(st.text(min_size=1, max_size=20), max_size=3))
def test_only_the_hmac_of_one_of_the_secrets_is_a_signature(
    body: bytes, guess: str, secrets: list[str]
) -> None:
    right = [sign(body, secret)["X-Signature"] for secret in secrets]
    assert all(is_signed(body, signature, secrets) for signature in right)
    assert is_signed(body, guess, secrets) == (guess in right)
