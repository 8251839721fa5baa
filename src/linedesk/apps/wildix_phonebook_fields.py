"""The fields of a contact in a Wildix phonebook, and how texts go there and come back. Pure.

What an import, a hotel or the dialplan keeps there (pin, credit, hash, picture …) is not read at all or
never written.
"""

from __future__ import annotations

from collections.abc import Mapping

from linedesk.apps.records import FieldInfo, FieldKind, Record, Value
from linedesk.errors import VendorInvalid

EXTERNAL_ID = "document_id"
NUMBERS = ("phone", "office", "mobile", "home", "home_mobile", "fax")
"""The six slots for numbers; which of them people see as "Work" or "Main" depends on the PBX's version."""

# The maker tells no lengths; 255 is what integrators keep to.
_LONGEST = 255


def _text(name: str, label: str, kind: FieldKind = FieldKind.TEXT, *, required: bool = False) -> FieldInfo:
    return FieldInfo(name, label, kind, required=required, max_length=_LONGEST)


def _read_only(name: str, label: str, kind: FieldKind = FieldKind.TEXT) -> FieldInfo:
    return FieldInfo(name, label, kind, read_only=True)


FIELDS: tuple[FieldInfo, ...] = (
    _text("name", "Name", FieldKind.NAME, required=True),
    _text("name_prefix", "Title"),
    _text("email", "E-mail", FieldKind.EMAIL),
    _text("phone", "Phone", FieldKind.PHONE),
    _text("office", "Office", FieldKind.PHONE),
    _text("mobile", "Mobile", FieldKind.PHONE),
    _text("home", "Home", FieldKind.PHONE),
    _text("home_mobile", "Home mobile", FieldKind.PHONE),
    _text("fax", "Fax", FieldKind.PHONE),
    _text("organization", "Organization", FieldKind.COMPANY),
    _text("address", "Address", FieldKind.ADDRESS),
    _text("city", "City"),
    _text("province", "Province"),
    _text("postal_code", "Postal code"),
    _text("country", "Country"),
    FieldInfo("note", "Note", FieldKind.LONG_TEXT),
    _text("vat_id", "VAT number"),
    _text("license_plate", "Licence plate"),
    _read_only("id", "ID", FieldKind.ID),
    _read_only("extension", "Extension"),
    _read_only("shortcut", "Speed dial"),
    FieldInfo("type", "Type", FieldKind.TEXT, read_only=True, app_fills=True),
    _read_only("picture", "Picture"),
    _read_only(EXTERNAL_ID, "Document number", FieldKind.ID),
    _read_only("date_birth", "Date of birth"),
)
"""`last_update` is not among them: it is the record's `modified_ms` and would make every touch a change."""

_WRITABLE = frozenset(each.name for each in FIELDS if not each.read_only)
_READ = tuple(each.name for each in FIELDS if each.name != "id")


def record_of(contact_id: str, fields: Mapping[str, str], modified_ms: int | None) -> Record:
    """A contact as the wire has it, as a record; a field that the wire leaves out is empty."""
    values: dict[str, Value] = {name: fields.get(name, "") for name in _READ}
    return Record(id=contact_id, fields={"id": contact_id, **values}, modified_ms=modified_ms)


def as_sent(contact_id: str, fields: Mapping[str, str]) -> Record:
    """A contact that was stored but could not be read back: only what was sent is told."""
    missing = frozenset(_READ) - fields.keys()
    return Record(id=contact_id, fields={"id": contact_id, **fields}, missing=missing)


def form_of(fields: Mapping[str, Value], who: str) -> dict[str, str]:
    """Fields as texts for a form; raises `VendorInvalid` for one that the phonebook can't take."""
    form: dict[str, str] = {}
    for name, value in fields.items():
        if name not in _WRITABLE:
            raise VendorInvalid(f"{who} has no field {name!r:.60} that Linedesk writes.", field=name)
        text = "" if value is None else value
        if isinstance(text, bool | tuple):
            raise VendorInvalid(f"{who} holds only one plain text in {name}.", field=name)
        form[name] = str(text)
        try:
            form[name].encode()
        except UnicodeEncodeError:
            raise VendorInvalid(f"{who} can't store half a character in {name}.", field=name) from None
    if not form.get("name", "name").strip():
        raise VendorInvalid(f"{who} needs a name for every contact.", field="name")
    return form
