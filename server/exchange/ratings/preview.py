"""What a lead is shown of a file of codings before it is imported."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from server.codebooks.queries import sheet_of
from server.corpora.parsing import Table
from server.exchange.ratings import one_question, unanswered
from server.exchange.ratings.actions import RatingsProposal
from server.exchange.ratings.recal import EXPORT as RECAL
from server.exchange.ratings.remarks import Remark, remarks
from server.exchange.ratings.told import ToldQuestion, told_questions
from server.exchange.ratings.wishes import Wishes
from server.language import gettext as _
from server.projects.queries import MemberRow

SHOWN = 100
# So many coders at most get a choice of who they are; a crowd of hundreds is nobody's to know.
_MOST_CHOICES = 40

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RatingsPreview:
    """What importing would do; `stored_as` is the round that holds the same, but for `n_lacking` answers.

    `origin` says what kind of file it is. `questions` are offered for one whose rows name none; `question`
    is the one it is read as, empty where that is not known. `n_without_label` counts the records of which
    the lead may say that nothing applies. `who` offers each coder who is no member by name
    those that are nobody else in the file. `n_problems` counts rows, `n_remarks` the different
    things to be said of them.
    """

    origin: str
    fingerprint: str
    n_answers: int
    n_codings: int
    n_posts: int
    questions: Choices
    question: str
    n_without_label: int
    told: tuple[ToldQuestion, ...]
    known: tuple[tuple[str, str], ...]
    newcomers: tuple[str, ...]
    who: Mapping[str, Choices]
    stored_as: int | None
    n_lacking: int
    problems: tuple[Remark, ...]
    n_remarks: int
    n_problems: int
    notices: tuple[Remark, ...]


def preview_of(
    proposal: RatingsProposal, table: Table, members: Iterable[MemberRow], wishes: Wishes
) -> RatingsPreview:
    """What is shown of this proposal, made of this file and these wishes, in a project with these members."""
    plan, book, rows = proposal.plan, sheet_of(proposal.book), tuple(members)
    questions = one_question.possible(table, book) if one_question.is_about_one(table) else {}
    found = remarks(plan.problems)
    names = {row.id: row.display_name for row in rows}
    return RatingsPreview(
        origin=_origin(table),
        fingerprint=proposal.fingerprint,
        n_answers=len(plan.answers),
        n_codings=len({(answer.external_id, answer.coder) for answer in plan.answers}),
        n_posts=len({answer.external_id for answer in plan.answers}),
        questions=tuple(questions.items()) if len(questions) > 1 else (),
        question=proposal.question if proposal.question in questions else "",
        n_without_label=unanswered.n_without_label(table, book, proposal.question),
        told=told_questions(plan, book),
        known=tuple((coder, names[found]) for coder, found in sorted(proposal.members.items())),
        newcomers=tuple(proposal.newcomers),
        who=_choices(proposal, rows, wishes),
        stored_as=proposal.stored_as,
        n_lacking=proposal.n_lacking,
        problems=found[:SHOWN],
        n_remarks=len(found),
        n_problems=len({problem.number for problem in plan.problems}),
        notices=remarks(plan.notices)[:SHOWN],
    )


def _origin(table: Table) -> str:
    """What kind of file it is, in words."""
    if table.origin.export == one_question.WIDE:
        return _("A table with a column for each annotator.")
    if table.origin.export == RECAL:
        return _("A file of ReCal: each row stands for the post in its place, each number for a code.")
    if table.origin.export:
        return _("A file of {program}.").format(program=table.origin.export)
    return _("A table with a row for each code that an annotator gave.")


def _choices(proposal: RatingsProposal, rows: Iterable[MemberRow], wishes: Wishes) -> dict[str, Choices]:
    """Which member a coder may be who is none by name, as `number=coder` and the shown name."""
    asked = [coder for coder in proposal.coders if coder in wishes.members or coder not in proposal.members]
    taken = {found for coder, found in proposal.members.items() if coder not in asked}
    free = [row for row in rows if row.id not in taken]
    if not free or len(asked) > _MOST_CHOICES:
        return {}
    as_new = ("", _("a new member, who cannot sign in"))
    return {
        coder: (as_new, *((f"{row.number}={coder}", row.display_name) for row in free)) for coder in asked
    }
