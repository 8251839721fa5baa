"""Keys beside the number they are of, a lean index over them, and companies found by name.

The tables are copied: SQLite can drop neither a constraint nor a foreign key of a table that is there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "books_0004"
down_revision = "books_0003"
branch_labels = None
depends_on = None

_TABLES = ("contacts", "contact_numbers", "contact_keys")
_COPIES = (
    """
    INSERT INTO contacts (rowid_, id, book, app, record_id, type, name, company, emails, page_url, archived,
        blocked, company_url)
    SELECT rowid_, id, book, app, record_id, type, name, company, emails, page_url, archived, blocked,
        company_url
    FROM contacts_old ORDER BY rowid_
    """,
    """
    INSERT INTO contact_numbers (contact_rowid, position, raw, label, value, keys)
    SELECT n.contact_rowid, n.position, n.raw, n.label, n.value, coalesce((
        SELECT group_concat(CASE k.certainty WHEN 'sure' THEN '' ELSE '?' END || k.key, ' ')
        FROM contact_keys_old k WHERE k.contact_rowid = n.contact_rowid AND k.position = n.position), '')
    FROM contact_numbers_old n ORDER BY n.contact_rowid, n.position
    """,
    """
    INSERT INTO contact_keys (key, contact_rowid, position, certainty)
    SELECT key, contact_rowid, position, certainty FROM contact_keys_old
    ORDER BY key, contact_rowid, position
    """,
)


def upgrade() -> None:
    """Make the three tables of contacts anew and move what they hold."""
    for table in _TABLES:
        op.rename_table(table, f"{table}_old")
    _contacts()
    _numbers()
    _keys()
    for copy in _COPIES:
        op.execute(copy)
    for table in reversed(_TABLES):
        op.drop_table(f"{table}_old")
    filled = sa.text("company_words IS NOT NULL")
    op.create_index("ix_contacts_company", "contacts", ["company_words"], sqlite_where=filled)


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("rowid_", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("emails", sa.JSON(), nullable=False),
        sa.Column("page_url", sa.Text(), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False, server_default=sa.text("0")),
        sa.Column("company_url", sa.Text(), nullable=True),
        sa.Column("company_words", sa.Text(), nullable=True),
        sa.Column("text_mark", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("rowid_"),
        sa.UniqueConstraint("book", "record_id", name="uq_contacts_record"),
    )


def _numbers() -> None:
    op.create_table(
        "contact_numbers",
        sa.Column("contact_rowid", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("keys", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.ForeignKeyConstraint(["contact_rowid"], ["contacts.rowid_"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contact_rowid", "position"),
        sqlite_with_rowid=False,
    )


def _keys() -> None:
    op.create_table(
        "contact_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("contact_rowid", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("certainty", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "contact_rowid", "position"),
        sqlite_with_rowid=False,
    )
