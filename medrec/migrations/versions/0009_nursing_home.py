"""the roster says who lives in a nursing home: the criteria and limits for them are others than those at home"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("roster", sa.Column("nursing_home", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("roster", "nursing_home")
