"""What was concluded and done with it: lists, discrepancies, acts, changes; the drug catalogue judged by."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from medrec.records.columns import Moment, metadata, of_person

list_version = Table(
    "list_version",
    metadata,
    Column("person_id", String(32), ForeignKey("person.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("statements", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("rule_set", String(64), nullable=False),
    Column("catalogue", String(100), nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
)


list_head = Table(
    "list_head",
    metadata,
    Column("person_id", String(32), ForeignKey("person.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("judged_on", Date, nullable=False),
    Column("judged_at", Moment, nullable=False),
    Column("worst", Integer, nullable=False, server_default=text("-1")),
    Column("oldest_open", Moment),
    Index("ix_list_head_judged_on", "judged_on"),
    Index("ix_list_head_worst", "worst"),
)


discrepancy = Table(
    "discrepancy",
    metadata,
    Column("id", String(32), primary_key=True),
    of_person(),
    Column("code", String(8), nullable=False),
    Column("about", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("reopened_at", Moment),
    Column("closed_at", Moment),
    Column("state", String(16), nullable=False),
    Column("state_until", Date),
    Column("severity", String(16), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("owner", String(8), nullable=False),
    Column("content", Text, nullable=False),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_when"),
    Index("ix_discrepancy_person_id_code", "person_id", "code"),
)
Index(
    "ix_discrepancy_open",
    discrepancy.c.rank.desc(),
    discrepancy.c.id,
    sqlite_where=text("closed_at IS NULL"),
    postgresql_where=text("closed_at IS NULL"),
)


action = Table(
    "action",
    metadata,
    Column("id", String(32), primary_key=True),
    of_person(),
    Column("kind", String(16), nullable=False),
    Column("discrepancy_id", String(32), ForeignKey("discrepancy.id")),
    Column("data", Text, nullable=False),
    Column("by_id", String(64), nullable=False),
    Column("by_name", String(200), nullable=False),
    Column("by_role", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("undone_at", Moment),
    Column("undone_by", String(64)),
    CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_by_whom"),
    Index("ix_action_person_id", "person_id"),
    Index("ix_action_discrepancy_id", "discrepancy_id"),
)


change = Table(
    "change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("position", Integer, unique=True),
    of_person(),
    Column("kind", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at", Moment, nullable=False),
)
Index(
    "ix_change_unnumbered",
    change.c.id,
    sqlite_where=text("position IS NULL"),
    postgresql_where=text("position IS NULL"),
)


feed = Table(
    "feed",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("position", Integer, nullable=False),
)


fence = Table(
    "fence",
    metadata,
    Column("schedule", String(64), primary_key=True),
    Column("due", Moment, primary_key=True),
    Column("taken_at", Moment, nullable=False),
)


catalogue = Table(
    "catalogue",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", String(100), nullable=False),
    Column("state", String(16), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("loaded_at", Moment, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("not_assessed", JSON, nullable=False),
)


catalogue_entry = Table(
    "catalogue_entry",
    metadata,
    Column("catalogue_id", Integer, ForeignKey("catalogue.id"), primary_key=True),
    Column("nr", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("content", Text, nullable=False),
)
