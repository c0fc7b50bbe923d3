"""Whether a takedown has reached the files of the database, too; and which codes of apps were used."""

import sqlalchemy as sa
from alembic import op


revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state. Earlier takedowns are carried out once more: some may have failed."""
    op.add_column('takedown', sa.Column('wiped_at', sa.DateTime(timezone=True), nullable=True))
    op.create_table('used_step',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_used_step_account_id_account')),
    sa.PrimaryKeyConstraint('account_id', 'step', name=op.f('pk_used_step'))
    )
    op.execute('INSERT INTO used_step (account_id, step) SELECT account_id, last_step FROM second_factor')


def downgrade() -> None:
    """Take the change back."""
    op.drop_table('used_step')
    with op.batch_alter_table('takedown', schema=None) as batch_op:
        batch_op.drop_column('wiped_at')
