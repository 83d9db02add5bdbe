"""Quarantine: which tickets fail, why, since when. A count was all there was before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "quarantine",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "id"),
    )
    op.drop_column("tickets", "failures")
    op.add_column("connections", sa.Column("resumed_at", sa.BigInteger()))
    withheld = sa.Column("withheld", sa.Text(), server_default="", nullable=False)
    op.add_column("connections", withheld)
