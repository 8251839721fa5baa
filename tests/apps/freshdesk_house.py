"""A little Freshdesk on loopback, made from the wire's description alone, and the app opened on it.

It shares no code with the product or its demo. `faults` maps "METHOD /path" to answers that come first.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from linedesk.addresses import Reach
from linedesk.apps.freshdesk import Freshdesk, FreshdeskSettings
from linedesk.apps.kind import AccountContext
from linedesk.clock import ManualClock
from linedesk.numbers.model import NumberPlan

KEY = "planted-Key-7f3a"
WHO = "Freshdesk (crm)"
Fault = Callable[[web.Request], Awaitable[web.StreamResponse]]

LISTED = (
    *("active", "address", "company_id", "created_at", "custom_fields", "description", "email", "id"),
    *("job_title", "language", "mobile", "name", "phone", "time_zone", "twitter_id", "unique_external_id"),
    "updated_at",
)
FIELDS: list[dict[str, Any]] = [
    {"name": "name", "label": "Full name", "type": "default_name", "required_for_agents": True},
    {"name": "email", "label": "Email", "type": "default_email", "unique": True},
    {"name": "phone", "label": "Work phone", "type": "default_phone"},
    {"name": "mobile", "label": "Mobile", "type": "default_mobile", "unique": True},
    {"name": "company_name", "label": "Company", "type": "default_company_name"},
    {"name": "tag_names", "label": "Tags", "type": "default_tag_names"},
    {"name": "floor", "label": "Floor", "type": "custom_number"},
    {"name": "cf_second", "label": "Second phone", "type": "custom_phone_number"},
    {"name": "level", "label": "Level", "type": "custom_dropdown", "choices": ["Gold", "Silver"]},
]


class Flying(ManualClock):
    """A sleep on it is over at once, and the time has passed."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)


