"""Cases: what tickets have in common with others, and how far the systems' clocks are apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "kin",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "id", "role", "link", "words"),
    )
    op.create_index("kin_words", "kin", ["link", "words", "role"])
    op.add_column(
        "connections", sa.Column("ahead", sa.BigInteger(), server_default="0", nullable=False)
    )
