"""The secret of each account from which the key follows that its browsers seal unsent answers with."""

import secrets

import sqlalchemy as sa
from alembic import op


revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state. Whoever is signed in now has a key, too."""
    op.add_column('account', sa.Column('browser_secret', sa.LargeBinary(), nullable=True))
    account = sa.table('account', sa.column('id', sa.Integer), sa.column('browser_secret', sa.LargeBinary))
    connection = op.get_bind()
    for account_id in connection.scalars(sa.select(account.c.id)).all():
        given = account.update().where(account.c.id == account_id)
        connection.execute(given.values(browser_secret=secrets.token_bytes(32)))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column('account', 'browser_secret')
