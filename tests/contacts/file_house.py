"""Contacts of every form, and the book that files are read into."""

from __future__ import annotations

from hypothesis import strategies as st

from linedesk.apps.registry import REGISTRY
from linedesk.contacts.csv_import import Target
from linedesk.contacts.model import Contact, ContactNumber, ContactType, contact_id
from linedesk.numbers import NumberPlan

TARGET = Target("files", REGISTRY["csv"].info, "", NumberPlan("IT"))

SIGNS = st.sampled_from(
    ["=", "+", "-", "@", "\t", "\r", "'", '"', ";", ",", "\n", "\\", ":::", "0", "1e5", "n"]
)
ANY_TEXT = st.lists(
    st.one_of(
        SIGNS, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6)
    ),
    max_size=5,
).map("".join)
FULL_TEXT = ANY_TEXT.filter(bool)
URLS = st.none() | st.sampled_from(
    ["https://crm.test/7", "https://crm.test/a?b=1;c=2,d#e", "http://localhost/x"]
)
LABELS = st.sampled_from(["", "mobile", "work", "home", "main", "Centralino, 2"]) | ANY_TEXT


def contact(record_id: str, name: str, **more: object) -> Contact:
    """A contact in the book of `TARGET`."""
    key = contact_id(TARGET.book, record_id)
    return Contact(id=key, book=TARGET.book, app=TARGET.app.name, record_id=record_id, name=name, **more)  # type: ignore[arg-type]


CONTACTS = st.lists(
    st.builds(
        contact,
        FULL_TEXT,
        ANY_TEXT,
        type=st.sampled_from(ContactType),
        company=ANY_TEXT,
        emails=st.lists(FULL_TEXT, max_size=3).map(tuple),
        numbers=st.lists(st.builds(ContactNumber, FULL_TEXT, LABELS), max_size=4).map(tuple),
        page_url=URLS,
        company_url=URLS,
        archived=st.booleans(),
        blocked=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda each: each.record_id,
)
