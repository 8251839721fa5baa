"""The reference app: the whole port in memory, with capabilities and faults that a test chooses.

    app = MemoryApp(ManualClock(), account="crm")
    ada = app.server.seed(name="Ada Example", phone="+390212345678")
    app.server.faults.script("create", None, Fault.LOST_AFTER)

Several apps may be opened on one `MemoryServer`: that is what a restart after a kill is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from contract.memory_faults import (
    Fault,
    Faults,
    both,
    numbers_reformatted,
    raise_if_request_fails,
    spaces_trimmed,
    text_cut,
)
from contract.memory_server import MemoryServer, WriteNotDue, Written
from contract.memory_shape import CAPABILITIES, FIELDS
from linedesk.apps.base import (
    Capabilities,
    Checked,
    Feed,
    Finding,
    Level,
    Outcome,
    Refused,
    Removal,
    RemovalOutcome,
    Removed,
    Stored,
    Unsure,
    Vanished,
    Watch,
)
from linedesk.apps.number_fields import check_number_fields, contact_numbers, number_infos
from linedesk.apps.records import (
    Activity,
    Changes,
    Complete,
    Cursor,
    Draft,
    FieldInfo,
    Group,
    Patch,
    Reading,
    Record,
    RecordState,
    Tombstone,
    Value,
)
from linedesk.clock import Clock
from linedesk.contacts.model import Contact
from linedesk.errors import (
    CursorLost,
    ListingBroken,
    VendorDuplicate,
    VendorError,
    VendorInvalid,
    VendorNotFound,
    VendorTimeout,
    VersionStale,
)

__all__ = [
    "CAPABILITIES",
    "FIELDS",
    "Fault",
    "Faults",
    "MemoryApp",
    "MemoryServer",
    "WriteNotDue",
    "Written",
    "both",
    "numbers_reformatted",
    "spaces_trimmed",
    "text_cut",
]

_WALKS = 3


class MemoryApp:
    """One open account. Faults, users' edits and counters are at `server`.

    `capabilities` is a `Capabilities` of the test's choice; `list_omits` and the lag of it are obeyed (the
    lag is laid on the server). `fields` replaces the default ones.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        account: str = "memory",
        capabilities: Capabilities = CAPABILITIES,
        fields: Sequence[FieldInfo] = FIELDS,
        number_fields: Sequence[str] = (),
        server: MemoryServer | None = None,
    ) -> None:
        self.account = account
        self.capabilities = capabilities
        self.server = server or MemoryServer(clock)
        self.server.lag_s = max(self.server.lag_s, capabilities.visibility_lag_s)
        self.closed = False
        self._clock = clock
        self._fields = tuple(fields)
        self._number_fields = tuple(number_fields)
        self._who = self.server.who = f"Memory ({account})"

    async def check(self) -> Checked:
        try:
            self._request("check")
        except VendorError as error:
            return Checked("", (Finding(Level.MISSING, error.message, error.remedy),))
        findings = check_number_fields(self._who, self._fields, self._number_fields)
        return Checked("a memory", (Finding(Level.OK, f"{self._who} answers."), *findings))

    async def fields(self) -> tuple[FieldInfo, ...]:
        self._request("fields")
        return self._fields

    async def read(self, since: Cursor | None, watch: Watch) -> Reading:
        capabilities = self.capabilities
        seq, at_ms = self.server.shown_seq(), self._clock.now_ms()
        cursor = Cursor(json.dumps({"epoch": self.server.epoch, "seq": seq, "at_ms": at_ms}))
        if since is None or capabilities.feed is Feed.NONE:
            return Complete(tuple(self._walk(None, None, watch)), cursor)
        since_seq, since_ms = self._place(since)
        if capabilities.feed is Feed.TOKEN:
            rows = self._walk(since_seq, None, watch)
        else:
            rows = self._walk(None, since_ms - round(self.server.lag_s * 1000) - 1000, watch)
        tombstones: tuple[Tombstone, ...] = ()
        if capabilities.vanished is Vanished.TOMBSTONE:
            # A feed by time can't tell since when, so it tells every one again.
            after = since_seq if capabilities.feed is Feed.TOKEN else 0
            tombstones = tuple(Tombstone(*each) for each in self.server.tombstones(after))
        return Changes(tuple(rows), tombstones, cursor)

    async def get_many(self, ids: Sequence[str]) -> tuple[Record, ...]:
        self._request("get")
        stale = self.server.faults.stale_gets > 0
        self.server.faults.stale_gets -= 1 if stale else 0
        found: dict[str, Record] = {}
        for record_id in ids:
            record = self._current(record_id)
            if stale and record is not None:
                record = self.server.before_last_write(record.id)
            if record is not None:
                found[record.id] = self._shown(record)
        return tuple(found.values())

    async def create(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        self._batch(drafts, self.capabilities.create_batch)
        faults = [self._row("create", "") for _ in drafts]
        return tuple(self._create(*each) for each in zip(drafts, faults, strict=True))

    async def update(self, patches: Sequence[Patch]) -> tuple[Outcome, ...]:
        self._batch(patches, self.capabilities.update_batch)
        faults = [self._row("update", patch.id) for patch in patches]
        return tuple(self._update(*each) for each in zip(patches, faults, strict=True))

    async def delete(
        self, ids: Sequence[str], versions: Mapping[str, str] | None = None
    ) -> tuple[RemovalOutcome, ...]:
        self._batch(ids, self.capabilities.delete_batch)
        faults = [self._row("delete", record_id) for record_id in ids]
        asked = versions or {}
        return tuple(self._delete(i, fault, asked.get(i)) for i, fault in zip(ids, faults, strict=True))

    async def find_by_phone(self, spellings: Sequence[str]) -> tuple[Record, ...]:
        self._request("find")
        wanted = set(spellings)
        names = [each.name for each in number_infos(self._fields, self._number_fields) if not each.many]
        return tuple(
            self._shown(record)
            for record in self._listed()
            if any(record.text(name) in wanted for name in names)
        )

    async def find_by_external_id(self, external_id: str) -> tuple[Record, ...]:
        self._request("external")
        rows = self._listed() if self.server.external_ids_lag else list(self.server.records.values())
        return tuple(self._shown(row) for row in rows if self.server.external_id(row.id) == external_id)

    async def groups(self, kind: str) -> tuple[Group, ...]:
        self._request("groups")
        return tuple(each for each in self.server.groups.values() if each.kind == kind)

    async def regroup(self, group: Group, add: Sequence[str], remove: Sequence[str]) -> tuple[Outcome, ...]:
        outcomes: list[Outcome] = []
        for record_id, member in [(each, True) for each in add] + [(each, False) for each in remove]:
            fault = self._row("regroup", record_id)
            record = self._current(record_id)
            if record is None or group.id not in self.server.groups:
                outcomes.append(Refused(self._gone(record_id)))
                continue
            if fault is not Fault.LOST_BEFORE:
                self.server.join(group.id, record.id, member=member)
            outcomes.append(self._answer(fault, record.id))
        return tuple(outcomes)

    async def members(self, group: Group) -> frozenset[str]:
        self._request("members")
        return frozenset(self.server.members[group.id])

    async def log(self, activity: Activity) -> str:
        self._request("log")
        return self.server.note(activity)

    def contact(self, record: Record) -> Contact | None:
        if record.state is RecordState.DELETED:
            return None
        return Contact(
            id=f"{self.account}:{record.id}",
            book=self.account,
            app="memory",
            record_id=record.id,
            name=record.text("name"),
            type=record.type,
            company=record.text("company"),
            emails=tuple(filter(None, (record.text("email"),))),
            numbers=contact_numbers(record, self._fields, self._number_fields),
            archived=record.state is RecordState.ARCHIVED,
            blocked=record.state is RecordState.BLOCKED,
        )

    async def close(self) -> None:
        self.closed = True

    def _create(self, draft: Draft, fault: Fault | None) -> Outcome:
        refused = self._refusal(fault, draft.fields, None)
        if refused is not None:
            return refused
        if fault is Fault.LOST_BEFORE:
            return self._answer(fault, "")
        external = draft.external_id if self.capabilities.external_id_field else None
        return self._answer(fault, self.server.insert(draft.fields, external_id=external))

    def _update(self, patch: Patch, fault: Fault | None) -> Outcome:
        record = self._current(patch.id)
        if record is None:
            return Refused(self._gone(patch.id))
        if self.capabilities.versions and patch.version != record.version:
            return Refused(VersionStale(f"{self._who}: the record was changed since it was read."))
        refused = self._refusal(fault, patch.fields, record.id)
        if refused is not None:
            return refused
        if fault is not Fault.LOST_BEFORE:
            external = patch.external_id if self.capabilities.external_id_field else None
            self.server.change(record.id, patch.fields, external_id=external)
        return self._answer(fault, record.id)

    def _delete(self, record_id: str, fault: Fault | None, version: str | None) -> RemovalOutcome:
        if self.capabilities.removal is Removal.NONE or fault is Fault.REFUSE:
            return Refused(VendorInvalid(f"{self._who} deletes nothing."))
        record = self._current(record_id)
        if self.capabilities.versions and record is not None and version != record.version:
            return Refused(VersionStale(f"{self._who}: the record was changed since it was read."))
        if fault is not Fault.LOST_BEFORE and record_id in self.server.records:
            self.server.remove(record_id, softly=self.capabilities.removal is Removal.SOFT)
        if fault in {Fault.LOST_BEFORE, Fault.LOST_AFTER}:
            return self._unsure()
        return Removed(record_id)

    def _refusal(
        self, fault: Fault | None, fields: Mapping[str, Value], own_id: str | None
    ) -> Refused | None:
        if fault is Fault.REFUSE:
            return Refused(VendorInvalid(f"{self._who} does not accept a field.", field="email"))
        infos = {each.name: each for each in self._fields}
        for name, value in fields.items():
            info = infos.get(name)
            if info is None or info.read_only:
                return Refused(VendorInvalid(f"{self._who} can't write the field {name}.", field=name))
            if info.required and value in (None, ""):
                return Refused(VendorInvalid(f"{self._who} needs the field {name}.", field=name))
            holder = self._holder(info, value, own_id)
            if holder is not None:
                sentence = f"{self._who} has another record with this {info.label}."
                return Refused(VendorDuplicate(sentence, holder=holder), holder)
        lacking = [i.name for i in infos.values() if i.required and own_id is None and not fields.get(i.name)]
        if lacking:
            return Refused(VendorInvalid(f"{self._who} needs the field {lacking[0]}.", field=lacking[0]))
        return None

    def _holder(self, info: FieldInfo, value: Value, own_id: str | None) -> str | None:
        if not info.unique or value in (None, "", ()):
            return None
        others = (each for each in self.server.records.values() if each.id != own_id)
        return next((each.id for each in others if each.fields.get(info.name) == value), None)

    def _answer(self, fault: Fault | None, record_id: str) -> Outcome:
        if fault in {Fault.LOST_BEFORE, Fault.LOST_AFTER}:
            return self._unsure()
        return Stored(self._shown(self.server.truth(record_id)))

    def _unsure(self) -> Unsure:
        return Unsure(VendorTimeout(f"{self._who} didn't answer within 10 s."))

    def _gone(self, record_id: str) -> VendorNotFound:
        return VendorNotFound(f"{self._who} has no record {record_id} any more.")

    def _walk(self, since_seq: int | None, since_ms: int | None, watch: Watch) -> list[Record]:
        for _ in range(_WALKS):
            rows = self._walk_once(since_seq, since_ms, watch)
            if rows is not None:
                return [self._shown(row, listed=True) for row in rows if self._in_listing(row)]
        raise ListingBroken(f"{self._who}: its pages don't fit together, three times over.")

    def _walk_once(self, since_seq: int | None, since_ms: int | None, watch: Watch) -> list[Record] | None:
        """Every page begins with the last row of the one before; None when one doesn't."""
        rows: list[Record] = []
        while True:
            start = max(0, len(rows) - 1)
            self._request("list", scripted=False)
            page, total = self.server.page(start, since_seq, since_ms)
            if rows:
                if not page or page[0].id != rows[-1].id:
                    return None
                page = page[1:]
            rows.extend(page)
            watch(len(rows), total)
            if len(rows) >= total:
                return rows
            if not page:
                return None

    def _in_listing(self, record: Record) -> bool:
        return record.state is not RecordState.DELETED or self.capabilities.vanished is Vanished.SOFT

    def _listed(self) -> list[Record]:
        seen = [self.server.seen(each, lagging=True) for each in self.server.ids()]
        return [each[0] for each in seen if each is not None and each[0] is not None]

    def _shown(self, record: Record, *, listed: bool = False) -> Record:
        fields: dict[str, Value] = {**record.fields, "id": record.id}
        if self.capabilities.external_id_field:
            fields[self.capabilities.external_id_field] = self.server.external_id(record.id)
        missing = self.capabilities.list_omits if listed else frozenset()
        kept = {name: value for name, value in fields.items() if name not in missing}
        version = record.version if self.capabilities.versions else None
        formers = record.former_ids if self.capabilities.names_merge_winner else ()
        return replace(record, fields=kept, missing=missing, version=version, former_ids=formers)

    def _current(self, record_id: str) -> Record | None:
        """The record, or its merge winner where this app names it."""
        now = self.server.seen(record_id, lagging=False)
        if now is None:
            return None
        record, _, winner = now
        if record is None and winner is not None and self.capabilities.names_merge_winner:
            return self._current(winner)
        return record

    def _place(self, since: Cursor) -> tuple[int, int]:
        try:
            place = json.loads(since.text)
            epoch, seq, at_ms = int(place["epoch"]), int(place["seq"]), int(place["at_ms"])
        except (ValueError, KeyError, TypeError):
            raise CursorLost(f"{self._who} does not know where the last reading stopped.") from None
        if epoch != self.server.epoch:
            raise CursorLost(f"{self._who} no longer knows where the last reading stopped.")
        return seq, at_ms

    def _request(self, op: str, *, scripted: bool = True) -> None:
        self.server.begin(op)
        if scripted:
            raise_if_request_fails(self.server.faults.take(op), self._who)

    def _row(self, op: str, record_id: str) -> Fault | None:
        self.server.begin(op)
        self.server.allow_write(op)
        fault = self.server.faults.take(op, record_id)
        raise_if_request_fails(fault, self._who)
        return fault

    def _batch(self, rows: Sequence[object], most: int) -> None:
        if not 0 < len(rows) <= most:
            raise ValueError(f"a batch of {len(rows)} where 1 to {most} rows are allowed")
