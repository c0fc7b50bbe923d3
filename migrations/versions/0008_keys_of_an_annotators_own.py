"""Keys of an annotator's own."""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    with op.batch_alter_table('member', schema=None) as batch_op:
        batch_op.add_column(sa.Column('keys', sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table('member', schema=None) as batch_op:
        batch_op.drop_column('keys')
