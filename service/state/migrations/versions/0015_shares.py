"""How a plan that waits for a person's word divides over projects and policies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    column = sa.Column("shares", sa.Text(), nullable=False, server_default="[]")
    op.add_column("holds", column)
