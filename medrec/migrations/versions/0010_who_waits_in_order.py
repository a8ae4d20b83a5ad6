"""who waits is found in the order of waiting: claiming twenty of a hundred thousand sorted all of them each time"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_WAITS = sa.text("dirty_since IS NOT NULL")
_NAME = "ix_person_dirty_since"


def upgrade() -> None:
    _index("dirty_since", "id")


def downgrade() -> None:
    _index("dirty_since")


def _index(*columns: str) -> None:
    op.drop_index(_NAME, "person")
    op.create_index(_NAME, "person", list(columns), sqlite_where=_WAITS, postgresql_where=_WAITS)
