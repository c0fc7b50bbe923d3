"""Posts that are taken down, and the one transaction in which what was written about them can be changed."""

import sqlalchemy as sa
from alembic import op


revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

ERASABLE = (
    'coding', 'coding_answer', 'coding_span', 'decision', 'decision_answer', 'gold', 'gold_answer',
    'second_coding', 'second_answer',
)
HAS_ERASURE = 'EXISTS (SELECT 1 FROM erasure)'


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_table('takedown',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('keeps_codings', sa.Boolean(), nullable=False),
    sa.Column('n_posts', sa.Integer(), nullable=False),
    sa.Column('taken_down_by', sa.Integer(), nullable=True),
    sa.Column('taken_down_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_takedown_project_id_project')),
    sa.ForeignKeyConstraint(['taken_down_by'], ['account.id'], name=op.f('fk_takedown_taken_down_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_takedown')),
    sa.UniqueConstraint('project_id', 'number', name=op.f('uq_takedown_project_id_number'))
    )
    op.create_table('erasure',
    sa.Column('post_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_erasure_post_id_post')),
    sa.PrimaryKeyConstraint('post_id', name=op.f('pk_erasure'))
    )
    op.add_column('post', sa.Column('takedown_id', sa.Integer(), nullable=True))
    is_down = sa.text('takedown_id IS NOT NULL')
    op.create_index('ix_post_taken_down', 'post', ['project_id', 'id'],
                    sqlite_where=is_down, postgresql_where=is_down)
    if op.get_bind().dialect.name == 'sqlite':
        for table in ERASABLE:
            _protect(table, f'WHEN NOT {HAS_ERASURE} ')
    else:
        _refuse(f"IF TG_TABLE_NAME <> 'history_event' AND {HAS_ERASURE} THEN "
                "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END IF; ")


def _protect(table: str, unless: str) -> None:
    for verb in ('UPDATE', 'DELETE'):
        op.execute(f"DROP TRIGGER {table}_no_{verb.lower()}")
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {unless}"
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _refuse(unless: str) -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS $$ "
        f"BEGIN {unless}RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"
    )


def downgrade() -> None:
    """Take it back."""
    if op.get_bind().dialect.name == 'sqlite':
        for table in ERASABLE:
            _protect(table, '')
    else:
        _refuse('')
    op.drop_index('ix_post_taken_down', 'post')
    op.drop_column('post', 'takedown_id')
    op.drop_table('erasure')
    op.drop_table('takedown')
