"""The company to offer beside several people of one number, and which page shows it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from linedesk.contacts.model import Contact, ContactType
from linedesk.contacts.persons import Entry, name_forms
from linedesk.contacts.policy import MatchPolicy

_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Company:
    """A company to open. `id` is its record's; None when only its name, and perhaps its page, is known."""

    id: str | None
    app: str
    name: str
    page_url: str | None


def shared_name(entries: Sequence[Entry]) -> str | None:
    """The company that all of `entries` share: two at least, archived and blocked ones aside.

    A company's own record counts as one of it. None when names differ or somebody has none.
    """
    current = [entry for entry in entries if not entry.last]
    if len(current) < _FEWEST:
        return None
    names = [_company(entry) for entry in current]
    if not frozenset.intersection(*(name_forms(name) for name in names)):
        return None
    own = next((entry.name for entry in current if entry.type is ContactType.COMPANY), "")
    return own or names[0]


def offered(name: str, entries: Sequence[Entry], records: Sequence[Contact], policy: MatchPolicy) -> Company:
    """How `name` (`shared_name` of `entries`) is offered; `records` are the company records of that name.

    First a record with a page, then the page that a contact names, then a record without one, then the
    name alone.
    """
    people = [record for entry in entries for record in entry.records if not record.last]
    own = [record for record in people if record.type is ContactType.COMPANY]
    known = sorted(
        {each.id: each for each in (*own, *records) if not each.last}.values(),
        key=lambda each: (not each.page_url, policy.rank(each.book), each.id),
    )
    if known and known[0].page_url:
        return _of(known[0])
    linked = sorted((each for each in people if each.company_url), key=lambda each: policy.rank(each.book))
    if linked:
        return Company(None, linked[0].app, name, linked[0].company_url)
    if known:
        return _of(known[0])
    return Company(None, people[0].app, name, None)


def _company(entry: Entry) -> str:
    return entry.name if entry.type is ContactType.COMPANY else entry.company


def _of(record: Contact) -> Company:
    return Company(record.id, record.app, record.name, record.page_url)
