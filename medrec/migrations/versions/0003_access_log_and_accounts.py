"""access: the log refuses change, blocks, accounts, rate limits, sign-in under way, proofs seen"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_REFUSE_POSTGRES = """
CREATE FUNCTION medrec_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the access log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$
"""


def upgrade() -> None:
    op.create_table(
        "block",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=True),
        sa.Column("set_by", sa.String(64), nullable=False),
        sa.Column("lifted_by", sa.String(64), nullable=True),
        sa.CheckConstraint("(ends_at IS NULL) = (lifted_by IS NULL)", name=op.f("ck_block_lifted_by_whom")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_block_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
    )
    op.create_index("ix_block_person_id", "block", ["person_id"])
    op.create_table(
        "account",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("blind", sa.String(64), nullable=False, comment="index of the HPR or identity number"),
        sa.Column("organisation", sa.String(20), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("district", sa.String(100), nullable=False, server_default=""),
        sa.Column("loaded_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index("ix_account_blind", "account", ["blind"])
    op.create_table(
        "attempt",
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("who", sa.String(64), nullable=False, comment="SHA-256 of an address or a user's id"),
        sa.Column("window_at", _MOMENT, nullable=False),
        sa.Column("many", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("what", "who", "window_at", name=op.f("pk_attempt")),
    )
    op.create_table(
        "sign_in",
        sa.Column("state", sa.String(64), nullable=False, comment="SHA-256 of the state"),
        sa.Column("browser", sa.String(64), nullable=False, comment="SHA-256 of the browser's cookie"),
        sa.Column("told_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_sign_in")),
    )
    op.create_table(
        "proof",
        sa.Column("id", sa.String(64), nullable=False, comment="SHA-256 of key and jti of a DPoP proof"),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof")),
    )
    op.drop_column("self_authorisation", "words")
    with op.batch_alter_table("self_authorisation") as batch:
        batch.add_column(sa.Column("role", sa.String(20), nullable=False, server_default=""))
        batch.add_column(sa.Column("actor_name", sa.String(200), nullable=False, server_default=""))
        batch.add_column(sa.Column("words_sealed", sa.LargeBinary(), nullable=False))
        batch.add_column(sa.Column("key_id", sa.String(16), nullable=False))
        batch.create_index("ix_self_authorisation_person_id", ["person_id"])
    _close_the_log()


def _close_the_log() -> None:
    """Whoever writes to the database can add to the log, and nothing else."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_REFUSE_POSTGRES)
        op.execute(
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit "
            "FOR EACH ROW EXECUTE FUNCTION medrec_log_is_append_only()"
        )
        op.execute(
            "CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION medrec_log_is_append_only()"
        )
        return
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{what.lower()} BEFORE {what} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_append_only ON audit")
        op.execute("DROP TRIGGER audit_not_emptied ON audit")
        op.execute("DROP FUNCTION medrec_log_is_append_only()")
    else:
        op.execute("DROP TRIGGER audit_no_update")
        op.execute("DROP TRIGGER audit_no_delete")
    with op.batch_alter_table("self_authorisation") as batch:
        batch.drop_index("ix_self_authorisation_person_id")
        batch.drop_column("key_id")
        batch.drop_column("words_sealed")
        batch.drop_column("actor_name")
        batch.drop_column("role")
        batch.add_column(sa.Column("words", sa.Text(), nullable=False, server_default=""))
    for table in ("proof", "sign_in", "attempt", "account", "block"):
        op.drop_table(table)
