"""Freshdesk as an app: its contacts over the public API v2, with an agent's API key.

What it tells of changes are lists by time; a contact that was destroyed, or made an agent, only lacks in
a complete listing. Nothing here destroys a contact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from pydantic import Field, SecretStr

from linedesk.apps.base import Capabilities, Checked, Feed, Outcome, Removal, RemovalOutcome, Vanished, Watch
from linedesk.apps.freshdesk_calls import CallLog
from linedesk.apps.freshdesk_check import checked
from linedesk.apps.freshdesk_companies import Companies
from linedesk.apps.freshdesk_fields import (
    COMPANY,
    COMPANY_ID,
    CUSTOM,
    EXTERNAL_ID,
    OMITTED,
    OTHER_EMAILS,
    TAG_KIND,
    TAGS,
    Fields,
)
from linedesk.apps.freshdesk_finding import Finder
from linedesk.apps.freshdesk_listing import Listing, Spelling
from linedesk.apps.freshdesk_reading import Reader
from linedesk.apps.freshdesk_wire import API, Wire
from linedesk.apps.freshdesk_writing import Writer, contact_path, whole_record
from linedesk.apps.http import object_in, rows_in
from linedesk.apps.info import AppInfo
from linedesk.apps.kind import AccountContext, AppKind, AppSettings
from linedesk.apps.number_fields import contact_numbers, number_infos
from linedesk.apps.records import (
    Activity,
    Cursor,
    Draft,
    FieldInfo,
    Group,
    Patch,
    Reading,
    Record,
    RecordState,
)
from linedesk.budget_use import Use, present_use
from linedesk.contacts.model import Contact, ContactType, contact_id
from linedesk.errors import ConfigError, VendorForbidden, VendorNotFound, VendorRefused
from linedesk.sync.model import MappingRow

_FIELDS_KEPT_MS = 600_000
_COMPLETE_SCAN_S = 86_400.0


class FreshdeskSettings(AppSettings):
    """The keys of a Freshdesk account; `url` is its address, like https://acme.freshdesk.com."""

    api_key: SecretStr | None = Field(
        default=None, description="API key of an agent: in Freshdesk under Profile settings, View API key."
    )
    calls_per_minute: int | None = Field(
        default=None, ge=2, description="Most calls a minute. Empty: what Freshdesk says of the plan."
    )
    list_calls_per_minute: int | None = Field(
        default=None,
        ge=1,
        description="Most calls a minute for lists of contacts. Empty: what the plan allows.",
    )
    since_parameter: Literal["auto", "_updated_since", "updated_since"] = Field(
        default="auto",
        description="Name of the parameter for what changed. auto: find out which one the account knows.",
    )
    external_ids: bool = Field(
        default=True, description="Keep Linedesk's own id in the contact's External ID, while that is empty."
    )
    search_index: bool = Field(
        default=True,
        description="Ask the search too for a caller whom the exact spellings of a number don't find.",
    )
    make_companies: bool = Field(
        default=True, description="Make a company that a written contact names and is missing."
    )
    visibility_lag_s: float = Field(
        default=5.0, ge=0, le=3600, description="Seconds that a write may take to show in lists."
    )


INFO = AppInfo(
    name="freshdesk",
    title="Freshdesk",
    pages={
        ContactType.PERSON: "{base}/a/contacts/{id}",
        ContactType.COMPANY: "{base}/a/companies/{id}",
    },
    new_page="{base}/a/contacts/new?phone={number}&name={name}",
)


