"""Operations on projects and their codebooks."""

from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from server.api.parameters import ProjectKey
from server.api.routing import operations
from server.api.shapes import Kind, Number, Shape
from server.api.token_access import ReadsCodebook, ReadsProjects
from server.codebooks.queries import Codebook, CodeInfo, VariableInfo, latest_published, published_numbered
from server.codebooks.sheet import NOTHING_APPLIES
from server.errors import NotFound
from server.projects.roles import Role
from server.tokens.queries import ReachedProject, reached_projects
from server.web.routing import Db

router = operations()


class Project(Shape):
    """A project that the token reaches."""

    key: str = Field(examples=["3f9a1c7be201"])
    title: str
    description: str
    role: Role = Field(description="What the owner of the token is in it")
    is_synthetic: bool = Field(description="The posts were made up")
    created_at: datetime
    archived_at: datetime | None


class Projects(Shape):
    """The projects that the token reaches, the newest first."""

    projects: tuple[Project, ...]


class Code(Shape):
    """One category of a variable."""

    key: str = Field(examples=["attachment"])
    label: str
    value: float | None = Field(description="Its number, on a scale")
    definition: str
    use_when: str
    avoid_when: str
    example: str
    counter_example: str
    parent: str | None = Field(description="The key of the code above it")


class Condition(Shape):
    """An answer after which a variable is asked."""

    variable: str
    code: str = Field(description=f"`{NOTHING_APPLIES}`: that nothing applies")


class Variable(Shape):
    """One question about a post."""

    key: str = Field(examples=["expression"])
    kind: Kind
    label: str
    hint: str
    required: bool
    minimum: float | None
    maximum: float | None
    only_after: tuple[Condition, ...] = Field(
        description="Asked after one of these answers only; of every post where there are none"
    )
    codes: tuple[Code, ...]


class PublishedCodebook(Shape):
    """One published version of a codebook, which never changes."""

    version: Number
    note: str
    published_at: datetime
    variables: tuple[Variable, ...]


class CodebookQuery(BaseModel):
    """Which version."""

    model_config = ConfigDict(extra="forbid")

    version: Number | None = Field(default=None, description="The newest where it is left out")


@router.get("/projects", name="api.list_projects")
def list_projects(db: Db, holder: ReadsProjects) -> Projects:
    """The projects that the token reaches.

    Scope `projects:read`.
    """
    return Projects(projects=tuple(map(_project, reached_projects(db, holder))))


@router.get("/projects/{project_key}", name="api.get_project")
def get_project(db: Db, holder: ReadsProjects, key: ProjectKey) -> Project:
    """One project.

    Scope `projects:read`; every member.
    """
    found = reached_projects(db, holder, key)
    if not found:
        raise NotFound
    return _project(found[0])


def _project(one: ReachedProject) -> Project:
    return Project(**vars(one))


@router.get("/projects/{project_key}/codebook", name="api.get_codebook")
def get_codebook(
    db: Db,
    access: ReadsCodebook,
    _key: ProjectKey,
    query: Annotated[CodebookQuery, Query()],
) -> PublishedCodebook:
    """A published version of the codebook.

    Scope `projects:read`; every member. 404 where nothing is published yet.
    """
    if query.version is not None:
        return _book(published_numbered(db, access.project_id, query.version))
    book = latest_published(db, access.project_id)
    if book is None:
        raise NotFound
    return _book(book)


def _book(book: Codebook) -> PublishedCodebook:
    if book.published_at is None:
        raise NotFound
    variables = tuple(_variable(book, one) for one in book.variables)
    return PublishedCodebook(
        version=book.number, note=book.note, published_at=book.published_at, variables=variables
    )


def _variable(book: Codebook, of: VariableInfo) -> Variable:
    return Variable(
        key=of.key,
        kind=cast(Kind, of.kind),
        label=of.label,
        hint=of.hint,
        required=of.is_required,
        minimum=of.minimum,
        maximum=of.maximum,
        only_after=tuple(sorted(_conditions(book, of), key=lambda one: (one.variable, one.code))),
        codes=tuple(_code(of, code) for code in of.codes),
    )


def _conditions(book: Codebook, of: VariableInfo) -> list[Condition]:
    on = [(book.variable_by_id[variable_id], code_id) for variable_id, code_id in of.when]
    return [
        Condition(variable=one.key, code=NOTHING_APPLIES if code_id is None else one.code_by_id[code_id].key)
        for one, code_id in on
    ]


def _code(of: VariableInfo, code: CodeInfo) -> Code:
    names = ("key", "label", "value", "definition", "use_when", "avoid_when", "example", "counter_example")
    said: dict[str, Any] = {name: getattr(code, name) for name in names}
    above = None if code.parent_id is None else of.code_by_id.get(code.parent_id)
    return Code(**said, parent=above.key if above else None)
