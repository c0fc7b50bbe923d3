"""What stands on the page of a post beside its answers and the form that decides it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.adjudication.answers import Table
from server.adjudication.evidence import Evidence, evidence_on
from server.adjudication.exemplary import Exemplary, exemplary
from server.adjudication.forms import BackForm, DecideForm, ProblemForm, WithdrawForm
from server.adjudication.problems import Problem, problems_at
from server.adjudication.scope import Scope
from server.adjudication.second_decisions import apart_on
from server.adjudication.sending_back import BackLine, sent_back_of
from server.adjudication.settings import Settings, settings_of
from server.adjudication.sharing import sharing_of
from server.adjudication.similar import LOOKED_AT, Similar, similar_decisions
from server.adjudication.suggestion import Suggested, suggestions
from server.projects.access import Access
from server.projects.models import Member
from server.web.forms import Form, blank


@dataclass(frozen=True)
class Sent:
    """What came back from the forms of the page, if anything did.

    `example_of`: the code of which the post became an example, or what else it `took` it as.
    """

    decide: Form[DecideForm] | None = None
    withdraw: Form[WithdrawForm] | None = None
    problem: Form[ProblemForm] | None = None
    back: Form[BackForm] | None = None
    names_shown: bool = False
    models_shown: bool = False
    taking: str = ""
    example_of: str = ""
    took: str = ""
    example_message: str = ""


@dataclass(frozen=True)
class Beside:
    """`suggested` is None until it is asked for. `owner`: to whom the post belongs, where not to the reader.

    `apart`: the questions on which two adjudicators differ.

    `places`: where the codebook can be unclear, with the words for it, the disputed questions first.
    """

    settings: Settings
    evidence: Evidence
    similar: tuple[Similar, ...]
    n_looked_at: int
    suggested: tuple[Suggested, ...] | None
    problems: tuple[Problem, ...]
    sent_back: tuple[BackLine, ...]
    places: tuple[tuple[str, str], ...]
    problem_form: Form[Any]
    back_form: Form[Any]
    owner: str
    may_take: bool
    taking: str
    apart: tuple[str, ...]
    exemplary: Exemplary | None


def beside(db: Session, access: Access, scope: Scope, table: Table, sent: Sent) -> Beside:
    """What is known of the post besides."""
    return Beside(
        settings_of(db, access.project_id),
        evidence_on(db, scope, table),
        similar_decisions(db, access, scope, table),
        LOOKED_AT,
        suggestions(db, access, table) if sent.models_shown else None,
        problems_at(db, access, scope, table.post.id),
        sent_back_of(db, table),
        _places(table),
        sent.problem or blank(),
        sent.back or blank(),
        *_shared(db, access, table),
        sent.taking,
        _apart(db, table),
        exemplary(db, access, table, sent.example_of, sent.took, sent.example_message),
    )


def _shared(db: Session, access: Access, table: Table) -> tuple[str, bool]:
    """To whom else the post belongs, if it does, and whether the reader can take it over."""
    sharing = sharing_of(db, access.project_id)
    owner = sharing.owner(table.post.id)
    if owner is None or sharing.is_mine(table.post.id, access.member_id):
        return "", False
    name = db.scalar(
        select(col(Account.display_name))
        .join(Member, col(Member.account_id) == col(Account.id))
        .where(col(Member.id) == owner)
    )
    return name or "", access.member_id in sharing.member_ids


def _apart(db: Session, table: Table) -> tuple[str, ...]:
    """The questions on which two adjudicators differed and that are open since."""
    if table.is_owed:
        return ()
    apart = apart_on(db, table.post.id)
    return tuple(
        each.variable.label for each in table.questions if each.variable.id in apart and each.settled is None
    )


def _places(table: Table) -> tuple[tuple[str, str], ...]:
    found = []
    for question in (*table.disputed, *table.agreed):
        variable = question.variable
        found.append((variable.key, variable.label))
        found += [
            (f"{variable.key}:{code.key}", f"{variable.label}: {code.label}") for code in variable.codes
        ]
    return tuple(found)
