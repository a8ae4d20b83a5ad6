"""a dirty mark wakes the workers of all machines, at the commit that sets it (PostgreSQL only)

Numbered before 0008, which was ready first; it comes after it.
"""

from alembic import op

revision = "0007"
down_revision = "0008"
branch_labels = None
depends_on = None

_SAYS = """CREATE FUNCTION medrec_person_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('medrec_waiting', '');
  RETURN NULL;
END $$"""
_WHEN = """CREATE TRIGGER person_waits AFTER UPDATE OF dirty_since ON person FOR EACH ROW
WHEN (NEW.dirty_since IS NOT NULL AND OLD.dirty_since IS DISTINCT FROM NEW.dirty_since)
EXECUTE FUNCTION medrec_person_waits()"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_SAYS)
        op.execute(_WHEN)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER IF EXISTS person_waits ON person")
        op.execute("DROP FUNCTION IF EXISTS medrec_person_waits()")
