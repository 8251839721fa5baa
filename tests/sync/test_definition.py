"""The stored definition of a connection: exactly what it was, and old ones read as they were meant."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given, settings

from linedesk.sync.definition import connection_from_document, connection_to_document
from linedesk.sync.model import Connection, Direction, MappingRow, PairBy, RowEdit, Side
from linedesk.sync.policies import Blanks, Brakes, Conflict, Deletes
from linedesk.sync.rules import Rule
from sync.connection_house import CONNECTIONS

OLD = {
    "direction": "to-b",
    "every_s": 600,
    "pair_by": ["external-id", "email"],
    "external_ids": False,
    "enabled": True,
}


@settings(max_examples=50)
@given(CONNECTIONS)
def test_a_connection_comes_back_exactly_so_that_a_run_of_it_goes_on(connection: Connection) -> None:
    text = json.dumps(connection_to_document(connection))
    assert connection_from_document("main", "crm", "book", json.loads(text), connection.paused) == connection


def test_a_document_of_an_older_version_means_what_it_meant() -> None:
    wanted = Connection(
        "c",
        "a",
        "b",
        Direction.TO_B,
        600,
        (PairBy.EXTERNAL_ID, PairBy.EMAIL),
        external_ids=False,
        paused=True,
    )
    assert connection_from_document("c", "a", "b", OLD, True) == wanted
    assert connection_to_document(wanted) == OLD


def test_what_nobody_chose_is_not_stored_so_that_a_better_default_arrives() -> None:
    stored = connection_to_document(Connection("c", "a", "b"))
    assert stored.keys() == OLD.keys()


def test_every_field_of_a_connection_is_stored() -> None:
    """A new field of the model that is forgotten here would be lost at each restart."""
    other = Connection(
        "main",
        "crm",
        "book",
        direction=Direction.BOTH,
        every_s=0,
        pair_by=(),
        external_ids=False,
        paused=True,
        enabled=False,
        rules=(Rule("All", Side.B),),
        rows=(RowEdit(MappingRow("name", "name"), off=True),),
        conflict=Conflict.ASK,
        tie=Side.B,
        blanks=Blanks.NEVER,
        deletes=Deletes.PROPAGATE,
        delete_tag="gone",
        pass_on=True,
        brakes=Brakes(0, 0, 0, 0),
    )
    usual = Connection("", "", "")
    same = [
        each.name for each in fields(Connection) if getattr(other, each.name) == getattr(usual, each.name)
    ]
    assert same == [], "the example above must differ in every field"
    document = connection_to_document(other)
    assert connection_from_document("main", "crm", "book", document, True) == other


def test_a_foreign_word_is_refused_and_never_taken_for_a_default() -> None:
    with pytest.raises(ValueError, match="sometimes"):
        connection_from_document("c", "a", "b", {**OLD, "deletes": "sometimes"}, False)
