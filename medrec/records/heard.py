"""What was received and said: persons, who is whose, messages, readings, statements, fetches."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from medrec.records.columns import Moment, metadata, of_person

person = Table(
    "person",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("card_sealed", LargeBinary),
    Column("key_id", String(16)),
    Column("identity_key_sealed", LargeBinary, nullable=False),
    Column("identity_key_id", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("dirty_since", Moment),
    Column("dirty_after", Moment),
    Column("dirty_tries", Integer, nullable=False, server_default=text("0")),
    CheckConstraint("(card_sealed IS NULL) = (key_id IS NULL)", name="card_has_key"),
)
Index(
    "ix_person_dirty_since",
    person.c.dirty_since,
    person.c.id,
    sqlite_where=text("dirty_since IS NOT NULL"),
    postgresql_where=text("dirty_since IS NOT NULL"),
)


alias = Table(
    "alias",
    metadata,
    Column("id", Integer, primary_key=True),
    of_person(),
    Column("type", String(16), nullable=False),
    Column("system", String(200), nullable=False),
    Column("blind", String(64), nullable=False),
    Column("value_sealed", LargeBinary, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("origin", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", String(64)),
    CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_whom"),
    Index("ix_alias_person_id", "person_id"),
)
Index(
    "uq_alias_blind",
    alias.c.blind,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)


roster = Table(
    "roster",
    metadata,
    Column("id", Integer, primary_key=True),
    of_person(),
    Column("district", String(100), nullable=False),
    Column("starts", Date, nullable=False),
    Column("ends", Date),
    Column("next_visit", Moment),
    Column("gp_hpr", String(16), nullable=False, server_default=""),
    Column("gp_name", String(200), nullable=False, server_default=""),
    Column("gp_office", String(200), nullable=False, server_default=""),
    Column("gp_her_id", String(16), nullable=False, server_default=""),
    Column("gp_phone", String(32), nullable=False, server_default=""),
    Column("pharmacy_her_id", String(16), nullable=False, server_default=""),
    Column("pharmacy_name", String(200), nullable=False, server_default=""),
    Column("pharmacy_phone", String(32), nullable=False, server_default=""),
    Column("nursing_home", Boolean, nullable=False, server_default=false()),
    Column("loaded_at", Moment, nullable=False),
    Column("replaced_at", Moment),
    Index("ix_roster_person_id", "person_id"),
    Index("ix_roster_district", "district"),
)


message = Table(
    "message",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("content_hash", String(64), nullable=False, unique=True),
    Column("channel", String(32), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("asked_for", String(32), ForeignKey("person.id")),
    Column("asked_source", String(8)),
    Column("raw_sealed", LargeBinary, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("type", String(64), nullable=False, server_default=""),
    Column("business_id", String(200), nullable=False, server_default=""),
    of_person(optional=True),
    Column("problem_code", String(32)),
    Column("problem_place", Text),
    Column("problem_text", Text),
    Column("breaches", JSON, nullable=False),
    Column("handled_at", Moment),
    Column("released_by", String(64)),
    Column("released_why", Text),
    CheckConstraint("(outcome = 'quarantined') <= (problem_code IS NOT NULL)", name="quarantine_has_reason"),
    CheckConstraint("(released_by IS NULL) = (released_why IS NULL)", name="release_has_reason"),
    Index("ix_message_outcome", "outcome"),
    Index("ix_message_person_id", "person_id"),
    Index("ix_message_asked_for", "asked_for"),
)


reading = Table(
    "reading",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", String(32), ForeignKey("message.id"), nullable=False),
    Column("part", Integer, nullable=False),
    of_person(),
    Column("message_type", String(64), nullable=False),
    Column("source", String(8)),
    Column("source_system", String(200), nullable=False),
    Column("sender_her_id", String(16), nullable=False, server_default=""),
    Column("reach", String(8), nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("as_of", Moment),
    Column("cancels", JSON, nullable=False),
    Column("gaps", JSON, nullable=False),
    Column("unread", JSON, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("allergies", JSON, nullable=False),
    Column("allergies_answered", Boolean, nullable=False),
    UniqueConstraint("message_id", "part"),
    Index("ix_reading_person_id", "person_id"),
)


statement = Table(
    "statement",
    metadata,
    Column("person_id", String(32), ForeignKey("person.id"), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("source", String(8), nullable=False),
    Column("source_system", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("content", Text, nullable=False),
)


saying = Table(
    "saying",
    metadata,
    Column("reading_id", Integer, ForeignKey("reading.id"), primary_key=True),
    Column("statement_id", String(64), primary_key=True),
    of_person(),
    Column("path", Text, nullable=False),
    Column("aside", String(16)),
    Column("signed", String(16)),
    Index("ix_saying_person_id", "person_id"),
)


fetch = Table(
    "fetch",
    metadata,
    Column("id", Integer, primary_key=True),
    of_person(optional=True),
    Column("channel", String(32), nullable=False),
    Column("source", String(8)),
    Column("at", Moment, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("code", String(64), nullable=False, server_default=""),
    Column("seconds", Float),
    Column("message_id", String(32), ForeignKey("message.id")),
    Index("ix_fetch_person_id_at", "person_id", "at"),
    Index("ix_fetch_message_id", "message_id"),
)


fetch_state = Table(
    "fetch_state",
    metadata,
    Column("person_id", String(32), ForeignKey("person.id"), primary_key=True),
    Column("channel", String(32), primary_key=True),
    Column("next_at", Moment, nullable=False, comment="not asked again before; a claim, then the next turn"),
    Column("ok_at", Moment, comment="when the source was last read for this person"),
    Column("whole_at", Moment, comment="when it was last read whole"),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("digest", String(64), nullable=False, server_default="", comment="SHA-256 of what it last said"),
    Column("message_id", String(32), ForeignKey("message.id")),
    Index("ix_fetch_state_channel_next_at", "channel", "next_at"),
    Index("ix_fetch_state_message_id", "message_id"),
)


source_note = Table(
    "source_note",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", Moment, nullable=False),
)


radar_count = Table(
    "radar_count",
    metadata,
    Column("system", String(200), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("week", Date, primary_key=True, comment="its Monday"),
    Column("substance", String(200), primary_key=True),
    Column("measure", String(16), primary_key=True),
    Column("bucket", Integer, primary_key=True),
    Column("count", Integer, nullable=False),
)


life_event = Table(
    "life_event",
    metadata,
    Column("id", String(32), primary_key=True),
    of_person(),
    Column("other_id", String(32), ForeignKey("person.id"), comment="joined: into whom; parted: the new person"),
    Column("kind", String(16), nullable=False),
    Column("day", Date),
    Column("moved", JSON, nullable=False, comment="ids of the rows that went along"),
    Column("reason_sealed", LargeBinary, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("by_id", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("undone_at", Moment),
    Column("undone_by", String(64)),
    CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_by_whom"),
    Index("ix_life_event_person_id", "person_id"),
    Index("ix_life_event_other_id", "other_id"),
)
