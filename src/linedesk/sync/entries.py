"""What the directory shows of synced records: one person, one entry, with a page to open where there is one.

The record on side B of a link is not shown beside its source; numbers that only it holds go to the
source's entry. Without its source (deleted) it is shown by itself. What is archived or
blocked in its app is shown, and marked there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from linedesk.apps.base import App
from linedesk.apps.records import RecordState
from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact, ContactNumber
from linedesk.numbers import Kind, NumberPlan, read
from linedesk.store import links, records
from linedesk.store.database import Database
from linedesk.store.records import Copy
from linedesk.sync.copies import Book
from linedesk.sync.model import Link
from linedesk.sync.slices import Breather

_SLICE = 250  # as many as the directory writes at once, once it is quick; the loop rests within
_SHOWN = frozenset({RecordState.ACTIVE, RecordState.ARCHIVED, RecordState.BLOCKED})
Key = tuple[str, str]  # account, record id


class Entries:
    """Keeps the directory equal to copies of records. `plan_of`: how an account's numbers are read."""

    def __init__(
        self,
        books: Database,
        directory: Directory,
        plan_of: Callable[[str], NumberPlan],
    ) -> None:
        self._books = books
        self._directory = directory
        self._plan_of = plan_of

    async def refresh(self, apps: Mapping[str, App], account: str, copies: Sequence[Copy]) -> None:
        """Show these copies of an account as they are now, whether they are stored already or not.

        `apps`: the open apps by account. What a link ties to an account that is not open is shown by
        itself until that account is read.
        """
        breather = Breather()
        for start in range(0, len(copies), _SLICE):
            part = {copy.record.id: copy for copy in copies[start : start + _SLICE]}
            await self._refresh(apps, account, part, breather)

    async def mend(self, apps: Mapping[str, App], a: Book, b: Book, links: Iterable[Link]) -> None:
        """After a run that was cut: show again what its links changed and it did not come to show."""
        shown = await self._directory.record_ids(b.account)
        sources = (a.copies.get(link.a_id) for link in links if link.b_id in shown)
        await self.refresh(apps, a.account, [copy for copy in sources if copy is not None])

    async def _refresh(
        self, apps: Mapping[str, App], account: str, part: Mapping[str, Copy], breather: Breather
    ) -> None:
        ids = list(part)
        sources, targets = await self._books.read(
            lambda c: (links.sources_of(c, account, ids), links.targets_of(c, account, ids))
        )
        tied: list[tuple[Key, Key]] = [((a, a_id), (account, b_id)) for b_id, a, a_id in sources]
        tied += [((account, a_id), (b, b_id)) for a_id, b, b_id in targets]
        known = await self._known(apps, account, part, (key for pair in tied for key in pair))
        shown: dict[Key, Contact | None] = {}
        for key, copy in known.items():
            shown[key] = self._contact(apps, key, copy)
            await breather.rest()
        hidden: set[Key] = set()
        for source, target in tied:
            first, second = shown.get(source), shown.get(target)
            if first is not None:
                hidden.add(target)
                if second is not None:
                    shown[source] = self._with_numbers(first, second)
            await breather.rest()
        await self._show(shown, hidden)

    async def _known(
        self, apps: Mapping[str, App], account: str, part: Mapping[str, Copy], keys: Iterable[Key]
    ) -> dict[Key, Copy]:
        wanted: dict[str, set[str]] = {}
        for name, record_id in keys:
            if name in apps and not (name == account and record_id in part):
                wanted.setdefault(name, set()).add(record_id)
        known = {(account, record_id): copy for record_id, copy in part.items()}
        for name, ids in wanted.items():
            found = await self._books.read(_some(name, sorted(ids)), snapshot=False)
            known |= {(name, record_id): copy for record_id, copy in found.items()}
        return known

    def _contact(self, apps: Mapping[str, App], key: Key, copy: Copy) -> Contact | None:
        app = apps.get(key[0])
        if app is None or copy.gone or copy.record.state not in _SHOWN:
            return None
        return app.contact(copy.record)

    def _with_numbers(self, source: Contact, target: Contact) -> Contact:
        """The source's entry with the numbers that only its counterpart holds."""
        own, other = self._plan_of(source.book), self._plan_of(target.book)
        held = {_value(number.raw, own) for number in source.numbers}
        extra: list[ContactNumber] = []
        for number in target.numbers:
            reading = read(number.raw, other)
            if reading.value is None or _value(number.raw, other) in held:
                continue
            if reading.kind is not Kind.E164 and own != other:
                continue  # an extension means nothing on another PBX
            raw = number.raw if own == other else reading.value
            extra.append(ContactNumber(raw, number.label))
        return replace(source, numbers=source.numbers + tuple(extra)) if extra else source

    async def _show(self, shown: Mapping[Key, Contact | None], hidden: set[Key]) -> None:
        put: dict[str, list[Contact]] = {}
        out: dict[str, list[str]] = {}
        for key, contact in shown.items():
            account, record_id = key
            if contact is None or key in hidden:
                out.setdefault(account, []).append(record_id)
            else:
                put.setdefault(account, []).append(contact)
        for account, contacts in put.items():
            await self._directory.put(contacts, self._plan_of(account))
        for account, ids in out.items():
            await self._directory.remove(account, ids)


def _some(account: str, ids: Sequence[str]) -> Callable[..., dict[str, Copy]]:
    return lambda c: records.some(c, account, ids)


def _value(raw: str, plan: NumberPlan) -> tuple[str | None, str | None]:
    reading = read(raw, plan)
    return reading.value, reading.ext
