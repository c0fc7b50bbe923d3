"""What an import has to know of the posts that a project has, some hundred at a time."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from server.corpora.models import Post
from server.corpora.planning import StoredPost
from server.corpora.queries import n_posts
from server.corpora.tombstones import hidden_id
from server.corpora.uses import has_codings
from server.db.engine import Database
from server.projects.access import Access

_AT_ONCE = 1_000


class StoredPosts:
    """The posts of a project, looked up in the database."""

    def __init__(self, db: Session, access: Access) -> None:
        self._db, self._project_id = db, access.project_id
        self._n_posts = n_posts(db, access)
        down = (col(Post.project_id) == access.project_id, col(Post.takedown_id).is_not(None))
        self._has_taken_down = db.scalar(select(col(Post.id)).where(*down).limit(1)) is not None

    def __len__(self) -> int:
        """How many there are."""
        return self._n_posts

    def among(self, external_ids: Sequence[str]) -> dict[str, StoredPost]:
        """Those with these external ids. Those that were taken down are found by the ids they had."""
        found = self._with(external_ids)
        if self._has_taken_down:
            hidden = {hidden_id(name): name for name in external_ids if name not in found}
            found |= {hidden[name]: stored for name, stored in self._with(list(hidden)).items()}
        return found

    def _with(self, external_ids: Sequence[str]) -> dict[str, StoredPost]:
        columns = (col(Post.external_id), col(Post.content_hash), has_codings(), col(Post.takedown_id))
        wanted = (col(Post.project_id) == self._project_id, col(Post.external_id).in_(external_ids))
        return {
            external_id: StoredPost(content_hash, bool(coded), takedown_id is not None)
            for external_id, content_hash, coded, takedown_id in self._db.execute(
                select(*columns).where(*wanted)
            )
        }


def stored_texts(db: Session, access: Access) -> Iterator[tuple[int, str, str]]:
    """Number, external id and text of every post of a project, in their order."""
    columns = select(col(Post.number), col(Post.external_id), col(Post.text))
    ordered = columns.where(col(Post.project_id) == access.project_id).order_by(col(Post.number))
    for row in db.execute(ordered.execution_options(yield_per=_AT_ONCE)):
        yield row.number, row.external_id, row.text


def texts_in(database: Database, access: Access) -> Iterator[tuple[int, str, str]]:
    """The same in a session of its own, which ends with the last of them."""
    with database.reading() as db:
        yield from stored_texts(db, access)
