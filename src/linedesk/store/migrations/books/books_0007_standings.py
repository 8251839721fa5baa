"""A digest of how records stand, so that quiet runs compare nothing else; what a person denied, kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "books_0007"
down_revision = "books_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table, and a column that older rows have empty."""
    op.create_table(
        "standing_digests",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["connection"], ["connections.name"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("connection"),
    )
    denied = sa.Column("denied", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
    op.add_column("decisions", denied)
