"""Files of ratings in tidy form, for the study of `make.CODEBOOK`."""

from collections.abc import Sequence

from server.corpora.models import Post
from server.corpora.parsing import Table, read_table

HEADER = "post_id,coder,question,code,value,coder_group,rated_at"


def csv_of(posts: Sequence[Post], *rows: str) -> str:
    """Rows such as `0,anna,stance,against`: the number in front is a place in `posts`."""
    lines = [HEADER]
    for row in rows:
        place, rest = row.split(",", 1)
        lines.append(f"{posts[int(place)].external_id},{rest}")
    return "\n".join(lines) + "\n"


def table_of(posts: Sequence[Post], *rows: str) -> Table:
    """The same as a table that was read."""
    return read_table(csv_of(posts, *rows).encode(), "ratings.csv")
