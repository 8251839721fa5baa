"""What plans see of an account's copies, and that 100,000 of them take little room and hold nobody up."""

from __future__ import annotations

import json

from linedesk.apps.records import Record
from linedesk.store.records import Copy
from linedesk.sync.copies import Book, View
from linedesk.sync.documents import (
    base_from_document,
    base_to_document,
    record_from_document,
    record_to_document,
)
from linedesk.sync.model import Agreed
from linedesk.sync.parts import LIGHT


def _view(book: Book) -> tuple[View, int]:
    steps, pauses = book.view_in_slices(), 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value, pauses
        pauses += 1


def test_a_view_tells_who_is_there_who_is_gone_and_who_took_whom_over() -> None:
    ada, bob, cy = (Record(each, {"name": each}) for each in ("ada", "bob", "cy"))
    copies = {"ada": Copy(ada, 0), "bob": Copy(bob, 0, gone=True), "cy": Copy(cy, 0, True, "ada")}
    view, _ = _view(Book("crm", copies, whole=True))
    assert view == View(True, {"ada": ada}, {"bob": bob, "cy": cy}, {"cy": "ada"})


def test_a_large_book_is_looked_through_with_pauses() -> None:
    copies = {str(number): Copy(Record(str(number), {}), 0) for number in range(10 * LIGHT)}
    view, pauses = _view(Book("crm", copies))
    assert len(view.present) == 10 * LIGHT
    assert pauses >= 10


def test_names_of_fields_and_rows_are_one_object_for_all_that_is_loaded() -> None:
    record = json.dumps(record_to_document(Record("1", {"a long name of a field": "Ada"})))
    base = json.dumps(base_to_document({"a row=of two fields": Agreed("Ada", "Ada")}))
    one, other = (record_from_document(json.loads(record)) for _ in range(2))
    assert next(iter(one.fields)) is next(iter(other.fields))
    first, second = (base_from_document(json.loads(base)) for _ in range(2))
    assert next(iter(first)) is next(iter(second))
    agreed = first["a row=of two fields"]
    assert agreed.a is agreed.b


def test_what_only_looks_equal_stays_as_each_side_holds_it() -> None:
    base = {"row": Agreed(True, 1), "other": Agreed(1.0, 1), "third": Agreed("", None)}
    loaded = base_from_document(json.loads(json.dumps(base_to_document(base))))
    assert {key: (type(each.a), type(each.b)) for key, each in loaded.items()} == {
        "row": (bool, int),
        "other": (float, int),
        "third": (str, type(None)),
    }
