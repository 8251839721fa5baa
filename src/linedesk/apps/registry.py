"""Every app that Linedesk knows, with the addresses of its pages, as data.

Where an account's address must carry more than the host (HubSpot's portal, Copper's company), a comment
says so. No vendor documents what its new-contact page takes over; a query that it does not read does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from linedesk.apps.base import AppInfo
from linedesk.contacts.model import ContactType

_PERSON, _COMPANY = ContactType.PERSON, ContactType.COMPANY

_APPS = (
    AppInfo(
        name="freshdesk",
        title="Freshdesk",
        pages={_PERSON: "{base}/a/contacts/{id}", _COMPANY: "{base}/a/companies/{id}"},
        new_page="{base}/a/contacts/new?phone={number}&name={name}",
    ),
    # The account's address carries the portal: https://app.hubspot.com/contacts/PORTAL
    AppInfo(
        name="hubspot",
        title="HubSpot",
        pages={_PERSON: "{base}/record/0-1/{id}", _COMPANY: "{base}/record/0-2/{id}"},
    ),
    AppInfo(
        name="google",
        title="Google Contacts",
        base="https://contacts.google.com",
        pages={_PERSON: "{base}/person/{id}"},
        id_prefix="people/",
    ),
    # The account's address carries the company: https://app.copper.com/companies/ACCOUNT
    AppInfo(
        name="copper",
        title="Copper",
        pages={_PERSON: "{base}/app#/contact/{id}", _COMPANY: "{base}/app#/organization/{id}"},
    ),
    AppInfo(name="carddav", title="CardDAV"),
    AppInfo(name="csv", title="CSV file"),
)

REGISTRY: Mapping[str, AppInfo] = MappingProxyType({app.name: app for app in _APPS})
