"""Knowledge time: when each event of a ticket was first kept, and what was known before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "superseded",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False),
        sa.Column("learnt", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("connection", "id", "until"),
    )
    op.add_column(
        "tickets", sa.Column("known_at", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column("tickets", sa.Column("learnt", sa.LargeBinary()))
    # What is kept is known for certain since the last pull; of earlier there is no record.
    op.execute(
        "UPDATE tickets SET known_at = COALESCE((SELECT COALESCE(pulled_at, tried_at)"
        " FROM connections WHERE connections.name = tickets.connection), 0)"
    )
