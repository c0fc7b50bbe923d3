"""The posts of a project: the list, one post, and the imports they came with."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request, Response

from server.corpora import queries
from server.corpora.pages.routes import POSTS, router
from server.corpora.queries import Batch, PostList, Wanted
from server.projects.access import SeesPosts
from server.web.numbers import number_in_path, whole_number
from server.web.rendering import address, render
from server.web.routing import Db

# Larger numbers fit no database's integer: there is no such post.
MAX_SEARCH = 200
Number = Annotated[int, number_in_path("number")]


@dataclass(frozen=True)
class PostsPage:
    """The list of posts, and what was searched for. `n_all` counts without the search."""

    posts: PostList
    search: str
    batch: int | None
    n_all: int
    previous: str
    next: str


@dataclass(frozen=True)
class PostPage:
    """One post, with the addresses of its neighbours."""

    post: queries.PostPage
    previous: str
    next: str


@dataclass(frozen=True)
class BatchesPage:
    """The imports of the project."""

    batches: tuple[Batch, ...]


@router.get(POSTS, name="corpora.index")
def index(request: Request, db: Db, access: SeesPosts) -> Response:
    """The posts of the project, page by page."""
    wanted = _wanted(request)
    found = queries.posts(db, access, wanted)
    page = PostsPage(
        posts=found,
        search=wanted.search,
        batch=wanted.batch,
        n_all=queries.n_posts(db, access),
        previous=_page_address(request, wanted, found, found.page - 1),
        next=_page_address(request, wanted, found, found.page + 1),
    )
    return render(request, "corpora/index.html", page)


def _wanted(request: Request) -> Wanted:
    asked = request.query_params
    search = asked.get("search", "").replace("\0", "").strip()[:MAX_SEARCH]
    return Wanted(search, whole_number(asked.get("batch", "")), whole_number(asked.get("page", "")) or 1)


def _page_address(request: Request, wanted: Wanted, found: PostList, page: int) -> str:
    """The address of another page of the list; empty where there is none."""
    if not 1 <= page <= found.n_pages:
        return ""
    query = {"search": wanted.search, "batch": wanted.batch, "page": page}
    return address(request, "corpora.index", {name: value for name, value in query.items() if value})


@router.get(POSTS + "/imports", name="corpora.batches")
def batches(request: Request, db: Db, access: SeesPosts) -> Response:
    """The imports of the project."""
    return render(request, "corpora/batches.html", BatchesPage(queries.batches(db, access)))


@router.get(POSTS + "/{number}", name="corpora.show")
def show(request: Request, db: Db, access: SeesPosts, number: Number) -> Response:
    """One post."""
    post = queries.post(db, access, number)
    page = PostPage(
        post=post,
        previous=address(request, "corpora.show", number=number - 1) if number > 1 else "",
        next=address(request, "corpora.show", number=number + 1) if number < post.n_posts else "",
    )
    return render(request, "corpora/show.html", page)
