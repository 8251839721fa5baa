"""Freshdesk's contact fields: what they are, a row of the wire as a record, values as the wire wants them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from linedesk.apps.freshdesk_wire import Row, number_of, to_ms
from linedesk.apps.http import one_line
from linedesk.apps.records import Choice, Entry, FieldInfo, FieldKind, Record, RecordState, Value
from linedesk.errors import VendorInvalid

COMPANY = "company"
COMPANY_ID = "company_id"
EXTERNAL_ID = "unique_external_id"
CUSTOM = "custom_fields."
TAGS = "tags"
TAG_KIND = "tag"
"""The kind of group that a tag is to a rule."""
OTHER_EMAILS = "other_emails"

DEFAULTS: tuple[FieldInfo, ...] = (
    FieldInfo("name", "Name", FieldKind.NAME, required=True),
    FieldInfo("job_title", "Title", FieldKind.TEXT),
    FieldInfo("email", "E-mail", FieldKind.EMAIL, unique=True),
    FieldInfo(OTHER_EMAILS, "Other e-mails", FieldKind.EMAIL, many=True, unique=True, detail_only=True),
    FieldInfo("phone", "Work phone", FieldKind.PHONE),
    FieldInfo("mobile", "Mobile phone", FieldKind.PHONE),
    FieldInfo("twitter_id", "Twitter", FieldKind.TEXT, unique=True),
    FieldInfo(COMPANY, "Company", FieldKind.COMPANY),
    FieldInfo(COMPANY_ID, "Company ID", FieldKind.ID, read_only=True),
    FieldInfo("address", "Address", FieldKind.ADDRESS),
    FieldInfo("description", "About", FieldKind.LONG_TEXT),
    FieldInfo(TAGS, "Tags", FieldKind.TAGS, many=True, detail_only=True, group_kind=TAG_KIND),
    FieldInfo("language", "Language", FieldKind.TEXT, read_only=True, app_fills=True),
    FieldInfo("time_zone", "Time zone", FieldKind.TEXT, read_only=True, app_fills=True),
    FieldInfo("active", "Verified", FieldKind.CHECKBOX, read_only=True),
    FieldInfo(EXTERNAL_ID, "External ID", FieldKind.ID, unique=True),
)
OMITTED = frozenset(each.name for each in DEFAULTS if each.detail_only)
ONE_OF = ("email", "phone", "mobile", "twitter_id", EXTERNAL_ID)
"""A new contact needs one of these beside its name."""

_DEFAULT_TYPES = {
    "default_company_name": COMPANY,
    "default_company": COMPANY,
    "default_tag_names": TAGS,
}
_CUSTOM_KINDS = {
    "custom_text": FieldKind.TEXT,
    "custom_paragraph": FieldKind.LONG_TEXT,
    "custom_checkbox": FieldKind.CHECKBOX,
    "custom_number": FieldKind.NUMBER,
    "custom_dropdown": FieldKind.CHOICE,
    "custom_phone_number": FieldKind.PHONE,
    "custom_url": FieldKind.URL,
    "custom_date": FieldKind.DATE,
}
_UNQUOTED = frozenset({FieldKind.NUMBER, FieldKind.CHECKBOX})
"""Kinds whose values are no texts in JSON."""
_WIRE_NAMES = {COMPANY: COMPANY_ID}
_OUR_NAMES = {wire: ours for ours, wire in _WIRE_NAMES.items()}


class Fields:
    """The fields of one account. `told` False: its key may not read them, so only usual ones are known."""

    def __init__(
        self,
        infos: tuple[FieldInfo, ...] = DEFAULTS,
        *,
        told: bool = False,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        self.told = told
        self.all = infos
        # Our name of a custom field -> its key on the wire.
        self._keys = keys or {}
        self._by_name = {each.name: each for each in infos}

    @classmethod
    def of_wire(cls, rows: list[Row]) -> Fields:
        """From the answer of `/contact_fields`."""
        known = {each.name: each for each in DEFAULTS}
        keys = {}
        for row in rows:
            info = _described(row, known)
            if info is not None:
                known[info.name] = info
                keys[info.name] = str(row["name"])
        return cls(tuple(known.values()), told=True, keys=keys)

    def label(self, wire_name: str) -> str:
        """What people call a field that an error names."""
        name = _OUR_NAMES.get(wire_name, wire_name)
        for each in (name, CUSTOM + _plain_key(name.removeprefix(CUSTOM))):
            if each in self._by_name:
                return self._by_name[each].label
        return name

    def key(self, name: str) -> str:
        """A custom field's name on the wire."""
        return self._keys.get(name, name.removeprefix(CUSTOM))

    def record(self, row: Row, companies: Mapping[int, str], state: RecordState, *, listed: bool) -> Record:
        """A row of the wire as a record; what a listing leaves out is `missing`, not empty."""
        fields: dict[str, Value] = {}
        missing: set[str] = set()
        for info in self.all:
            if info.custom:
                continue
            if info.name == COMPANY:
                fields[COMPANY] = companies.get(number_of(row.get("company_id")) or 0)
            elif info.name in row:
                fields[info.name] = _value(row[info.name], info)
            elif listed and info.detail_only:
                missing.add(info.name)
            else:
                fields[info.name] = () if info.many else None
        customs = row.get("custom_fields")
        for key, value in (customs if isinstance(customs, dict) else {}).items():
            name = CUSTOM + _plain_key(key)
            fields[name] = _value(value, self._by_name.get(name))
        return Record(
            id=str(row["id"]),
            fields=fields,
            state=RecordState.DELETED if row.get("deleted") is True else state,
            modified_ms=to_ms(row.get("updated_at")),
            missing=frozenset(missing),
            created_ms=to_ms(row.get("created_at")),
        )

    def wire(self, who: str, values: Mapping[str, Value]) -> dict[str, Any]:
        """Values as the body of a write, without the company; raises `VendorInvalid` where none fits."""
        body: dict[str, Any] = {}
        customs: dict[str, Any] = {}
        for name, value in values.items():
            if name == COMPANY:
                continue
            info = self._writable(who, name)
            if name.startswith(CUSTOM):
                customs[self.key(name)] = _wire_value(who, info, value)
            else:
                body[name] = _wire_value(who, info, value)
        if customs:
            body["custom_fields"] = customs
        return body

    def _writable(self, who: str, name: str) -> FieldInfo:
        info = self._by_name.get(name)
        if info is None and not self.told and name.startswith(CUSTOM):
            return FieldInfo(name, name.removeprefix(CUSTOM), FieldKind.TEXT, custom=True)
        if info is None:
            raise VendorInvalid(f"{who} has no field {one_line(name)}.", field=name)
        if info.read_only:
            raise VendorInvalid(f"{who} does not let Linedesk write the field {info.label}.", field=name)
        return info


