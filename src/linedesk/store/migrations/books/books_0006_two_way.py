"""Two-way sync: actions on links, rules and undo in the journal, kinds of questions, activity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "books_0006"
down_revision = "books_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns that older rows have empty, and two tables."""
    op.add_column("links", _json("applied", "{}"))
    for name in ("rule", "trace"):
        op.add_column("journal", _text(name, ""))
    op.add_column("journal", _json("applied", "{}"))
    op.add_column("journal", sa.Column("undoes", sa.Integer(), nullable=True))
    op.create_index("ix_journal_source", "journal", ["connection", "source_id"])
    op.create_index("ix_journal_undoes", "journal", ["undoes"])
    op.add_column("decisions", _text("question", "pair"))
    op.add_column("decisions", _text("about", ""))
    op.add_column("decisions", _json("fields", "[]"))
    _activity()


def _activity() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_activity_connection", "activity", ["connection", "id"])
    op.create_index("ix_activity_run", "activity", ["run"])
    op.create_index("ix_activity_record", "activity", ["connection", "side", "record_id"])
    op.create_table(
        "standings",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["connection"], ["connections.name"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("connection", "side", "record_id"),
        sqlite_with_rowid=False,
    )


def _json(name: str, empty: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False, server_default=sa.text(f"'{empty}'"))


def _text(name: str, empty: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=sa.text(f"'{empty}'"))
