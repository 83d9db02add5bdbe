"""Runs, and which run each write belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("policies", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("runs_began", "runs", ["began_at"], unique=False)
    for name in ("run", "remote_id"):
        column = sa.Column(name, sa.String(), server_default="", nullable=False)
        op.add_column("audit", column)
    op.create_index("audit_run", "audit", ["run"], unique=False)
