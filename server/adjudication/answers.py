"""One post as a reviewer sees it: who answered what under a letter, what is disputed, what stands."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, union_all
from sqlmodel import Session, col

from server.accounts.models import Account
from server.adjudication.letters import lettered
from server.adjudication.majority import Leaning, leaning, majority_of
from server.adjudication.scope import QUEUED, SKIPPED, SUBMITTED, Scope
from server.adjudication.second_decisions import is_shown, shown_of
from server.adjudication.sharing import owed
from server.adjudication.standing import UNCONTESTED, Past, Standing, past_of, standings
from server.codebooks.queries import VariableInfo
from server.coding.answers import Answer
from server.coding.models import Coding, CodingAnswer
from server.corpora.models import Post
from server.corpora.nameless import nameless
from server.corpora.queries import may_see_source
from server.errors import Forbidden, NotFound
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.models import Assignment, QueueSlot

Answers = frozenset[Answer]


@dataclass(frozen=True)
class PostShown:
    """A post as it is reviewed: without its author, whom the decision should not depend on.

    To whoever may not know where posts come from, `link` names no account; None where it had to.
    """

    id: int
    number: int
    text: str
    posted_at: datetime | None
    posted_at_text: str | None
    link: str | None
    takedown_id: int | None = None

    @property
    def is_taken_down(self) -> bool:
        """Whether nobody can read it any more."""
        return self.takedown_id is not None


@dataclass(frozen=True)
class Voice:
    """One annotator of the post. `answers`: variable id → answers, with the round each comes from.

    `corrections`: why they corrected what they had submitted.
    """

    member_id: int
    letter: str
    name: str
    state: str
    answers: dict[int, tuple[Answers, int]]
    memos: tuple[str, ...]
    corrections: tuple[str, ...]
    is_unsure: bool


@dataclass(frozen=True)
class Question:
    """A variable of the post: what the annotators said, by their letters, and what was decided."""

    variable: VariableInfo
    said: dict[str, Answers]
    voices: dict[int, int]
    standing: Standing

    @property
    def is_disputed(self) -> bool:
        """Whether annotators who could have answered alike did not."""
        if self.variable.kind == "multiple":
            return any(0 < self.yes.get(code, 0) < n for code, n in self.voices.items())
        return len(set(self.said.values())) > 1

    @property
    def settled(self) -> Past | None:
        """The decision that stands; what was accepted uncontested and is disputed since counts no more."""
        found = self.standing.in_force
        return None if found and found.basis in UNCONTESTED and self.is_disputed else found

    @property
    def yes(self) -> dict[int, int]:
        """Code → how many annotators gave it."""
        given = [answer.code_id for answers in self.said.values() for answer in answers if answer.code_id]
        return {code: given.count(code) for code in given}

    @property
    def leaning(self) -> Leaning:
        """How the annotators lean on each code of a multiple choice."""
        return leaning(self.yes, self.voices)

    @property
    def majority(self) -> Answers:
        """What more than half said; empty where the annotators are tied."""
        if self.variable.kind != "multiple":
            return majority_of(self._counts) or frozenset()
        leans = self.leaning
        if leans.given or leans.tied or not any(self.voices.values()):
            return frozenset(Answer(self.variable.id, code_id=code) for code in leans.given)
        return frozenset({Answer(self.variable.id, nothing_applies=True)})

    @property
    def _counts(self) -> dict[Answers, int]:
        given = list(self.said.values())
        return {answers: given.count(answers) for answers in given}


@dataclass(frozen=True)
class Table:
    """A post on the table: its text, its annotators in the order of their letters, its questions.

    `is_owed`: the reader decides it second, so what the first adjudicator decided is no part of it.
    """

    post: PostShown
    voices: tuple[Voice, ...]
    questions: tuple[Question, ...]
    past: tuple[Past, ...]
    is_owed: bool = False

    @property
    def disputed(self) -> tuple[Question, ...]:
        """The questions on which the annotators differ."""
        return tuple(each for each in self.questions if each.is_disputed)

    @property
    def agreed(self) -> tuple[Question, ...]:
        """The questions on which they do not."""
        return tuple(each for each in self.questions if not each.is_disputed)


def table_of(db: Session, access: Access, scope: Scope, number: int) -> Table:
    """The post with this number and all that was said of it.

    Raises:
        NotFound: The project has no such post, or nobody has coded it yet.
        Forbidden: The reader still codes in a round that has the post.
    """
    post = _post(db, access, number)
    _refuse_hidden(db, scope, post)
    assigned = db.execute(_assigned(scope, post)).all()
    voices = _voices(access, post, assigned, _said(db, scope, post))
    # A post that all were sent back still has its page, with the notes that went with it.
    is_sent_back = any(row.state == QUEUED and row.is_unsure is not None for row in assigned)
    if not is_sent_back and not any(voice.answers for voice in voices):
        raise NotFound(_("Nobody has coded this post yet, so there is nothing to decide."))
    past = past_of(db, post.id, scope.read_as)
    standing, is_owed = standings(past), post.id in owed(db, access)
    if is_owed:
        standing, past = {key: each for key, each in standing.items() if is_shown(each)}, shown_of(past)
    return Table(post, voices, _questions(scope, voices, standing), past, is_owed)


def _post(db: Session, access: Access, number: int) -> PostShown:
    columns = (
        Post.id,
        Post.number,
        Post.text,
        Post.posted_at,
        Post.posted_at_text,
        Post.link,
        Post.takedown_id,
    )
    row = db.execute(
        select(*(col(column) for column in columns)).where(
            col(Post.project_id) == access.project_id, col(Post.number) == number
        )
    ).first()
    if row is None:
        raise NotFound
    shown = PostShown(*row)
    if may_see_source(access) or not shown.link:
        return shown
    return replace(shown, link=nameless(shown.link))


def _refuse_hidden(db: Session, scope: Scope, post: PostShown) -> None:
    hidden = {sight.round_id: sight for sight in scope.hidden}
    found = db.scalar(
        union_all(
            *(
                select(col(of.round_id)).where(col(of.post_id) == post.id, col(of.round_id).in_(hidden))
                for of in (Assignment, QueueSlot)
            )
        ).limit(1)
    )
    if found is not None:
        sight = hidden[found]
        said = _("Round {number}, “{title}”: {why}")
        raise Forbidden(said.format(number=sight.number, title=sight.title, why=sight.why_no_codings))


def _assigned(scope: Scope, post: PostShown) -> Select[*tuple[Any, ...]]:
    """Everybody who was to code the post, oldest round first."""
    return (
        select(
            col(Assignment.member_id),
            col(Assignment.state),
            col(Account.display_name),
            col(Coding.memo),
            col(Coding.reason),
            col(Coding.is_unsure),
        )
        .join(Member, col(Member.id) == col(Assignment.member_id))
        .join(Account, col(Account.id) == col(Member.account_id))
        .outerjoin(Coding, col(Coding.id) == col(Assignment.coding_id))
        .where(col(Assignment.post_id) == post.id, col(Assignment.round_id).in_(scope.round_ids))
        .order_by(col(Assignment.round_id))
    )


def _said(db: Session, scope: Scope, post: PostShown) -> dict[int, dict[int, tuple[Answers, int]]]:
    """Member → variable → their last answers and the round they come from."""
    values = (CodingAnswer.code_id, CodingAnswer.number, CodingAnswer.text, CodingAnswer.nothing_applies)
    rows = db.execute(
        select(
            col(Assignment.member_id),
            col(Assignment.round_id),
            col(CodingAnswer.variable_id),
            *(col(value) for value in values),
        )
        .join(CodingAnswer, col(CodingAnswer.coding_id) == col(Assignment.coding_id))
        .where(
            col(Assignment.post_id) == post.id,
            col(Assignment.round_id).in_(scope.round_ids),
            col(Assignment.state) == SUBMITTED,
        )
        .order_by(col(Assignment.round_id), col(CodingAnswer.id))
    )
    found: dict[int, dict[int, tuple[Answers, int]]] = {}
    for member_id, round_id, variable_id, code_id, *cells in rows:
        said = found.setdefault(member_id, {})
        before, of_round = said.get(variable_id, (frozenset(), round_id))
        kept = before if of_round == round_id else frozenset()
        answer = Answer(variable_id, scope.read_as.get(code_id, code_id), *cells)
        said[variable_id] = (kept | {answer}, round_id)
    return found


def _voices(
    access: Access, post: PostShown, assigned: Any, said: dict[int, dict[int, tuple[Answers, int]]]
) -> tuple[Voice, ...]:
    letters = lettered(access.project_key, post.id, {row.member_id for row in assigned})
    voices = [
        _voice(letter, [row for row in assigned if row.member_id == member_id], said.get(member_id, {}))
        for member_id, letter in letters.items()
    ]
    return tuple(voices)


def _voice(letter: str, rows: list[Any], answers: dict[int, tuple[Answers, int]]) -> Voice:
    submitted = [row for row in rows if row.state == SUBMITTED]
    states = {row.state for row in rows}
    return Voice(
        member_id=rows[0].member_id,
        letter=letter,
        name=rows[0].display_name,
        state=next((state for state in (SUBMITTED, QUEUED, SKIPPED) if state in states), ""),
        answers=answers,
        memos=tuple(row.memo for row in submitted if row.memo),
        corrections=tuple(row.reason for row in submitted if row.reason),
        is_unsure=any(row.is_unsure for row in submitted),
    )


def _questions(
    scope: Scope, voices: tuple[Voice, ...], standing: dict[int, Standing]
) -> tuple[Question, ...]:
    found = []
    for variable in scope.variables:
        answered = {
            voice.letter: voice.answers[variable.id] for voice in voices if variable.id in voice.answers
        }
        if answered or variable.id in standing:
            said = {letter: answers for letter, (answers, _round) in answered.items()}
            rounds = [round_id for _answers, round_id in answered.values()]
            offered = {
                code.id: sum(bool(scope.offering(code.id, (round_id,))) for round_id in rounds)
                for code in variable.codes
            }
            stands = standing.get(variable.id, Standing(variable.id))
            found.append(Question(variable, said, offered, stands))
    return tuple(found)
