"""notices: what a letter asks, answers, calls, and how long a flag took to close"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_INDEXES = (
    ("notice_item", "person_id"),
    ("notice_item", "discrepancy_id"),
    ("notice_reply", "person_id"),
    ("notice_reply", "conversation_id"),
    ("phone_call", "person_id"),
    ("closing", "person_id"),
)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    op.create_table(
        "notice_item",
        sa.Column("outbox_id", sa.String(32), nullable=False),
        sa.Column("discrepancy_id", sa.String(32), nullable=False),
        sa.Column(
            "what",
            sa.String(8),
            nullable=False,
            comment="raised: asked of the receiver; closed: told that it is solved",
        ),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _to("notice_item", "outbox_id", "outbox"),
        _to("notice_item", "discrepancy_id", "discrepancy"),
        _to("notice_item", "person_id", "person"),
        sa.PrimaryKeyConstraint("outbox_id", "discrepancy_id", "what", name=op.f("pk_notice_item")),
    )
    op.create_table(
        "notice_reply",
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("outbox_id", sa.String(32), nullable=True),
        sa.Column("business_id", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _to("notice_reply", "message_id", "message"),
        _to("notice_reply", "person_id", "person"),
        _to("notice_reply", "outbox_id", "outbox"),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_notice_reply")),
    )
    op.create_table(
        "phone_call",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("discrepancy_id", sa.String(32), nullable=True),
        sa.Column("called_name", sa.String(200), nullable=False),
        sa.Column("called_number", sa.String(32), nullable=False),
        sa.Column("called_role", sa.String(32), nullable=False),
        sa.Column("reached", sa.String(200), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("by_id", sa.String(64), nullable=False),
        sa.Column("by_name", sa.String(200), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _to("phone_call", "person_id", "person"),
        _to("phone_call", "discrepancy_id", "discrepancy"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_call")),
    )
    op.create_table(
        "closing",
        sa.Column("discrepancy_id", sa.String(32), nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("told_at", _MOMENT, nullable=True),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("gp_office", sa.String(200), nullable=False, server_default=""),
        sa.Column("source", sa.String(8), nullable=False, server_default=""),
        _to("closing", "discrepancy_id", "discrepancy"),
        _to("closing", "person_id", "person"),
        sa.PrimaryKeyConstraint("discrepancy_id", "closed_at", name=op.f("pk_closing")),
    )
    for table, column in _INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table, column in reversed(_INDEXES):
        op.drop_index(f"ix_{table}_{column}", table)
    for table in ("closing", "phone_call", "notice_reply", "notice_item"):
        op.drop_table(table)
