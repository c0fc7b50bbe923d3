"""The first tables."""

import sqlalchemy as sa
from alembic import op


revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


APPEND_ONLY = ("history_event", "coding", "coding_answer", "decision", "decision_answer")


def protect(table: str) -> None:
    """Let the database itself refuse to change or delete what was once written."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def protect_all() -> None:
    """Make every append-only table so."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger AS $$ "
            "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"
        )
    for table in APPEND_ONLY:
        protect(table)


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_table('account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('display_name', sa.String(), nullable=False),
    sa.Column('password_hash', sa.String(), nullable=True),
    sa.Column('is_admin', sa.Boolean(), nullable=False),
    sa.Column('may_create_projects', sa.Boolean(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('language', sa.String(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('name', name=op.f('uq_account_name'))
    )
    op.create_table('history_head',
    sa.Column('chain', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('chain', name=op.f('pk_history_head'))
    )
    op.create_table('sign_in_failure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_failure'))
    )
    with op.batch_alter_table('sign_in_failure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_failure_address'), ['address'], unique=False)
        batch_op.create_index(batch_op.f('ix_sign_in_failure_name'), ['name'], unique=False)

    op.create_table('history_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('chain', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('details', sa.String(), nullable=False),
    sa.Column('previous_hash', sa.String(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['account.id'], name=op.f('fk_history_event_actor_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_history_event')),
    sa.UniqueConstraint('chain', 'sequence', name=op.f('uq_history_event_chain_sequence'))
    )
    op.create_table('one_time_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_one_time_link_account_id_account')),
    sa.ForeignKeyConstraint(['created_by'], ['account.id'], name=op.f('fk_one_time_link_created_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_one_time_link_token_hash'))
    )
    op.create_table('project',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('is_synthetic', sa.Boolean(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['account.id'], name=op.f('fk_project_created_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project')),
    sa.UniqueConstraint('key', name=op.f('uq_project_key'))
    )
    op.create_table('sign_in_session',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_sign_in_session_account_id_account')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_sign_in_session'))
    )
    with op.batch_alter_table('sign_in_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_session_account_id'), ['account_id'], unique=False)

    op.create_table('codebook_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_codebook_version_project_id_project')),
    sa.ForeignKeyConstraint(['published_by'], ['account.id'], name=op.f('fk_codebook_version_published_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_codebook_version')),
    sa.UniqueConstraint('project_id', 'number', name=op.f('uq_codebook_version_project_id_number'))
    )
    op.create_table('decision_batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(), nullable=False),
    sa.Column('minimum', sa.Integer(), nullable=True),
    sa.Column('n_decisions', sa.Integer(), nullable=False),
    sa.Column('decided_by', sa.Integer(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_by', sa.Integer(), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['decided_by'], ['account.id'], name=op.f('fk_decision_batch_decided_by_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_decision_batch_project_id_project')),
    sa.ForeignKeyConstraint(['undone_by'], ['account.id'], name=op.f('fk_decision_batch_undone_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision_batch'))
    )
    with op.batch_alter_table('decision_batch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_decision_batch_project_id'), ['project_id'], unique=False)

    op.create_table('import_batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('filename', sa.String(), nullable=False),
    sa.Column('file_hash', sa.String(), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('n_new', sa.Integer(), nullable=False),
    sa.Column('n_unchanged', sa.Integer(), nullable=False),
    sa.Column('n_changed', sa.Integer(), nullable=False),
    sa.Column('n_duplicates', sa.Integer(), nullable=False),
    sa.Column('n_refused', sa.Integer(), nullable=False),
    sa.Column('imported_by', sa.Integer(), nullable=True),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['imported_by'], ['account.id'], name=op.f('fk_import_batch_imported_by_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_import_batch_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batch')),
    sa.UniqueConstraint('project_id', 'number', name=op.f('uq_import_batch_project_id_number'))
    )
    op.create_table('invitation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('used_by', sa.Integer(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['account.id'], name=op.f('fk_invitation_created_by_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_invitation_project_id_project')),
    sa.ForeignKeyConstraint(['used_by'], ['account.id'], name=op.f('fk_invitation_used_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_invitation_token_hash'))
    )
    with op.batch_alter_table('invitation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invitation_project_id'), ['project_id'], unique=False)

    op.create_table('member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('coder_group', sa.String(), nullable=True),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deactivated_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_member_account_id_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_member_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_member')),
    sa.UniqueConstraint('project_id', 'account_id', name=op.f('uq_member_project_id_account_id')),
    sa.UniqueConstraint('project_id', 'number', name=op.f('uq_member_project_id_number'))
    )
    with op.batch_alter_table('member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_member_account_id'), ['account_id'], unique=False)

    op.create_table('upload',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('filename', sa.String(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('uploaded_by', sa.Integer(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_upload_project_id_project')),
    sa.ForeignKeyConstraint(['uploaded_by'], ['account.id'], name=op.f('fk_upload_uploaded_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_upload')),
    sa.UniqueConstraint('key', name=op.f('uq_upload_key'))
    )
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_upload_project_id'), ['project_id'], unique=False)

    op.create_table('variable',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_variable_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_variable')),
    sa.UniqueConstraint('project_id', 'key', name=op.f('uq_variable_project_id_key'))
    )
    op.create_table('code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('variable_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['variable_id'], ['variable.id'], name=op.f('fk_code_variable_id_variable')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_code')),
    sa.UniqueConstraint('variable_id', 'key', name=op.f('uq_code_variable_id_key'))
    )
    op.create_table('post',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('external_id', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('author', sa.String(), nullable=True),
    sa.Column('posted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('posted_at_text', sa.String(), nullable=True),
    sa.Column('link', sa.String(), nullable=True),
    sa.Column('extra', sa.JSON(), nullable=False),
    sa.Column('content_hash', sa.String(), nullable=False),
    sa.Column('import_batch_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['import_batch_id'], ['import_batch.id'], name=op.f('fk_post_import_batch_id_import_batch')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_post_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_post')),
    sa.UniqueConstraint('project_id', 'external_id', name=op.f('uq_post_project_id_external_id')),
    sa.UniqueConstraint('project_id', 'number', name=op.f('uq_post_project_id_number'))
    )
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_post_import_batch_id'), ['import_batch_id'], unique=False)
        batch_op.create_index('ix_post_project_id_author', ['project_id', 'author'], unique=False)

    op.create_table('round',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('codebook_version_id', sa.Integer(), nullable=False),
    sa.Column('design', sa.JSON(), nullable=False),
    sa.Column('n_posts', sa.Integer(), nullable=False),
    sa.Column('is_imported', sa.Boolean(), nullable=False),
    sa.Column('opened_by', sa.Integer(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('locked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revealed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['codebook_version_id'], ['codebook_version.id'], name=op.f('fk_round_codebook_version_id_codebook_version')),
    sa.ForeignKeyConstraint(['opened_by'], ['account.id'], name=op.f('fk_round_opened_by_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_round_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round')),
    sa.UniqueConstraint('project_id', 'number', name=op.f('uq_round_project_id_number'))
    )
    op.create_table('variable_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('variable_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('label', sa.String(), nullable=False),
    sa.Column('hint', sa.String(), nullable=False),
    sa.Column('is_required', sa.Boolean(), nullable=False),
    sa.Column('minimum', sa.Float(), nullable=True),
    sa.Column('maximum', sa.Float(), nullable=True),
    sa.ForeignKeyConstraint(['variable_id'], ['variable.id'], name=op.f('fk_variable_entry_variable_id_variable')),
    sa.ForeignKeyConstraint(['version_id'], ['codebook_version.id'], name=op.f('fk_variable_entry_version_id_codebook_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_variable_entry')),
    sa.UniqueConstraint('version_id', 'variable_id', name=op.f('uq_variable_entry_version_id_variable_id'))
    )
    op.create_table('assignment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('skip_reason', sa.String(), nullable=True),
    sa.Column('coding_id', sa.Integer(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_assignment_member_id_member')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_assignment_post_id_post')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_assignment_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment')),
    sa.UniqueConstraint('round_id', 'member_id', 'position', name=op.f('uq_assignment_round_id_member_id_position')),
    sa.UniqueConstraint('round_id', 'post_id', 'member_id', name=op.f('uq_assignment_round_id_post_id_member_id'))
    )
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.create_index('ix_assignment_post_id', ['post_id'], unique=False)
        batch_op.create_index('ix_assignment_queue', ['round_id', 'member_id', 'state', 'position'], unique=False)

    op.create_table('code_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('variable_id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('value', sa.Float(), nullable=True),
    sa.Column('label', sa.String(), nullable=False),
    sa.Column('definition', sa.String(), nullable=False),
    sa.Column('use_when', sa.String(), nullable=False),
    sa.Column('avoid_when', sa.String(), nullable=False),
    sa.Column('example', sa.String(), nullable=False),
    sa.Column('counter_example', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['code_id'], ['code.id'], name=op.f('fk_code_entry_code_id_code')),
    sa.ForeignKeyConstraint(['parent_id'], ['code.id'], name=op.f('fk_code_entry_parent_id_code')),
    sa.ForeignKeyConstraint(['variable_id'], ['variable.id'], name=op.f('fk_code_entry_variable_id_variable')),
    sa.ForeignKeyConstraint(['version_id'], ['codebook_version.id'], name=op.f('fk_code_entry_version_id_codebook_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_code_entry')),
    sa.UniqueConstraint('version_id', 'code_id', name=op.f('uq_code_entry_version_id_code_id'))
    )
    op.create_table('decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('variable_id', sa.Integer(), nullable=False),
    sa.Column('basis', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('supersedes_id', sa.Integer(), nullable=True),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['decision_batch.id'], name=op.f('fk_decision_batch_id_decision_batch')),
    sa.ForeignKeyConstraint(['decided_by'], ['account.id'], name=op.f('fk_decision_decided_by_account')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_decision_post_id_post')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_decision_project_id_project')),
    sa.ForeignKeyConstraint(['supersedes_id'], ['decision.id'], name=op.f('fk_decision_supersedes_id_decision')),
    sa.ForeignKeyConstraint(['variable_id'], ['variable.id'], name=op.f('fk_decision_variable_id_variable')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision')),
    sa.UniqueConstraint('supersedes_id', name=op.f('uq_decision_supersedes_id'))
    )
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_decision_batch_id'), ['batch_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_decision_post_id'), ['post_id'], unique=False)

    op.create_table('round_annotator',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('n_assigned', sa.Integer(), nullable=False),
    sa.Column('n_submitted', sa.Integer(), nullable=False),
    sa.Column('n_skipped', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_round_annotator_member_id_member')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_round_annotator_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_annotator')),
    sa.UniqueConstraint('round_id', 'member_id', name=op.f('uq_round_annotator_round_id_member_id'))
    )
    with op.batch_alter_table('round_annotator', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_round_annotator_member_id'), ['member_id'], unique=False)

    op.create_table('coding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('memo', sa.String(), nullable=False),
    sa.Column('is_unsure', sa.Boolean(), nullable=False),
    sa.Column('form_token', sa.String(), nullable=False),
    sa.Column('body_hash', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_coding_assignment_id_assignment')),
    sa.ForeignKeyConstraint(['version_id'], ['codebook_version.id'], name=op.f('fk_coding_version_id_codebook_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_coding')),
    sa.UniqueConstraint('assignment_id', 'revision', name=op.f('uq_coding_assignment_id_revision')),
    sa.UniqueConstraint('form_token', name=op.f('uq_coding_form_token'))
    )
    op.create_table('decision_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('decision_id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=True),
    sa.Column('number', sa.Float(), nullable=True),
    sa.Column('text', sa.String(), nullable=True),
    sa.Column('nothing_applies', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['code_id'], ['code.id'], name=op.f('fk_decision_answer_code_id_code')),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_decision_answer_decision_id_decision')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision_answer'))
    )
    with op.batch_alter_table('decision_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_decision_answer_decision_id'), ['decision_id'], unique=False)

    op.create_table('draft',
    sa.Column('assignment_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('typed', sa.JSON(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_draft_assignment_id_assignment')),
    sa.PrimaryKeyConstraint('assignment_id', name=op.f('pk_draft'))
    )
    op.create_table('standing_decision',
    sa.Column('post_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('variable_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('decision_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_standing_decision_decision_id_decision')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_standing_decision_post_id_post')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_standing_decision_project_id_project')),
    sa.ForeignKeyConstraint(['variable_id'], ['variable.id'], name=op.f('fk_standing_decision_variable_id_variable')),
    sa.PrimaryKeyConstraint('post_id', 'variable_id', name=op.f('pk_standing_decision'))
    )
    with op.batch_alter_table('standing_decision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_standing_decision_project_id'), ['project_id'], unique=False)

    op.create_table('coding_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('coding_id', sa.Integer(), nullable=False),
    sa.Column('variable_id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=True),
    sa.Column('number', sa.Float(), nullable=True),
    sa.Column('text', sa.String(), nullable=True),
    sa.Column('nothing_applies', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['code_id'], ['code.id'], name=op.f('fk_coding_answer_code_id_code')),
    sa.ForeignKeyConstraint(['coding_id'], ['coding.id'], name=op.f('fk_coding_answer_coding_id_coding')),
    sa.ForeignKeyConstraint(['variable_id'], ['variable.id'], name=op.f('fk_coding_answer_variable_id_variable')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_coding_answer'))
    )
    with op.batch_alter_table('coding_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_coding_answer_coding_id'), ['coding_id'], unique=False)

    protect_all()
    # The server's own chain is there from the start, so that its first two events cannot collide.
    op.execute(f"INSERT INTO history_head (chain, sequence, hash) VALUES (0, 0, '{'0' * 64}')")


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table('coding_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_coding_answer_coding_id'))

    op.drop_table('coding_answer')
    with op.batch_alter_table('standing_decision', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_standing_decision_project_id'))

    op.drop_table('standing_decision')
    op.drop_table('draft')
    with op.batch_alter_table('decision_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_decision_answer_decision_id'))

    op.drop_table('decision_answer')
    op.drop_table('coding')
    with op.batch_alter_table('round_annotator', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_round_annotator_member_id'))

    op.drop_table('round_annotator')
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_decision_post_id'))
        batch_op.drop_index(batch_op.f('ix_decision_batch_id'))

    op.drop_table('decision')
    op.drop_table('code_entry')
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_index('ix_assignment_queue')
        batch_op.drop_index('ix_assignment_post_id')

    op.drop_table('assignment')
    op.drop_table('variable_entry')
    op.drop_table('round')
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.drop_index('ix_post_project_id_author')
        batch_op.drop_index(batch_op.f('ix_post_import_batch_id'))

    op.drop_table('post')
    op.drop_table('code')
    op.drop_table('variable')
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_upload_project_id'))

    op.drop_table('upload')
    with op.batch_alter_table('member', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_member_account_id'))

    op.drop_table('member')
    with op.batch_alter_table('invitation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_invitation_project_id'))

    op.drop_table('invitation')
    op.drop_table('import_batch')
    with op.batch_alter_table('decision_batch', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_decision_batch_project_id'))

    op.drop_table('decision_batch')
    op.drop_table('codebook_version')
    with op.batch_alter_table('sign_in_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_session_account_id'))

    op.drop_table('sign_in_session')
    op.drop_table('project')
    op.drop_table('one_time_link')
    op.drop_table('history_event')
    with op.batch_alter_table('sign_in_failure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_failure_name'))
        batch_op.drop_index(batch_op.f('ix_sign_in_failure_address'))

    op.drop_table('sign_in_failure')
    op.drop_table('history_head')
    op.drop_table('account')
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
