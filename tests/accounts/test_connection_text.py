"""A connection's whole definition as text: written by `export`, taken by `apply`, shown as a diff first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from linedesk.accounts.changes import changes
from linedesk.accounts.connection_table import connection_table
from linedesk.accounts.edge import parse
from linedesk.accounts.export import as_toml
from linedesk.accounts.plan import wanted
from linedesk.accounts.setup import Setup, account_setup
from linedesk.calls.dial_policy import DialPolicy
from linedesk.errors import ApplyError
from linedesk.sync.model import Connection, Direction, MappingRow, RowEdit, Side
from linedesk.sync.policies import Blanks, Brakes, Conflict, Deletes
from linedesk.sync.rules import Action, Condition, Do, Not, Rule, Test
from sync.connection_house import CONNECTIONS

ACCOUNTS = {
    "office": account_setup("office", "wildix", {"url": "https://o.example", "region": "IT"}, {"token": "t"}),
    "crm": account_setup("crm", "freshdesk", {"url": "https://c.example"}, {"api_key": "k"}),
    "book": account_setup("book", "wildix-phonebook", {"pbx": "office", "phonebook": "Customers"}, {}),
}
WHOLE = """
[connections.main]
from = "crm"
to = "book"
direction = "two-way"
conflict = "from"
tie = "to"
blanks = "never"
deletes = "tag"
delete_tag = "Gone from {account}"
pass_on = true
pair_by = ["email"]
brakes = { deletes = 7 }
[[connections.main.rules]]
name = "Customers"
to = "book"
when = { not = { in = "tag", name = "private" } }
actions = [{ add = "tag", name = "crm", revert = true }]
[[connections.main.rules]]
name = "Back"
to = "crm"
[[connections.main.mapping]]
from = "job_title"
to = "note"
direction = "to"
conflict = "ask"
blanks = "always"
[[connections.main.mapping]]
from = "address"
to = "address"
off = true
"""
MADE = Connection(
    "main",
    "crm",
    "book",
    Direction.BOTH,
    conflict=Conflict.A,
    tie=Side.B,
    blanks=Blanks.NEVER,
    deletes=Deletes.TAG,
    delete_tag="Gone from {account}",
    pass_on=True,
    pair_by=(list(Connection("", "", "").pair_by)[2],),
    brakes=Brakes(deletes=7),
    rules=(
        Rule(
            "Customers",
            Side.B,
            Not(Condition(Test.MEMBER, "tag", ("private",))),
            (Action(Do.ADD, "tag", "crm", revert=True),),
        ),
        Rule("Back", Side.A),
    ),
    rows=(
        RowEdit(MappingRow("job_title", "note", Direction.TO_B, conflict=Conflict.ASK, blanks=Blanks.ALWAYS)),
        RowEdit(MappingRow("address", "address"), off=True),
    ),
)


def setup(*connections: Connection) -> Setup:
    return Setup(ACCOUNTS, {}, frozenset(), DialPolicy(), {each.name: each for each in connections})


def applied(before: Setup, text: str) -> Setup:
    return wanted(before, parse(text, "f"), lambda: "id")


def lines(before: Setup, after: Setup) -> list[str]:
    return [line.strip() for change in changes(before, after) for line in change.lines()]


def test_every_key_means_what_it_says() -> None:
    assert applied(setup(), WHOLE).connections == {"main": MADE}


@settings(max_examples=20)
@given(CONNECTIONS, CONNECTIONS)
def test_an_export_applies_without_a_change_and_makes_any_other_connection_the_same(
    connection: Connection, other: Connection
) -> None:
    before = setup(connection)
    text = as_toml(before, "")
    after = applied(before, text)
    assert after == before
    assert changes(before, after) == ()
    assert applied(setup(other), text) == before
    assert applied(setup(), text) == before
    assert (changes(setup(other), before) == ()) == (connection == other)


def test_a_key_that_is_left_out_stays_and_a_list_replaces_the_stored_one_whole() -> None:
    before = setup(MADE)
    after = applied(before, "[connections.main]\nevery_s = 10\nbrakes = { creates = 3 }\n")
    assert after.connections["main"] == replace(MADE, every_s=10, brakes=Brakes(deletes=7, creates=3))
    after = applied(before, '[[connections.main.rules]]\nname = "All"\nto = "book"\n')
    assert after.connections["main"] == replace(MADE, rules=(Rule("All", Side.B),))
    after = applied(before, "[connections.main]\nrules = []\nmapping = []\n")
    assert after.connections["main"] == replace(MADE, rules=(), rows=())


def test_the_diff_shows_each_rule_and_row_as_a_line() -> None:
    told = lines(setup(), setup(MADE))
    assert "rules:" in told
    rule = '+ "Customers" to book: if not it is in the tag "private"; put it into the tag "crm"'
    assert f"{rule} while the rule applies" in told
    assert '+ "Back" to crm: everything' in told
    assert "+ job_title -> note: conflict: ask, blanks: always" in told
    assert "+ address <-> address: not used" in told
    assert "brakes.deletes: 7" in told
    assert not any("every_s" in line and line.startswith("every_s") for line in told)


def test_the_diff_of_a_changed_rule_leaves_the_others_out() -> None:
    changed = replace(MADE, rules=(replace(MADE.rules[0], enabled=False), MADE.rules[1]))
    told = lines(setup(MADE), setup(changed))
    assert [line[:13] for line in told] == ["~ connections", "rules:", '- "Customers"', '+ "Customers"']
    assert told[-1].endswith("(switched off)")


def test_rules_in_another_order_are_a_change() -> None:
    told = lines(setup(MADE), setup(replace(MADE, rules=MADE.rules[::-1])))
    assert [line[:3] for line in told if line[0] in "+-"] in (['+ "', '- "'], ['- "', '+ "'])


def test_what_goes_further_than_before_is_said() -> None:
    one_way = replace(MADE, direction=Direction.TO_B, deletes=Deletes.NEVER)
    further = replace(one_way, direction=Direction.BOTH, deletes=Deletes.PROPAGATE)
    (change,) = changes(setup(one_way), setup(further))
    assert "`crm` is written too" in change.note
    assert "will be deleted on the other" in change.note
    (back,) = changes(setup(further), setup(one_way))
    assert not back.note
    (new,) = changes(setup(), setup(further))
    assert "writes into `crm` and `book` at once" in new.note


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "conflict = 'newst'",
            "`connections.main.conflict`: input should be 'newest', 'from', 'to' or 'ask'",
        ),
        ("tie = 'newest'", "`connections.main.tie`: input should be 'from' or 'to'"),
        ("deletes = 'all'", "`connections.main.deletes`: input should be 'never', 'tag' or 'propagate'"),
        ("blanks = true", "`connections.main.blanks`: input should be"),
        ("direction = 'twoway'", "'twoway' must be 'two-way' or 'one-way' (did you mean `two-way`?)"),
        ("delete_tag = 'x {name}'", "`connections.main.delete_tag`: only {account} may stand in braces"),
        ("delete_tag = '{account.x}'", "only {account} may stand in braces"),
        ("delete_tag = '{'", "only {account} may stand in braces"),
        ("delete_tag = ' '", "`connections.main.delete_tag`: must be a tag of visible characters"),
        ("pair_by = ['email', 'email']", "`connections.main.pair_by`: names a way twice"),
        ("pair_by = ['mail']", "`connections.main.pair_by[1]`: input should be 'external-id'"),
        (
            "brakes = { deletes_percent = 101 }",
            "`connections.main.brakes.deletes_percent`: input should be less",
        ),
        ("brakes = { blank = 3 }", "`connections.main.brakes.blank` is not a key"),
        ("rules = [{ to = 'book' }]", "`connections.main.rules[1]"),
        ("rules = [{ name = 'x', to = 'bok' }]", "`connections.main.rules[1].to`"),
        ("rules = [{ name = 'x', to = 'book', when = { field = 'city', equls = 'x' } }]", "rules[1].when"),
        ("mapping = [{ from = 'a' }]", "`connections.main.mapping[1].to` is missing"),
        ("mapping = [{ from = 'a', to = 'b', transform = 'frist' }]", "(did you mean `first`?)"),
        ("mapping = [{ from = 'a', to = 'b', direction = 'up' }]", "input should be 'both', 'to' or 'from'"),
        ("mapping = [{ from = 'a', to = 'b' }, { from = 'a', to = 'b' }]", "`mapping[2]` joins the same two"),
        ("mapping = [{ from = 'a', to = 'b', options = { x = nan } }]", "mapping[1].options`: takes texts"),
        ("mapping = [{ from = 'a', to = 'b', options = { x = 2026-01-01 } }]", "mapping[1].options`: takes"),
    ],
)
def test_a_wrong_key_is_one_sentence_with_its_path(text: str, sentence: str) -> None:
    with pytest.raises(ApplyError) as caught:
        applied(setup(MADE), f"[connections.main]\n{text}\n")
    assert sentence in caught.value.message


def test_a_table_has_every_key_of_the_file() -> None:
    from linedesk.accounts.edge_sync import ConnectionTable
    from linedesk.accounts.sentences import keys_of

    assert {*connection_table(MADE), "remove"} == set(keys_of(ConnectionTable))
