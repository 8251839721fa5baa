"""What must hold of a two-way sync, told by looking at the two systems and the journal and at nothing else.

Every value that a user types ends with a serial number that no other value has, so that it can be followed:
whose it is, whether it was lost, and whether anybody invented one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contract.memory import MemoryServer
from linedesk.apps.records import Entry, Record, RecordState, Value
from linedesk.numbers import read
from linedesk.store.journal import Entry as Row
from linedesk.sync.documents import value_from_json
from linedesk.sync.model import Change, Link, LinkState, Op, RunReport, Side
from sync.engine_house import PLAN

NUMBERS = frozenset({"phone", "mobile", "numbers"})
TEXTS = ("name", "email", "phone", "mobile", "company", "address")
MAPPED = frozenset({*TEXTS, "numbers"})
_SERIAL = re.compile(r"(\d{6})(?=@|$)")

Place = tuple[Side, str]


def canonical(name: str, value: Value) -> str:
    """A value without what an app may make of it: spaces, case, the spelling of a number."""
    text = unicodedata.normalize("NFC", " ".join(str(value or "").split()))
    if name in NUMBERS:
        return read(text, PLAN).value or text
    return text.casefold()


def serial_of(name: str, value: Value) -> int | None:
    """The serial number of a typed value; None for an empty one."""
    text = canonical(name, value)
    found = _SERIAL.search(text)
    return int(found.group(1)) if found else None


def texts_in(name: str, value: Value) -> set[tuple[str, str]]:
    """What a field says, as (kind, text). Numbers are one kind, whichever place holds one."""
    items = value if isinstance(value, tuple) else (value,)
    texts = [each.value if isinstance(each, Entry) else each for each in items]
    kind = "number" if name in NUMBERS else name
    return {(kind, canonical(name, each)) for each in texts if str(each or "").strip()}


def mapped_of(record: Record) -> set[tuple[str, str]]:
    """All that the mapped fields say."""
    return {each for name in MAPPED for each in texts_in(name, record.fields.get(name))}


@dataclass(frozen=True, slots=True)
class Sight:
    """Both systems at one moment: every record that is there, and how much was written so far."""

    records: Mapping[Side, Mapping[str, Record]]
    written: Mapping[Side, int]

    @property
    def values(self) -> set[tuple[str, str]]:
        """Every mapped value of everybody."""
        return {
            each
            for records in self.records.values()
            for record in records.values()
            for each in mapped_of(record)
        }


@dataclass
class Truth:
    """What users did, and the checks of what a run made of it.

    `owner`: serial -> person. `deleted`: places whose records users deleted. `linked`: places that were in a
    link once. `blurred`: persons of whom a merge or an undo made that one can't say where they belong.
    `tags`: the field of the delete tag, once that was the policy.
    """

    servers: Mapping[Side, MemoryServer]
    owner: dict[int, int] = field(default_factory=dict)
    typed: set[tuple[str, str]] = field(default_factory=set)
    deleted: set[Place] = field(default_factory=set)
    linked: set[Place] = field(default_factory=set)
    blurred: set[int] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    people: int = 0

    def new_person(self) -> int:
        self.people += 1
        return self.people

    def type(self, person: int, name: str, how: str) -> str:
        """A value that nobody has typed before; `how` is what it looks like."""
        serial = 100_000 + len(self.owner)
        self.owner[serial] = person
        text = {
            "email": f"{how}{serial}@example.com",
            "phone": f"+39021{serial}" if how else f"02 1{serial}",
            "mobile": f"+39333{serial:07d}",
        }.get(name, f"{how} {serial}")
        self.typed |= texts_in(name, text)
        return text

    def person_of(self, record: Record) -> int | None:
        """Whose a record is: that of the value that was typed first."""
        serials = [serial_of(name, record.fields.get(name)) for name in TEXTS]
        known = [each for each in serials if each in self.owner]
        return self.owner[min(known)] if known else None

    def sight(self) -> Sight:
        return Sight(
            {
                side: {k: r for k, r in server.records.items() if r.state is not RecordState.DELETED}
                for side, server in self.servers.items()
            },
            {side: len(server.written) for side, server in self.servers.items()},
        )

    def note_links(self, links: Iterable[Link]) -> None:
        for link in links:
            self.linked |= {(Side.A, link.a_id), (Side.B, link.b_id)}

    # After each run, whatever became of it

    def check_run(self, before: Sight, journal: Iterable[Row], *, undoing: bool = False) -> None:
        """S4 S5 S6 S12 S13: nothing is lost or invented, nobody is doubled or comes back from the dead."""
        after = self.sight()
        self._nothing_is_lost(before, after, journal)
        self._nothing_is_invented(after)
        for side in Side:
            fresh = [w for w in self.servers[side].written[before.written[side] :] if not w.by_user]
            for each in fresh:
                assert set(each.fields) <= MAPPED | self.tags, f"S13: {each}"
                if each.op == "create" and not undoing:
                    self._is_nobody_twice(side, each.id, before)

    def _nothing_is_lost(self, before: Sight, after: Sight, journal: Iterable[Row]) -> None:
        kept = after.values
        for entry in journal:
            for name, value in entry.before.items():
                kept |= texts_in(name, value_from_json(value)) if name in MAPPED else set()
        lost = before.values - kept
        assert not lost, f"S04: {lost}"

    def _nothing_is_invented(self, after: Sight) -> None:
        # A contact without a name goes by another value of its own.
        texts = {text for _, text in self.typed}
        invented = {
            (kind, text)
            for kind, text in after.values - self.typed
            if not (kind == "name" and (text in texts or canonical("phone", text) in texts))
        }
        assert not invented, f"S05: {invented}"

    def _is_nobody_twice(self, side: Side, made: str, before: Sight) -> None:
        record = self.servers[side].records.get(made)
        if record is None:
            return  # made and undone
        person = self.person_of(record)
        if person in self.blurred:
            return
        there = [each.id for each in before.records[side].values() if self.person_of(each) == person]
        assert not there, f"S06: {person} is {there} in {side}, and {made} was made beside it"
        buried = [
            place
            for place in self.deleted & self.linked
            if place[0] is side and self.person_at(place) == person
        ]
        assert not buried, f"S12: {person} was deleted as {buried}, and came back as {made}"

    def person_at(self, place: Place) -> int | None:
        """Whose a record was, also when it is gone."""
        side, record_id = place
        versions = self.servers[side].versions_of(record_id)
        return self.person_of(versions[-1]) if versions else None

    # After quiet time

    def check_links(self, links: Iterable[Link]) -> None:
        """S6: at most one link a record."""
        for side in Side:
            ids = [link.a_id if side is Side.A else link.b_id for link in links]
            assert len(ids) == len(set(ids)), f"S06: a record has two links in {side}"

    def apart(self, link: Link) -> set[str]:
        """Kinds of values in which the two records of a link differ; none when one of them is gone."""
        if link.state is not LinkState.ACTIVE:
            return set()
        now = self.sight().records
        a, b = now[Side.A].get(link.a_id), now[Side.B].get(link.b_id)
        if a is None or b is None:
            return set()
        return {kind for kind, _ in mapped_of(a) ^ mapped_of(b)}


def told_of(report: RunReport) -> set[Place]:
    """Records of which a report says that somebody or something stands in their way."""
    plan = report.plan
    waiting = {(each.side, each.record_id) for each in plan.waiting}
    waiting |= {(each.side, other) for each in plan.waiting for other in each.candidates}
    waiting |= {(each.side.other, other) for each in plan.waiting for other in each.candidates}
    skipped = {(each.side, each.record_id) for each in plan.skipped}
    unread = {(each.side, each.record_id) for each in plan.unread}
    return waiting | skipped | unread | {(each.side, each.record_id) for each in report.problems}


def ops(changes: Iterable[Change], op: Op) -> list[Change]:
    return [each for each in changes if each.op is op]
