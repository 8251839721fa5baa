"""The text index anew: faster to ask and to build, with words for typing mistakes. It is filled later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "books_0005"
down_revision = "books_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the three virtual tables of the first schema and make those of `store/search_sqlite.py`."""
    for table in ("contact_terms", "contact_words", "contact_digits"):
        op.execute(f"DROP TABLE {table}")
    op.create_table(
        "contact_texts",
        sa.Column("rowid_", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digits", sa.Text(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rowid_"),
    )
    op.create_index("ix_contact_texts_title", "contact_texts", ["book", "last", "title"])
    foreign = sa.text("alt IS NOT NULL")
    op.create_index("ix_contact_texts_alt", "contact_texts", ["book", "last", "alt"], sqlite_where=foreign)
    # The ascii tokenizer parts words at what is neither ASCII letter, digit nor of another alphabet: the
    # words come folded. No positions and no sizes are kept, since neither is asked for. Each word has a mark
    # before it, so the beginnings are those of one letter to twelve.
    op.execute(
        "CREATE VIRTUAL TABLE contact_find USING fts5(parts, tokenize = 'ascii', detail = none, "
        "columnsize = 0, content = '', prefix = '2 3 4 5 6 7 8 9 10 11 12 13')"
    )
    # Lists are merged when there are sixteen of a size, and never all at once.
    op.execute("INSERT INTO contact_find (contact_find, rank) VALUES ('automerge', 16)")
    op.execute("INSERT INTO contact_find (contact_find, rank) VALUES ('crisismerge', 64)")
    op.create_table(
        "contact_terms",
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("word"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contact_stems",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "stem"),
        sqlite_with_rowid=False,
    )
