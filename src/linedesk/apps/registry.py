"""Every app that Linedesk knows, one line each. An app of its own is a module that offers a `KIND`.

Of the apps that are written out here only the pages are known: their contacts come from a file.
Where an account's address must carry more than the host (HubSpot's portal, Copper's company), a comment
says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from linedesk.apps import freshdesk, wildix_phonebook
from linedesk.apps.info import AppInfo
from linedesk.apps.kind import AppKind
from linedesk.contacts.model import ContactType

_PERSON, _COMPANY = ContactType.PERSON, ContactType.COMPANY

# The account's address carries the portal: https://app.hubspot.com/contacts/PORTAL
_HUBSPOT = AppInfo(
    name="hubspot",
    title="HubSpot",
    pages={_PERSON: "{base}/record/0-1/{id}", _COMPANY: "{base}/record/0-2/{id}"},
)
_GOOGLE = AppInfo(
    name="google",
    title="Google Contacts",
    base="https://contacts.google.com",
    pages={_PERSON: "{base}/person/{id}"},
    id_prefix="people/",
)
# The account's address carries the company: https://app.copper.com/companies/ACCOUNT
_COPPER = AppInfo(
    name="copper",
    title="Copper",
    pages={_PERSON: "{base}/app#/contact/{id}", _COMPANY: "{base}/app#/organization/{id}"},
)

KINDS = (
    freshdesk.KIND,
    wildix_phonebook.KIND,
    AppKind(_HUBSPOT),
    AppKind(_GOOGLE, needs_url=False),
    AppKind(_COPPER),
    AppKind(AppInfo(name="carddav", title="CardDAV"), needs_url=False),
    AppKind(AppInfo(name="csv", title="CSV file"), needs_url=False),
)

REGISTRY: Mapping[str, AppKind] = MappingProxyType({kind.info.name: kind for kind in KINDS})
