"""The study of these tests: one shared queue that many annotators code, three times each post."""

from dataclasses import dataclass

from sqlmodel import Session

from server.accounts.models import Account
from server.accounts.passwords import hash_password
from server.projects.access import Access
from server.projects.roles import Role
from tests import make

DEPTH = 3
PASSWORD = "a long password of the tests"
CODES = make.CODEBOOK["expression"][1]


@dataclass(frozen=True)
class Person:
    """An annotator: what they sign in with, or the session that they have already."""

    name: str
    access: Access
    session: str


@dataclass(frozen=True)
class Study:
    """Where it is, and who codes in it."""

    project_id: int
    key: str
    people: tuple[Person, ...]

    @property
    def coding(self) -> str:
        """The address that leads to the next post."""
        return f"/projects/{self.key}/rounds/1/code"


def fill(
    db: Session, n_posts: int, n_people: int, n_signed_in: int | None = None, *, lease_minutes: int = 60
) -> Study:
    """A shared queue of posts; so many of its annotators are signed in already, all unless said."""
    project = make.project(db)
    book = make.published(db, project)
    people = [make.member(db, project, Role.ANNOTATOR, f"p{number}") for number in range(n_people)]
    posts = make.posts(db, project, n_posts)
    make.shared_round(db, project, book, posts, people, k=DEPTH, lease_minutes=lease_minutes)
    known = n_people if n_signed_in is None else n_signed_in
    return Study(
        make.id_of(project),
        project.key,
        tuple(_person(db, who, signed_in=number < known) for number, who in enumerate(people)),
    )


def _person(db: Session, who: Access, *, signed_in: bool) -> Person:
    account = db.get_one(Account, who.account_id)
    if signed_in:
        return Person(account.name, who, make.session(db, who.account_id))
    account.password_hash = hash_password(PASSWORD)
    db.flush()
    return Person(account.name, who, "")
