"""Every table, in the two files they live in.

`calls` (durability NORMAL): events and calls, which the PBX can tell again.
`books` (durability FULL): contacts, people, accounts, settings, which nobody can tell again.
Times are epoch milliseconds (`…_ms`). JSON columns hold documents that SQL never looks into.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

calls_metadata = MetaData()
books_metadata = MetaData()

inbox = Table(
    "inbox",
    calls_metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("account", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("event_type", Text, nullable=False, default=""),
    Column("received_ms", BigInteger, nullable=False),
    Column("processed_ms", BigInteger),
    Column("failure", Text),
    UniqueConstraint("account", "body_hash", name="uq_inbox_body"),
    Index("ix_inbox_waiting", "id", sqlite_where=text("processed_ms IS NULL")),
    Index("ix_inbox_received", "received_ms"),
    sqlite_autoincrement=True,
)

event_types = Table(
    "event_types",
    calls_metadata,
    Column("account", Text, primary_key=True),
    Column("event_type", Text, primary_key=True),
    Column("known", Boolean, nullable=False),
    Column("count", Integer, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
)

tracker_states = Table(
    "tracker_states",
    calls_metadata,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("state", JSON, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
)

history = Table(
    "history",
    calls_metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("party_name", Text, nullable=False, default=""),
    Column("caller_extension", Text),  # internal and outbound calls: who called
    Column("outcome", Text, nullable=False),
    Column("answered_by", JSON, nullable=False),
    Column("queue", Text),
    Column("started_ms", BigInteger, nullable=False),
    Column("answered_ms", BigInteger),
    Column("ended_ms", BigInteger, nullable=False),
    Index("ix_history_ended", "ended_ms"),
)

history_agents = Table(
    "history_agents",
    calls_metadata,
    Column("history_id", Text, ForeignKey("history.id", ondelete="CASCADE"), primary_key=True),
    Column("extension", Text, primary_key=True),
    Column("agent_id", Text),  # who had the extension then; an id of books.db, so no foreign key
    Column("state", Text, nullable=False),
    Column("ended_ms", BigInteger, nullable=False),
    Index("ix_history_agents_list", "agent_id", "ended_ms"),
)

dials = Table(
    "dials",
    calls_metadata,
    Column("id", Text, primary_key=True),
    Column("agent_id", Text, nullable=False),
    Column("account", Text),
    Column("extension", Text),
    Column("idempotency_key", Text, nullable=False),
    Column("number_raw", Text, nullable=False),
    Column("destination", Text),
    Column("price_class", Text),
    Column("origin", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("error_code", Text),
    Column("answer", JSON),
    Column("answer_status", Integer),
    Column("at_ms", BigInteger, nullable=False),
    UniqueConstraint("agent_id", "idempotency_key", name="uq_dials_key"),
    Index("ix_dials_agent", "agent_id", "at_ms"),
    Index("ix_dials_at", "at_ms"),
)

contacts = Table(
    "contacts",
    books_metadata,
    Column("rowid_", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),  # made of book and record id, so it needs no index of its own
    Column("book", Text, nullable=False),
    Column("app", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("emails", JSON, nullable=False),
    Column("page_url", Text),
    Column("archived", Boolean, nullable=False),
    Column("blocked", Boolean, nullable=False, server_default=text("0")),
    Column("company_url", Text),
    Column("company_words", Text),  # the folded name of a company record, None for persons
    Column("text_mark", BigInteger),  # a hash of what the text index holds of it
    UniqueConstraint("book", "record_id", name="uq_contacts_record"),
    Index("ix_contacts_company", "company_words", sqlite_where=text("company_words IS NOT NULL")),
)

contact_numbers = Table(
    "contact_numbers",
    books_metadata,
    Column("contact_rowid", Integer, ForeignKey("contacts.rowid_", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("raw", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("value", Text),
    # The stored keys, with a blank between them and a `?` before one that is not sure: what contact_keys
    # is made of, and made anew of.
    Column("keys", Text, nullable=False, server_default=text("''")),
    sqlite_with_rowid=False,
)

# The index over contact_numbers.keys. No foreign key: it would want an index of its own, which costs a
# large book as much as this one. store/contacts.py writes both together.
contact_keys = Table(
    "contact_keys",
    books_metadata,
    Column("key", Text, primary_key=True),
    Column("contact_rowid", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("certainty", Text, nullable=False),
    sqlite_with_rowid=False,
)

# Whom an agent chose of several contacts for a number. No foreign key to contacts: a record that is read
# anew, or comes back, is still the one that was chosen.
picks = Table(
    "picks",
    books_metadata,
    Column("agent_id", Text, ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True),  # a lookup key of linedesk.numbers.keys
    Column("contact_id", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

accounts = Table(
    "accounts",
    books_metadata,
    Column("name", Text, primary_key=True),
    Column("app", Text, nullable=False),
    Column("config", JSON, nullable=False),
    Column("secrets", LargeBinary),
    Column("updated_ms", BigInteger, nullable=False),
)

agents = Table(
    "agents",
    books_metadata,
    Column("id", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text),
    Column("account", Text),
    Column("extension", Text),
    Column("email", Text),
    Column("user_id", Text),
    Column("books", JSON),
    Column("open_page", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    UniqueConstraint("account", "extension", name="uq_agents_extension"),
)

tokens = Table(
    "tokens",
    books_metadata,
    Column("hash", Text, primary_key=True),
    Column("agent_id", Text, ForeignKey("agents.id", ondelete="CASCADE"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("session_hash", Text),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Index("ix_tokens_agent", "agent_id"),
    Index("ix_tokens_expires", "expires_ms"),
)

sessions = Table(
    "sessions",
    books_metadata,
    Column("hash", Text, primary_key=True),
    Column("agent_id", Text, ForeignKey("agents.id", ondelete="CASCADE"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("source_hash", Text),  # of the session or token whose one-time code began it
    Column("created_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Index("ix_sessions_agent", "agent_id"),
    Index("ix_sessions_source", "source_hash"),
)

origins = Table("origins", books_metadata, Column("origin", Text, primary_key=True))

documents = Table(
    "documents",
    books_metadata,
    Column("name", Text, primary_key=True),
    Column("body", JSON, nullable=False),
)

audit = Table(
    "audit",
    books_metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("before", JSON),
    Column("after", JSON),
)
