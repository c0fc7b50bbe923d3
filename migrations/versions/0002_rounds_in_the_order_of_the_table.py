"""An index that leads through a round in the order of the table."""

from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_index('ix_assignment_round_id', 'assignment', ['round_id'])


def downgrade() -> None:
    """Take it back."""
    op.drop_index('ix_assignment_round_id', 'assignment')
