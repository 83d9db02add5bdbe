"""How a plan that waits for a person's word divides over projects and policies; the audit's lines
are found by what a pass asks for: those of one ticket of late, and deeds of late."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    column = sa.Column("shares", sa.Text(), nullable=False, server_default="[]")
    op.add_column("holds", column)
    op.drop_index("audit_ticket", "audit")
    op.create_index("audit_ticket", "audit", ["connection", "ticket", "at"], unique=False)
    deeds = sa.text("kind != 'SetFields'")
    op.create_index(
        "audit_deeds", "audit", ["connection", "at"], sqlite_where=deeds, postgresql_where=deeds
    )
