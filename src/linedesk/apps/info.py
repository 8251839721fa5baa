"""What Linedesk knows of an app without talking to it: its name and where its pages are.

A page's address is a template over the account's base address. Whatever goes into it is quoted, and what
comes out is on the base's own host: a record id can never lead to another site.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from linedesk.contacts.model import Contact, ContactType

_ID_MAX = 200
_SCHEME_HOST = re.compile(r"^https?://[^/?#\\@\s]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AppInfo:
    """One app. Templates hold `{base}`, `{id}`, `{number}` and `{name}`; a missing one means: no such page.

    `base` is used when an account gives no address of its own. `id_prefix` is cut from record ids
    (Google's `people/c1` has the page `c1`).
    """

    name: str
    title: str
    base: str = ""
    pages: Mapping[ContactType, str] = field(default_factory=dict)
    new_page: str = ""
    id_prefix: str = ""

    def page_url(self, base: str, contact: Contact) -> str | None:
        """The contact's page in the account whose address is `base`; None if the app has no such page."""
        return self._page(base, contact.type, contact.record_id)

    def company_url(self, base: str, company_id: str) -> str | None:
        """The page of a person's company by its own id, where a record tells it; None if there is none."""
        return self._page(base, ContactType.COMPANY, company_id)

    def _page(self, base: str, kind: ContactType, full_id: str) -> str | None:
        record_id = full_id.removeprefix(self.id_prefix)
        template = self.pages.get(kind, "")
        if not 0 < len(record_id) <= _ID_MAX or record_id in {".", ".."}:
            return None
        return self._fill(template, base, {"id": record_id})

    def new_contact_url(self, base: str, number: str, name: str) -> str | None:
        """The page that makes a contact, with what the app can take over; None if there is no such page.

        `number` is E.164. `name` is network text and goes only where a template asks for it.
        """
        return self._fill(self.new_page, base, {"number": number, "name": name})

    def _fill(self, template: str, base: str, values: Mapping[str, str]) -> str | None:
        root = (base or self.base).strip().rstrip("/")
        if not template or not safe_url(root):
            return None
        quoted = {name: quote(value, safe="", errors="replace") for name, value in values.items()}
        url = template.format(base=root, **quoted)
        return url if safe_url(url) and _host(url) == _host(root) else None


def safe_url(url: str) -> bool:
    """Whether `url` may become a link: https, or http on this machine itself (the demo)."""
    if not _SCHEME_HOST.match(url) or any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return False
    # A user part makes an address look like another site's.
    if not host or "\\" in url or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
