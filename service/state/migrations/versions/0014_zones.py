"""Under which time zone data each connection was judged last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    column = sa.Column("tzdata", sa.String(), nullable=False, server_default="")
    op.add_column("connections", column)
