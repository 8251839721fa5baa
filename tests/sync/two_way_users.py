"""What people and the world do in the two-way machine: edits, deletes, merges, faults, changed policies."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from contract.memory import Fault
from linedesk.apps.base import Feed, Removal, Vanished
from linedesk.apps.records import Record
from linedesk.sync.model import Connection, Direction, MappingRow, RowEdit, Side
from linedesk.sync.policies import Blanks, Brakes, Conflict, Deletes
from linedesk.sync.rules import Condition, Not, Rule, Test
from sync.two_way_apps import LIST_FAULTS, WRITE_FAULTS, Saves, Tags, Traits
from sync.two_way_house import NAMES, OFFICE, TwoWayHouse
from sync.two_way_truth import TEXTS, Place, Sight, Truth

SIDES = st.sampled_from(list(Side))
PICKS = st.integers(0, 11)
LOOKS = st.sampled_from(
    ["Ada", "Ame\u0301lie", "Čeněk  Đ ", "名前", "O'Neill-Smith", "Zoë 👩‍👩‍👧", "U+202E \u202e", "Private"]
)
NO_BRAKES = Brakes(0, 0, 0, 0)
DIRECTIONS = (Direction.BOTH, Direction.TO_B, Direction.TO_A)
ROWS = (
    (),
    (RowEdit(MappingRow("company", "company", Direction.TO_B)),),
    (RowEdit(MappingRow("address", "address", Direction.TO_A, conflict=Conflict.B)),),
    (RowEdit(MappingRow("company", "company"), off=True),),
    (RowEdit(MappingRow("email", "email", conflict=Conflict.ASK, blanks=Blanks.NEVER)),),
)
NOT_PRIVATE = Not(Condition(Test.CONTAINS, "company", ("private",)))
CHANGES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"conflict": st.sampled_from(Conflict), "tie": SIDES}),
    st.fixed_dictionaries({"deletes": st.sampled_from(Deletes)}),
    st.fixed_dictionaries({"blanks": st.sampled_from(Blanks)}),
    st.fixed_dictionaries({"scoped": st.booleans()}),
    st.fixed_dictionaries({"direction": st.sampled_from(DIRECTIONS)}),
    st.fixed_dictionaries(
        {"brakes": st.sampled_from([NO_BRAKES, Brakes(creates=1, deletes=1), Brakes(blanks=1)])}
    ),
    st.fixed_dictionaries({"rows": st.sampled_from(ROWS)}),
)
TRAITS = st.builds(
    Traits,
    feed=st.sampled_from([Feed.MODIFIED, Feed.TOKEN, Feed.NONE]),
    vanished=st.sampled_from([Vanished.ABSENT, Vanished.SOFT, Vanished.TOMBSTONE]),
    removal=st.sampled_from([Removal.SOFT, Removal.FINAL]),
    tags=st.sampled_from(Tags),
    told_on_write=st.booleans(),
    lag_s=st.sampled_from([0.0, 0.0, 200.0]),
    saves=st.sampled_from(Saves),
    repeats=st.booleans(),
    proves=st.sampled_from([True, True, True, False]),
    ahead_s=st.sampled_from([0.0, 0.0, 86_400.0, -3_600.0]),
    resolution_ms=st.sampled_from([1, 1000]),
    names_winner=st.booleans(),
    external_ids=st.booleans(),
    batch=st.sampled_from([1, 3]),
    read_only=st.sampled_from([frozenset[str](), frozenset[str](), frozenset({"address"})]),
)


def sensible(traits: Traits) -> Traits:
    """An app that can't prove a listing tells of deletes in another way, as real ones do."""
    lost = traits.vanished is Vanished.ABSENT and not traits.proves
    return replace(traits, proves=True) if lost or traits.feed is Feed.NONE else traits


@dataclass
class Held:
    """Fields of a record that an undo took back. `other`: where the other record of the pair is."""

    other: Place
    fields: set[str] = field(default_factory=set)


