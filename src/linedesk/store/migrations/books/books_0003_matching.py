"""Matching: blocked contacts, the company's page, and whom an agent chose for a number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "books_0003"
down_revision = "books_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns of contacts and the table of picks."""
    blocked: sa.Column[bool] = sa.Column("blocked", sa.Boolean(), nullable=False, server_default=sa.text("0"))
    op.add_column("contacts", blocked)
    op.add_column("contacts", sa.Column("company_url", sa.Text(), nullable=True))
    op.create_table(
        "picks",
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("agent_id", "key"),
        sqlite_with_rowid=False,
    )
