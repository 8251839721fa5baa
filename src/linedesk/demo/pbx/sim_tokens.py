"""`/_sim/tokens` and `/_sim/oauth`: credentials of every kind, made as an administrator makes them in WMS."""

from __future__ import annotations

from typing import Any, Literal

from aiohttp import web
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from linedesk.demo.pbx.auth import Token, TokenKind, new_token
from linedesk.demo.pbx.doors import OAuthApp
from linedesk.demo.pbx.exchange import Exchange
from linedesk.demo.pbx.sim import read_object, text_of
from linedesk.demo.pbx.users import User
from linedesk.errors import BadRequest

_LIFE_MAX_S = 100 * 365 * 86_400
_OAUTH_NAME = "Linedesk"
_S2S_NAME = "demo-app"


class TokenWish(BaseModel):
    """What kind of credential is asked for. An `extension` may be written as a number."""

    model_config = ConfigDict(strict=True, frozen=True)

    kind: Literal["simple", "company", "oauth", "session", "s2s", "password"] = "simple"
    extension: str | int | None = None
    root: bool = False
    scopes: list[str] = Field(default=[], max_length=100)
    expires_in_s: float | None = Field(
        None,
        ge=0,
        le=_LIFE_MAX_S,
        allow_inf_nan=False,
        validation_alias=AliasChoices("expires_in_s", "expires_in"),
    )


class SimTokens:
    """The handlers; `routes` puts them into an application."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._state = exchange.state

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/_sim/tokens", self.token), web.post("/_sim/oauth", self.oauth)]

    async def token(self, request: web.Request) -> web.StreamResponse:
        """`{"kind","extension"?,"root"?,"scopes"?,"expires_in"?}` -> 201 `{"token"}`.

        `oauth` adds `refresh_token`; `session` is the cookie's value; `s2s` answers `app_id`, `secret` and
        `name`; `password` answers `login` and `password`.
        """
        said = self._made(_wish(await read_object(request)))
        self._state.save()
        return web.json_response(said, status=201)

    async def oauth(self, request: web.Request) -> web.StreamResponse:
        """`{"redirect_uris": […]}` -> 201 `{"client_id","client_secret"}` of the application."""
        uris = (await read_object(request)).get("redirect_uris")
        if not isinstance(uris, list):
            raise BadRequest("`redirect_uris` must be a list.")
        texts = tuple(text_of(each, "redirect_uris") for each in uris)
        app = self._state.doors.oauth_app(texts, _OAUTH_NAME)
        self._state.save()
        return web.json_response({"client_id": app.client_id, "client_secret": app.secret}, status=201)

    def _made(self, wish: TokenWish) -> dict[str, str]:
        doors = self._state.doors
        match wish.kind:
            case "s2s":
                app = doors.s2s_app(_S2S_NAME)
                return {"app_id": app.app_id, "secret": app.secret, "name": app.name}
            case "password":
                user = self._user(wish)
                return {"login": user.login, "password": doors.password(user.extension)}
            case "oauth":
                user = self._user(wish)
                refresh = doors.refresh(self._oauth_app().client_id, user.extension)
                return {"token": self._mint(wish, "oauth").text, "refresh_token": refresh.text}
            case kind:
                return {"token": self._mint(wish, kind).text}

    def _oauth_app(self) -> OAuthApp:
        present = next(iter(self._state.doors.oauth.values()), None)
        return present or self._state.doors.oauth_app((), _OAUTH_NAME)

    def _mint(self, wish: TokenWish, kind: TokenKind) -> Token:
        life_s = wish.expires_in_s
        user = None if kind == "company" else self._user(wish)
        signed_in = user is not None and kind != "simple"
        made = new_token(
            kind,
            extension=user.extension if user is not None else None,
            root=wish.root or (signed_in and user is not None and user.role == "admin"),
            scopes=tuple(wish.scopes),
            expires_ms=self._exchange.now_ms() + round(life_s * 1000) if life_s is not None else None,
        )
        self._state.tokens[made.text] = made
        return made

    def _user(self, wish: TokenWish) -> User:
        user = self._exchange.house.user(str(wish.extension))
        if user is None:
            raise BadRequest("This kind of credential needs the `extension` of a user.")
        return user


def _wish(fields: dict[str, Any]) -> TokenWish:
    try:
        return TokenWish.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise BadRequest(f"`{first['loc'][0]}`: {first['msg'].lower()}.") from None
