"""fetching in turn, notes about sources, the radar's counts"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "fetch_state",
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("next_at", _MOMENT, nullable=False, comment="not asked again before; a claim, then the next turn"),
        sa.Column("ok_at", _MOMENT, nullable=True, comment="when the source was last read for this person"),
        sa.Column("whole_at", _MOMENT, nullable=True, comment="when it was last read whole"),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("digest", sa.String(64), server_default="", nullable=False, comment="SHA-256 of what it last said"),
        sa.Column("message_id", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_fetch_state_person_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_fetch_state_message_id")),
        sa.PrimaryKeyConstraint("person_id", "channel", name=op.f("pk_fetch_state")),
    )
    op.create_index("ix_fetch_state_channel_next_at", "fetch_state", ["channel", "next_at"])
    op.create_table(
        "source_note",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_source_note")),
    )
    op.create_table(
        "radar_count",
        sa.Column("system", sa.String(200), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("week", sa.Date(), nullable=False, comment="its Monday"),
        sa.Column("substance", sa.String(200), nullable=False),
        sa.Column("measure", sa.String(16), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "system", "version", "week", "substance", "measure", "bucket", name=op.f("pk_radar_count")
        ),
    )


def downgrade() -> None:
    for table in ("radar_count", "source_note", "fetch_state"):
        op.drop_table(table)
