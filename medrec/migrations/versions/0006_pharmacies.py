"""pharmacies: name and telephone number in the roster, so that a nurse knows whom to call about the roll"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NEW = (("pharmacy_name", 200), ("pharmacy_phone", 32))


def upgrade() -> None:
    for name, length in _NEW:
        op.add_column("roster", sa.Column(name, sa.String(length), server_default="", nullable=False))


def downgrade() -> None:
    for name, _ in reversed(_NEW):
        op.drop_column("roster", name)
