"""Tables of codebooks.

`Variable` and `Code` are identities that live as long as the project and are never used again for
another meaning. What they say is in the entries of a `CodebookVersion`: a draft until it is published,
and unchangeable from then on.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from server.db.tables import Table, UtcDateTime


class Variable(Table, table=True):
    """One question about a post, for life."""

    __table_args__ = (UniqueConstraint("project_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    key: str


class Code(Table, table=True):
    """One category of a variable, for life."""

    __table_args__ = (UniqueConstraint("variable_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    variable_id: int = Field(foreign_key="variable.id")
    key: str


class CodebookVersion(Table, table=True):
    """One state of a project's codebook: the draft, or a published one that never changes."""

    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    number: int
    note: str = Field(default="", description="What is new in this version, in the lead's words")
    edition: int = Field(
        default=0, description="Counts the edits of a draft, so that a stale form is noticed"
    )
    created_at: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_by: int | None = Field(default=None, foreign_key="account.id")


class VariableEntry(Table, table=True):
    """What one version of the codebook says of a variable."""

    __table_args__ = (UniqueConstraint("version_id", "variable_id"),)

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="codebook_version.id")
    variable_id: int = Field(foreign_key="variable.id")
    position: int
    kind: str = Field(description="single, multiple, ordinal, number or text")
    label: str
    hint: str = ""
    is_required: bool = True
    minimum: float | None = None
    maximum: float | None = None


class CodeEntry(Table, table=True):
    """What one version of the codebook says of a code."""

    __table_args__ = (UniqueConstraint("version_id", "code_id"),)

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="codebook_version.id")
    variable_id: int = Field(foreign_key="variable.id")
    code_id: int = Field(foreign_key="code.id")
    parent_id: int | None = Field(default=None, foreign_key="code.id")
    position: int
    value: float | None = Field(default=None, description="The number of an ordered code")
    label: str
    definition: str = ""
    use_when: str = ""
    avoid_when: str = ""
    example: str = ""
    counter_example: str = ""


class VariableCondition(Table, table=True):
    """An answer after which one version of the codebook asks a variable; any of its rows fulfils it.

    A variable without a row is always asked.
    """

    __table_args__ = (UniqueConstraint("version_id", "variable_id", "on_variable_id", "code_id"),)

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="codebook_version.id")
    variable_id: int = Field(foreign_key="variable.id")
    on_variable_id: int = Field(foreign_key="variable.id")
    code_id: int | None = Field(default=None, foreign_key="code.id", description="None: that nothing applies")


class Fate(StrEnum):
    """What becomes of codings made before a version changed the meaning of what they say.

    They are kept as they are, read as the code that took theirs up, or their posts are coded again: by those
    who gave the answer, or by all who answered the question.
    """

    KEEP = "keep"
    MAP = "map"
    RECODE = "recode"
    RECODE_ALL = "recode_all"


class CodeOrigin(Table, table=True):
    """In one version, a code takes up what another meant: it was merged into it, or split.

    Only for an origin that a version before had published.
    """

    __table_args__ = (UniqueConstraint("version_id", "code_id", "origin_id"),)

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="codebook_version.id")
    code_id: int = Field(foreign_key="code.id")
    origin_id: int = Field(foreign_key="code.id", description="The code that left the codebook")


class EntryChange(Table, table=True):
    """What a version changed since the one before, entry by entry; written when it is published."""

    __table_args__ = (UniqueConstraint("version_id", "variable_id", "code_id"),)

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="codebook_version.id")
    variable_id: int = Field(foreign_key="variable.id")
    code_id: int | None = Field(
        default=None, foreign_key="code.id", description="None: what is said of the variable itself"
    )
    is_semantic: bool = Field(description="Whether the meaning changed, or the wording alone")
    fate: str = Field(default="", description="What became of codings made before; see `Fate`")
