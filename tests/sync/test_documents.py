"""Round trips of the documents in which the database keeps records, bases and changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.apps.records import Entry, Record, RecordState, Value
from linedesk.contacts.model import ContactType
from linedesk.sync.documents import (
    base_from_document,
    base_to_document,
    change_from_document,
    change_to_document,
    record_from_document,
    record_to_document,
    value_from_json,
    value_to_json,
)
from linedesk.sync.model import Agreed, Change, Op, Side

texts = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=8)
values: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    texts,
    st.lists(texts, max_size=3).map(tuple),
    st.lists(st.builds(Entry, texts, texts), max_size=3).map(tuple),
)
fields = st.dictionaries(texts, values, max_size=4)
records = st.builds(
    Record,
    id=texts,
    fields=fields,
    type=st.sampled_from(ContactType),
    state=st.sampled_from(RecordState),
    version=st.none() | texts,
    modified_ms=st.none() | st.integers(),
    missing=st.frozensets(texts, max_size=2),
    former_ids=st.lists(texts, max_size=2).map(tuple),
)
changes = st.builds(
    Change,
    side=st.sampled_from(Side),
    op=st.sampled_from(Op),
    link_id=texts,
    record_id=st.none() | texts,
    source_id=texts,
    fields=st.dictionaries(texts, st.tuples(values, values), max_size=3),
    reason=texts,
    notes=st.lists(texts, max_size=2).map(tuple),
    version=st.none() | texts,
)


def _through_json(body: Any) -> Any:
    return json.loads(json.dumps(body))


@given(values)
def test_S24_a_value_comes_back_exactly_with_its_type(value: Value) -> None:
    back = value_from_json(_through_json(value_to_json(value)))
    assert back == value
    assert type(back) is type(value)


@settings(max_examples=60)
@given(records)
def test_S24_a_record_comes_back_exactly(record: Record) -> None:
    assert record_from_document(_through_json(record_to_document(record))) == record


@settings(max_examples=60)
@given(st.dictionaries(texts, st.builds(Agreed, values, values), max_size=3))
def test_a_base_comes_back_exactly(base: dict[str, Agreed]) -> None:
    assert base_from_document(_through_json(base_to_document(base))) == base


@settings(max_examples=60)
@given(changes)
def test_S04_a_change_comes_back_exactly(change: Change) -> None:
    assert change_from_document(_through_json(change_to_document(change))) == change


def test_a_usual_record_is_a_small_document() -> None:
    assert record_to_document(Record("1", {"name": "Ada"})) == {"id": "1", "fields": {"name": "Ada"}}


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="dict"):
        value_from_json({"a": 1})
