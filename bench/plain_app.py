"""The least app there can be: records in memory, told by a sequence number, one write a request, no budget.

What a sync between two of them takes is Linedesk's own time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from linedesk.apps.base import (
    Capabilities,
    Checked,
    Feed,
    Outcome,
    Refused,
    Removal,
    RemovalOutcome,
    Removed,
    Stored,
    Vanished,
    Watch,
)
from linedesk.apps.records import (
    Activity,
    Changes,
    Complete,
    Cursor,
    Draft,
    FieldInfo,
    FieldKind,
    Group,
    Patch,
    Reading,
    Record,
    Tombstone,
    Value,
)
from linedesk.contacts.model import Contact, ContactNumber
from linedesk.errors import VendorNotFound

FIELDS = (
    FieldInfo("id", "ID", FieldKind.ID, read_only=True),
    FieldInfo("external_id", "External ID", FieldKind.ID, read_only=True),
    FieldInfo("name", "Name", FieldKind.NAME, required=True),
    FieldInfo("email", "E-mail", FieldKind.EMAIL),
    FieldInfo("phone", "Phone", FieldKind.PHONE),
    FieldInfo("mobile", "Mobile", FieldKind.PHONE),
    FieldInfo("company", "Company", FieldKind.COMPANY),
    FieldInfo("address", "Address", FieldKind.ADDRESS),
)


class PlainApp:
    """`writes` counts the rows that were written, `requests` everything that was asked."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.records: dict[str, Record] = {}
        self.writes = 0
        self.requests = 0
        self._seq = 0
        self._changed: dict[str, int] = {}
        self._by_external_id: dict[str, str] = {}

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            Feed.TOKEN, Vanished.TOMBSTONE, Removal.FINAL, external_id_field="external_id", requests_per_s=1e6
        )

    def put(self, record_id: str, fields: Mapping[str, Value]) -> Record:
        """Store a record, as a user or a request does."""
        self._seq += 1
        record = Record(record_id, {**fields, "id": record_id}, modified_ms=self._seq)
        self.records[record_id] = record
        self._changed[record_id] = self._seq
        external_id = record.text("external_id")
        if external_id:
            self._by_external_id[external_id] = record_id
        return record

    async def check(self) -> Checked:
        return Checked("a memory", ())

    async def fields(self) -> tuple[FieldInfo, ...]:
        self.requests += 1
        return FIELDS

    async def read(self, since: Cursor | None, watch: Watch) -> Reading:
        self.requests += 1
        cursor = Cursor(str(self._seq))
        if since is None:
            watch(len(self.records), len(self.records))
            return Complete(tuple(self.records.values()), cursor)
        after = int(since.text)
        ids = [each for each, seq in self._changed.items() if seq > after]
        there = tuple(self.records[each] for each in ids if each in self.records)
        return Changes(there, tuple(Tombstone(each) for each in ids if each not in self.records), cursor)

    async def get_many(self, ids: Sequence[str]) -> tuple[Record, ...]:
        self.requests += 1
        return tuple(self.records[each] for each in ids if each in self.records)

    async def create(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        self.requests += 1
        self.writes += len(drafts)
        return tuple(
            Stored(self.put(f"{self.account}-{self._seq}", {**each.fields, "external_id": each.external_id}))
            for each in drafts
        )

    async def update(self, patches: Sequence[Patch]) -> tuple[Outcome, ...]:
        self.requests += 1
        self.writes += len(patches)
        return tuple(map(self._update, patches))

    def _update(self, patch: Patch) -> Outcome:
        record = self.records.get(patch.id)
        if record is None:
            return Refused(VendorNotFound(f"{self.account} has no record {patch.id}."))
        external_id = record.fields.get("external_id") or patch.external_id
        return Stored(self.put(patch.id, {**record.fields, **patch.fields, "external_id": external_id}))

    async def delete(
        self, ids: Sequence[str], versions: Mapping[str, str] | None = None
    ) -> tuple[RemovalOutcome, ...]:
        self.requests += 1
        self.writes += len(ids)
        for each in ids:
            self._seq += 1
            self._changed[each] = self._seq
            self.records.pop(each, None)
        return tuple(Removed(each) for each in ids)

    async def find_by_phone(self, spellings: Sequence[str]) -> tuple[Record, ...]:
        return ()

    async def find_by_external_id(self, external_id: str) -> tuple[Record, ...]:
        self.requests += 1
        found = self.records.get(self._by_external_id.get(external_id, ""))
        return () if found is None else (found,)

    async def groups(self, kind: str) -> tuple[Group, ...]:
        return ()

    async def regroup(self, group: Group, add: Sequence[str], remove: Sequence[str]) -> tuple[Outcome, ...]:
        return ()

    async def log(self, activity: Activity) -> str:
        return ""

    def contact(self, record: Record) -> Contact | None:
        labels = (("phone", "work"), ("mobile", "mobile"))
        numbers = tuple(
            ContactNumber(record.text(name), label) for name, label in labels if record.text(name)
        )
        return Contact(
            f"{self.account}:{record.id}",
            self.account,
            "plain",
            record.id,
            record.text("name"),
            company=record.text("company"),
            emails=tuple(filter(None, (record.text("email"),))),
            numbers=numbers,
        )

    async def close(self) -> None:
        return None
