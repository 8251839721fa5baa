"""Freshdesk's fields as the sync knows them: tags are groups, times are the app's own."""

from __future__ import annotations

from linedesk.apps.freshdesk_fields import DEFAULTS, Fields
from linedesk.apps.records import RecordState
from linedesk.sync.known_fields import _document, _fields

ROW = {
    "id": 1,
    "name": "Ada Example",
    "created_at": "2026-01-02T03:04:05Z",
    "updated_at": "2026-01-31T12:00:00+01:00",
}


def test_S21_a_record_has_the_times_that_freshdesk_tells() -> None:
    record = Fields().record(ROW, {}, RecordState.ACTIVE, listed=False)
    assert (record.created_ms, record.modified_ms) == (1_767_323_045_000, 1_769_857_200_000)
    untold = Fields().record({"id": 1}, {}, RecordState.ACTIVE, listed=False)
    assert (untold.created_ms, untold.modified_ms) == (None, None)


def test_the_tags_are_groups_also_under_another_label_and_after_a_restart() -> None:
    row = {"name": "tag_names", "label": "Etichette", "type": "default_tag_names"}
    for infos in (DEFAULTS, Fields.of_wire([row]).all):
        grouped = {info.name: info.group_kind for info in infos if info.group_kind}
        assert grouped == {"tags": "tag"}
    (kept,) = (info for info in _fields([_document(each) for each in infos]) if info.name == "tags")
    assert (kept.group_kind, kept.label, kept.many) == ("tag", "Etichette", True)
