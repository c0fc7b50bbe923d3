"""What an archive is made of: read once, and used by every file in it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from server.archive.forms import Options
from server.archive.over_time import over_time
from server.codebooks.queries import Codebook, VariableInfo, being_written, latest_published
from server.corpora.models import Post
from server.errors import Refusal
from server.language import gettext as _
from server.methods.facts import Facts
from server.methods.queries import facts_of
from server.projects.access import Access
from server.reliability.codings import Selection, authors
from server.reliability.figures import AgreementReport
from server.reliability.queries import Question, RoundInfo, chosen_rounds, questions_of, rounds_of
from server.reliability.report import agreement_report
from server.results.choices import USUAL
from server.results.groups_report import GroupsReport
from server.results.queries import Scope, asked_questions, offered_codes, scope_of_posts, variables
from server.results.together import TogetherReport, together_report
from server.results.weighing import Weighing
from server.rounds.models import Round
from server.rounds.queries import visible_rounds
from server.web.languages import ENGLISH, speaking


@dataclass(frozen=True)
class Study:
    """A project as its archive has it.

    `questions` are those of agreement, over `rounds`; `variables` those of final values, and `offered` the
    codes of each round that counts, `asking` its questions. `author_numbers`: post id → the
    number of its author in resamples.
    """

    db: Session
    access: Access
    options: Options
    scope: Scope
    book: Codebook
    variables: tuple[VariableInfo, ...]
    offered: dict[int, frozenset[int]]
    asking: dict[int, frozenset[int]]
    round_numbers: dict[int, int]
    rounds: tuple[RoundInfo, ...]
    questions: tuple[Question, ...]
    author_numbers: dict[int, int]
    facts: Facts
    agreement: AgreementReport
    together: TogetherReport
    over_time: tuple[GroupsReport, ...]

    @property
    def weighing(self) -> Weighing | None:
        """What each post counts by its draw, in the order of their numbers; None where all count alike."""
        return self.facts.weighed.weighted.weighing if self.facts.weighed else None


def study_of(db: Session, access: Access, options: Options) -> Study:
    """Everything at once.

    Raises:
        Refusal: The one who asks may not see everything, so that the files would not give the numbers.
    """
    scope = scope_of_posts(db, access)
    _refuse_blind(db, access, scope)
    # Whoever it is handed on to may speak any language: what is said in words is in English, as all of it.
    with speaking(ENGLISH):
        return _read(db, access, options, scope)


def _read(db: Session, access: Access, options: Options, scope: Scope) -> Study:
    asked = variables(db, access, scope)
    rounds = chosen_rounds(rounds_of(db, access), None)
    ids, numbers = authors(db, Selection(access.project_id, ()))
    all_rounds = select(col(Round.id), col(Round.number)).where(col(Round.project_id) == access.project_id)
    return Study(
        db=db,
        access=access,
        options=options,
        scope=scope,
        book=latest_published(db, access.project_id) or being_written(db, access.project_id),
        variables=asked,
        offered=offered_codes(db, scope),
        asking=asked_questions(db, scope),
        round_numbers=dict(iter(db.execute(all_rounds))),
        rounds=rounds,
        questions=questions_of(db, access.project_id, rounds),
        author_numbers=dict(zip(ids.tolist(), (numbers + 1).tolist(), strict=True)),
        facts=facts_of(db, access),
        agreement=agreement_report(db, access, pairs=None),
        together=together_report(db, access, "", USUAL),
        over_time=over_time(db, access, asked),
    )


def _refuse_blind(db: Session, access: Access, scope: Scope) -> None:
    for sight in visible_rounds(db, access):
        why = sight.why_no_codings or sight.why_no_figures
        if why:
            said = _("An archive holds everything, and round {number} is hidden from you. {why}")
            raise Refusal(said.format(number=sight.number, why=why))
    if scope.owed:
        raise Refusal(
            _("An archive holds everything, and you have still to decide posts that somebody else decided.")
        )


def posts_of(study: Study) -> dict[int, tuple[int, str]]:
    """Post id → its number and the id of its platform, in the order of the numbers."""
    columns = select(col(Post.id), col(Post.number), col(Post.external_id))
    of_project = columns.where(col(Post.project_id) == study.access.project_id).order_by(col(Post.number))
    return {id_: (number, external_id) for id_, number, external_id in study.db.execute(of_project)}
