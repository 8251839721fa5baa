"""Writes to Freshdesk, one record a request. A contact is only ever put into the bin, never destroyed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linedesk.apps.base import Outcome, Refused, RemovalOutcome, Removed, Stored, Unsure
from linedesk.apps.freshdesk_companies import Companies
from linedesk.apps.freshdesk_fields import COMPANY, EXTERNAL_ID, ONE_OF, TAGS, Fields, sendable
from linedesk.apps.freshdesk_reading import Reader
from linedesk.apps.freshdesk_wire import API, ID, Row, Wire, id_of
from linedesk.apps.http import object_in
from linedesk.apps.records import Draft, Patch, Record, RecordState, Value
from linedesk.errors import (
    VendorAuth,
    VendorBusy,
    VendorDuplicate,
    VendorError,
    VendorForbidden,
    VendorGarbled,
    VendorInvalid,
    VendorNotFound,
    VendorRouteMissing,
    VendorUnreachable,
)

_COMPANY_ID = "company_id"
# These concern the whole account: nothing was written, and the next record would fare no better.
_STOPS = (VendorAuth, VendorBusy, VendorForbidden, VendorUnreachable)


class Writer:
    """Makes, changes, tags and bins contacts. `external_ids`: Linedesk's own id may be kept on them."""

    def __init__(self, wire: Wire, companies: Companies, reader: Reader, *, external_ids: bool) -> None:
        self._wire = wire
        self._companies = companies
        self._reader = reader
        self._external_ids = external_ids

    async def create(self, draft: Draft, fields: Fields) -> Outcome:
        try:
            body = await self._body(draft.fields, fields)
            if draft.external_id and self._external_ids:
                body[EXTERNAL_ID] = draft.external_id
            body = {name: value for name, value in body.items() if value not in (None, [])}
            self._check_new(body)
        except _STOPS:
            raise
        except VendorError as error:
            return Refused(error)
        return await self._stored("POST", f"{API}/contacts", body, fields)

    async def update(self, patch: Patch, fields: Fields) -> Outcome:
        try:
            path = contact_path(self._wire.who, patch.id)
            body = await self._body(patch.fields, fields)
            if not str(body.get("name", "as it was") or "").strip():
                raise VendorInvalid(f"{self._wire.who} keeps no contact without a name.", field="name")
            if await self._may_mark(path, patch):
                body[EXTERNAL_ID] = patch.external_id
            if not body:
                row = object_in(await self._wire.http.ask(path))
                return Stored(await self._record(row, fields))
        except _STOPS:
            raise
        except VendorError as error:
            return Refused(error)
        return await self._stored("PUT", path, body, fields)

    async def delete(self, record_id: str) -> RemovalOutcome:
        try:
            path = contact_path(self._wire.who, record_id)
        except VendorNotFound:
            return Removed(record_id)
        answer = await self._wire.http.write("DELETE", path, idempotent=True)
        if isinstance(answer, Refused) and isinstance(answer.error, VendorNotFound):
            return Removed(record_id)
        return answer if isinstance(answer, Refused | Unsure) else Removed(record_id)

    async def retag(self, record_id: str, tag: str, *, member: bool, fields: Fields) -> Outcome:
        """Add or take away one tag; the others are read just before, since all are written at once."""
        try:
            row = object_in(await self._wire.http.ask(contact_path(self._wire.who, record_id)))
        except _STOPS:
            raise
        except VendorError as error:
            return Refused(error)
        record = await self._record(row, fields)
        tags = record.fields.get(TAGS)
        kept = [str(each) for each in tags] if isinstance(tags, tuple) else []
        wanted = [*kept, tag] if member and tag not in kept else [t for t in kept if member or t != tag]
        if wanted == kept:
            return Stored(record)
        return await self.update(Patch(record_id, {TAGS: tuple(wanted)}), fields)

    async def _body(self, values: Mapping[str, Value], fields: Fields) -> dict[str, Any]:
        body = fields.wire(self._wire.who, values)
        if COMPANY in values:
            value = values[COMPANY]
            name = sendable(self._wire.who, COMPANY, "Company", value) if isinstance(value, str) else ""
            body[_COMPANY_ID] = await self._companies.id_of(name) if name.strip() else None
        return body

    def _check_new(self, body: Mapping[str, Any]) -> None:
        if not str(body.get("name") or "").strip():
            raise VendorInvalid(f"{self._wire.who} takes no contact without a name.", field="name")
        if not any(str(body.get(name) or "").strip() for name in ONE_OF):
            raise VendorInvalid(
                f"{self._wire.who} takes a contact only with an e-mail, a phone number or an external ID.",
                field="email",
            )

    async def _may_mark(self, path: str, patch: Patch) -> bool:
        """Whether Linedesk's id is to be put on the contact: a value that is there may be anybody's."""
        if not (patch.external_id and self._external_ids):
            return False
        return patch.is_unmarked or not object_in(await self._wire.http.ask(path)).get(EXTERNAL_ID)

    async def _stored(self, method: str, path: str, body: Mapping[str, Any], fields: Fields) -> Outcome:
        answer = await self._wire.http.write(method, path, body)
        if isinstance(answer, Unsure):
            return answer
        if isinstance(answer, Refused) and isinstance(answer.error, VendorRouteMissing):
            # Freshdesk lets nobody change what is in the bin.
            return Refused(VendorNotFound(f"{self._wire.who} has this contact in its bin."))
        if isinstance(answer, Refused):
            if isinstance(answer.error, VendorInvalid) and answer.error.field == _COMPANY_ID:
                self._companies.forget(body.get(_COMPANY_ID, 0))
            holder = answer.error.holder if isinstance(answer.error, VendorDuplicate) else None
            return Refused(answer.error, holder)
        if not answer.get("id"):
            return Unsure(VendorGarbled(f"{self._wire.who} did not say what it stored."))
        return Stored(await self._record(answer, fields))

    async def _record(self, row: Row, fields: Fields) -> Record:
        return await whole_record(self._wire.who, row, fields, self._companies, self._reader)


async def whole_record(who: str, row: Row, fields: Fields, companies: Companies, reader: Reader) -> Record:
    """A single view of a contact as a record, with its company's name and whether it is blocked."""
    record_id = id_of(who, row)
    await companies.ensure([row])
    blocked = row.get("blocked") is True or await reader.is_blocked(record_id)
    state = RecordState.BLOCKED if blocked else RecordState.ACTIVE
    return fields.record(row, companies.names, state, listed=False)


def contact_path(who: str, record_id: str) -> str:
    """The address of one contact; raises `VendorNotFound` for an id that no contact can have."""
    if not ID.fullmatch(record_id):
        raise VendorNotFound(f"{who} has no contact with such an id.")
    return f"{API}/contacts/{record_id}"
