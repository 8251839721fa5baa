"""Credentials of the simulated PBX: every kind, and every way in which one is refused."""

from __future__ import annotations

import base64
import hashlib
import json

import aiohttp
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from demo.rig import Rig, rig
from linedesk.demo.pbx import s2s
from linedesk.demo.pbx.forms import nested

CONTACTS = "/api/v1/Contacts/"
INFO = "/api/v1/personal/info"
CLOUD = "/v2/stream/presence/query_multiple"


async def make(pbx: Rig, **wish: object) -> dict[str, str]:
    made: dict[str, str] = await pbx.sim("POST", "tokens", wish)
    return made


async def status(pbx: Rig, path: str, method: str = "GET", **more: object) -> int:
    """The status of one request without a credential of the rig's own."""
    async with pbx.http.request(method, pbx.pbx.url + path, **more) as answer:  # type: ignore[arg-type]
        await answer.read()
        return answer.status


async def test_a_token_of_another_pbx_is_401() -> None:
    async with rig() as here, rig() as there:
        foreign = (await make(there, kind="simple", extension="201"))["token"]
        assert (await there.api("GET", INFO, token=foreign))[0] == 200
        assert (await here.api("GET", INFO, token=foreign))[0] == 401


@pytest.mark.parametrize("form", ["envelope", "message", "html", "empty"])
async def test_the_form_of_a_401_can_be_any(form: str) -> None:
    async with rig() as pbx:
        await pbx.switch(unauthorised_form=form)
        async with pbx.http.get(pbx.pbx.url + INFO) as answer:
            body = await answer.read()
            assert answer.status == 401
        said = {
            "envelope": json.dumps({"type": "error", "reason": "Unauthorized", "result": None}).encode(),
            "message": b'{"message": "Unauthorized"}',
            "html": b"<html><body><h1>401 Unauthorized</h1></body></html>",
            "empty": b"",
        }
        assert body == said[form]


@pytest.mark.parametrize(
    ("scopes", "switch", "read", "write"),
    [
        (["phonebooks:read"], "phonebooks", 200, 403),
        (["phonebooks:*"], "phonebooks", 200, 200),
        (["phonebooks:*"], "contacts", 403, 403),
        (["contacts:*"], "contacts", 200, 200),
        (["contacts:*"], "phonebooks", 403, 403),
        (["pbx:read"], "phonebooks", 200, 403),
        (["pbx:*"], "contacts", 200, 200),
    ],
)
async def test_contacts_need_the_scope_that_the_switch_names(
    scopes: list[str], switch: str, read: int, write: int
) -> None:
    async with rig() as pbx:
        await pbx.switch(contacts_scope=switch)
        key = (await make(pbx, kind="company", scopes=scopes))["token"]
        form = {"data[name]": "Ada", "data[phonebook_id]": "7"}
        assert (await pbx.api("GET", CONTACTS, token=key))[0] == read
        assert (await pbx.api("POST", CONTACTS, token=key, data=form))[0] == write


async def test_company_keys_reach_neither_presence_nor_registrations() -> None:
    async with rig() as pbx:
        key = (await make(pbx, kind="company"))["token"]
        for path in ("/api/v1/User/201/Presence/", "/api/v1/PBX/Users/Sip/Registrations"):
            assert (await pbx.api("GET", path, token=key))[0] == 403
            assert (await pbx.api("GET", path))[0] == 200


@pytest.mark.parametrize("refused_as", [400, 401, 403])
async def test_a_user_may_be_kept_from_public_phonebooks(refused_as: int) -> None:
    async with rig() as pbx:
        await pbx.switch(no_public_write=["201"], write_refused_as=refused_as)
        own = (await make(pbx, kind="simple", extension="201"))["token"]
        form = {"data[name]": "Ada", "data[phonebook_id]": "7"}
        assert (await pbx.api("POST", CONTACTS, token=own, data=form))[0] == refused_as
        assert (await pbx.api("GET", CONTACTS, token=own))[0] == 200


async def test_the_cloud_knows_company_keys_and_no_simple_tokens() -> None:
    async with rig() as pbx:
        body = {"filter": [{"extension": "201"}, {"extension": "999"}]}
        good = (await make(pbx, kind="company", scopes=["stream:read"]))["token"]
        poor = (await make(pbx, kind="company", scopes=["pbx:*"]))["token"]
        want = {"presences": [{"extension": "201", "status": "available", "telephony": "REGISTERED"}]}
        assert await pbx.api("POST", CLOUD, body, token=good) == (200, want)
        assert (await pbx.api("POST", CLOUD, body, token=poor))[0] == 403
        assert (await pbx.api("POST", CLOUD, body))[0] == 401
        assert await status(pbx, CLOUD, "POST", json=body, headers={"X-API-KEY": good}) == 200
        many = {"filter": [{"extension": "201"}] * 501}
        assert (await pbx.api("POST", CLOUD, many, token=good))[0] == 400
        await pbx.switch(wms_version="7.04")
        assert (await pbx.api("POST", CLOUD, body, token=good))[0] == 200
        await pbx.switch(cloud_absent=True)
        assert (await pbx.api("POST", CLOUD, body, token=good))[0] == 404


async def test_an_e_mail_login_names_a_user_unless_it_has_a_plus() -> None:
    async with rig() as pbx:
        path = "/api/v2/call-control/list-calls"
        assert (await pbx.api("GET", path, params={"user": "luca@example.test"}))[0] == 200
        assert (await pbx.api("GET", path, params={"user": "luca+desk@example.test"}))[0] == 404


