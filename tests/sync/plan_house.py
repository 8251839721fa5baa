"""Two small books and a perfect engine: applies a plan to them, with what a vendor makes of a write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from linedesk.apps.records import FieldInfo, FieldKind, Record, RecordState, Value
from linedesk.numbers import NumberPlan
from linedesk.sync.merge import base_of, lanes_to
from linedesk.sync.model import (
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

ITALY = NumberPlan("IT")

CRM_FIELDS = (
    FieldInfo("name", "Name", FieldKind.NAME, required=True),
    FieldInfo("email", "E-mail", FieldKind.EMAIL),
    FieldInfo("phone", "Work phone", FieldKind.PHONE),
    FieldInfo("mobile", "Mobile", FieldKind.PHONE),
    FieldInfo("company", "Company", FieldKind.COMPANY),
    FieldInfo("address", "Address", FieldKind.ADDRESS),
    FieldInfo("notes", "Notes", FieldKind.LONG_TEXT, detail_only=True),
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
    book_fields: tuple[FieldInfo, ...] = BOOK_FIELDS
    whole: bool = True
    crm_gone: set[str] = field(default_factory=set)
    crm_merged: dict[str, str] = field(default_factory=dict)
    book_merged: dict[str, str] = field(default_factory=dict)
    tied: set[str] = field(default_factory=set)
    numbering: count[int] = field(default_factory=lambda: count(1))

    def add(self, state: RecordState = RecordState.ACTIVE, /, **fields: Value) -> str:
        """A record in the CRM; its id."""
        return self._add(self.crm, "c", fields, state)

    def add_to_book(self, state: RecordState = RecordState.ACTIVE, /, **fields: Value) -> str:
        return self._add(self.book, "b", fields, state)

    def edit(self, record_id: str, **fields: Value) -> None:
        """A person changes fields of a record of either side."""
        records = self.crm if record_id in self.crm else self.book
        old = records[record_id]
        records[record_id] = replace(old, fields={**old.fields, **fields})

    def set_state(self, record_id: str, state: RecordState) -> None:
        records = self.crm if record_id in self.crm else self.book
        records[record_id] = replace(records[record_id], state=state)

    def known(self) -> tuple[Known, Known]:
        gone = frozenset(self.crm_gone)
        a = Known(
            "crm",
            "freshdesk",
            named(CRM_FIELDS),
            self.crm,
            ITALY,
            self.whole,
            "external_id",
            gone,
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
        return a, b

    def plan(self) -> Plan:
        a, b = self.known()
        return make_plan(self.connection, self.rows, a, b, self.links.values(), self.decisions, self.new_id)

    def new_id(self) -> str:
        return f"ld-{next(self.numbering)}"

    def run(self) -> Plan:
        """Plan and apply; the plan that was applied."""
        plan = self.plan()
        self.apply(plan)
        return plan

    def apply(self, plan: Plan) -> None:
        """What a perfect engine does: writes, then links with what the target reads back as."""
        a, b = self.known()
        lanes = lanes_to(Side.B, self.rows, a, b)
        for linking in plan.linkings:
            self._store(linking.link)
        for change in plan.changes:
            assert change.side is Side.B
            assert change.op in {Op.CREATE, Op.UPDATE}
            after = {name: self.normalise(name, pair[1]) for name, pair in change.fields.items()}
            if change.record_id is None:
                stored_id = self._add(self.book, "b", after, RecordState.ACTIVE)
            else:
                stored_id = change.record_id
                before = self.book[stored_id].fields
                assert all(before.get(name) == pair[0] for name, pair in change.fields.items())
                self.edit(stored_id, **after)
            if not self.book[stored_id].text("document_id"):
                self.edit(stored_id, document_id=change.link_id)
            old = self.links.get(change.link_id)
            base = base_of(lanes, a.records[change.source_id], self.book[stored_id], old.base if old else {})
            self._store(Link(change.link_id, change.source_id, stored_id, base))

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
        records[record_id] = Record(record_id, dict(fields), state=state)
        return record_id

    def counterpart(self, crm_id: str) -> Record:
        """The phonebook's record that is linked with a record of the CRM."""
        (link,) = (link for link in self.links.values() if link.a_id == crm_id)
        return self.book[link.b_id]
