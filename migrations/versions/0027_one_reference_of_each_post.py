"""A post refers to its import together with its project, instead of to each of them by itself.

On SQLite the definition of the table is written anew, which leaves rows, indexes and triggers where they are:
see section 7 of https://www.sqlite.org/lang_altertable.html. To copy the table would leave the texts of posts
in pages of the file that a later takedown does not know of.
"""

import sqlalchemy as sa
from alembic import op


revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

_TO_PROJECT = 'CONSTRAINT fk_post_project_id_project FOREIGN KEY(project_id) REFERENCES project (id)'
_TO_IMPORT = (
    'CONSTRAINT fk_post_import_batch_id_import_batch FOREIGN KEY(import_batch_id) REFERENCES import_batch (id)'
)
_TO_BOTH = (
    'CONSTRAINT fk_post_project_id_import_batch_id_import_batch'
    ' FOREIGN KEY(project_id, import_batch_id) REFERENCES import_batch (project_id, id)'
)


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_index('ix_import_batch_place', 'import_batch', ['project_id', 'id'], unique=True)
    _refer((_TO_IMPORT, _TO_PROJECT), (_TO_BOTH,))


def downgrade() -> None:
    """Take the change back."""
    _refer((_TO_BOTH,), (_TO_IMPORT, _TO_PROJECT))
    op.drop_index('ix_import_batch_place', 'import_batch')


def _refer(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Put references of posts in the place of others."""
    if op.get_bind().dialect.name == 'sqlite':
        _define(before, after)
        return
    dropped = [f"DROP CONSTRAINT {one.split()[1]}" for one in before]
    op.execute(f"ALTER TABLE post {', '.join((*dropped, *(f'ADD {one}' for one in after)))}")


def _define(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    connection = op.get_bind()
    table = "type = 'table' AND name = 'post'"
    found = str(connection.scalar(sa.text(f"SELECT sql FROM sqlite_master WHERE {table}")))
    first, *others = before
    if any(found.count(one) != 1 for one in before):
        raise RuntimeError('The table of posts is not as a migration left it.')
    defined = found.replace(first, ', \n\t'.join(after))
    for other in others:
        defined = defined.replace(f', \n\t{other}', '')
    version = connection.scalar(sa.text('PRAGMA schema_version'))
    connection.execute(sa.text('PRAGMA writable_schema=ON'))
    connection.execute(sa.text(f"UPDATE sqlite_master SET sql = :sql WHERE {table}"), {'sql': defined})
    # Everybody reads the definition again, this connection at once.
    connection.execute(sa.text(f'PRAGMA schema_version={version + 1}'))
    connection.execute(sa.text('PRAGMA writable_schema=RESET'))
    if connection.execute(sa.text('PRAGMA foreign_key_check(post)')).first():
        raise RuntimeError('Some posts refer to an import of another project.')
