"""what points at a message, a flag or a letter is found by an index; flags come in the order in which they are shown

Erasing one person's messages and flags read every fetch, act, call and reply of all persons for each row that went.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_POINTS = (
    ("fetch", "message_id"),
    ("fetch_state", "message_id"),
    ("action", "discrepancy_id"),
    ("notice_reply", "outbox_id"),
    ("phone_call", "discrepancy_id"),
)
_IS_OPEN = sa.text("closed_at IS NULL")
_OPEN = "ix_discrepancy_open"


def upgrade() -> None:
    for table, column in _POINTS:
        op.create_index(f"ix_{table}_{column}", table, [column])
    _flags(sa.text("rank DESC"), "id")


def downgrade() -> None:
    _flags("rank", "opened_at")
    for table, column in reversed(_POINTS):
        op.drop_index(f"ix_{table}_{column}", table)


def _flags(*columns: str | sa.TextClause) -> None:
    op.drop_index(_OPEN, "discrepancy")
    op.create_index(_OPEN, "discrepancy", list(columns), sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)
