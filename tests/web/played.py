"""The service as one desk page sees it, played by a script: for screenshots and browser tests.

It uses the built files and the page's real CSP. It knows the protocol's shapes, not its rules.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, WebSocketRoute, expect

from waiting import eventually

CHROMIUM: dict[str, Any] = {
    # The driver switches popup blocking off by default; people have it on.
    "ignore_default_args": ["--disable-popup-blocking"],
    "executable_path": "/usr/bin/chromium",
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}
ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "src/linedesk/server/static"
MESSAGES = json.loads((ROOT / "src/linedesk/messages/en/desk.json").read_text())
ORIGIN = "http://127.0.0.1:9"
NOW = int(time.time() * 1000)
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
CSP = (
    "default-src 'none'; base-uri 'none'; style-src 'self'; img-src 'self' data:; script-src 'nonce-n'; "
    "connect-src 'self' ws:; require-trusted-types-for 'script'; trusted-types lit-html linedesk"
)
ME = {
    "id": "a1",
    "login": "mia",
    "name": "Mia Conti",
    "role": "agent",
    "account": "pbx",
    "extension": "201",
    "open_page": "click",
    "region": "IT",
}


def contact(name: str, company: str = "Acme S.p.A.", certainty: str = "sure", **more: Any) -> dict[str, Any]:
    base = {
        "id": name,
        "app": "freshdesk",
        "name": name,
        "company": company,
        "certainty": certainty,
        "page_url": "https://acme.example/contacts/1",
        "reason": "Work number in Freshdesk",
        "numbers": [],
    }
    return base | more


def call(state: str = "ringing", who: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    who = who if who is not None else [contact("Anna Rossi")]
    sure = [each for each in who if each["certainty"] == "sure"]
    pick = sure[0] if len(sure) == 1 else (who[0] if len(who) == 1 else None)
    base = {
        "id": "pbx-c1",
        "account": "pbx",
        "call_id": "c1",
        "direction": "inbound",
        "state": state,
        "number": "+390212345678",
        "withheld": False,
        "display": "02 1234 5678",
        "network_name": "",
        "picked": False,
        "company": None,
        "contact": pick,
        "candidates": who,
        "create": [],
        "lookup": "done",
        "queue": None,
        "via": None,
        "started_at": NOW - 7000,
        "answered_at": NOW - 83_000 if state in ("talking", "held", "ended") else None,
        "ended_at": NOW - 1000 if state == "ended" else None,
        "answered_by": [],
        "answered_by_names": [],
        "actions": [],
    }
    return base | more


def in_two_apps(*, first: str = "https://acme.example/contacts/1") -> dict[str, Any]:
    """What makes a contact one person in two apps."""
    apps = (("freshdesk", "Freshdesk", "main", first), ("hubspot", "HubSpot", "crm", "https://hub.example/7"))
    keys = ("id", "app", "app_title", "account", "page_url")
    return {
        "id": f"freshdesk:{first}",
        "page_url": first,
        "pages": [
            dict(zip(keys, (f"{app}:{url}", app, *more, url), strict=True)) for app, *more, url in apps
        ],
    }


TWO_APPS = contact("Anna Rossi", **in_two_apps(), reason="Work number in Freshdesk and HubSpot")
COMPANY = {
    "id": "freshdesk:c1",
    "app": "freshdesk",
    "app_title": "Freshdesk",
    "name": "Acme S.p.A.",
    "page_url": "https://acme.example/companies/1",
}
SEVERAL = [
    contact("Anna Rossi", page_url="https://acme.example/contacts/2"),
    contact("Bruno Neri", page_url="https://acme.example/contacts/3"),
    contact("Dino Bruni", archived=True, blocked=True),
    contact("Carla Verdi", certainty="possible", reason="Switchboard of Acme S.p.A. in Freshdesk"),
]
CREATE = [
    {"app": "freshdesk", "label": "Create contact in Freshdesk", "url": "https://acme.example/contacts/new"},
    {"app": "hubspot", "label": "Create contact in HubSpot", "url": "https://hub.example/new"},
]


def item(name: str, company: str, numbers: int, **more: Any) -> dict[str, Any]:
    some = [("+390212345678", "Work", "02 1234 5678"), ("+393331234567", "Mobile", "333 123 4567")][:numbers]
    return {
        "id": name or company,
        "app": "freshdesk",
        "name": name,
        "company": company,
        "type": "person",
        "archived": False,
        "blocked": False,
        "page_url": "https://acme.example/contacts/1",
        "emails": [],
        "numbers": [{"e164": e, "label": label, "display": d} for e, label, d in some],
        **more,
    }


def row(
    name: str, minutes: int, direction: str = "inbound", state: str = "ended", **more: Any
) -> dict[str, Any]:
    start = NOW - minutes * 60_000
    base: dict[str, Any] = {
        "id": f"r{minutes}",
        "direction": direction,
        "state": state,
        "outcome": "answered",
        "number": "+390212345678",
        "display": "02 1234 5678",
        "name": name,
        "contact": None,
        "queue": None,
        "answered_by": [],
        "started_at": start,
        "answered_at": start + 5000 if state == "ended" else None,
        "ended_at": start + 130_000,
    }
    return base | more


HISTORY = [
    row("Anna Rossi", 4, contact=TWO_APPS | {"archived": True}),
    row("", 12, state="missed"),
    row(LONG, 50, "outbound"),
    row("Paolo Gallo", 200, state="answered-elsewhere", answered_by=["Luca Ferrari"]),
    row("شركة الاتصالات", 3000, "outbound", answered_at=None),
    row("Number withheld", 9000, number=None, display="Number withheld"),
]


PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<title>Linedesk</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/assets/desk.css">'
    '<script type="application/json" id="boot">BOOT</script>'
    '<script type="module" nonce="n" src="/assets/desk.js"></script><body></body></html>'
)
COLLEAGUES = ["Luca Ferrari", "Jürgen Müller-Lüdenscheidt", LONG, "Zoë", "Ana", "Bo", "Cem", "Dana"]
Answer = tuple[int, Any]


def error(status: int, code: str, message: str, remedy: str = "") -> Answer:
    return status, {"error": {"code": code, "message": message, "remedy": remedy}}


class Service:
    """What every desk of one browser context talks to. It records dials and the frames of clients."""

    def __init__(
        self,
        context: BrowserContext,
        *,
        embed: bool = True,
        origins: tuple[str, ...] = (),
        agent: dict[str, Any] | None = None,
        signed_in: bool = True,
    ) -> None:
        self.embed, self.origins, self.signed_in = embed, origins, signed_in
        self.agent = ME | (agent or {})
        self.calls: list[dict[str, Any]] = []
        self.dials: list[dict[str, Any]] = []
        self.picks: list[tuple[str, str, str | None]] = []
        self.notice = ""
        self.heard: list[dict[str, Any]] = []
        self.sockets: list[WebSocketRoute] = []
        self.paths = {
            "/agent/token": self._token,
            "/agent/frame": self._frame,
            "/api/history": self._history,
            "/api/colleagues": self._colleagues,
            "/api/contacts": self._contacts,
            "/api/calls": self._dial,
            "/api/picks": self._pick,
            "/api/me": self._me,
        }
        context.route(f"{ORIGIN}/**", self._answer)
        context.route_web_socket("**/agent/socket", self._socket)

    def send(self, call: dict[str, Any]) -> None:
        """A call frame to every socket."""
        for socket in self.sockets:
            socket.send(json.dumps({"type": "call", "call": call}))

    def _socket(self, ws: WebSocketRoute) -> None:
        self.sockets.append(ws)
        ws.on_message(lambda text: self._hear(ws, json.loads(text)))

    def _hear(self, ws: WebSocketRoute, frame: dict[str, Any]) -> None:
        self.heard.append(frame)
        if frame["type"] == "hello":
            welcome = {"type": "welcome", "agent": self.agent, "calls": self.calls, "opener": True}
            ws.send(json.dumps(welcome | {"now": NOW, "expires_at": NOW + 600_000}))

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/assets/") or path == "/widget.js":
            route.fulfill(path=STATIC / path.rpartition("/")[2])
        elif path == "/agent":
            self._page(route)
        elif path in self.paths:
            status, body = self.paths[path](route.request)
            text = "" if status == 204 else json.dumps(body)
            route.fulfill(status=status, body=text, content_type="application/json")
        else:
            route.fulfill(status=204)

    def _page(self, route: Route) -> None:
        boot = {
            "messages": MESSAGES,
            "origins": self.origins,
            "embed": self.embed,
            "slot": "main",
            "region": "IT",
        }
        html = PAGE.replace("BOOT", json.dumps(boot).replace("<", "\\u003c"))
        headers = {"Content-Security-Policy": CSP}
        route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)

    def _token(self, _request: Request) -> Answer:
        if not self.signed_in:
            return error(401, "not_signed_in", "You are not signed in.", "Sign in again.")
        return 200, {"token": "t", "expires_at": int(time.time() * 1000) + 600_000}

    def _frame(self, request: Request) -> Answer:
        assert request.post_data_json == {"code": "one-time", "slot": "main"}
        self.signed_in = True
        return self._token(request)

    def _me(self, request: Request) -> Answer:
        self.agent |= request.post_data_json or {}
        return 200, self.agent

    def _history(self, request: Request) -> Answer:
        missed = "missed" in parse_qs(urlsplit(request.url).query)
        return 200, {"items": [r for r in HISTORY if not missed or r["state"] == "missed"], "more": True}

    def _colleagues(self, _request: Request) -> Answer:
        return 200, {"items": [{"extension": str(202 + i), "name": n} for i, n in enumerate(COLLEAGUES)]}

    def _contacts(self, request: Request) -> Answer:
        wanted = parse_qs(urlsplit(request.url).query)["q"][0]
        if wanted == "zzz":
            return 200, {"items": [], "total": 0, "total_exact": True, "more": False}
        items = [
            item("Anna Rossi", "Acme S.p.A.", 2),
            item(LONG, "GmbH & Co. KG", 1),
            item("", "Nur Firma AG", 1),
        ]
        if wanted != "mari":
            return 200, {"items": items, "total": 37, "total_exact": True, "more": True}
        both = item("Maria Neri", "Acme S.p.A.", 1, **in_two_apps())
        old = item("Mario Verdi", "", 1, archived=True, blocked=True)
        return 200, {"items": [both, *items, old], "total": 1000, "total_exact": False, "more": True}

    def _pick(self, request: Request) -> Answer:
        """Choose a contact for a number, or forget the choice. No frame comes of it by itself."""
        if request.method == "DELETE":
            self.picks.append(("DELETE", parse_qs(urlsplit(request.url).query)["number"][0], None))
            return 204, None
        asked: dict[str, Any] = request.post_data_json or {}
        self.picks.append((request.method, asked["number"], asked["contact"]))
        return 200, asked | {"contact": {}}

    def _dial(self, request: Request) -> Answer:
        asked: dict[str, Any] = request.post_data_json or {}
        self.dials.append(asked | {"key": request.headers["idempotency-key"]})
        if asked["number"].startswith("+979"):
            return error(
                403, "destination_denied", "+979 numbers may not be called.", "Ask an administrator."
            )
        if asked["number"].startswith("+44") and not asked.get("confirm"):
            return error(409, "confirmation_needed", "This number is abroad: United Kingdom, mobile rate.")
        return 202, {"request": "r1"} | ({"notice": self.notice} if self.notice else {})


class Desk:
    """One desk as a page, with its own played service."""

    def __init__(
        self, browser: Browser, *, dark: bool = False, size: tuple[int, int] = (360, 560), **service: Any
    ) -> None:
        look: Any = "dark" if dark else "light"
        viewport: Any = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, color_scheme=look, locale="en-GB")
        self.service = Service(context, **service)
        self.page: Page = context.new_page()
        self.problems = problems_of(self.page)

    def open(self, *calls: dict[str, Any]) -> Page:
        self.service.calls = list(calls)
        self.page.goto(f"{ORIGIN}/agent")
        self.page.wait_for_function(
            "document.querySelector('ld-desk')?.shadowRoot?.querySelector('header,ld-pill')"
        )
        if self.service.signed_in:
            # A wish of the page can be played only once its socket is welcomed and its list is drawn.
            eventually(lambda: bool(self.service.heard), True, pause=lambda: self.page.wait_for_timeout(20))
            expect(self.page.get_by_role("article")).to_have_count(len(calls))
        return self.page


def problems_of(page: Page) -> list[str]:
    """What the page complains about from now on: script errors and CSP violations."""
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: problems.append(str(e)))
    return problems
