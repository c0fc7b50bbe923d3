"""Whether a takedown has reached the files of the database, too."""

import sqlalchemy as sa
from alembic import op


revision = '0030'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state. Earlier takedowns are carried out once more: some may have failed."""
    op.add_column('takedown', sa.Column('wiped_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table('takedown', schema=None) as batch_op:
        batch_op.drop_column('wiped_at')
