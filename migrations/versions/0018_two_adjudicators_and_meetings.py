"""Rules by question, two adjudicators, and meetings that settle by consensus."""

import sqlalchemy as sa
from alembic import op


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.add_column('decision_batch', sa.Column('rules', sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table('decision_batch') as batch_op:
        batch_op.drop_column('rules')