def says(
    status: int, body: Any = None, text: str = "", kind: str = "application/json", **headers: str
) -> Fault:
    """An answer that is always the same."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            return web.json_response(body, status=status, headers=named)
        return web.Response(status=status, text=text, content_type=kind, headers=named)

    return answer


def invalid(field_name: str, code: str, message: str = "", status: int = 400, **info: Any) -> Fault:
    """A validation answer."""
    error = {"field": field_name, "code": code, "message": message}
    if info:
        error["additional_info"] = info  # type: ignore[assignment]
    return says(status, {"description": "Validation failed", "errors": [error]})


@dataclass
class Crm:
    """`contacts` by id, whole; a contact's state is under the key `state`."""

    clock: ManualClock
    url: str = ""
    spelling: str = "_updated_since"
    total: int = 5000
    skew_s: int = 0
    knows_external_filter: bool = True
    last_page: int | None = None
    by_time: bool = False
    link_host: str = ""
    contacts: dict[int, dict[str, Any]] = field(default_factory=dict)
    companies: dict[int, dict[str, Any]] = field(default_factory=dict)
    tickets: list[dict[str, Any]] = field(default_factory=list)
    notes: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    on_list: Callable[[int], None] | None = None

    def stamp(self) -> str:
        return datetime.fromtimestamp(self.clock.now_ms() // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def add(self, name: str, state: str = "active", **values: Any) -> int:
        contact_id = 51_000_000_000 + len(self.contacts) + 1
        whole = dict.fromkeys(LISTED) | {"custom_fields": {}, "tags": [], "other_emails": []}
        stamps = {"created_at": self.stamp(), "updated_at": self.stamp()}
        self.contacts[contact_id] = whole | stamps | {"id": contact_id, "name": name, "state": state} | values
        return contact_id

    def edit(self, contact_id: int, **values: Any) -> None:
        self.contacts[contact_id] |= {"updated_at": self.stamp(), **values}

    def company(self, name: str) -> int:
        company_id = 700 + len(self.companies)
        self.companies[company_id] = {"id": company_id, "name": name, "updated_at": self.stamp()}
        return company_id

    def paths(self, method: str = "GET") -> list[str]:
        return [path for each, path, _, _ in self.asked if each == method]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/api/v2")
        body = await request.json() if request.can_read_body else None
        self.asked.append((request.method, path, dict(request.query), body))
        queue = self.faults.get(f"{request.method} {path}", [])
        if queue:
            return await queue.pop(0)(request)
        if request.headers.get("Authorization") != "Basic " + base64.b64encode(f"{KEY}:X".encode()).decode():
            return web.json_response({"code": "invalid_credentials", "message": f"No: {KEY}"}, status=401)
        answer = self.answer(request, path, body)
        now = datetime.fromtimestamp(self.clock.now_ms() / 1000 + self.skew_s, UTC)
        answer.headers["Date"] = format_datetime(now, usegmt=True)
        answer.headers["X-RateLimit-Total"] = str(self.total)
        answer.headers["X-RateLimit-Remaining"] = str(self.total - 1)
        return answer

    def answer(self, request: web.Request, path: str, body: Any) -> web.Response:
        fixed = {
            "/contact_fields": FIELDS,
            "/agents/me": {"id": 1, "contact": {"name": "Anna Example"}},
            "/search/contacts": {"total": 0, "results": []},
        }
        if path in fixed:
            return web.json_response(fixed[path])
        method, (kind, *rest) = request.method, path.strip("/").split("/")
        if kind == "contacts":
            listing = method == "GET" and not rest
            return self._list(request) if listing else self._contact(method, rest, body)
        if kind == "companies":
            return self._companies(request, method, rest, body)
        return self._ticket(rest, body) if kind == "tickets" else web.Response(status=404)

    def _ticket(self, rest: list[str], body: Any) -> web.Response:
        if rest:
            self.notes.append((int(rest[0]), body))
            return web.json_response({"id": 1}, status=201)
        self.tickets.append(body)
        return web.json_response({"id": len(self.tickets)}, status=201)

    def _list(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        page, size = int(query.pop("page", 1)), int(query.pop("per_page", 30))
        if self.on_list is not None:
            self.on_list(page)
        known = {"email", "mobile", "phone", "company_id", "state", self.spelling}
        known |= {"unique_external_id"} if self.knows_external_filter else set()
        bad = sorted(query.keys() - known) or (["page"] if page > (self.last_page or page) else [])
        if bad or size > 100:
            code = "invalid_value" if bad == ["page"] or not bad else "invalid_field"
            error = {"field": (bad or ["per_page"])[0], "code": code, "message": "Unexpected"}
            return web.json_response({"description": "Validation failed", "errors": [error]}, status=400)
        since, state = query.pop(self.spelling, ""), query.pop("state", "active")
        rows = [each for each in self.contacts.values() if each["state"] == state]
        rows = [each for each in rows if each["updated_at"] >= since]
        rows = [each for each in rows if all(str(each.get(name)) == value for name, value in query.items())]
        rows.sort(
            key=lambda each: (each["updated_at"], each["id"]) if self.by_time else (each["name"], each["id"])
        )
        shown = [_row(each) for each in rows[(page - 1) * size : page * size]]
        headers = {}
        if len(rows) > page * size:
            url = str(request.url.update_query(page=page + 1)) if not self.link_host else self.link_host
            headers["Link"] = f'<{url}>; rel="next"'
        return web.json_response(shown, headers=headers)

    def _contact(self, method: str, parts: list[str], body: Any) -> web.Response:
        if method == "POST" and not parts:
            fields = {
                name: value for name, value in body.items() if name in {*LISTED, "tags", "other_emails"}
            }
            return web.json_response(_whole(self.contacts[self.add(**fields)]), status=201)
        contact = self.contacts.get(int(parts[0]))
        if contact is None or len(parts) > 1:
            return web.Response(status=404)
        if method == "PUT":
            customs = {**contact["custom_fields"], **body.pop("custom_fields", {})}
            self.edit(contact["id"], **body, custom_fields=customs)
        elif method == "DELETE":
            self.edit(contact["id"], state="deleted")
            return web.Response(status=204)
        return web.json_response(_whole(contact))

    def _companies(self, request: web.Request, method: str, parts: list[str], body: Any) -> web.Response:
        if method == "POST":
            if any(each["name"] == body["name"] for each in self.companies.values()):
                error = {"field": "name", "code": "duplicate_value", "message": "Has already been taken"}
                return web.json_response({"errors": [error]}, status=409)
            return web.json_response(self.companies[self.company(body["name"])], status=201)
        if parts == ["autocomplete"]:
            begin = request.query["name"].casefold()
            found = [each for each in self.companies.values() if each["name"].casefold().startswith(begin)]
            return web.json_response({"companies": [{"id": c["id"], "name": c["name"]} for c in found]})
        if parts:
            found_one = self.companies.get(int(parts[0]))
            return web.json_response(found_one) if found_one else web.Response(status=404)
        since = request.query.get(self.spelling, "")
        return web.json_response([each for each in self.companies.values() if each["updated_at"] >= since])


def _row(contact: dict[str, Any]) -> dict[str, Any]:
    row = {name: contact[name] for name in LISTED}
    return row | {"deleted": True} if contact["state"] == "deleted" else row


def _whole(contact: dict[str, Any]) -> dict[str, Any]:
    return _row(contact) | {"tags": contact["tags"], "other_emails": contact["other_emails"]}


def opened(crm: Crm, api_key: str = KEY, timeout_s: float = 5.0, **settings: Any) -> Freshdesk:
    """The app on that Freshdesk; to be closed by the caller."""
    return Freshdesk(
        AccountContext(
            name="crm",
            who=WHO,
            url=crm.url,
            settings=FreshdeskSettings(api_key=SecretStr(api_key), **settings),
            plan=NumberPlan("IT"),
            clock=crm.clock,
            timeout_s=timeout_s,
            reach=Reach(loopback=True),
            pbx=lambda name: name,
        )
    )


@asynccontextmanager
async def house(**settings: Any) -> AsyncIterator[tuple[Crm, Freshdesk]]:
    """A running Freshdesk without contacts, and the app on it."""
    crm = Crm(Flying())
    server = web.Application()
    server.router.add_route("*", "/{path:.*}", crm.handle)
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    crm.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    app = opened(crm, **settings)
    try:
        yield crm, app
    finally:
        await app.close()
        await runner.cleanup()
