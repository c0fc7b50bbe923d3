"""The desk: reasons that are asked for, problems of the codebook, codings sent back, decisions of people."""

import sqlalchemy as sa
from alembic import op


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

BY_A_PERSON = sa.text("basis IN ('adjudicated', 'consensus')")
# Where the codebook was called unclear in a decision before there was a list of such places.
UNCLEAR = '[codebook unclear]'


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_index(
        'ix_decision_by_a_person',
        'decision',
        ['project_id', 'variable_id', 'id'],
        sqlite_where=BY_A_PERSON,
        postgresql_where=BY_A_PERSON,
    )
    where = sa.text("memo != ''")
    op.create_index('ix_coding_memo', 'coding', ['id'], sqlite_where=where, postgresql_where=where)
    op.create_table('desk_settings',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('reasons', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_desk_settings_project_id_project')),
    sa.PrimaryKeyConstraint('project_id', name=op.f('pk_desk_settings'))
    )
    op.create_table('codebook_problem',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('variable_id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('noted_by', sa.Integer(), nullable=True),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('dealt_with_in', sa.Integer(), nullable=True),
    sa.Column('dealt_with_by', sa.Integer(), nullable=True),
    sa.Column('dealt_with_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['code_id'], ['code.id'], name=op.f('fk_codebook_problem_code_id_code')),
    sa.ForeignKeyConstraint(['dealt_with_by'], ['account.id'], name=op.f('fk_codebook_problem_dealt_with_by_account')),
    sa.ForeignKeyConstraint(['noted_by'], ['account.id'], name=op.f('fk_codebook_problem_noted_by_account')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_codebook_problem_post_id_post')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_codebook_problem_project_id_project')),
    sa.ForeignKeyConstraint(['variable_id'], ['variable.id'], name=op.f('fk_codebook_problem_variable_id_variable')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_codebook_problem')),
    sa.UniqueConstraint('project_id', 'number', name=op.f('uq_codebook_problem_project_id_number'))
    )
    op.create_index(op.f('ix_codebook_problem_post_id'), 'codebook_problem', ['post_id'])
    op.create_table('sent_back',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('coding_id', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('sent_by', sa.Integer(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_sent_back_assignment_id_assignment')),
    sa.ForeignKeyConstraint(['coding_id'], ['coding.id'], name=op.f('fk_sent_back_coding_id_coding')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_sent_back_post_id_post')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_sent_back_project_id_project')),
    sa.ForeignKeyConstraint(['sent_by'], ['account.id'], name=op.f('fk_sent_back_sent_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sent_back'))
    )
    for column in ('project_id', 'post_id', 'assignment_id', 'coding_id'):
        op.create_index(op.f(f'ix_sent_back_{column}'), 'sent_back', [column])
    op.execute(
        sa.text(
            'INSERT INTO codebook_problem (project_id, number, post_id, variable_id, note, noted_by, noted_at) '
            'SELECT project_id, ROW_NUMBER() OVER (PARTITION BY project_id ORDER BY id), post_id, variable_id, '
            'TRIM(SUBSTR(reason, :behind)), decided_by, decided_at FROM decision '
            'WHERE SUBSTR(reason, 1, :length) = :mark'
        ).bindparams(behind=len(UNCLEAR) + 1, length=len(UNCLEAR), mark=UNCLEAR)
    )


def downgrade() -> None:
    """Take it back."""
    for table in ('sent_back', 'codebook_problem', 'desk_settings'):
        op.drop_table(table)
    op.drop_index('ix_coding_memo', 'coding')
    op.drop_index('ix_decision_by_a_person', 'decision')
