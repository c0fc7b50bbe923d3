"""Gold answers, training rounds that show them, and rounds that open after a training."""

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

KEPT = ('gold', 'gold_answer')


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_table('gold',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('written_by', sa.Integer(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_gold_post_id_post')),
    sa.ForeignKeyConstraint(['version_id'], ['codebook_version.id'], name=op.f('fk_gold_version_id_codebook_version')),
    sa.ForeignKeyConstraint(['written_by'], ['account.id'], name=op.f('fk_gold_written_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gold')),
    sa.UniqueConstraint('post_id', 'edition', name=op.f('uq_gold_post_id_edition'))
    )
    op.create_table('gold_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('gold_id', sa.Integer(), nullable=False),
    sa.Column('variable_id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=True),
    sa.Column('number', sa.Float(), nullable=True),
    sa.Column('text', sa.String(), nullable=True),
    sa.Column('nothing_applies', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['code_id'], ['code.id'], name=op.f('fk_gold_answer_code_id_code')),
    sa.ForeignKeyConstraint(['gold_id'], ['gold.id'], name=op.f('fk_gold_answer_gold_id_gold')),
    sa.ForeignKeyConstraint(['variable_id'], ['variable.id'], name=op.f('fk_gold_answer_variable_id_variable')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gold_answer'))
    )
    op.create_index(op.f('ix_gold_answer_gold_id'), 'gold_answer', ['gold_id'])
    op.create_table('standing_gold',
    sa.Column('post_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('gold_id', sa.Integer(), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['gold_id'], ['gold.id'], name=op.f('fk_standing_gold_gold_id_gold')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_standing_gold_post_id_post')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_standing_gold_project_id_project')),
    sa.PrimaryKeyConstraint('post_id', name=op.f('pk_standing_gold'))
    )
    op.create_index(op.f('ix_standing_gold_project_id'), 'standing_gold', ['project_id'])
    op.create_table('gold_shown',
    sa.Column('assignment_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('gold_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_gold_shown_assignment_id_assignment')),
    sa.ForeignKeyConstraint(['gold_id'], ['gold.id'], name=op.f('fk_gold_shown_gold_id_gold')),
    sa.PrimaryKeyConstraint('assignment_id', name=op.f('pk_gold_shown'))
    )
    op.create_table('round_gate',
    sa.Column('round_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('training_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_round_gate_round_id_round')),
    sa.ForeignKeyConstraint(['training_id'], ['round.id'], name=op.f('fk_round_gate_training_id_round')),
    sa.PrimaryKeyConstraint('round_id', name=op.f('pk_round_gate'))
    )
    op.create_index(op.f('ix_round_gate_training_id'), 'round_gate', ['training_id'])
    op.create_table('silent_gold',
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_silent_gold_post_id_post')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_silent_gold_round_id_round')),
    sa.PrimaryKeyConstraint('round_id', 'post_id', name=op.f('pk_silent_gold'))
    )
    op.add_column('round', sa.Column('shows_gold', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(
        'round_annotator', sa.Column('is_waiting', sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column('round_annotator', sa.Column('training', sa.String(), nullable=False, server_default=''))
    for table in KEPT:
        _forbid_changes(table)


def _forbid_changes(table: str) -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for verb in ('UPDATE', 'DELETE'):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    else:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Take it back."""
    op.drop_column('round_annotator', 'training')
    op.drop_column('round_annotator', 'is_waiting')
    op.drop_column('round', 'shows_gold')
    for table in ('silent_gold', 'round_gate', 'gold_shown', 'standing_gold', 'gold_answer', 'gold'):
        op.drop_table(table)
