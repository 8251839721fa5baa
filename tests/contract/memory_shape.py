"""What the reference app says of itself unless a test chooses otherwise: a field of each kind."""

from __future__ import annotations

from linedesk.apps.base import Capabilities, Feed, Removal, Vanished
from linedesk.apps.records import Choice, FieldInfo, FieldKind

CAPABILITIES = Capabilities(
    feed=Feed.MODIFIED,
    vanished=Vanished.ABSENT,
    removal=Removal.SOFT,
    external_id_field="external_id",
    group_kinds=("tag",),
    activity=True,
)

FIELDS = (
    FieldInfo("id", "ID", FieldKind.ID, read_only=True),
    FieldInfo("external_id", "External ID", FieldKind.ID, read_only=True),
    FieldInfo("name", "Name", FieldKind.NAME, required=True, max_length=255),
    FieldInfo("email", "E-mail", FieldKind.EMAIL, max_length=255),
    FieldInfo("phone", "Phone", FieldKind.PHONE),
    FieldInfo("mobile", "Mobile", FieldKind.PHONE),
    FieldInfo("company", "Company", FieldKind.COMPANY, max_length=255),
    FieldInfo("address", "Address", FieldKind.ADDRESS),
    FieldInfo("notes", "Notes", FieldKind.LONG_TEXT),
    FieldInfo("tags", "Tags", FieldKind.TAGS, many=True),
    FieldInfo("numbers", "More numbers", FieldKind.PHONE, many=True),
    FieldInfo("born", "Born", FieldKind.DATE),
    FieldInfo("visits", "Visits", FieldKind.NUMBER),
    FieldInfo("vip", "VIP", FieldKind.CHECKBOX),
    FieldInfo("tier", "Tier", FieldKind.CHOICE, choices=(Choice("gold", "Gold"), Choice("silver", "Silver"))),
)
