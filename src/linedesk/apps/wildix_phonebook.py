"""A phonebook of a Wildix PBX as an app: contacts that ring with their name on every phone of the house.

The PBX keeps no feed of changes and no tombstones: times of change are a hint, whose proof is a whole
reading now and then. The requests themselves are `pbx.wildix`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from linedesk.apps.base import (
    Capabilities,
    Checked,
    Feed,
    Finding,
    Level,
    Outcome,
    Refused,
    Removal,
    RemovalOutcome,
    Removed,
    Stored,
    Unsure,
    Vanished,
    Watch,
)
from linedesk.apps.info import AppInfo
from linedesk.apps.kind import AccountContext, AppKind
from linedesk.apps.number_fields import check_number_fields, contact_numbers, number_infos
from linedesk.apps.records import (
    Activity,
    Changes,
    Complete,
    Cursor,
    Draft,
    FieldInfo,
    Group,
    Patch,
    Reading,
    Record,
)
from linedesk.apps.wildix_phonebook_book import BookFinder
from linedesk.apps.wildix_phonebook_checks import named, no_right, of_book, of_right
from linedesk.apps.wildix_phonebook_fields import EXTERNAL_ID, FIELDS, NUMBERS, as_sent, form_of, record_of
from linedesk.apps.wildix_phonebook_place import Place, newest_ms
from linedesk.apps.wildix_phonebook_settings import PhonebookSettings
from linedesk.contacts.model import Contact, contact_id
from linedesk.errors import (
    ConfigError,
    CursorLost,
    VendorAuth,
    VendorBusy,
    VendorError,
    VendorForbidden,
    VendorGarbled,
    VendorInvalid,
    VendorNotFound,
    VendorRefused,
    VendorRouteMissing,
    VendorUnreachable,
)
from linedesk.pbx.base import Me
from linedesk.pbx.wildix.client import WildixClient
from linedesk.pbx.wildix.contacts import Contacts, WireContact
from linedesk.pbx.wildix.ids import ContactId, PhonebookId
from linedesk.pbx.wildix.phonebooks import Phonebook

_OVERLAP_MS = 300_000
_UNTOLD_PER_S = 5.0
_REQUESTS_PER_WRITE = 2.0  # the write tells only an id, so that what was stored is read back
_SLOT_LABELS = {name: name for name in NUMBERS}
# After these nothing was written, and the next record would fare no better.
_STOPS = (VendorAuth, VendorForbidden, VendorBusy, VendorUnreachable)

Result = TypeVar("Result")


class WildixPhonebook:
    """One phonebook. `client` gives the open client of its PBX account."""

    def __init__(self, context: AccountContext, client: Callable[[], WildixClient]) -> None:
        settings: PhonebookSettings = context.settings
        self.account = context.name
        self._who = context.who
        self._clock = context.clock
        self._settings = settings
        self._zone = ZoneInfo(settings.stamp_timezone)
        self._client_of_pbx = client
        self._finder = BookFinder(
            lambda: self._client.phonebooks,
            settings.phonebook,
            context.who,
            filled_type=settings.filled_type,
            make=settings.create_phonebook,
        )
        self._book: PhonebookId | None = None

    @property
    def capabilities(self) -> Capabilities:
        settings = self._settings
        return Capabilities(
            feed=Feed.MODIFIED if settings.changes_by_time else Feed.NONE,
            vanished=Vanished.ABSENT,
            removal=Removal.FINAL,
            external_id_field=EXTERNAL_ID if settings.external_ids else None,
            # The whole book stands in the directory; asking the PBX would take a request for each slot.
            find_by_phone=False,
            requests_per_s=self._requests_per_s(),
            requests_per_write=_REQUESTS_PER_WRITE,
            complete_scan_s=settings.complete_scan_s if settings.changes_by_time else None,
        )

    async def check(self) -> Checked:
        findings: list[Finding] = []
        me: Me | None = None
        try:
            me = await self._client.me()
            book = await self._finder.find()
            findings += [of_book(self._who, self._settings.phonebook, book), *of_right(self._who, me)]
        except VendorError as error:
            findings.append(Finding(Level.MISSING, error.message, error.remedy))
        findings += check_number_fields(self._who, FIELDS, self._settings.number_fields)
        return Checked(named(me) if me is not None else "", tuple(findings))

    async def fields(self) -> tuple[FieldInfo, ...]:
        return FIELDS

    def recall(self, cursor: Cursor) -> None:
        try:
            place = Place.of(cursor, self._who)
        except CursorLost:
            return  # It names no book; `read` says that it can't be read.
        if place.book:
            self._finder.recall(place.book)

    async def read(self, since: Cursor | None, watch: Watch) -> Reading:
        place = None if since is None else Place.of(since, self._who)
        book = await self._finder.find()
        self._use(book)
        if book is None:
            watch(0, 0)
            return Complete((), Place("", None).cursor())
        # Asked in any case: a book that only has the same name is no reading of this one.
        same = place is not None and place.book != "" and self._finder.same_as(book, place.book)
        changes = await self._changes(book, place.mark_ms, watch) if place is not None and same else None
        return changes or await self._complete(book, watch)

    async def get_many(self, ids: Sequence[str]) -> tuple[Record, ...]:
        book = await self._book_to_read()
        wanted = [_entry_id(text) for text in dict.fromkeys(ids)] if book is not None else []
        records = [await self._get(each) for each in wanted if each is not None]
        return tuple(each for each in records if each is not None)

    async def create(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        return tuple([await self._create(draft) for draft in drafts])

    async def update(self, patches: Sequence[Patch]) -> tuple[Outcome, ...]:
        return tuple([await self._update(patch) for patch in patches])

    async def delete(
        self, ids: Sequence[str], versions: Mapping[str, str] | None = None
    ) -> tuple[RemovalOutcome, ...]:
        return tuple([await self._delete(each) for each in ids])

    async def find_by_phone(self, spellings: Sequence[str]) -> tuple[Record, ...]:
        found: dict[str, Record] = {}
        for spelling in dict.fromkeys(filter(None, spellings)):
            for name in (info.name for info in number_infos(FIELDS, self._settings.number_fields)):
                found |= {each.id: each for each in await self._find(name, spelling, interactive=True)}
        return tuple(found.values())

    async def find_by_external_id(self, external_id: str) -> tuple[Record, ...]:
        return await self._find(EXTERNAL_ID, external_id) if external_id else ()

    async def groups(self, kind: str) -> tuple[Group, ...]:
        return ()

    async def regroup(self, group: Group, add: Sequence[str], remove: Sequence[str]) -> tuple[Outcome, ...]:
        return tuple(
            Refused(VendorRefused(f"{self._who} knows no groups of contacts.")) for _ in (*add, *remove)
        )

    async def log(self, activity: Activity) -> str:
        raise VendorRefused(
            f"{self._who} keeps no notes of calls.", remedy="Log calls in the account of the CRM."
        )

    def contact(self, record: Record) -> Contact | None:
        name = record.text("name").strip() or record.text("organization").strip()
        numbers = contact_numbers(record, FIELDS, self._settings.number_fields, _SLOT_LABELS)
        if not name and not numbers:
            return None
        email = record.text("email").strip()
        return Contact(
            id=contact_id(self.account, record.id),
            book=self.account,
            app=KIND.info.name,
            record_id=record.id,
            name=name,
            company=record.text("organization").strip(),
            emails=(email,) if email else (),
            numbers=numbers,
        )

    async def close(self) -> None:
        """The client belongs to the PBX account, which closes it."""

    @property
    def _client(self) -> WildixClient:
        try:
            return self._client_of_pbx()
        except ConfigError as error:
            raise VendorUnreachable(f"{self._who}: {error.message}", remedy=error.remedy) from None

    def _requests_per_s(self) -> float:
        try:
            return self._client.requests_per_s
        except VendorUnreachable:
            # Nothing can be asked at all; whoever asks is told why, and no estimate is made of it.
            return _UNTOLD_PER_S

    @property
    def _contacts(self) -> Contacts:
        return self._client.contacts

    async def _changes(self, book: Phonebook, mark_ms: int | None, watch: Watch) -> Changes | None:
        """What is newer than the mark, an overlap included; None if the PBX's times can't tell it."""
        if mark_ms is None or not self._settings.changes_by_time:
            return None
        rows = await self._contacts.changed_since(
            PhonebookId.of(book.id), mark_ms, _OVERLAP_MS, zone=self._zone
        )
        if any(row.modified_ms is None for row in rows):
            return None
        watch(len(rows), len(rows))
        newest = newest_ms([row.modified_ms for row in rows], self._clock.now_ms())
        return Changes(tuple(map(_record, rows)), (), Place(book.id, max(newest or 0, mark_ms)).cursor())

    async def _complete(self, book: Phonebook, watch: Watch) -> Complete:
        started_ms = self._clock.now_ms()
        rows = await self._contacts.scan(PhonebookId.of(book.id), watch, zone=self._zone)
        # A book that was deleted meanwhile looks like one whose contacts were: it must be there still.
        await self._finder.find()
        newest = newest_ms([row.modified_ms for row in rows], self._clock.now_ms())
        if newest is not None:
            # A row that was changed after it was read is older than the newest by no more than this.
            newest = max(newest - (self._clock.now_ms() - started_ms), 0)
        return Complete(tuple(map(_record, rows)), Place(book.id, newest).cursor())

    async def _create(self, draft: Draft) -> Outcome:
        try:
            form = form_of({"name": None, **draft.fields}, self._who)
        except VendorInvalid as error:
            return Refused(error)
        if draft.external_id and self._settings.external_ids:
            form[EXTERNAL_ID] = draft.external_id
        book = await self._book_to_write()
        made = await self._settled(self._contacts.create(book, form))
        if not isinstance(made, str):
            return made
        entry_id = ContactId.of(made)
        try:
            record = await self._get(entry_id)
        except VendorError:
            # It is stored for certain: better told without its read-back than made a second time.
            return Stored(as_sent(entry_id.text, form))
        if record is None:
            return Unsure(VendorGarbled(f"{self._who} took a new contact and does not show it."))
        return Stored(record)

    async def _update(self, patch: Patch) -> Outcome:
        entry_id = _entry_id(patch.id)
        try:
            form = form_of(patch.fields, self._who)
        except VendorInvalid as error:
            return Refused(error)
        if entry_id is None:
            return Refused(self._gone())
        if not self._settings.empty_clears:
            form = {name: text for name, text in form.items() if text}
        await self._book_to_write()
        if patch.external_id and self._settings.external_ids and patch.is_unmarked:
            form[EXTERNAL_ID] = patch.external_id
        elif patch.external_id and self._settings.external_ids:
            now = await self._get(entry_id)
            if now is None:
                return Refused(self._gone())
            if not now.text(EXTERNAL_ID):
                form[EXTERNAL_ID] = patch.external_id
        failed = await self._settled(self._contacts.update(entry_id, form)) if form else None
        return failed or await self._after_update(entry_id)

    async def _after_update(self, entry_id: ContactId) -> Outcome:
        try:
            record = await self._get(entry_id)
        except VendorError as error:
            return Unsure(error)
        return Stored(record) if record is not None else Refused(self._gone())

    async def _delete(self, text: str) -> RemovalOutcome:
        entry_id = _entry_id(text)
        await self._book_to_write()
        if entry_id is None or await self._get(entry_id) is None:
            # Gone already, or in another book by now, where it is nothing of ours.
            return Removed(text)
        failed = await self._settled(self._contacts.delete(entry_id))
        if failed is None or (isinstance(failed, Refused) and isinstance(failed.error, VendorNotFound)):
            return Removed(text)
        return failed

    async def _settled(self, write: Awaitable[Result]) -> Result | Refused | Unsure:
        """A write that was begun; raises only where nothing was written and the next would fare no better."""
        try:
            return await write
        except VendorForbidden as error:
            raise no_right(self._who, error) from None
        except _STOPS:
            raise
        except (VendorRefused, VendorNotFound, VendorRouteMissing) as error:
            self._book = None
            return Refused(error)
        except VendorError as error:
            return Unsure(error)

    async def _get(self, entry_id: ContactId) -> Record | None:
        """The contact as it is now; None when it is gone or stands in another phonebook."""
        try:
            row = await self._contacts.get(entry_id, zone=self._zone)
        except (VendorNotFound, VendorRouteMissing):
            # Some versions say "no such route" of a record that is not there.
            return None
        home = row.fields.get("phonebook_id") or None
        return _record(row) if self._book is None or home in {None, self._book.text} else None

    async def _find(self, name: str, value: str, *, interactive: bool = False) -> tuple[Record, ...]:
        book = await self._book_to_read()
        if book is None:
            return ()
        rows = await self._contacts.find(book, name, value, interactive=interactive, zone=self._zone)
        return tuple(map(_record, rows))

    async def _book_to_read(self) -> PhonebookId | None:
        if self._book is None:
            self._use(await self._finder.find())
        return self._book

    async def _book_to_write(self) -> PhonebookId:
        if self._book is None:
            self._book = PhonebookId.of((await self._finder.find_or_make()).id)
        return self._book

    def _use(self, book: Phonebook | None) -> None:
        self._book = None if book is None else PhonebookId.of(book.id)

    def _gone(self) -> VendorNotFound:
        return VendorNotFound(f"{self._who}: the contact is gone from the phonebook.")


def _record(row: WireContact) -> Record:
    return record_of(row.id, row.fields, row.modified_ms)


def _entry_id(text: str) -> ContactId | None:
    """None for a text that is no id, so that no contact can have it."""
    try:
        return ContactId.of(text)
    except ValueError:
        return None


def open_phonebook(context: AccountContext) -> WildixPhonebook:
    """Open the account; raises `ConfigError` when a key is missing or its PBX account can't be used."""
    settings: PhonebookSettings = context.settings
    for key in ("pbx", "phonebook"):
        if not getattr(settings, key).strip():
            raise ConfigError(
                f"{context.who} needs `{key}`.", remedy=f"Set `{key}` in its table and run `linedesk apply`."
            )

    def client() -> WildixClient:
        found: WildixClient = context.pbx(settings.pbx)
        return found

    client()
    return WildixPhonebook(context, client)


KIND = AppKind(
    info=AppInfo(name="wildix-phonebook", title="Wildix phonebook"),
    settings=PhonebookSettings,
    open=open_phonebook,
    needs_url=False,
    pbx_key="pbx",
    place_keys=("phonebook",),
    phone_book=True,
)
