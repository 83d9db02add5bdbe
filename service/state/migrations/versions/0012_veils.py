"""People who were forgotten are known by keyed hashes, so that no reading brings them back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "veils",
        sa.Column("word", sa.LargeBinary(), primary_key=True),
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
    )
