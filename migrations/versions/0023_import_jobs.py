"""Imports that go on by themselves, files kept as they were read, and no index that no query asks for."""

import sqlalchemy as sa
from alembic import op


revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.add_column('upload', sa.Column('reading', sa.LargeBinary(), nullable=True))
    op.create_table('import_job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('upload_key', sa.String(), nullable=False),
    sa.Column('choices', sa.JSON(), nullable=False),
    sa.Column('seen', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('started_by', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('phase', sa.String(), nullable=False),
    sa.Column('phase_began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('runner', sa.String(), nullable=False),
    sa.Column('heard_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_unwanted', sa.Boolean(), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('problem', sa.String(), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_import_job_batch_id_import_batch')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_import_job_project_id_project')),
    sa.ForeignKeyConstraint(['started_by'], ['account.id'], name=op.f('fk_import_job_started_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_job'))
    )
    with op.batch_alter_table('import_job', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_job_upload_key'), ['upload_key'], unique=False)
        batch_op.create_index('ix_import_job_under_way', ['project_id'], unique=True,
        sqlite_where=sa.text('finished_at IS NULL'), postgresql_where=sa.text('finished_at IS NULL'))
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.drop_index('ix_post_project_id_author')


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.create_index('ix_post_project_id_author', ['project_id', 'author'], unique=False)
    op.drop_table('import_job')
    op.drop_column('upload', 'reading')
