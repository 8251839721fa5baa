"""What is said of a connection that can't work as it is set up, and of a healthy one nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.test_connection_text import ACCOUNTS, setup
from linedesk.accounts.advice import advice
from linedesk.accounts.connection_advice import field_advice, rule_advice
from linedesk.apps.records import FieldInfo, FieldKind
from linedesk.sync.model import Connection, Direction, MappingRow, RowEdit, Side
from linedesk.sync.rules import Action, Condition, Do, Rule, Test

PLAIN = Connection("main", "crm", "book", Direction.BOTH)
CRM = (
    FieldInfo("name", "Name", FieldKind.NAME),
    FieldInfo("email", "E-mail", FieldKind.EMAIL),
    FieldInfo("phone", "Phone", FieldKind.PHONE),
    FieldInfo("mobile", "Mobile", FieldKind.PHONE),
    FieldInfo("company", "Company", FieldKind.COMPANY),
    FieldInfo("address", "Address", FieldKind.ADDRESS),
    FieldInfo("tags", "Tags", FieldKind.TAGS, many=True, group_kind="tag"),
)
BOOK = (
    FieldInfo("name", "Name", FieldKind.NAME),
    FieldInfo("email", "E-mail", FieldKind.EMAIL),
    FieldInfo("office", "Office", FieldKind.PHONE),
    FieldInfo("mobile", "Mobile", FieldKind.PHONE),
    FieldInfo("organization", "Organization", FieldKind.COMPANY),
    FieldInfo("address", "Address", FieldKind.ADDRESS),
    FieldInfo("note", "Note", FieldKind.TEXT),
)
TOLD = {"crm": CRM, "book": BOOK}


def misfits(connection: Connection) -> list[str]:
    return field_advice([connection], ACCOUNTS, TOLD)


def test_nothing_is_said_of_the_usual_connection() -> None:
    assert rule_advice(PLAIN) == []
    assert misfits(PLAIN) == []
    assert misfits(replace(PLAIN, direction=Direction.TO_B)) == []


def test_a_direction_without_a_rule_is_told_and_one_that_is_not_written() -> None:
    there = replace(PLAIN, rules=(Rule("There", Side.B),))
    (told,) = rule_advice(there)
    assert told.startswith("The connection `main`: No rule goes to crm")
    assert told in advice(setup(there))
    both = (Rule("There", Side.B), Rule("Back", Side.A))
    assert rule_advice(replace(PLAIN, rules=both)) == []
    (told,) = rule_advice(replace(PLAIN, rules=both, direction=Direction.TO_B))
    assert 'Rule "Back" goes to crm, which a one-way connection does not write' in told


@pytest.mark.parametrize(
    ("connection", "sentence"),
    [
        (replace(PLAIN, rows=(RowEdit(MappingRow("shoe_size", "note")),)), "shoe_size"),
        (replace(PLAIN, rows=(RowEdit(MappingRow("name", "email")),)), "mail"),
        (replace(PLAIN, rows=(RowEdit(MappingRow("phone", "note"), off=True),)), "from phone to note"),
        (replace(PLAIN, rules=(Rule("R", Side.B, Condition(Test.EMPTY, "towm")),)), 'Rule "R"'),
        (
            replace(PLAIN, rules=(Rule("R", Side.B, None, (Action(Do.SET, "colour", "red"),)),)),
            "colour",
        ),
    ],
)
def test_a_field_that_is_not_there_or_does_not_fit_is_told_before_a_run(
    connection: Connection, sentence: str
) -> None:
    told = misfits(connection)
    assert told
    assert all(each.startswith("The connection `main`: ") for each in told)
    assert any(sentence in each for each in told)


def test_nothing_is_guessed_of_accounts_that_never_told_their_fields() -> None:
    wrong = replace(PLAIN, rows=(RowEdit(MappingRow("shoe_size", "note")),))
    assert field_advice([wrong], ACCOUNTS, {"crm": CRM, "book": ()}) == []
    assert field_advice([replace(wrong, enabled=False)], ACCOUNTS, TOLD) == []


def test_a_kind_of_group_that_only_an_open_app_tells_is_no_fault_yet() -> None:
    rule = Rule("R", Side.B, Condition(Test.MEMBER, "list", ("News",)))
    assert misfits(replace(PLAIN, rules=(rule,))) == []
