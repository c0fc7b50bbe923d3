"""What becomes of codings when a version means something else, and rounds that ask a part of the codebook."""

import sqlalchemy as sa
from alembic import op


revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.add_column('entry_change', sa.Column('fate', sa.String(), nullable=False, server_default=''))
    op.create_table('round_question',
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('variable_id', sa.Integer(), nullable=False),
    sa.Column('shows_earlier', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_round_question_round_id_round')),
    sa.ForeignKeyConstraint(['variable_id'], ['variable.id'], name=op.f('fk_round_question_variable_id_variable')),
    sa.PrimaryKeyConstraint('round_id', 'variable_id', name=op.f('pk_round_question'))
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table('round_question')
    with op.batch_alter_table('entry_change') as batch_op:
        batch_op.drop_column('fate')
