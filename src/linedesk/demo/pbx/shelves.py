"""The tables of `books.py`, the fields of a contact, and what stands in a new PBX."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text

TYPE_SHARED = 2
TYPE_LDAP = 3
COLLEAGUES_BOOK = 2
CRM_BOOK = 7

TEXTS = (
    "name", "name_prefix", "email", "extension", "phone", "office", "mobile", "home", "home_mobile", "fax",
    "organization", "picture", "shortcut", "type", "note", "address", "city", "province", "postal_code",
    "country", "vat_id", "license_plate", "document_type", "document_id", "document_released",
    "document_from", "date_birth", "born_in", "pin", "credit",
)  # fmt: skip
"""The fields that a client may write."""

SEARCHED = ("name", "email", "extension", "phone", "fax", "mobile", "organization")
PRESENT = {"pin": "0", "credit": "0"}
FIRST_CONTACT = 40_001

metadata = MetaData()

phonebooks = Table(
    "phonebooks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", Integer, nullable=False, default=TYPE_SHARED),
    Column("hash", Text, nullable=False, default=""),
    Column("owner_id", Integer, nullable=False, default=0),
    Column("sync_set", Integer, nullable=False, default=0),
    Column("sync_interval", Integer, nullable=False, default=0),
    Column("sync_params", Text, nullable=False, default=""),
    Column("imported_s", Integer, nullable=False, default=0),
    sqlite_autoincrement=True,
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("phonebook_id", Integer, nullable=False),
    Column("last_update", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    *(Column(name, Text, nullable=False) for name in TEXTS),
    sqlite_autoincrement=True,
)
Index("contacts_of_book", contacts.c.phonebook_id, contacts.c.id)
Index("contacts_by_document", contacts.c.document_id.collate("NOCASE"))

sources = Table(
    "sources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("phonebook_id", Integer, nullable=False, index=True),
    Column("contact", Text, nullable=False),
)

FIRST_BOOKS: tuple[dict[str, int | str], ...] = (
    {"id": 1, "name": "default", "type": TYPE_SHARED},
    {"id": COLLEAGUES_BOOK, "name": "Colleagues", "type": TYPE_LDAP},
    {"id": 3, "name": "Suppliers", "type": TYPE_SHARED, "sync_set": 1, "sync_interval": 24},
    {"id": CRM_BOOK, "name": "CRM contacts", "type": TYPE_SHARED},
)
FIRST_SOURCES: dict[int, tuple[dict[str, str], ...]] = {
    3: (
        {"name": "Alder Paper Ltd", "office": "+442079460901", "organization": "Alder Paper Ltd"},
        {"name": "Curlew Couriers", "office": "+442079460902", "organization": "Curlew Couriers"},
        {"name": "Wharf Cleaning", "mobile": "+447700900903", "organization": "Wharf Cleaning"},
    )
}
