"""What was read in a waiting file, and the file, in pieces. What waits already stays in its row until then."""

import sqlalchemy as sa
from alembic import op


revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_table('parcel',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('upload_id', sa.Integer(), nullable=True),
    sa.Column('part', sa.String(), nullable=False),
    sa.Column('heard_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['upload_id'], ['upload.id'], name=op.f('fk_parcel_upload_id_upload'),
    ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_parcel')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_parcel_upload_id'), 'parcel', ['upload_id'], unique=False)
    op.create_table('parcel_piece',
    sa.Column('parcel_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('start', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['parcel_id'], ['parcel.id'], name=op.f('fk_parcel_piece_parcel_id_parcel')),
    sa.PrimaryKeyConstraint('parcel_id', 'start', name=op.f('pk_parcel_piece'))
    )


def downgrade() -> None:
    """Take the change back. Files that wait in pieces have to be uploaded again."""
    op.execute('DELETE FROM upload WHERE EXISTS (SELECT * FROM parcel WHERE parcel.upload_id = upload.id)')
    op.drop_table('parcel_piece')
    op.drop_index(op.f('ix_parcel_upload_id'), 'parcel')
    op.drop_table('parcel')
