"""Operations on posts: reading them, and bringing more."""

from datetime import datetime
from typing import Annotated

from fastapi import Header, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from server.api import actions
from server.api.parameters import ProjectKey
from server.api.problems import Fault, problem
from server.api.queries import posts_after
from server.api.routing import as_json, operations
from server.api.shapes import NEXT, Count, Number, PageQuery, Shape
from server.api.token_access import ReadsPosts, WritesPosts
from server.corpora.models import Post as StoredPost
from server.corpora.queries import may_see_source
from server.language import gettext as _
from server.web.routing import Db

router = operations()
_ANY_TEXT = r"^[^\x00]*$"
ShortText = Annotated[str, Field(max_length=2_000, pattern=_ANY_TEXT)]


def _named(fields: dict[str, str]) -> dict[str, str]:
    taken = sorted(set(fields) & set(actions.ROLES))
    if taken:
        raise ValueError(_("{names} cannot name a further field.").format(names=", ".join(taken)))
    return fields


class Post(Shape):
    """A post. Who may not know its author sees null instead of what could name them."""

    number: Number
    id: str | None = Field(description="The id of its source, as a text", examples=["1955550000000012345"])
    text: str = Field(description="Empty where the post was taken down")
    author: str | None
    posted_at: datetime | None
    posted_at_text: str | None = Field(description="The moment as its file gave it, where it gave one")
    link: str | None
    thread: str | None = Field(description="The id of the thread")
    parent: str | None = Field(description="The id of the post that this one answers")
    fields: dict[str, str] | None = Field(description="Whatever else came with it")
    taken_down: bool


class Posts(Shape):
    """A page of posts, in the order of their numbers."""

    posts: tuple[Post, ...]
    next: Number | None = NEXT


class NewPost(BaseModel):
    """A post to store."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, Field(max_length=2_000, pattern=_ANY_TEXT)] = Field(
        description="The id of its source, as a text: numbers lose digits", examples=["1955550000000012345"]
    )
    text: Annotated[str, Field(max_length=100_000, pattern=_ANY_TEXT)] = Field(
        examples=["I miss the old one."]
    )
    author: ShortText = ""
    posted_at: ShortText = Field(
        default="",
        description="A moment; one without a zone is in UTC",
        examples=["2025-08-08T21:14:00Z"],
    )
    link: ShortText = ""
    thread: ShortText = ""
    parent: ShortText = ""
    fields: Annotated[
        dict[
            Annotated[str, Field(min_length=1, max_length=200, pattern=_ANY_TEXT)],
            Annotated[str, Field(max_length=100_000, pattern=_ANY_TEXT)],
        ],
        Field(max_length=200),
        AfterValidator(_named),
    ] = Field(default_factory=dict, description="Whatever else is to be kept, by name")


class NewPosts(BaseModel):
    """Posts to store, as one import."""

    model_config = ConfigDict(extra="forbid", strict=True)

    source: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")] = Field(
        default="API", description="What the list of imports calls it", examples=["crawl of 8 August"]
    )
    posts: Annotated[list[NewPost], Field(min_length=1, max_length=2_000)]


class RowSaid(Shape):
    """What is said of one of the posts that were sent."""

    row: Number = Field(description="Which one, counted from 1")
    reason: str


class StoredPosts(Shape):
    """What became of the posts that were sent."""

    batch: Number | None = Field(description="The number of the import; null where nothing was written")
    new: Count
    changed: Count
    unchanged: Count
    left_as_coded: Count = Field(description="Differ, but annotators have coded them")
    taken_down: Count = Field(description="Were taken down here, and stay away")
    duplicates: Count = Field(description="Repeat one that was sent before them")
    refused: tuple[RowSaid, ...]
    notices: tuple[RowSaid, ...] = Field(description="Taken all the same")


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Anything that is new for each body: sent again with it, nothing is stored twice",
        pattern=r"^[\x21-\x7e]{1,200}$",
    ),
]


@router.get("/projects/{project_key}/posts", name="api.list_posts")
def list_posts(db: Db, access: ReadsPosts, _key: ProjectKey, query: Annotated[PageQuery, Query()]) -> Posts:
    """The posts of a project.

    Scope `posts:read`; leads, adjudicators and viewers. Ids, authors and links are for leads alone.
    """
    rows = posts_after(db, access, query.after, query.limit)
    shows = may_see_source(access)
    found = tuple(_post(row, shows_source=shows) for row in rows)
    return Posts(posts=found, next=found[-1].number if len(found) == query.limit else None)


def _post(row: StoredPost, *, shows_source: bool) -> Post:
    source = {
        "id": row.external_id,
        "author": row.author,
        "link": row.link,
        "thread": row.thread_key,
        "parent": row.parent_key,
        "fields": row.extra,
    }
    return Post.model_validate(
        {
            "number": row.number,
            "text": row.text,
            "posted_at": row.posted_at,
            "posted_at_text": row.posted_at_text,
            "taken_down": row.takedown_id is not None,
            **(source if shows_source else dict.fromkeys(source)),
        }
    )


@router.post(
    "/projects/{project_key}/posts",
    name="api.add_posts",
    status_code=201,
    response_model=StoredPosts,
    responses={200: {"model": StoredPosts, "description": "Nothing had to be written"}},
)
def add_posts(
    db: Db,
    access: WritesPosts,
    _key: ProjectKey,
    body: NewPosts,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Store up to 2,000 posts, as an import of a file with the same rows would.

    Scope `posts:write`; leads. A post that is there already with the same content stays; one that differs
    takes the new content, unless annotators have coded it. Rows that cannot be taken are refused alone, each
    with the reason; where not one can be taken, the answer is 422.
    """
    posts = [_brought(post) for post in body.posts]
    if idempotency_key is None:
        found = actions.bring_posts(db, access, posts, body.source)
        status = actions.status_of(found)
    else:
        found, status = actions.bring_once(db, access, posts, body.source, idempotency_key)
    if status >= 400:
        errors = (Fault(pointer=f"/posts/{one.row - 1}", detail=one.reason) for one in found.refused)
        return problem(status, _("None of these posts can be taken. Nothing was saved."), errors)
    return as_json(_stored(found), status)


def _brought(post: NewPost) -> actions.BroughtPost:
    cells = tuple(getattr(post, name) for name in actions.ROLES)
    return actions.BroughtPost(cells, post.fields)


def _stored(found: actions.Brought) -> StoredPosts:
    said = {
        name: tuple(RowSaid(**vars(one)) for one in getattr(found, name)) for name in ("refused", "notices")
    }
    return StoredPosts(**(vars(found) | said))
