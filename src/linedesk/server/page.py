"""Rendering of the server's own pages: template, policy, sentences. What is on them is decided elsewhere."""

from __future__ import annotations

import json
import secrets
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web

from linedesk.errors import LinedeskError
from linedesk.messages import Catalogue
from linedesk.server.assets import ASSETS
from linedesk.server.headers import NO_STORE, PagePolicy
from linedesk.server.services import services_of


def set_up_templates(app: web.Application, catalogue: Catalogue) -> None:
    """Give the application its templates: everything is escaped, a name that is missing is an error."""
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.PackageLoader("linedesk.server"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(t=catalogue.text, lang=catalogue.lang)


def render(
    request: web.Request, template: str, policy: PagePolicy, *, status: int = 200, **context: Any
) -> web.Response:
    """The page with its security headers. `context` is text, escaped by the template."""
    nonce = secrets.token_urlsafe(16)
    assets = request.app[ASSETS]
    html = aiohttp_jinja2.render_string(template, request, {"nonce": nonce, "asset": assets.url, **context})
    headers = {**policy.headers(nonce), "Cache-Control": NO_STORE}
    return web.Response(text=html, status=status, content_type="text/html", headers=headers)


def data_block(document: Any) -> str:
    """JSON for a `<script type="application/json">`: no text in it can end the element.

    The template marks it `safe`, since nothing in it can be markup any more.
    """
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def error_page(request: web.Request, error: LinedeskError) -> web.Response:
    """An error for a person."""
    title = services_of(request).catalogue.text("pages.error_title")
    return render(
        request,
        "error.html",
        PagePolicy(),
        status=error.status,
        title=title,
        message=error.message,
        remedy=error.remedy,
    )
