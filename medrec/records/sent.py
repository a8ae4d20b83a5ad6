"""What goes out to doctors and comes back: the outbox, notice items, replies, calls, closings."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from medrec.records.columns import Moment, metadata, of_person

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(32), primary_key=True),
    of_person(optional=True),
    Column("kind", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("receiver_her_id", String(16), nullable=False, server_default=""),
    Column("receiver_hpr", String(16), nullable=False, server_default=""),
    Column("day", Date),
    Column("message_id", String(64), unique=True),
    Column("conversation_id", String(64)),
    Column("body_sealed", LargeBinary),
    Column("key_id", String(16)),
    Column("data", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("sent_at", Moment),
    Column("answered_at", Moment),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("problem", Text),
    CheckConstraint("(body_sealed IS NULL) = (key_id IS NULL)", name="body_has_key"),
    Index("ix_outbox_state_due_at", "state", "due_at"),
    Index("ix_outbox_person_id", "person_id"),
)


notice_item = Table(
    "notice_item",
    metadata,
    Column("outbox_id", String(32), ForeignKey("outbox.id"), primary_key=True),
    Column("discrepancy_id", String(32), ForeignKey("discrepancy.id"), primary_key=True),
    Column(
        "what", String(8), primary_key=True, comment="raised: asked of the receiver; closed: told that it is solved"
    ),
    of_person(),
    Column("rank", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_notice_item_person_id", "person_id"),
    Index("ix_notice_item_discrepancy_id", "discrepancy_id"),
)


notice_reply = Table(
    "notice_reply",
    metadata,
    Column("message_id", String(32), ForeignKey("message.id"), primary_key=True),
    of_person(),
    Column("outbox_id", String(32), ForeignKey("outbox.id")),
    Column("business_id", String(64), nullable=False),
    Column("conversation_id", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_notice_reply_person_id", "person_id"),
    Index("ix_notice_reply_conversation_id", "conversation_id"),
    Index("ix_notice_reply_outbox_id", "outbox_id"),
)


phone_call = Table(
    "phone_call",
    metadata,
    Column("id", String(32), primary_key=True),
    of_person(),
    Column("discrepancy_id", String(32), ForeignKey("discrepancy.id")),
    Column("called_name", String(200), nullable=False),
    Column("called_number", String(32), nullable=False),
    Column("called_role", String(32), nullable=False),
    Column("reached", String(200), nullable=False),
    Column("said", Text, nullable=False),
    Column("by_id", String(64), nullable=False),
    Column("by_name", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_phone_call_person_id", "person_id"),
    Index("ix_phone_call_discrepancy_id", "discrepancy_id"),
)


closing = Table(
    "closing",
    metadata,
    Column("discrepancy_id", String(32), ForeignKey("discrepancy.id"), primary_key=True),
    Column("closed_at", Moment, primary_key=True),
    of_person(),
    Column("opened_at", Moment, nullable=False),
    Column("told_at", Moment),
    Column("code", String(8), nullable=False),
    Column("gp_office", String(200), nullable=False, server_default=""),
    Column("source", String(8), nullable=False, server_default=""),
    Index("ix_closing_person_id", "person_id"),
)