class Freshdesk:
    """One open account, as `apps.base.App`."""

    def __init__(self, context: AccountContext) -> None:
        settings = context.settings
        key = settings.api_key.get_secret_value().strip() if settings.api_key is not None else ""
        if not key or not key.isascii() or not key.isprintable():
            raise ConfigError(
                f"{context.who} has no API key that can be used.",
                remedy="Put `api_key` into the account: in Freshdesk under Profile settings, View API key.",
            )
        self._context = context
        self._settings = settings
        self._wire = wire = Wire(context, key)
        known = settings.since_parameter
        spelling = Spelling.OLD if known == "auto" else Spelling(known)
        listing = Listing(wire, spelling, fixed=known != "auto")
        self._companies = Companies(wire, listing, make=settings.make_companies)
        self._reader = Reader(wire, listing, self._companies, context.clock)
        self._writer = Writer(wire, self._companies, self._reader, external_ids=settings.external_ids)
        self._finder = Finder(wire, listing, context.clock, search_index=settings.search_index)
        self._calls = CallLog(wire)
        self._fields = Fields()
        self._fields_ms: int | None = None
        self._tags: set[str] = set()

    @property
    def account(self) -> str:
        return self._context.name

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            feed=Feed.MODIFIED,
            vanished=Vanished.SOFT,
            removal=Removal.SOFT,
            visibility_lag_s=self._settings.visibility_lag_s,
            list_omits=OMITTED,
            external_id_field=EXTERNAL_ID if self._settings.external_ids else None,
            group_kinds=(TAG_KIND,),
            activity=True,
            requests_per_s=self._wire.budget.background_per_s,
            complete_scan_s=_COMPLETE_SCAN_S,
        )

    async def check(self) -> Checked:
        """Reach the account and judge it."""
        return await checked(self._wire, self._ask_fields, self._settings.number_fields)

    async def fields(self) -> tuple[FieldInfo, ...]:
        """Every field; only the usual ones when the key is not an administrator's.

        A run that nobody asked for takes what was told in the last ten minutes.
        """
        scheduled = present_use() is Use.SCHEDULE
        return (await (self._known_fields() if scheduled else self._ask_fields())).all

    async def read(self, since: Cursor | None, watch: Watch) -> Reading:
        """All that changed, or everything. `Changes` without a cursor: its lists never stood still."""
        return await self._reader.read(since, await self._known_fields(), watch)

    async def get_many(self, ids: Sequence[str]) -> tuple[Record, ...]:
        """One request each, out of the background's budget."""
        fields = await self._known_fields()
        found = []
        for record_id in dict.fromkeys(ids):
            try:
                reply = await self._wire.http.ask(contact_path(self._wire.who, record_id))
            except VendorNotFound:
                continue
            row = object_in(reply)
            record = await whole_record(self._wire.who, row, fields, self._companies, self._reader)
            self._learn_tags(record)
            found.append(record)
        return tuple(found)

    async def create(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        fields = await self._known_fields()
        return tuple([await self._writer.create(draft, fields) for draft in drafts])

    async def update(self, patches: Sequence[Patch]) -> tuple[Outcome, ...]:
        """Tags and other e-mails are replaced as a whole."""
        fields = await self._known_fields()
        return tuple([await self._writer.update(patch, fields) for patch in patches])

    async def delete(
        self, ids: Sequence[str], versions: Mapping[str, str] | None = None
    ) -> tuple[RemovalOutcome, ...]:
        """Into Freshdesk's bin, from which a person can take them back; it knows no versions."""
        return tuple([await self._writer.delete(record_id) for record_id in ids])

    async def find_by_phone(self, spellings: Sequence[str]) -> tuple[Record, ...]:
        infos = number_infos(self._fields.all, self._settings.number_fields)
        customs = [self._fields.key(info.name) for info in infos if info.name.startswith(CUSTOM)]
        rows = await self._finder.by_phone(spellings, [info.name for info in infos], customs)
        await self._companies.ensure(rows)
        # A person waits, so what is known of the fields has to do.
        records = (
            self._fields.record(row, self._companies.names, RecordState.ACTIVE, listed=True) for row in rows
        )
        return tuple(records)

    async def find_by_external_id(self, external_id: str) -> tuple[Record, ...]:
        if not external_id:
            return ()
        fields = await self._known_fields()
        rows = await self._finder.by_external_id(external_id)
        await self._companies.ensure(rows)
        return tuple(
            fields.record(row, self._companies.names, RecordState.ACTIVE, listed=True) for row in rows
        )

    async def groups(self, kind: str) -> tuple[Group, ...]:
        """Tags that were seen on contacts: Freshdesk has no list of them, and any text may be one."""
        if kind != TAG_KIND:
            raise VendorRefused(f"{self._wire.who} has tags, but no groups of another kind.")
        return tuple(Group(tag, tag, TAG_KIND) for tag in sorted(self._tags))

    async def regroup(self, group: Group, add: Sequence[str], remove: Sequence[str]) -> tuple[Outcome, ...]:
        fields = await self._known_fields()
        todo = [(record_id, True) for record_id in add] + [(record_id, False) for record_id in remove]
        return tuple(
            [
                await self._writer.retag(record_id, group.id, member=member, fields=fields)
                for record_id, member in todo
            ]
        )

    async def log(self, activity: Activity) -> str:
        """A closed ticket of the source phone; answers its id."""
        return await self._calls.log(activity)

    def contact(self, record: Record) -> Contact | None:
        """The person with every number and its label; None for one in the bin."""
        if record.state is RecordState.DELETED:
            return None
        numbers = contact_numbers(record, self._fields.all, self._settings.number_fields, _LABELS)
        others = record.fields.get(OTHER_EMAILS)
        texts = [record.text("email"), *(map(str, others) if isinstance(others, tuple) else ())]
        emails = tuple(dict.fromkeys(filter(None, (each.strip() for each in texts))))
        company = record.text(COMPANY)
        person = Contact(
            id=contact_id(self.account, record.id),
            book=self.account,
            app=INFO.name,
            record_id=record.id,
            name=record.text("name").strip() or company or next(iter(emails), ""),
            company=company,
            emails=emails,
            numbers=numbers,
            archived=record.state is RecordState.ARCHIVED,
            blocked=record.state is RecordState.BLOCKED,
            company_url=INFO.company_url(self._context.url, record.text(COMPANY_ID)) if company else None,
        )
        return replace(person, page_url=INFO.page_url(self._context.url, person))

    def recall_fields(self, fields: Sequence[FieldInfo]) -> None:
        if self._fields_ms is None:
            self._fields = Fields(tuple(fields))

    def room(self) -> int:
        return self._wire.budget.room()

    async def close(self) -> None:
        await self._wire.http.close()

    async def _known_fields(self) -> Fields:
        now_ms = self._context.clock.now_ms()
        if self._fields_ms is None or not 0 <= now_ms - self._fields_ms < _FIELDS_KEPT_MS:
            return await self._ask_fields()
        return self._fields

    async def _ask_fields(self) -> Fields:
        try:
            self._fields = Fields.of_wire(rows_in(await self._wire.http.ask(f"{API}/contact_fields")))
        except VendorForbidden:
            self._fields = Fields()
        self._fields_ms = self._context.clock.now_ms()
        self._wire.labels = self._fields.label
        return self._fields

    def _learn_tags(self, record: Record) -> None:
        tags = record.fields.get(TAGS)
        self._tags.update(str(tag) for tag in (tags if isinstance(tags, tuple) else ()))


_LABELS = {"phone": "work", "mobile": "mobile"}


KIND = AppKind(
    info=INFO,
    settings=FreshdeskSettings,
    open=Freshdesk,
    phonebook_rows=(
        MappingRow("name", "name"),
        MappingRow("email", "email"),
        MappingRow("phone", "office", transform="number"),
        MappingRow("mobile", "mobile", transform="number"),
        MappingRow(COMPANY, "organization"),
        MappingRow("address", "address"),
    ),
)
