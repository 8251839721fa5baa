"""OAuth2 of the simulated PBX: the consent page, codes, access and refresh tokens. And the older sign-in
with a session cookie. No PKCE and no scopes, as far as anybody knows of the real one.
"""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from multidict import MultiMapping

from linedesk.clock import Clock
from linedesk.demo.pbx.auth import Token, new_token
from linedesk.demo.pbx.doors import OAuthApp
from linedesk.demo.pbx.gate import COOKIE, Gate
from linedesk.demo.pbx.looks import page
from linedesk.demo.pbx.state import State
from linedesk.demo.pbx.users import House, User
from linedesk.demo.pbx.wire import Refused, error, result


class OAuth:
    """The handlers; they are below `/authorization/` and at `personal/login`."""

    def __init__(self, state: State, house: House, gate: Gate, clock: Clock) -> None:
        self._state = state
        self._house = house
        self._gate = gate
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/authorization/oauth2", self.ask),
            web.post("/authorization/oauth2", self.decide),
            web.post("/authorization/oauth2Token", self.token),
            web.post("/{api:[Aa][Pp][Ii]}/v1/{p:[Pp]ersonal}/{l:[Ll]ogin}{slash:/?}", self.log_in),
        ]

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """The page on which a person allows an application to act for them."""
        query = request.query
        app, wrong = self._asking(query)
        if app is None or wrong:
            return page("pbx_consent_error.html", status=400, problem=wrong)
        fields = ("client_id", "redirect_uri", "response_type", "state")
        uri = urlsplit(query["redirect_uri"])
        return page(
            "pbx_consent.html",
            also_to=f"{uri.scheme}://{uri.netloc}",
            app=app,
            back_to=uri.netloc,
            users=[user for user in self._house.users.values() if user.role == "user"] or [],
            admins=[user for user in self._house.users.values() if user.role == "admin"],
            hidden={name: query.get(name, "") for name in fields},
        )

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """Back to the application, with a code, a token (`response_type=token`) or `access_denied`."""
        form = await request.post()
        query: dict[str, str] = {name: str(value) for name, value in form.items()}
        app, wrong = self._asking(query)
        if app is None or wrong:
            return page("pbx_consent_error.html", status=400, problem=wrong)
        user = self._house.user(query.get("extension", ""))
        if query.get("answer") != "allow" or user is None:
            return _back(query, {"error": "access_denied"})
        if query["response_type"] == "token":
            return _back(query, self._tokens(app, user, refresh=None), fragment=True)
        now_ms = self._clock.now_ms()
        grant = self._state.doors.grant(app.client_id, query["redirect_uri"], user.extension, now_ms)
        self._state.save()
        return _back(query, {"code": grant.code})

    async def token(self, request: web.Request) -> web.StreamResponse:
        """Client credentials in the body; in an `Authorization` header the PBX does not see them."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not form.get("client_id"):
            return _wrong(400, "invalid_client", "Empty client ID")
        app = self._state.doors.oauth.get(form["client_id"])
        if app is None or not _same(app.secret, form.get("client_secret", "")):
            return _wrong(401, "invalid_client", "Client authentication failed")
        match form.get("grant_type"):
            case "authorization_code":
                answer = self._by_code(app, form)
            case "refresh_token":
                answer = self._by_refresh(app, form)
            case _:
                return _wrong(400, "unsupported_grant_type", "Unknown grant type")
        self._state.save()
        if answer is None:
            return _wrong(400, "invalid_grant", "The code or refresh token is not valid")
        return web.json_response(answer, headers={"Cache-Control": "no-store"})

    async def log_in(self, request: web.Request) -> web.StreamResponse:
        """`login` (or extension) and `password` as a form -> a session cookie."""
        form = await request.post()
        user = self._gate.user_of(str(form.get("login", "")), str(form.get("password", "")))
        if user is None:
            return error(Refused(401, "Unauthorized"), with_200=False, v2=False)
        life_s = self._state.switches.session_life_s
        token = self._keep(new_token("session", **_as(user), expires_ms=self._due(life_s)))
        self._state.save()
        answer = result("Success")
        answer.set_cookie(COOKIE, token.text, httponly=True, samesite="Strict", path="/")
        return answer

    def _asking(self, query: MultiMapping[str] | dict[str, str]) -> tuple[OAuthApp | None, str]:
        """The application, and what is wrong with its wish: then nobody is sent anywhere."""
        app = self._state.doors.oauth.get(query.get("client_id", ""))
        if app is None:
            return None, "No application with this ID is registered on this phone system."
        if query.get("redirect_uri", "") not in app.redirect_uris:
            return app, "The address to go back to is not on the application’s list of redirect URIs."
        if query.get("response_type") not in {"code", "token"}:
            return app, "The application asks for an answer that this phone system does not give."
        return app, ""

    def _by_code(self, app: OAuthApp, form: dict[str, str]) -> dict[str, Any] | None:
        grant = self._state.doors.grants.pop(form.get("code", ""), None)
        if grant is None or grant.expires_ms <= self._clock.now_ms() or grant.client_id != app.client_id:
            return None
        user = self._house.user(grant.extension)
        if user is None or form.get("redirect_uri") != grant.redirect_uri:
            return None
        return self._tokens(app, user, refresh=self._state.doors.refresh(app.client_id, user.extension).text)

    def _by_refresh(self, app: OAuthApp, form: dict[str, str]) -> dict[str, Any] | None:
        doors = self._state.doors
        held = doors.refreshes.get(form.get("refresh_token", ""))
        user = self._house.user(held.extension) if held is not None else None
        if held is None or user is None or held.client_id != app.client_id:
            return None
        if self._state.switches.refresh_rotates:
            del doors.refreshes[held.text]
            held = doors.refresh(app.client_id, user.extension)
        return self._tokens(app, user, refresh=held.text)

    def _tokens(self, app: OAuthApp, user: User, *, refresh: str | None) -> dict[str, Any]:
        life_s = self._state.switches.oauth_life_s
        token = self._keep(new_token("oauth", **_as(user), expires_ms=self._due(life_s)))
        self._state.save()
        answer = {"access_token": token.text, "token_type": "Bearer", "expires_in": life_s}
        return answer if refresh is None else {**answer, "refresh_token": refresh}

    def _keep(self, token: Token) -> Token:
        """Keep it, and forget those that have expired."""
        now_ms = self._clock.now_ms()
        kept = {
            text: each
            for text, each in self._state.tokens.items()
            if each.kind not in {"oauth", "session"} or each.alive(now_ms)
        }
        self._state.tokens = {**kept, token.text: token}
        return token

    def _due(self, life_s: int) -> int:
        return self._clock.now_ms() + life_s * 1000


def _as(user: User) -> dict[str, Any]:
    return {"extension": user.extension, "root": user.role == "admin"}


def _back(query: dict[str, str], more: dict[str, Any], *, fragment: bool = False) -> web.Response:
    if query.get("state"):
        more = {**more, "state": query["state"]}
    uri = query["redirect_uri"]
    sign = "#" if fragment else "&" if "?" in uri else "?"
    return web.Response(status=302, headers={"Location": f"{uri}{sign}{urlencode(more)}"})


def _same(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode())


def _wrong(status: int, code: str, words: str) -> web.Response:
    return web.json_response({"error": code, "error_description": words}, status=status)