async def test_a_session_begins_with_login_and_password_and_expires() -> None:
    async with rig() as pbx:
        who = await make(pbx, kind="password", extension="201")
        login = f"{pbx.pbx.url}/api/v1/personal/login"
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
            async with browser.post(login, data={**who, "password": "wrong"}) as answer:
                assert answer.status == 401
            async with browser.post(login, data=who) as answer:
                assert answer.status == 200
            async with browser.get(pbx.pbx.url + INFO) as answer:
                assert (await answer.json())["result"]["extension"] == "201"
            pbx.clock.advance(3601)
            async with browser.get(pbx.pbx.url + INFO) as answer:
                assert answer.status == 401


async def test_basic_is_off_until_it_is_switched_on() -> None:
    async with rig() as pbx:
        who = await make(pbx, kind="password", extension="201")
        pair = base64.b64encode(f"201:{who['password']}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
        assert await status(pbx, INFO, headers=headers) == 401
        await pbx.switch(basic_auth=True)
        assert await status(pbx, INFO, headers=headers) == 200
        assert await status(pbx, INFO, headers={"Authorization": "Basic !"}) == 401


VECTORS = [
    (
        s2s.Request("GET", "/api/v1/Contacts/", {}, nested("count=100&start=0&filter[phonebook_id]=7"), {}),
        "97be8ca16d93a39dbf6dd8ffdd05cbca44dfb91a7d2384c1d410f6c9220d48f7",
    ),
    (
        s2s.Request(
            "POST",
            "/api/v1/Phonebooks/7/Contacts/",
            {},
            {},
            nested("data[name]=Ada+Example&data[phone]=%2B390451234567"),
        ),
        "47de5b7c944782ef4e4b3ac639828e776ca18ae04b7cfe5dd31894e3e7b0eab9",
    ),
    (
        s2s.Request(
            "POST", "/api/v2/x", {}, {}, {"l": ["b", "a"], "flag": True, "off": False, "Big": "  x "}
        ),
        "8f8c1b32519b5a5928ad5b52d5b289101419cdaf39ba0225ac766b4952945777",
    ),
]


@pytest.mark.parametrize(("request_", "digest"), VECTORS)
def test_the_canonical_text_has_the_hash_of_the_vendors_own_client(
    request_: s2s.Request, digest: str
) -> None:
    headers = {"host": "acme.wildixin.com", "x-app-id": "s2s-demo-0001"}
    assert hashlib.sha256(s2s.canonical(request_, headers).encode()).hexdigest() == digest


def test_numeric_names_are_ordered_as_numbers() -> None:
    text = s2s.canonical(s2s.Request("GET", "/", {}, {"l": [str(n) for n in range(11)]}, {}), {})
    assert text.endswith("9:9;10:10;;")


def signed(pbx: Rig, app: dict[str, str], path: str, at_s: int, **wrong: object) -> dict[str, str]:
    """Headers of a signed GET, written from the wire page by hand."""
    host = pbx.pbx.url.removeprefix("http://")
    text = f"GET{path}host:{host};x-app-id:{app['app_id']};"
    claims = {
        "iss": app["name"],
        "iat": at_s,
        "exp": at_s + 300,
        "sign": {
            "alg": "sha256",
            "headers": ["Host", "X-APP-ID"],
            "hash": hashlib.sha256(text.encode()).hexdigest(),
        },
        **wrong,
    }
    token = jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, OctKey.import_key(app["secret"]))
    return {"X-APP-ID": app["app_id"], "Authorization": f"Bearer {token}"}


async def test_a_signed_request_is_the_administrators_and_anything_wrong_with_it_is_401() -> None:
    async with rig() as pbx:
        app = await make(pbx, kind="s2s")
        at_s, path = pbx.clock.now_ms() // 1000, "/api/v1/PBX/Colleagues/"
        good = signed(pbx, app, path, at_s)
        assert await status(pbx, path, headers=good) == 200
        assert await status(pbx, "/api/v1/PBX/ping", headers=good) == 401, "signed for another path"
        assert await status(pbx, path, "POST", headers=good) == 401, "signed for another method"
        assert await status(pbx, path + "?count=1", headers=good) == 401, "signed without the query"
        assert await status(pbx, path, headers={"Authorization": good["Authorization"]}) == 401
        other = signed(pbx, {**app, "secret": "not-a-real-secret"}, path, at_s)
        assert await status(pbx, path, headers=other) == 401
        for wrong in ({"iss": "else"}, {"exp": at_s + 86_400}, {"exp": at_s - 1}, {"exp": None}):
            assert await status(pbx, path, headers=signed(pbx, app, path, at_s, **wrong)) == 401
        signs: list[object] = [{}, {"alg": "sha256", "headers": ["Host"], "hash": ""}, []]
        for sign in signs:
            assert await status(pbx, path, headers=signed(pbx, app, path, at_s, sign=sign)) == 401


async def test_a_signed_request_lives_five_minutes_of_the_pbxs_own_clock() -> None:
    async with rig() as pbx:
        app = await make(pbx, kind="s2s")
        path = "/api/v1/PBX/ping"
        headers = signed(pbx, app, path, pbx.clock.now_ms() // 1000)
        pbx.clock.advance(299)
        assert await status(pbx, path, headers=headers) == 200
        pbx.clock.advance(2)
        assert await status(pbx, path, headers=headers) == 401
        await pbx.switch(clock_offset_s=-600)
        assert await status(pbx, path, headers=headers) == 200
