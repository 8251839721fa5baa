"""Whose credential it is, who else is on the PBX, and which PBX it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import structlog

from linedesk.errors import VendorError, VendorForbidden, VendorGarbled, VendorNotFound, VendorRouteMissing
from linedesk.pbx.base import Colleague, Me
from linedesk.pbx.wildix.colleagues import PAGE, Listing
from linedesk.pbx.wildix.exchange import Exchange
from linedesk.pbx.wildix.fields import clean_name, items, mapping, text

log = structlog.get_logger(__name__)

INFO = "/api/v1/personal/info"
COLLEAGUES = "/api/v1/Colleagues/"
VERSION = "/api/v1/PBX/version"
_DEFAULT_DIALPLAN = "users"
_VERSION = re.compile(r"[0-9]+(?:\.[0-9A-Za-z_-]+)+")


class People:
    """Asks one PBX. `key_name`: what the credential is called when it is no user's ("company API key")."""

    def __init__(self, account: str, exchange: Exchange, key_name: str | None) -> None:
        self._account = account
        self._exchange = exchange
        self._key_name = key_name
        # extension -> dialplan, as the last listing of colleagues had it
        self._dialplans: Mapping[str, str] = {}

    async def me(self, *, interactive: bool = True) -> Me:
        """Who the credential belongs to."""
        if self._key_name is not None:
            await self.ping()
            return Me(self._key_name, admin=True)
        data = await self._exchange.get(INFO, interactive=interactive)
        result = data.get("result")
        found = _one(result)
        extension = text(found.get("extension"))
        if extension is None and text(found.get("id")) is None:
            raise VendorGarbled(f"{self._exchange.who} didn't say whose token this is.")
        role = (text(found.get("role")) or "").lower()
        return Me(
            name=clean_name(found.get("name")) or clean_name(found.get("dn")) or extension or "",
            extension=extension,
            email=(text(found.get("email"), 254) or "").lower() or None,
            id=text(found.get("id")) or "",
            admin=role == "admin",
            role=role,
        )

    async def ping(self) -> None:
        """Reach the PBX with the credential; raises `VendorError`s when it is not accepted."""
        try:
            await self._exchange.get(COLLEAGUES, {"start": "0", "count": "1"})
        except VendorForbidden:
            # It knows the credential, which may just not read colleagues.
            log.info("colleagues_forbidden", account=self._account)

    async def version(self) -> str | None:
        """The PBX's version ("7.01.20250101.1"); None where the PBX doesn't tell it."""
        try:
            data = await self._exchange.get(VERSION)
        except (VendorRouteMissing, VendorNotFound, VendorForbidden):
            return None
        result = data.get("result", data)
        told = mapping(result).get("version", result)
        found = _VERSION.search(text(told) or "")
        return found[0] if found else None

    async def colleagues(self, *, interactive: bool = False) -> tuple[Colleague, ...]:
        """Every user of the PBX that has an extension, by extension. Raises `VendorError`s."""
        listing = Listing(self._exchange.who)
        while not listing.complete:
            query = {"start": str(listing.next_start), "count": str(PAGE), "sort": "dn", "dir": "ASC"}
            listing.add(await self._exchange.get(COLLEAGUES, query, interactive=interactive))
        self._dialplans = listing.dialplans
        return listing.colleagues()

    async def dialplan_of(self, extension: str) -> str:
        """The dialplan of an extension, and the usual one where it can't be read."""
        if extension not in self._dialplans:
            try:
                await self.colleagues(interactive=True)
            except VendorError as error:
                # The token may not read colleagues; nearly every PBX has its users in the default one.
                log.warning("dialplan_unknown", account=self._account, error_code=error.code)
        return self._dialplans.get(extension, _DEFAULT_DIALPLAN)


def _one(result: Any) -> Mapping[str, Any]:
    """The record, whether it stands under `result` itself or as the only one of a list."""
    rows = items(mapping(result).get("records")) or items(result)
    return mapping(rows[0]) if rows else mapping(result)