def _described(row: Row, known: Mapping[str, FieldInfo]) -> FieldInfo | None:
    kind, name = str(row.get("type") or ""), row.get("name")
    if not isinstance(name, str) or not name:
        return None
    label = one_line(row.get("label")) or name
    required = row.get("required_for_agents") is True
    if kind.startswith("custom_"):
        return FieldInfo(
            CUSTOM + _plain_key(name),
            label,
            _CUSTOM_KINDS.get(kind, FieldKind.TEXT),
            read_only=row.get("agents_can_edit") is False,
            required=required,
            unique=row.get("unique") is True,
            custom=True,
            choices=_choices(row.get("choices")),
        )
    usual = known.get(_DEFAULT_TYPES.get(kind, kind.removeprefix("default_"))) or known.get(name)
    if usual is None:
        return None
    return replace(
        usual,
        label=label,
        read_only=usual.read_only or row.get("agents_can_edit") is False,
        required=usual.required or required,
        unique=usual.unique or row.get("unique") is True,
    )


def _choices(given: object) -> tuple[Choice, ...]:
    """Choices come as texts, as objects, or as an object of label and value."""
    if isinstance(given, dict):
        return tuple(Choice(str(value), str(label)) for label, value in given.items())
    found = []
    for each in given if isinstance(given, list) else ():
        value = each.get("value") if isinstance(each, dict) else each
        label = each.get("label") if isinstance(each, dict) else None
        if isinstance(value, str):
            found.append(Choice(value, label if isinstance(label, str) else value))
    return tuple(found)


def _plain_key(name: str) -> str:
    # `cf_` stands before custom names in some answers and not in others.
    return name.removeprefix("cf_")


def _value(value: object, info: FieldInfo | None) -> Value:
    """A value of the wire as the field's kind has it; what no field can hold is empty."""
    if isinstance(value, list) or (info is not None and info.many):
        given = value if isinstance(value, list) else [value]
        texts = tuple(str(each) for each in given if isinstance(each, str | int | float) and each != "")
        return texts if info is not None and info.many else (texts[0] if texts else None)
    if not isinstance(value, str | int | float) or not _is_finite(value):
        return None
    if info is None or isinstance(value, bool) or info.kind in _UNQUOTED:
        return value
    return str(value)


def _is_finite(value: str | float) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def _texts(value: Value) -> list[str]:
    if isinstance(value, tuple):
        return [each.value if isinstance(each, Entry) else each for each in value]
    return [] if value in (None, "") else [str(value)]


def sendable(who: str, name: str, label: str, text: str) -> str:
    """The text itself; raises `VendorInvalid` for half a character, which no JSON can carry."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise VendorInvalid(
            f"{who} can't take a broken character in the field {label}.", field=name
        ) from None
    return text


def _wire_value(who: str, info: FieldInfo, value: Value) -> Any:
    texts = [sendable(who, info.name, info.label, text) for text in _texts(value)]
    if info.many:
        return texts
    if info.kind is FieldKind.CHECKBOX:
        return value if isinstance(value, bool) else bool(texts) and texts[0].casefold() not in _NO
    if not texts:
        return None
    if info.kind is FieldKind.NUMBER:
        return _as_number(who, info, texts[0])
    # A number in a field of text (a phone) is refused by the type of its JSON.
    return texts[0]


_NO = frozenset({"false", "no", "0", "off"})


def _as_number(who: str, info: FieldInfo, text: str) -> int | float:
    try:
        number = int(text) if text.strip().lstrip("+-").isdecimal() else float(text.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise VendorInvalid(f"{who} wants a number in the field {info.label}.", field=info.name)
    return number
