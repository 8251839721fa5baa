"""Signed requests: the canonical text and its hash by the vendor's class, and a server that checks them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from linedesk.accounts.model import SignedCredential
from linedesk.clock import ManualClock
from linedesk.errors import ConfigError
from linedesk.pbx.base import DialRequest
from linedesk.pbx.wildix.auth import Outgoing
from linedesk.pbx.wildix.s2s import SignedRequests, canonical
from pbx.wildix_server import client_of, fake_wildix

APP = SignedCredential("s2s-demo-0001", "demo-app", "not-a-real-secret")
HOST = "acme.wildixin.com"
CLOCK_MS = 1_760_000_000_000
HEAD = f"host:{HOST};x-app-id:s2s-demo-0001;"
SENT = {"Host": HOST, "X-APP-ID": APP.app_id}

VECTORS = [
    (
        Outgoing("GET", "/api/v1/Contacts/", {"count": "100", "start": "0", "filter[phonebook_id]": "7"}),
        f"GET/api/v1/Contacts/{HEAD}count:100;filter:phonebook_id:7;;start:0;",
        "97be8ca16d93a39dbf6dd8ffdd05cbca44dfb91a7d2384c1d410f6c9220d48f7",
    ),
    (
        Outgoing(
            "POST",
            "/api/v1/Phonebooks/7/Contacts/",
            body={"data[name]": "Ada Example", "data[phone]": "+390451234567"},
            form=True,
        ),
        f"POST/api/v1/Phonebooks/7/Contacts/{HEAD}data:name:Ada Example;phone:+390451234567;;",
        "47de5b7c944782ef4e4b3ac639828e776ca18ae04b7cfe5dd31894e3e7b0eab9",
    ),
    (
        Outgoing("POST", "/api/v2/x", body={"l": ["b", "a"], "flag": True, "off": False, "Big": "  x "}),
        f"POST/api/v2/x{HEAD}big:x;flag:1;l:0:b;1:a;;off:0;",
        "8f8c1b32519b5a5928ad5b52d5b289101419cdaf39ba0225ac766b4952945777",
    ),
]


@pytest.mark.parametrize(("request_", "text", "digest"), VECTORS)
def test_the_canonical_text_is_that_of_the_vendors_class(request_: Outgoing, text: str, digest: str) -> None:
    made = canonical(request_, SENT)
    assert made == text
    assert hashlib.sha256(made.encode()).hexdigest() == digest


async def test_the_token_says_who_when_and_what_was_signed() -> None:
    signer = SignedRequests("acme", APP, f"https://{HOST}", ManualClock(CLOCK_MS))
    headers = await signer.headers(VECTORS[0][0])
    token = headers["Authorization"].removeprefix("Bearer ")
    decoded = jwt.decode(token, OctKey.import_key(APP.secret), algorithms=["HS256"])
    assert headers.keys() == {"X-APP-ID", "Authorization"}
    assert decoded.claims == {
        "iss": "demo-app",
        "iat": 1_760_000_000,
        "exp": 1_760_000_300,
        "sign": {"alg": "sha256", "headers": ["Host", "X-APP-ID"], "hash": VECTORS[0][2]},
    }


async def test_a_json_body_signs_its_content_type_too() -> None:
    signer = SignedRequests("acme", APP, f"https://{HOST}:8443", ManualClock(CLOCK_MS))
    headers = await signer.headers(Outgoing("POST", "/api/v2/x", body={"a": 1}))
    token = headers["Authorization"].removeprefix("Bearer ")
    sign = jwt.decode(token, OctKey.import_key(APP.secret), algorithms=["HS256"]).claims["sign"]
    text = f"POST/api/v2/xcontent-type:application/json;host:{HOST}:8443;x-app-id:s2s-demo-0001;a:1;"
    assert headers["Content-Type"] == "application/json"
    assert sign == {
        "alg": "sha256",
        "headers": ["Content-Type", "Host", "X-APP-ID"],
        "hash": hashlib.sha256(text.encode()).hexdigest(),
    }


def test_keys_of_a_long_list_sort_as_numbers_and_bodies_of_a_delete_do_not_count() -> None:
    long = canonical(Outgoing("POST", "/x", body={"l": list(range(12)), "n": None}), {})
    assert long == "POST/xl:" + "".join(f"{n}:{n};" for n in range(12)) + ";n:;"
    assert canonical(Outgoing("DELETE", "/x", body={"a": "1"}), {}) == "DELETE/x"
    assert canonical(Outgoing("GET", "/x", {"f[email][]": "a", "z": ""}), {}) == "GET/xf:email:0:a;;;z:;"


@given(st.dictionaries(st.sampled_from("abcdefg"), st.text(max_size=5)), st.randoms())
@settings(max_examples=50)
def test_the_order_of_the_fields_does_not_matter(fields: dict[str, str], dice: Any) -> None:
    shuffled = list(fields.items())
    dice.shuffle(shuffled)
    one = canonical(Outgoing("POST", "/x", body=fields, form=True), SENT)
    assert one == canonical(Outgoing("POST", "/x", body=dict(shuffled), form=True), SENT)


@pytest.mark.parametrize("app", [SignedCredential("a b", "n", "s"), SignedCredential("a", "n", "")])
def test_an_incomplete_application_is_a_setting_to_correct(app: SignedCredential) -> None:
    with pytest.raises(ConfigError, match="acme"):
        SignedRequests("acme", app, "https://x.example", ManualClock())


def verified(request: web.Request, body: Any) -> bool:
    """The other side: what it received, put together in its own way, has to give the same hash."""
    token = request.headers["Authorization"].removeprefix("Bearer ")
    sign = jwt.decode(token, OctKey.import_key(APP.secret), algorithms=["HS256"]).claims["sign"]
    names = sorted(sign["headers"], key=str.lower)
    parts = [f"{name.lower()}:{request.headers[name]};" for name in names]
    parts += [f"{name}:{value};" for name, value in sorted(request.query.items())]
    parts += [f"{name}:{value};" for name, value in sorted((body or {}).items())]
    text = request.method + request.path + "".join(parts)
    return bool(sign["hash"] == hashlib.sha256(text.encode()).hexdigest())


async def test_what_goes_over_the_wire_is_what_was_signed() -> None:
    judged: list[bool] = []

    def accepts(request: web.Request, body: Mapping[str, Any] | None) -> bool:
        judged.append(verified(request, body))
        return judged[-1]

    async with (
        fake_wildix(accepts=accepts) as pbx,
        client_of(pbx, credential=APP, clock=ManualClock(CLOCK_MS)) as client,
    ):
        await client.dial(DialRequest("201", "+390212345678"))
        assert await client.colleagues() == ()
        assert (await client.me()).extension is None
    assert judged == [True] * 3