class Users(RuleBasedStateMachine):
    """`blank_ever`, `one_way_ever`, `mapped_ever`: what excuses two records for being apart in the end.

    `held`: by place, what was taken back there, while nobody edited one of the pair since.
    """

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.is_scoped = False
        self.held: dict[Place, Held] = {}
        self.blank_ever = False
        self.mapped_ever: set[str] = set()
        self.one_way_ever = DIRECTIONS[0] is not Direction.BOTH

    @initialize(
        a=TRAITS,
        b=TRAITS,
        conflict=st.sampled_from(Conflict),
        external_ids=st.booleans(),
        people=st.lists(SIDES, max_size=4),
    )
    def open(self, a: Traits, b: Traits, conflict: Conflict, external_ids: bool, people: list[Side]) -> None:
        """`people`: where those are who were there before; they are in step."""
        connection = Connection(
            OFFICE,
            NAMES[Side.A],
            NAMES[Side.B],
            direction=DIRECTIONS[0],
            conflict=conflict,
            external_ids=external_ids,
            brakes=NO_BRAKES,
        )
        self.home = TwoWayHouse({Side.A: sensible(a), Side.B: sensible(b)}, connection)
        self.truth = Truth(self.home.servers)
        self.runner.run(self.home.set_up(connection))
        for side in people:
            self.add(side, "Ada", {"email", "phone"})
        if people:
            self.home.clock.advance(self.home.lag_s + 1)
            self.runner.run(self.home.sync())
            self.truth.note_links(self.runner.run(self.home.links()))

    def there(self, side: Side) -> list[Record]:
        return sorted(self.home.servers[side].active, key=lambda each: int(each.id))

    def picked(self, side: Side, pick: int) -> Record | None:
        found = self.there(side)
        return found[pick % len(found)] if found else None

    def changed(self, side: Side, record: Record, name: str, look: str) -> None:
        person = self.truth.person_of(record)
        if person is not None:
            self.touched(side, record.id)
            self.home.servers[side].edit(record.id, **{name: self.truth.type(person, name, look)})

    def touched(self, side: Side, record_id: str) -> None:
        """A user edited a record: no undo holds its link any more."""
        edited = (side, record_id)
        self.held = {place: each for place, each in self.held.items() if edited not in {place, each.other}}

    def is_twin(self, side: Side, record: Record) -> bool:
        """Both sides have it and no link says so yet: what pairs them must stay."""
        person = self.truth.person_of(record)
        others = [each for each in self.there(side.other) if self.truth.person_of(each) == person]
        return bool(others) and (side, record.id) not in self.truth.linked

    # Edits

    @rule(side=SIDES, look=LOOKS, names=st.sets(st.sampled_from(TEXTS[1:]), max_size=3))
    def add(self, side: Side, look: str, names: set[str]) -> None:
        person = self.truth.new_person()
        fields = {name: self.truth.type(person, name, look) for name in ("name", *sorted(names))}
        self.home.servers[side].seed(**fields, notes=f"notes of {person}")

    @rule(look=LOOKS, names=st.sets(st.sampled_from(TEXTS[2:]), max_size=2))
    def add_in_both(self, look: str, names: set[str]) -> None:
        person = self.truth.new_person()
        shared = {name: self.truth.type(person, name, look) for name in ("name", "email")}
        for side in Side:
            own = {name: self.truth.type(person, name, look) for name in sorted(names)}
            self.home.servers[side].seed(**shared, **own, notes=f"{side} notes of {person}")
        # What was made within the lag can be seen by nobody, and would be made a second time.
        self.home.clock.advance(self.home.lag_s + 1)

    @rule(side=SIDES, pick=PICKS, name=st.sampled_from(TEXTS), look=LOOKS)
    def edit(self, side: Side, pick: int, name: str, look: str) -> None:
        record = self.picked(side, pick)
        if record is not None and not self.is_twin(side, record):
            self.changed(side, record, name, look)

    @rule(pick=PICKS, names=st.tuples(st.sampled_from(TEXTS), st.sampled_from(TEXTS)), apart_s=PICKS)
    def edit_both(self, pick: int, names: tuple[str, str], apart_s: int) -> None:
        """The two records of a person are edited, in one field or in two, one after the other."""
        record = self.picked(Side.A, pick)
        if record is None or self.is_twin(Side.A, record):
            return
        person = self.truth.person_of(record)
        other = next((each for each in self.there(Side.B) if self.truth.person_of(each) == person), None)
        self.changed(Side.A, record, names[0], "A")
        self.home.clock.advance(apart_s % 3)
        if other is not None:
            self.changed(Side.B, other, names[1], "B")

    @rule(side=SIDES, pick=PICKS, name=st.sampled_from(TEXTS[1:]))
    def clear(self, side: Side, pick: int, name: str) -> None:
        record = self.picked(side, pick)
        if record is not None and not self.is_twin(side, record):
            self.touched(side, record.id)
            self.home.servers[side].edit(record.id, **{name: ""})

    @rule(side=SIDES, pick=PICKS)
    def remove(self, side: Side, pick: int) -> None:
        record = self.picked(side, pick)
        if record is None:
            return
        self.touched(side, record.id)
        self.truth.deleted.add((side, record.id))
        if self.home.traits[side].vanished is Vanished.SOFT:
            self.home.servers[side].trash(record.id)
        else:
            self.home.servers[side].vanish(record.id)

    @rule(side=SIDES, loser=PICKS, winner=PICKS, takes=st.sampled_from([None, "email", "phone", "name"]))
    def merge(self, side: Side, loser: int, winner: int, takes: str | None) -> None:
        """`takes`: what the record that stays gets from the other one."""
        gone, kept = self.picked(side, loser), self.picked(side, winner)
        if gone is None or kept is None or gone.id == kept.id:
            return
        blurred = {self.truth.person_of(gone), self.truth.person_of(kept)}
        self.truth.blurred |= {each for each in blurred if each is not None}
        self.touched(side, gone.id)
        self.touched(side, kept.id)
        if takes is not None and gone.fields.get(takes):
            self.home.servers[side].edit(kept.id, **{takes: gone.fields[takes]})
        self.home.servers[side].merge(gone.id, kept.id)

    # Trouble

    @rule(
        side=SIDES,
        op=st.sampled_from(["create", "update", "delete"]),
        faults=st.lists(st.sampled_from(WRITE_FAULTS), min_size=1, max_size=4),
    )
    def trouble(self, side: Side, op: str, faults: list[Fault | None]) -> None:
        self.home.servers[side].faults.script(op, *faults)

    @rule(side=SIDES, fault=st.sampled_from(LIST_FAULTS))
    def broken_listing(self, side: Side, fault: Fault) -> None:
        self.home.servers[side].faults.script("list", fault)

    @rule(side=SIDES)
    def lose_cursors(self, side: Side) -> None:
        self.home.servers[side].lose_cursors()

    @rule(side=SIDES, count=st.integers(1, 4))
    def stale_answers(self, side: Side, count: int) -> None:
        """What is asked for by id is answered as it was before its last write.

        Not where listings lag too: there an edit shows to nobody, and nobody can keep what it says.
        """
        if not self.home.traits[side].lag_s:
            self.home.servers[side].faults.stale_gets = count

    # The connection

    @rule(changed=CHANGES)
    def set_up_otherwise(self, changed: dict[str, Any]) -> None:
        self.is_scoped = changed.get("scoped", self.is_scoped)
        self.blank_ever |= changed.get("blanks", Blanks.CLEARED) is not Blanks.CLEARED
        self.one_way_ever |= changed.get("direction", Direction.BOTH) is not Direction.BOTH
        if "rows" in changed:
            changed = {"rows": tuple(filter(self.is_workable, changed["rows"]))}
        self.mapped_ever |= {each.row.a for each in changed.get("rows", ())}
        if changed.get("deletes") is Deletes.TAG:
            self.truth.tags = {"tags"}
        self.set_up(**{name: each for name, each in changed.items() if name != "scoped"})

    def is_workable(self, edit: RowEdit) -> bool:
        """A row that only writes a field which an app only shows is refused when it is set up."""
        sides = [side for side in Side if edit.row.direction.writes(side)]
        return any(edit.row.a not in self.home.traits[side].read_only for side in sides)

    def set_up(self, **changed: Any) -> None:
        """Rules go only where the connection writes; none at all: the usual ones."""
        wanted = replace(self.home.connection, **changed)
        sides = [side for side in Side if self.is_scoped and wanted.direction.writes(side)]
        rules = tuple(Rule(f"to {side.value}", side, NOT_PRIVATE) for side in sides)
        self.runner.run(self.home.set_up(replace(wanted, rules=rules)))

    def sight(self) -> Sight:
        return self.truth.sight()
