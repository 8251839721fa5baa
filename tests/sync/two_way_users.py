"""What people and the world do in the two-way machine: edits, deletes, merges, faults, changed policies."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from contract.memory import Fault
from linedesk.apps.base import Feed, Removal, Vanished
from linedesk.apps.records import Record
from linedesk.sync.model import Connection, Direction, Side
from linedesk.sync.policies import Blanks, Brakes, Conflict, Deletes
from linedesk.sync.rules import Condition, Not, Rule, Test
from sync.two_way_apps import LIST_FAULTS, WRITE_FAULTS, Saves, Tags, Traits
from sync.two_way_house import NAMES, OFFICE, TwoWayHouse
from sync.two_way_truth import TEXTS, Sight, Truth

SIDES = st.sampled_from(list(Side))
PICKS = st.integers(0, 11)
LOOKS = st.sampled_from(
    ["Ada", "Čeněk  Đ ", "名前", "O'Neill-Smith", "Zoë 👩‍👩‍👧", "U+202E \u202e", "Private"]
)
NO_BRAKES = Brakes(0, 0, 0, 0)
DIRECTIONS = (Direction.BOTH, Direction.TO_B, Direction.TO_A)
NOT_PRIVATE = Not(Condition(Test.CONTAINS, "company", ("private",)))
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


class Users(RuleBasedStateMachine):
    """`blank_ever`, `one_way_ever`: what excuses two records for being apart in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.is_scoped = False
        self.blank_ever = False
        self.one_way_ever = DIRECTIONS[0] is not Direction.BOTH

    @initialize(a=TRAITS, b=TRAITS, conflict=st.sampled_from(Conflict), external_ids=st.booleans())
    def open(self, a: Traits, b: Traits, conflict: Conflict, external_ids: bool) -> None:
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

    def there(self, side: Side) -> list[Record]:
        return sorted(self.home.servers[side].active, key=lambda each: int(each.id))

    def picked(self, side: Side, pick: int) -> Record | None:
        found = self.there(side)
        return found[pick % len(found)] if found else None

    def changed(self, side: Side, record: Record, name: str, look: str) -> None:
        person = self.truth.person_of(record)
        if person is not None:
            self.home.servers[side].edit(record.id, **{name: self.truth.type(person, name, look)})

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
            self.home.servers[side].edit(record.id, **{name: ""})

    @rule(side=SIDES, pick=PICKS)
    def remove(self, side: Side, pick: int) -> None:
        record = self.picked(side, pick)
        if record is None:
            return
        self.truth.deleted.add((side, record.id))
        if self.home.traits[side].vanished is Vanished.SOFT:
            self.home.servers[side].trash(record.id)
        else:
            self.home.servers[side].vanish(record.id)

    @rule(side=SIDES, loser=PICKS, winner=PICKS)
    def merge(self, side: Side, loser: int, winner: int) -> None:
        gone, kept = self.picked(side, loser), self.picked(side, winner)
        if gone is None or kept is None or gone.id == kept.id:
            return
        blurred = {self.truth.person_of(gone), self.truth.person_of(kept)}
        self.truth.blurred |= {each for each in blurred if each is not None}
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

    # The connection

    @rule(conflict=st.sampled_from(Conflict), tie=SIDES)
    def settle_otherwise(self, conflict: Conflict, tie: Side) -> None:
        self.set_up(conflict=conflict, tie=tie)

    @rule(deletes=st.sampled_from([Deletes.NEVER, Deletes.PROPAGATE]))
    def delete_otherwise(self, deletes: Deletes) -> None:
        self.set_up(deletes=deletes)

    @rule(blanks=st.sampled_from(Blanks))
    def blank_otherwise(self, blanks: Blanks) -> None:
        self.blank_ever = self.blank_ever or blanks is not Blanks.CLEARED
        self.set_up(blanks=blanks)

    @rule(scoped=st.booleans())
    def change_rules(self, scoped: bool) -> None:
        self.is_scoped = scoped
        self.set_up()

    @rule(direction=st.sampled_from(DIRECTIONS))
    def turn(self, direction: Direction) -> None:
        self.one_way_ever = self.one_way_ever or direction is not Direction.BOTH
        self.set_up(direction=direction)

    @rule(brakes=st.sampled_from([NO_BRAKES, Brakes(creates=1, deletes=1), Brakes(blanks=1)]))
    def brake_otherwise(self, brakes: Brakes) -> None:
        self.set_up(brakes=brakes)

    def set_up(self, **changed: Any) -> None:
        """Rules go only where the connection writes; none at all: the usual ones."""
        wanted = replace(self.home.connection, **changed)
        sides = [side for side in Side if self.is_scoped and wanted.direction.writes(side)]
        rules = tuple(Rule(f"to {side.value}", side, NOT_PRIVATE) for side in sides)
        self.runner.run(self.home.set_up(replace(wanted, rules=rules)))

    def sight(self) -> Sight:
        return self.truth.sight()
