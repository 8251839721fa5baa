"""The files under /assets and the loader, read once at start and named by their content.

`static/` holds what `make setup` builds of web/; `assets/` the plain style and script of the server's
own pages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from aiohttp import web

from linedesk.errors import NotFound

DESK_FILES = ("desk.js", "desk.css", "widget.js")
_TYPES = {
    "css": "text/css",
    "ico": "image/x-icon",
    "js": "text/javascript",
    "json": "application/json",
    "map": "application/json",
    "mp3": "audio/mpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "webmanifest": "application/manifest+json",
    "woff2": "font/woff2",
}
_TEXTS = frozenset({"css", "js", "json", "map", "svg", "txt", "webmanifest"})


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. `version` is a hash of `body`."""

    body: bytes
    content_type: str
    charset: str | None
    version: str


class Assets:
    """All files by name. A name holds no folder."""

    def __init__(self, files: Mapping[str, Asset]) -> None:
        self._files = files

    @classmethod
    def load(cls, *folders: Traversable) -> Assets:
        """Read the files of each folder that is there."""
        files = {}
        for folder in folders:
            if folder.is_dir():
                for file in folder.iterdir():
                    kind = file.name.rpartition(".")[2]
                    if file.is_file() and kind in _TYPES:
                        files[file.name] = _asset(kind, file.read_bytes())
        return cls(files)

    @classmethod
    def of_the_package(cls) -> Assets:
        """What this installation carries."""
        here = resources.files("linedesk.server")
        return cls.load(here / "assets", here / "static")

    def missing(self) -> tuple[str, ...]:
        """Which built files are not there."""
        return tuple(name for name in DESK_FILES if name not in self._files)

    def url(self, name: str) -> str:
        """The address of a file, new whenever its content is."""
        asset = self._files.get(name)
        return f"/assets/{name}" if asset is None else f"/assets/{name}?v={asset.version}"

    def get(self, name: str) -> Asset:
        """Raises `NotFound`."""
        asset = self._files.get(name)
        if asset is None:
            raise NotFound("There is no such file.")
        return asset


ASSETS: web.AppKey[Assets] = web.AppKey("assets", Assets)


def _asset(kind: str, body: bytes) -> Asset:
    version = hashlib.sha256(body).hexdigest()[:16]
    return Asset(body, _TYPES[kind], "utf-8" if kind in _TEXTS else None, version)


async def serve_asset(request: web.Request) -> web.Response:
    """`GET /assets/{name}`: kept for ever under its version, asked again without."""
    name = request.match_info["name"]
    asset = request.app[ASSETS].get(name)
    fixed = request.query.get("v") == asset.version
    response = _answer(request, asset, "public, max-age=31536000, immutable" if fixed else "no-cache")
    if name == "sw.js":
        # The notification worker lies here, but the desk it serves is at /agent.
        response.headers["Service-Worker-Allowed"] = "/"
    return response


async def serve_loader(request: web.Request) -> web.Response:
    """`GET /widget.js`: the loader, for pages of other sites. It learns our origin from its own address."""
    response = _answer(request, request.app[ASSETS].get("widget.js"), "public, max-age=300")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


async def serve_favicon(request: web.Request) -> web.Response:
    """`GET /favicon.ico`: browsers ask for it by themselves."""
    return _answer(request, request.app[ASSETS].get("favicon.svg"), "public, max-age=86400")


def _answer(request: web.Request, asset: Asset, cache: str) -> web.Response:
    etag = f'"{asset.version}"'
    headers = {"ETag": etag, "Cache-Control": cache}
    asked = request.if_none_match or ()
    if any(each.value in {asset.version, "*"} for each in asked):
        return web.Response(status=304, headers=headers)
    return web.Response(
        body=asset.body, content_type=asset.content_type, charset=asset.charset, headers=headers
    )
