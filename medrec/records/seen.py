"""Who may see whom, and who saw what: sessions, tokens, accounts, blocks, the access log."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, Text

from medrec.records.columns import Moment, metadata, of_person

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
    of_person(),
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
    of_person(),
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
