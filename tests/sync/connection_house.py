"""Connections of every form, for tests of what stores them and of what writes them down."""

from __future__ import annotations

from hypothesis import strategies as st

from linedesk.sync.model import Connection, Direction, MappingRow, PairBy, RowEdit, Side
from linedesk.sync.policies import Blanks, Brakes, Conflict, Deletes
from linedesk.sync.rules import Action, All, AnyOf, Condition, Do, Not, Rule, Test, When

NAMES = st.sampled_from(["city", "vip", "Rome", "Über uns", 'a "b"', "it's", "x=y", "a.b", "☎", "1"])
_OF_FIELD = st.sampled_from([Test.EQUALS, Test.CONTAINS])
_SINCE = st.sampled_from([Test.CREATED_SINCE, Test.CHANGED_SINCE])
_ONES = st.tuples(NAMES)
_MANY = st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple)
LEAVES: st.SearchStrategy[When] = st.one_of(
    st.builds(Condition, _OF_FIELD, NAMES, _ONES),
    st.builds(Condition, st.just(Test.ONE_OF), NAMES, _MANY),
    st.builds(Condition, st.just(Test.EMPTY), NAMES),
    st.builds(Condition, st.just(Test.MEMBER), st.sampled_from(["tag", "list"]), _ONES),
    st.builds(Condition, st.sampled_from([Test.OWNER, Test.COMPANY]), st.just(""), _MANY),
    st.builds(Condition, _SINCE, st.just(""), st.just(("2026-01-31T00:00:00Z",))),
    st.builds(Condition, st.sampled_from([Test.HAS_PHONE, Test.HAS_EMAIL, Test.EXISTS])),
)
WHENS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda of: All(tuple(of))),
        st.lists(inner, min_size=1, max_size=3).map(lambda of: AnyOf(tuple(of))),
        inner.map(Not),
    ),
    max_leaves=4,
)
ACTIONS = st.builds(Action, st.sampled_from(Do), st.sampled_from(["tag", "city"]), NAMES, st.booleans())


def rules_of(sides: st.SearchStrategy[Side]) -> st.SearchStrategy[tuple[Rule, ...]]:
    """Rules that go to some of `sides`, each with a name of its own."""
    one = st.builds(
        Rule, NAMES, sides, st.none() | WHENS, st.lists(ACTIONS, max_size=2).map(tuple), st.booleans()
    )
    return st.lists(one, max_size=3, unique_by=lambda rule: rule.name).map(tuple)


_OPTIONS = st.dictionaries(
    st.sampled_from(["value", "table", "format"]),
    st.one_of(NAMES, st.booleans(), st.integers(-9, 9), st.floats(-2, 2), st.lists(NAMES, max_size=2))
    | st.dictionaries(NAMES, NAMES, max_size=2),
    max_size=2,
)
ROWS = st.lists(
    st.builds(
        RowEdit,
        st.builds(
            MappingRow,
            st.sampled_from(["name", "first_name+last_name", "phone"]),
            st.sampled_from(["name", "office+mobile", "note"]),
            st.sampled_from(Direction),
            st.sampled_from(["same", "number", "first"]),
            _OPTIONS,
            st.none() | st.sampled_from(Conflict),
            st.none() | st.sampled_from(Blanks),
        ),
        st.booleans(),
    ),
    max_size=3,
    unique_by=lambda edit: edit.row.key,
).map(tuple)
_COUNTS = st.integers(0, 1_000)
CONNECTIONS = st.builds(
    Connection,
    st.just("main"),
    st.just("crm"),
    st.just("book"),
    # A file and the pages make no connection that writes only side A: its accounts are the other way round.
    direction=st.sampled_from([Direction.TO_B, Direction.BOTH]),
    every_s=st.sampled_from([0, 10, 60, 3600]),
    pair_by=st.lists(st.sampled_from(PairBy), unique=True).map(tuple),
    external_ids=st.booleans(),
    enabled=st.booleans(),
    rules=rules_of(st.sampled_from(Side)),
    rows=ROWS,
    conflict=st.sampled_from(Conflict),
    tie=st.sampled_from(Side),
    blanks=st.sampled_from(Blanks),
    deletes=st.sampled_from(Deletes),
    delete_tag=st.sampled_from(["Deleted in {account}", "gone"]),
    pass_on=st.booleans(),
    brakes=st.builds(Brakes, st.integers(0, 100), _COUNTS, _COUNTS, _COUNTS),
)
