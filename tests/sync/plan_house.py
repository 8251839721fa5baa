"""Two small books and a perfect engine: applies a plan to them, with what a vendor makes of a write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from linedesk.apps.records import FieldInfo, FieldKind, Record, RecordState, Value
from linedesk.numbers import NumberPlan
from linedesk.sync.after_write import agreed_after, link_after
from linedesk.sync.brakes import brakes_of
from linedesk.sync.conditions import usual_rules
from linedesk.sync.merge import PairLanes, rows_between
from linedesk.sync.model import (
    Change,
    Connection,
    Decision,
    Direction,
    Known,
    Link,
    MappingRow,
    Op,
    Plan,
    Side,
)
from linedesk.sync.plan import make_plan
from linedesk.sync.values import is_blank

ITALY = NumberPlan("IT")

CRM_FIELDS = (
    FieldInfo("name", "Name", FieldKind.NAME, required=True),
    FieldInfo("email", "E-mail", FieldKind.EMAIL),
    FieldInfo("phone", "Work phone", FieldKind.PHONE),
    FieldInfo("mobile", "Mobile", FieldKind.PHONE),
    FieldInfo("company", "Company", FieldKind.COMPANY),
    FieldInfo("address", "Address", FieldKind.ADDRESS),
    FieldInfo("notes", "Notes", FieldKind.LONG_TEXT, detail_only=True),
    FieldInfo("tags", "Tags", FieldKind.TAGS, many=True, group_kind="tag"),
    FieldInfo("external_id", "External ID", FieldKind.ID),
)
BOOK_FIELDS = (
    FieldInfo("name", "Name", FieldKind.NAME, required=True, max_length=255),
    FieldInfo("email", "E-mail", FieldKind.EMAIL, max_length=255),
    FieldInfo("office", "Office", FieldKind.PHONE, max_length=64),
    FieldInfo("mobile", "Mobile", FieldKind.PHONE, max_length=64),
    FieldInfo("organization", "Organization", FieldKind.COMPANY, max_length=255),
    FieldInfo("address", "Address", FieldKind.ADDRESS, max_length=255),
    FieldInfo("note", "Note", FieldKind.LONG_TEXT),
    FieldInfo("shortcut", "Shortcut", FieldKind.TEXT),
    FieldInfo("tags", "Tags", FieldKind.TAGS, many=True, group_kind="tag"),
    FieldInfo("document_id", "Document", FieldKind.ID),
)
ROWS = (
    MappingRow("name", "name", transform="name"),
    MappingRow("email", "email"),
    MappingRow("phone", "office", transform="number"),
    MappingRow("mobile", "mobile", transform="number"),
    MappingRow("company", "organization"),
    MappingRow("address", "address"),
)
CONNECTION = Connection("crm to pbx", "crm", "book")
TWO_WAY = replace(CONNECTION, direction=Direction.BOTH)
Normalise = Callable[[str, Value], Value]


def as_given(name: str, value: Value) -> Value:
    """A vendor that stores what it is given."""
    return value


def named(fields: Iterable[FieldInfo]) -> dict[str, FieldInfo]:
    return {info.name: info for info in fields}


def mirrored(rows: Iterable[MappingRow]) -> tuple[MappingRow, ...]:
    turned = {Direction.TO_A: Direction.TO_B, Direction.TO_B: Direction.TO_A}
    return tuple(
        replace(row, a=row.b, b=row.a, direction=turned.get(row.direction, row.direction)) for row in rows
    )


@dataclass
class Houses:
    """The CRM (side A) and the phonebook (side B), their links, and what people decided."""

    crm: dict[str, Record] = field(default_factory=dict)
    book: dict[str, Record] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    rows: tuple[MappingRow, ...] = ROWS
    connection: Connection = CONNECTION
    normalise: Normalise = as_given
    crm_fields: tuple[FieldInfo, ...] = CRM_FIELDS
    book_fields: tuple[FieldInfo, ...] = BOOK_FIELDS
    whole: bool = True
    crm_gone: set[str] = field(default_factory=set)
    crm_merged: dict[str, str] = field(default_factory=dict)
    book_merged: dict[str, str] = field(default_factory=dict)
    last: dict[str, Record] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)
    names_merge_winner: bool = True
    tied: set[str] = field(default_factory=set)
    numbering: count[int] = field(default_factory=lambda: count(1))
    clock: count[int] = field(default_factory=lambda: count(1_764_000_000_000, 1000))

    def add(self, state: RecordState = RecordState.ACTIVE, /, **fields: Value) -> str:
        """A record in the CRM; its id."""
        return self._add(self.crm, "c", fields, state)

    def add_to_book(self, state: RecordState = RecordState.ACTIVE, /, **fields: Value) -> str:
        return self._add(self.book, "b", fields, state)

    def edit(self, record_id: str, **fields: Value) -> None:
        """A person changes fields of a record of either side."""
        records = self.crm if record_id in self.crm else self.book
        old = records[record_id]
        records[record_id] = replace(old, fields={**old.fields, **fields}, modified_ms=next(self.clock))

    def set_state(self, record_id: str, state: RecordState) -> None:
        records = self.crm if record_id in self.crm else self.book
        records[record_id] = replace(records[record_id], state=state)

    def delete(self, record_id: str) -> None:
        """A person deletes a record of either side; what it held is still known."""
        records = self.crm if record_id in self.crm else self.book
        self.last[record_id] = records.pop(record_id)

    def known(self) -> tuple[Known, Known]:
        a = Known(
            "crm",
            "freshdesk",
            named(self.crm_fields),
            self.crm,
            ITALY,
            self.whole,
            "external_id",
            frozenset(self.crm_gone),
            self.crm_merged,
        )
        b = Known(
            "book",
            "wildix",
            named(self.book_fields),
            self.book,
            ITALY,
            self.whole,
            "document_id",
            merged=self.book_merged,
        )
        return self._told(a), self._told(b)

    def _told(self, known: Known) -> Known:
        return replace(
            known,
            last=self.last,
            foreign=frozenset(self.foreign),
            names_merge_winner=self.names_merge_winner,
        )

    def ruled(self) -> Connection:
        """The connection with the rules that count."""
        rules = self.connection.rules or usual_rules(self.connection.direction, ())
        return replace(self.connection, rules=rules)

    def plan(self) -> Plan:
        a, b = self.known()
        return make_plan(self.ruled(), self.rows, a, b, self.links.values(), self.decisions, self.new_id)

    def brakes(self, *, first_by_person: bool = False) -> list[str]:
        """The kinds of the brakes of what is planned now."""
        a, b = self.known()
        links = tuple(self.links.values())
        found = brakes_of(self.plan(), self.connection, a, b, links, first_by_person=first_by_person)
        return [brake.kind for brake in found]

    def new_id(self) -> str:
        return f"ld-{next(self.numbering)}"

    def run(self) -> Plan:
        """Plan and apply; the plan that was applied."""
        plan = self.plan()
        self.apply(plan)
        return plan

    def apply(self, plan: Plan) -> None:
        """What a perfect engine does: links, then writes, each with what the target reads back as."""
        a, b = self.known()
        planned = {Side.A: dict(a.records), Side.B: dict(b.records)}
        lanes = rows_between(self.rows, a, b, self.connection)
        for linking in plan.linkings:
            if linking.ends is not None:
                ended = self.links.pop(linking.ends)
                self.tied -= {ended.a_id, ended.b_id}
            self._store(linking.link)
        for change in plan.changes:
            assert self.connection.direction.writes(change.side)  # S10
            self._write(change, planned, lanes)

    def _write(self, change: Change, planned: Mapping[Side, Mapping[str, Record]], lanes: PairLanes) -> None:
        records = self.crm if change.side is Side.A else self.book
        old = self.links.get(change.link_id)
        before = old.base if old else {}
        stored = self._stored(change, records)
        base = agreed_after(
            {side: lanes.to(side) for side in Side},
            change,
            source=planned[change.side.other].get(change.source_id),
            planned=planned[change.side].get(change.record_id or ""),
            stored=stored,
            before=before,
        )
        self._store(link_after(change, stored.id, old, base))

    def _stored(self, change: Change, records: dict[str, Record]) -> Record:
        after = {name: self.normalise(name, pair[1]) for name, pair in change.fields.items()}
        if change.op is Op.DELETE:
            assert change.record_id is not None
            assert set(records[change.record_id].fields) == set(change.fields)
            self.last[change.record_id] = records.pop(change.record_id)
            return self.last[change.record_id]
        if change.record_id is None:
            prefix = "c" if change.side is Side.A else "b"
            stored_id = self._add(records, prefix, after, RecordState.ACTIVE)
        else:
            stored_id = change.record_id
            before = records[stored_id].fields
            assert all(before.get(name) == pair[0] for name, pair in change.fields.items())
            self.edit(stored_id, **after)
        own = "external_id" if change.side is Side.A else "document_id"
        if is_blank(records[stored_id].fields.get(own)):
            self.edit(stored_id, **{own: change.link_id})
        return records[stored_id]

    def _store(self, link: Link) -> None:
        old = self.links.pop(link.id, None)
        if old is not None:
            self.tied -= {old.a_id, old.b_id}
        assert not self.tied & {link.a_id, link.b_id}, "a record has at most one link (S6)"
        self.tied |= {link.a_id, link.b_id}
        self.links[link.id] = link

    def _add(
        self, records: dict[str, Record], prefix: str, fields: Mapping[str, Value], state: RecordState
    ) -> str:
        record_id = f"{prefix}{next(self.numbering)}"
        records[record_id] = Record(record_id, dict(fields), state=state, modified_ms=next(self.clock))
        return record_id

    def counterpart(self, crm_id: str) -> Record:
        """The phonebook's record that is linked with a record of the CRM."""
        (link,) = (link for link in self.links.values() if link.a_id == crm_id)
        return self.book[link.b_id]
