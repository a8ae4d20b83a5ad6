"""The tables. Only `store` and its neighbours turn rows into values; nothing outside this room writes them.

Identity numbers, names and raw messages stand here encrypted (`*_sealed` with the key's id beside it). What a source
said stands as it was said. Nothing that was received is ever deleted or overwritten: newer rows stand beside it.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; SQLite, which has no zones, keeps the UTC time without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Into the database; a moment without a zone is a fault of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a moment needs a zone"
            raise ValueError(msg)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Out of the database, always aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _person(*, optional: bool = False) -> Column[str]:
    return Column("person_id", String(32), ForeignKey("person.id"), nullable=optional)


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
    sqlite_where=text("dirty_since IS NOT NULL"),
    postgresql_where=text("dirty_since IS NOT NULL"),
)

alias = Table(
    "alias",
    metadata,
    Column("id", Integer, primary_key=True),
    _person(),
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
    _person(),
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
    _person(optional=True),
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
    _person(),
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
    _person(),
    Column("path", Text, nullable=False),
    Column("aside", String(16)),
    Column("signed", String(16)),
    Index("ix_saying_person_id", "person_id"),
)

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
    _person(),
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
    discrepancy.c.rank,
    discrepancy.c.opened_at,
    sqlite_where=text("closed_at IS NULL"),
    postgresql_where=text("closed_at IS NULL"),
)

action = Table(
    "action",
    metadata,
    Column("id", String(32), primary_key=True),
    _person(),
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
)

change = Table(
    "change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("position", Integer, unique=True),
    _person(),
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

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(32), primary_key=True),
    _person(optional=True),
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

fetch = Table(
    "fetch",
    metadata,
    Column("id", Integer, primary_key=True),
    _person(optional=True),
    Column("channel", String(32), nullable=False),
    Column("source", String(8)),
    Column("at", Moment, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("code", String(64), nullable=False, server_default=""),
    Column("seconds", Float),
    Column("message_id", String(32), ForeignKey("message.id")),
    Index("ix_fetch_person_id_at", "person_id", "at"),
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

web_session = Table(
    "web_session",
    metadata,
    Column("id", String(64), primary_key=True, comment="SHA-256 of the cookie's value"),
    Column("user", Text, nullable=False, comment="who it is, as JSON: medrec.access.people.User"),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True, comment="SHA-256 of the token"),
    Column("name", String(100), nullable=False),
    Column("organisation", String(20), nullable=False, server_default=""),
    Column("scopes", String(200), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

audit = Table(
    "audit",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False, comment="1, 2, 3 ... without a gap"),
    Column("at", Moment, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("actor_name", String(200), nullable=False),
    Column("role", String(20), nullable=False),
    Column("organisation", String(20), nullable=False, server_default=""),
    Column("hpr", String(20), nullable=False, server_default=""),
    Column("person_id", String(32)),
    Column("what", String(40), nullable=False),
    Column("why", String(40), nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default="{}"),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Index("ix_audit_person_id", "person_id"),
)

self_authorisation = Table(
    "self_authorisation",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("actor", String(64), nullable=False),
    _person(),
    Column("reason", String(20), nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("reviewed_by", String(64)),
    Column("reviewed_at", Moment),
    Column("verdict", String(20)),
    Column("role", String(20), nullable=False, server_default=""),
    Column("actor_name", String(200), nullable=False, server_default=""),
    Column("words_sealed", LargeBinary, nullable=False),
    Column("key_id", String(16), nullable=False),
    Index("ix_self_authorisation_person_id", "person_id"),
)

block = Table(
    "block",
    metadata,
    Column("id", String(32), primary_key=True),
    _person(),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment),
    Column("set_by", String(64), nullable=False),
    Column("lifted_by", String(64)),
    CheckConstraint("(ends_at IS NULL) = (lifted_by IS NULL)", name="lifted_by_whom"),
    Index("ix_block_person_id", "person_id"),
)

account = Table(
    "account",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("blind", String(64), nullable=False, comment="index of the HPR or identity number"),
    Column("organisation", String(20), nullable=False),
    Column("role", String(20), nullable=False),
    Column("district", String(100), nullable=False, server_default=""),
    Column("loaded_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Index("ix_account_blind", "blind"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("what", String(32), primary_key=True),
    Column("who", String(64), primary_key=True, comment="SHA-256 of an address or a user's id"),
    Column("window_at", Moment, primary_key=True),
    Column("many", Integer, nullable=False),
)

sign_in = Table(
    "sign_in",
    metadata,
    Column("state", String(64), primary_key=True, comment="SHA-256 of the state"),
    Column("browser", String(64), nullable=False, comment="SHA-256 of the browser's cookie"),
    Column("told_sealed", LargeBinary, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("ends_at", Moment, nullable=False),
)

proof = Table(
    "proof",
    metadata,
    Column("id", String(64), primary_key=True, comment="SHA-256 of key and jti of a DPoP proof"),
    Column("ends_at", Moment, nullable=False),
)

life_event = Table(
    "life_event",
    metadata,
    Column("id", String(32), primary_key=True),
    _person(),
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

notice_item = Table(
    "notice_item",
    metadata,
    Column("outbox_id", String(32), ForeignKey("outbox.id"), primary_key=True),
    Column("discrepancy_id", String(32), ForeignKey("discrepancy.id"), primary_key=True),
    Column(
        "what", String(8), primary_key=True, comment="raised: asked of the receiver; closed: told that it is solved"
    ),
    _person(),
    Column("rank", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_notice_item_person_id", "person_id"),
    Index("ix_notice_item_discrepancy_id", "discrepancy_id"),
)

notice_reply = Table(
    "notice_reply",
    metadata,
    Column("message_id", String(32), ForeignKey("message.id"), primary_key=True),
    _person(),
    Column("outbox_id", String(32), ForeignKey("outbox.id")),
    Column("business_id", String(64), nullable=False),
    Column("conversation_id", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_notice_reply_person_id", "person_id"),
    Index("ix_notice_reply_conversation_id", "conversation_id"),
)

phone_call = Table(
    "phone_call",
    metadata,
    Column("id", String(32), primary_key=True),
    _person(),
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
)

closing = Table(
    "closing",
    metadata,
    Column("discrepancy_id", String(32), ForeignKey("discrepancy.id"), primary_key=True),
    Column("closed_at", Moment, primary_key=True),
    _person(),
    Column("opened_at", Moment, nullable=False),
    Column("told_at", Moment),
    Column("code", String(8), nullable=False),
    Column("gp_office", String(200), nullable=False, server_default=""),
    Column("source", String(8), nullable=False, server_default=""),
    Index("ix_closing_person_id", "person_id"),
)
