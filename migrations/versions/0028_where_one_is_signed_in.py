"""Where somebody is signed in: what the browser is, and when it was last seen."""

import sqlalchemy as sa
from alembic import op


revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.add_column('sign_in_session', sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('sign_in_session', sa.Column('browser', sa.String(), server_default='', nullable=False))
    op.add_column('sign_in_session', sa.Column('system', sa.String(), server_default='', nullable=False))


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table('sign_in_session', schema=None) as batch_op:
        batch_op.drop_column('system')
        batch_op.drop_column('browser')
        batch_op.drop_column('seen_at')
