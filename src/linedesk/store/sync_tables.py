"""Tables of the sync in books.db: connections, copies of records, links, runs and the journal.

A connection's rows go with it, except its runs and journal, which are history.
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
    Table,
    Text,
    UniqueConstraint,
    text,
)

from linedesk.store.tables import books_metadata

connections = Table(
    "connections",
    books_metadata,
    Column("name", Text, primary_key=True),
    Column("a", Text, nullable=False),
    Column("b", Text, nullable=False),
    Column("config", JSON, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("due_ms", BigInteger),  # when the schedule runs it next; null: at once
    Column("updated_ms", BigInteger, nullable=False),
)

# What an account's records were when last read. One copy serves every connection of the account.
records = Table(
    "records",
    books_metadata,
    Column("account", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("body", JSON, nullable=False),  # sync.documents writes and reads it
    Column("incomplete", Boolean, nullable=False),  # a listing left fields out
    Column("gone", Boolean, nullable=False),  # a tombstone, or absent from a complete listing
    Column("merged_into", Text),
    Column("read_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),  # our time of the last reading that changed the body
    Column("written_ms", BigInteger),  # our own last write of it: a lagging app may not show it yet
    Index("ix_records_incomplete", "account", "incomplete"),
    Index("ix_records_changed", "account", "changed_ms"),
    sqlite_with_rowid=False,
)

cursors = Table(
    "cursors",
    books_metadata,
    Column("account", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("read_ms", BigInteger, nullable=False),
    Column("complete_ms", BigInteger),  # when the last complete listing was read
)

links = Table(
    "links",
    books_metadata,
    Column("connection", Text, ForeignKey("connections.name", ondelete="CASCADE"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("a_id", Text, nullable=False),
    Column("b_id", Text, nullable=False),
    Column("base", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Column(
        "applied", JSON, nullable=False, server_default=text("'{}'")
    ),  # what actions of rules did, sync.documents writes it
    UniqueConstraint("connection", "a_id", name="uq_links_a"),
    UniqueConstraint("connection", "b_id", name="uq_links_b"),
)

runs = Table(
    "runs",
    books_metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("connection", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("writes", Integer, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    Index("ix_runs_connection", "connection", "started_ms"),
)

# One row a write: `open` before it goes out, then `done`, `refused` or `void` (it never arrived).
journal = Table(
    "journal",
    books_metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run", Integer, ForeignKey("runs.id"), nullable=False),
    Column("connection", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("op", Text, nullable=False),
    Column("link_id", Text, nullable=False),
    Column("record_id", Text),
    Column("source_id", Text, nullable=False),
    Column("before", JSON, nullable=False),  # field -> value, as last read
    Column("after", JSON, nullable=False),  # field -> value, as sent
    Column("base", JSON, nullable=False),  # mapping row -> the source's value that `after` was made from
    Column("reason", Text, nullable=False),
    Column("notes", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("error_code", Text),
    Column("error", Text),
    Column("at_ms", BigInteger, nullable=False),
    Column("rule", Text, nullable=False, server_default=text("''")),
    Column("trace", Text, nullable=False, server_default=text("''")),
    Column("applied", JSON, nullable=False, server_default=text("'{}'")),
    Column("undoes", Integer),  # the row that it takes back
    Index("ix_journal_run", "run"),
    Index("ix_journal_source", "connection", "source_id"),
    Index("ix_journal_undoes", "undoes"),
    Index("ix_journal_record", "account", "record_id"),
    Index("ix_journal_open", "connection", "state"),
)

# Pairs that wait for a person, and what the person said.
decisions = Table(
    "decisions",
    books_metadata,
    Column("connection", Text, ForeignKey("connections.name", ondelete="CASCADE"), primary_key=True),
    Column("side", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("candidates", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("answer", Text),
    Column("chosen_id", Text),
    Column("at_ms", BigInteger, nullable=False),
    Column("question", Text, nullable=False, server_default=text("'pair'")),
    Column("about", Text, nullable=False, server_default=text("''")),
    Column("fields", JSON, nullable=False, server_default=text("'[]'")),
    # Candidates of the same question that a person denied before; those that are asked about now are others.
    Column("denied", JSON, nullable=False, server_default=text("'[]'")),
)

# What happened to contacts, for the people who watch: a row when something became so, none while it stays so.
activity = Table(
    "activity",
    books_metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("connection", Text, nullable=False),
    Column("run", Integer, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # sync.activity.Kind
    Column("side", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("title", Text, nullable=False),  # as people know the record
    Column("reason", Text, nullable=False),
    Column("entry", Integer),  # the journal's row, for writes
    Index("ix_activity_connection", "connection", "id"),
    Index("ix_activity_run", "run"),
    Index("ix_activity_record", "connection", "side", "record_id"),
)

# How each record that is not simply in step stands since the last run: excluded, waiting, failing …
standings = Table(
    "standings",
    books_metadata,
    Column("connection", Text, ForeignKey("connections.name", ondelete="CASCADE"), primary_key=True),
    Column("side", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# A name for all that the standings of a connection came from. No row while they are not known to be whole.
standing_digests = Table(
    "standing_digests",
    books_metadata,
    Column("connection", Text, ForeignKey("connections.name", ondelete="CASCADE"), primary_key=True),
    Column("digest", Text, nullable=False),
)

# Records that can't be synced as they are; a row goes when the record can.
problems = Table(
    "problems",
    books_metadata,
    Column("connection", Text, ForeignKey("connections.name", ondelete="CASCADE"), primary_key=True),
    Column("side", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("tried_ms", BigInteger, nullable=False),  # when the app last refused it, or the plan left it out
)

leases = Table(
    "leases",
    books_metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)

# An agent's own token of a PBX (OAuth 2.0), sealed; it dials as the agent.
agent_grants = Table(
    "agent_grants",
    books_metadata,
    Column("agent_id", Text, ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True),
    Column("account", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
)
