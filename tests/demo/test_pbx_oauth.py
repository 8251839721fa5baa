"""OAuth2 of the simulated PBX as an application and a browser see it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import encode_basic_auth

from demo.rig import Rig, rig
from linedesk.demo.pbx.app import oauth_application

BACK = "http://127.0.0.1:8420/sign-in/wildix"
INFO = "/api/v1/personal/info"


async def registered(pbx: Rig) -> dict[str, str]:
    app: dict[str, str] = await pbx.sim("POST", "oauth", {"redirect_uris": [BACK]})
    return app


def wish(app: dict[str, str], **more: str) -> dict[str, str]:
    return {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": BACK,
        "state": "s 1",
        **more,
    }


async def decide(pbx: Rig, app: dict[str, str], **more: str) -> str:
    """Where the consent page's form leads."""
    form = {**wish(app), "extension": "201", "answer": "allow", **more}
    url = f"{pbx.pbx.url}/authorization/oauth2"
    async with pbx.http.post(url, data=form, allow_redirects=False) as answer:
        assert answer.status == 302
        return answer.headers["Location"]


async def code(pbx: Rig, app: dict[str, str]) -> str:
    return parse_qs(urlsplit(await decide(pbx, app)).query)["code"][0]


async def ask(pbx: Rig, form: dict[str, str], **more: Any) -> tuple[int, dict[str, Any]]:
    url = f"{pbx.pbx.url}/authorization/oauth2Token"
    async with pbx.http.post(url, data=form, **more) as answer:
        return answer.status, await answer.json()


def by_code(app: dict[str, str], text: str) -> dict[str, str]:
    return {"grant_type": "authorization_code", "code": text, "redirect_uri": BACK, **app}


def by_refresh(app: dict[str, str], text: str) -> dict[str, str]:
    return {"grant_type": "refresh_token", "refresh_token": text, **app}


async def test_the_consent_page_names_the_application_and_may_lead_back_to_it() -> None:
    async with rig() as pbx:
        app = await registered(pbx)
        async with pbx.http.get(f"{pbx.pbx.url}/authorization/oauth2", params=wish(app)) as answer:
            text = await answer.text()
            assert answer.status == 200
            assert "form-action 'self' http://127.0.0.1:8420;" in answer.headers["Content-Security-Policy"]
            # With "no-referrer" a browser hides the form's own origin, and the consent is refused.
            assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Allow <bdi>Linedesk</bdi>" in text
        assert "Luca Agent, extension 201" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "app-else"},
        {"redirect_uri": "https://elsewhere.example/"},
        {"redirect_uri": BACK + "/more"},
        {"response_type": "magic"},
    ],
)
async def test_a_wrong_wish_leads_nowhere(wrong: dict[str, str]) -> None:
    async with rig() as pbx:
        app = await registered(pbx)
        url = f"{pbx.pbx.url}/authorization/oauth2"
        for method in ("GET", "POST"):
            form = {**wish(app), "extension": "201", "answer": "allow", **wrong}
            params, data = (form, None) if method == "GET" else (None, form)
            async with pbx.http.request(
                method, url, params=params, data=data, allow_redirects=False
            ) as answer:
                assert answer.status == 400
                assert "This sign-in cannot go on" in await answer.text()


async def test_a_code_becomes_tokens_once_and_for_its_own_address_only() -> None:
    async with rig() as pbx:
        app = await registered(pbx)
        given = await code(pbx, app)
        status, said = await ask(pbx, by_code(app, given))
        assert (status, said["token_type"], said["expires_in"]) == (200, "Bearer", 3600)
        assert (await pbx.api("GET", INFO, token=said["access_token"]))[1]["result"]["extension"] == "201"
        assert await ask(pbx, by_code(app, given)) == (
            400,
            {"error": "invalid_grant", "error_description": "The code or refresh token is not valid"},
        )
        other = await code(pbx, app)
        assert (await ask(pbx, {**by_code(app, other), "redirect_uri": BACK + "x"}))[0] == 400
        late = await code(pbx, app)
        pbx.clock.advance(601)
        assert (await ask(pbx, by_code(app, late)))[0] == 400


async def test_client_credentials_belong_into_the_body() -> None:
    async with rig() as pbx:
        app = await registered(pbx)
        given = await code(pbx, app)
        bare = {"grant_type": "authorization_code", "code": given, "redirect_uri": BACK}
        auth = pbx_basic(app)
        assert await ask(pbx, bare, headers=auth) == (
            400,
            {"error": "invalid_client", "error_description": "Empty client ID"},
        )
        assert (await ask(pbx, {**by_code(app, given), "client_secret": "else"}))[0] == 401
        assert (await ask(pbx, {**app, "grant_type": "password"}))[1]["error"] == "unsupported_grant_type"
        assert (await ask(pbx, by_code(app, given)))[0] == 200, "the refusals used nothing up"


def pbx_basic(app: dict[str, str]) -> dict[str, str]:
    return {"Authorization": encode_basic_auth(app["client_id"], app["client_secret"])}


@pytest.mark.parametrize("rotates", [True, False])
async def test_an_access_token_expires_and_a_refresh_brings_the_next(rotates: bool) -> None:
    async with rig() as pbx:
        await pbx.switch(oauth_life_s=60, refresh_rotates=rotates)
        app = await registered(pbx)
        _, first = await ask(pbx, by_code(app, await code(pbx, app)))
        pbx.clock.advance(61)
        assert (await pbx.api("GET", INFO, token=first["access_token"]))[0] == 401
        status, second = await ask(pbx, by_refresh(app, first["refresh_token"]))
        assert (status, second["refresh_token"] == first["refresh_token"]) == (200, not rotates)
        assert (await pbx.api("GET", INFO, token=second["access_token"]))[0] == 200
        again, _ = await ask(pbx, by_refresh(app, first["refresh_token"]))
        assert again == (400 if rotates else 200)


async def test_a_person_may_say_no_and_the_implicit_way_gives_a_token_at_once() -> None:
    async with rig() as pbx:
        app = await registered(pbx)
        refused = urlsplit(await decide(pbx, app, answer="deny"))
        assert parse_qs(refused.query) == {"error": ["access_denied"], "state": ["s 1"]}
        place = urlsplit(await decide(pbx, app, response_type="token"))
        given = parse_qs(place.fragment)
        assert (await pbx.api("GET", INFO, token=given["access_token"][0]))[0] == 200
        assert "refresh_token" not in given


async def test_a_foreign_page_cannot_consent_in_a_persons_place() -> None:
    async with rig() as pbx:
        app = await registered(pbx)
        form = {**wish(app), "extension": "201", "answer": "allow"}
        headers = {"Origin": "https://elsewhere.example"}
        url = f"{pbx.pbx.url}/authorization/oauth2"
        async with pbx.http.post(url, data=form, headers=headers, allow_redirects=False) as answer:
            assert answer.status == 403


async def test_the_demos_application_stays_the_same_and_its_addresses_follow() -> None:
    async with rig() as pbx:
        first = oauth_application(pbx.state, BACK)
        second = oauth_application(pbx.state, BACK + "/moved")
        assert (first.client_id, first.secret) == (second.client_id, second.secret)
        assert second.redirect_uris == (BACK + "/moved",)
