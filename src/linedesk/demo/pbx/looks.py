"""How the simulated PBX's own pages are made: rendered on the server, everything escaped, nothing inline."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

ASSETS = Path(__file__).parent.parent / "assets"
_TEMPLATES = Path(__file__).parent.parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def page(template: str, *, status: int = 200, also_to: str = "", **values: Any) -> web.Response:
    """One page. `also_to`: an origin that its form may lead to besides this one."""
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
        f"form-action 'self' {also_to}; base-uri 'none'; frame-ancestors 'none'"
    )
    return web.Response(
        text=_environment().get_template(template).render(values),
        content_type="text/html",
        status=status,
        headers={
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            # Not "no-referrer": a browser would then hide where the page's own form comes from.
            "Referrer-Policy": "same-origin",
        },
    )
