"""The routes of the simulated PBX's API, each with the scope that a company key needs for it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache

from aiohttp import web

from linedesk.demo.pbx import api_books, api_contacts, api_people, api_v1, api_v2
from linedesk.demo.pbx.auth import UNCOVERED
from linedesk.demo.pbx.wire import Asked

Handler = Callable[[Asked], Awaitable[web.StreamResponse]]

CONTACTS = "contacts"
"""The resource that a switch may count among the phonebooks."""


@dataclass(frozen=True, slots=True)
class Route:
    """`path` has no slash at its end; `resource` is the scope of company keys, `UNCOVERED` for none."""

    method: str
    path: str
    resource: str
    handler: Handler

    def match(self, method: str, path: str) -> dict[str, str] | None:
        found = _pattern(self.path).fullmatch(path)
        return found.groupdict() if found and method == self.method else None


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path), re.IGNORECASE)


_V2 = "/api/v2/call-control"
_BOOKS = "/api/v1/phonebooks"
_INSIDE = f"{_BOOKS}/{{book}}/contacts"
_ALL = "/api/v1/contacts"
_PRESENCE = "/api/v1/user/{extension}/presence"
_REGISTRATIONS = "/api/v1/pbx/users/{extensions}/sip/registrations"

ROUTES = (
    Route("POST", f"{_V2}/make-call", "callcontrol", api_v2.make_call),
    Route("GET", f"{_V2}/list-calls", "callcontrol", api_v2.list_calls),
    Route("GET", f"{_V2}/list-devices", "callcontrol", api_v2.list_devices),
    Route("POST", f"{_V2}/answer", "callcontrol", api_v2.answer),
    Route("POST", f"{_V2}/hangup", "callcontrol", api_v2.hang_up),
    Route("POST", f"{_V2}/hold", "callcontrol", api_v2.hold),
    Route("POST", f"{_V2}/unhold", "callcontrol", api_v2.resume),
    Route("POST", f"{_V2}/blind-transfer", "callcontrol", api_v2.blind_transfer),
    Route("POST", f"{_V2}/attendant-transfer", "callcontrol", api_v2.attendant_transfer),
    Route("POST", f"{_V2}/dtmf", "callcontrol", api_v2.dtmf),
    Route("POST", f"{_V2}/update-contact-info", "callcontrol", api_v2.update_contact_info),
    Route("PUT", f"{_V2}/set-active-device", "callcontrol", api_v2.set_active_device),
    Route("POST", "/api/v1/originate/call", "originate", api_v1.originate_call),
    Route("POST", "/api/v1/originate", "originate", api_v1.originate),
    Route("POST", "/api/v1/calls", "originate", api_v1.originate_call),
    Route("GET", _BOOKS, "phonebooks", api_books.phonebooks),
    Route("POST", _BOOKS, "phonebooks", api_books.create),
    Route("GET", f"{_BOOKS}/{{book}}", "phonebooks", api_books.phonebook),
    Route("PUT", f"{_BOOKS}/{{book}}", "phonebooks", api_books.rename),
    Route("DELETE", f"{_BOOKS}/{{book}}", "phonebooks", api_books.remove),
    Route("GET", _INSIDE, CONTACTS, api_contacts.contacts),
    Route("POST", _INSIDE, CONTACTS, api_contacts.create),
    Route("DELETE", _INSIDE, CONTACTS, api_contacts.wipe),
    Route("GET", f"{_INSIDE}/{{id}}", CONTACTS, api_contacts.contact),
    Route("PUT", f"{_INSIDE}/{{id}}", CONTACTS, api_contacts.update),
    Route("DELETE", f"{_INSIDE}/{{id}}", CONTACTS, api_contacts.remove),
    Route("GET", _ALL, CONTACTS, api_contacts.contacts),
    Route("POST", _ALL, CONTACTS, api_contacts.create),
    Route("GET", f"{_ALL}/{{id}}", CONTACTS, api_contacts.contact),
    Route("PUT", f"{_ALL}/{{id}}", CONTACTS, api_contacts.update),
    Route("DELETE", f"{_ALL}/{{id}}", CONTACTS, api_contacts.remove),
    Route("GET", "/api/v1/colleagues", "colleagues", api_people.colleagues),
    Route("GET", "/api/v1/pbx/colleagues", "colleagues", api_people.pbx_colleagues),
    Route("GET", "/api/v1/colleagues/{id}", "colleagues", api_people.colleague),
    Route("GET", "/api/v1/groups", "groups", api_people.groups),
    Route("GET", "/api/v1/departments", "departments", api_people.departments),
    Route("GET", "/api/v1/personal/info", "personal", api_people.personal_info),
    Route("GET", "/api/v1/personal/presence", UNCOVERED, api_people.personal_presence),
    Route("PUT", "/api/v1/personal/presence", UNCOVERED, api_people.set_presence),
    Route("GET", _PRESENCE, UNCOVERED, api_people.presence),
    Route("PUT", _PRESENCE, UNCOVERED, api_people.set_presence),
    Route("GET", "/api/v1/pbx/users/sip/registrations", UNCOVERED, api_people.registrations),
    Route("GET", _REGISTRATIONS, UNCOVERED, api_people.registrations),
    Route("GET", "/api/v1/network/pbxes", "pbx", api_v1.networks),
    Route("GET", "/api/v1/pbx/version", "pbx", api_v1.version),
    Route("GET", "/api/v1/pbx/ping", "pbx", api_v1.ping),
)
