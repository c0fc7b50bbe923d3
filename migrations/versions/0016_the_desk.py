"""The desk: what people decided last on a question is found at once."""

import sqlalchemy as sa
from alembic import op


revision = '0016'
down_revision = '0013'
branch_labels = None
depends_on = None

BY_A_PERSON = sa.text("basis IN ('adjudicated', 'consensus')")


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_index(
        'ix_decision_by_a_person',
        'decision',
        ['project_id', 'variable_id', 'id'],
        sqlite_where=BY_A_PERSON,
        postgresql_where=BY_A_PERSON,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index('ix_decision_by_a_person', 'decision')
