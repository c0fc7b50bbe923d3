"""The tables that the numbers are computed from: final values, codings, decisions, questions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlmodel import col

from server.adjudication.models import Decision, DecisionAnswer, StandingDecision
from server.archive.study import Study, posts_of
from server.codebooks.models import Code, CodebookVersion, Variable
from server.codebooks.over_time import later_keys
from server.codebooks.queries import VariableInfo
from server.coding.models import Coding, CodingAnswer, SentBack
from server.corpora.extra import extra_fields
from server.corpora.masking import link_without_name, shown_fields, value_without_name, without_mentions
from server.corpora.models import Post
from server.datasets.table import unequal
from server.exchange.downloads.coding_tables import annotators
from server.projects.models import Member
from server.reliability.measuring import LEVEL_OF_KIND, Measuring
from server.reliability.queries import Question
from server.reliability.sheets import Cell, Sheet
from server.results.final import FinalTable, final_rows
from server.rounds.models import Assignment, Round

Row = tuple[Cell, ...]
CODINGS = (
    "post_id", "annotator", "annotator_number", "round", "purpose", "codebook_version", "revision",
    "submitted_at", "variable", "code", "code_read_as", "value", "unsure", "memo", "in_final", "in_agreement",
)  # fmt: skip
DECISIONS = (
    "decision", "post_id", "variable", "code", "code_read_as", "value", "basis", "reason", "has_reason",
    "decided_by", "decided_at", "supersedes", "stands",
)  # fmt: skip
QUESTIONS = (
    "for", "variable", "label", "kind", "level", "rounds", "asked_after", "column", "basis_column",
    "code", "code_label", "value", "offered_in", "code_column", "code_basis_column",
)  # fmt: skip
IMPORTS = (
    "import", "imported_at", "new", "same_id", "unreadable", "nothing_to_code", "repeats", "not_drawn",
    "sample", "size", "field", "seed",
)  # fmt: skip
# What final.csv says of a post before its values.
POST = ("post_id", "number", "author", "posted_at", "link", "thread_id", "parent_id", "posted_at_text")
# And behind these.
AUTHOR = "author_number"
# And, where posts were drawn with unequal chances, how.
DRAW = ("sampling_fraction", "stratum", "weight")
_MEASURING = Measuring(None, 0, 1_000)


def codings(study: Study) -> Iterator[Row]:
    """Every coding that counts for something, a row a chosen code; with an empty code where none was."""
    posts, later = posts_of(study), later_keys(study.db, study.access.project_id)
    people = annotators(study.db, study.access, with_names=study.options.with_names)
    rows = study.db.execute(_codings(study))
    for row in rows.yield_per(2_000):
        external_id = posts[row.post_id][1]
        code = "none" if row.nothing_applies else row.code_key
        is_current = row.is_current and row.state == "submitted"
        counts = row.purpose != "training"
        yield (
            external_id,
            people[row.member_id].name,
            row.member_number,
            row.round_number,
            row.purpose,
            row.version,
            row.revision,
            said(row.submitted_at),
            row.variable,
            code,
            later.get(row.code_id, code),
            _value(row, study),
            int(row.is_unsure),
            row.memo if study.options.with_texts else "",
            int(is_current and counts),
            int(row.is_independent and counts),
        )


def _codings(study: Study) -> Select[*tuple[Any, ...]]:
    """The current codings, and of those that were sent back what was said before that."""
    is_current, is_first, is_independent = _standing()
    return (
        select(
            col(Assignment.post_id),
            col(Assignment.member_id),
            col(Assignment.state),
            col(Member.number).label("member_number"),
            col(Round.number).label("round_number"),
            col(Round.purpose),
            col(CodebookVersion.number).label("version"),
            col(Coding.revision),
            col(Coding.submitted_at),
            col(Coding.is_unsure),
            col(Coding.memo),
            col(CodingAnswer.code_id),
            col(CodingAnswer.number),
            col(CodingAnswer.text),
            col(CodingAnswer.nothing_applies),
            col(Variable.key).label("variable"),
            col(Code.key).label("code_key"),
            is_current.label("is_current"),
            is_independent.label("is_independent"),
        )
        .select_from(Assignment)
        .join(Coding, col(Coding.assignment_id) == col(Assignment.id))
        .join(Round, col(Round.id) == col(Assignment.round_id))
        .join(Member, col(Member.id) == col(Assignment.member_id))
        .join(Post, col(Post.id) == col(Assignment.post_id))
        .join(CodebookVersion, col(CodebookVersion.id) == col(Coding.version_id))
        .outerjoin(CodingAnswer, col(CodingAnswer.coding_id) == col(Coding.id))
        .outerjoin(Variable, col(Variable.id) == col(CodingAnswer.variable_id))
        .outerjoin(Code, col(Code.id) == col(CodingAnswer.code_id))
        .where(col(Round.project_id) == study.access.project_id, or_(is_current, is_first))
        .order_by(
            col(Post.number), col(Round.number), col(Member.number), col(Coding.id), col(CodingAnswer.id)
        )
    )


def _standing() -> tuple[ColumnElement[bool], ColumnElement[bool], ColumnElement[bool]]:
    """Whether a coding is the current one, the first that was not swayed by a reviewer, and independent."""
    first = (
        select(func.min(col(SentBack.coding_id)))
        .where(col(SentBack.assignment_id) == col(Assignment.id))
        .correlate(Assignment)
        .scalar_subquery()
    )
    is_submitted = col(Assignment.state) == "submitted"
    is_current = (col(Coding.id) == col(Assignment.coding_id)) & is_submitted
    is_first = col(Coding.id) == func.coalesce(first, col(Assignment.coding_id))
    in_time = or_(
        col(Round.is_imported),
        col(Round.revealed_at).is_(None),
        col(Coding.submitted_at) <= col(Round.revealed_at),
    )
    is_independent = is_first & or_(is_submitted, first.is_not(None)) & in_time
    return is_current, is_first, is_independent


def decisions(study: Study) -> Iterator[Row]:
    """Every decision there ever was, a row a code, with whether it stands."""
    posts, people = posts_of(study), deciders(study)
    later = later_keys(study.db, study.access.project_id)
    places: dict[int, int] = {}
    rows = study.db.execute(
        select(
            Decision,
            col(StandingDecision.decision_id).label("standing"),
            col(Variable.key).label("variable"),
            col(Code.id).label("code_id"),
            col(Code.key).label("code_key"),
            col(DecisionAnswer.number),
            col(DecisionAnswer.text),
            col(DecisionAnswer.nothing_applies),
        )
        .join(Variable, col(Variable.id) == col(Decision.variable_id))
        .outerjoin(StandingDecision, col(StandingDecision.decision_id) == col(Decision.id))
        .outerjoin(DecisionAnswer, col(DecisionAnswer.decision_id) == col(Decision.id))
        .outerjoin(Code, col(Code.id) == col(DecisionAnswer.code_id))
        .where(col(Decision.project_id) == study.access.project_id)
        .order_by(col(Decision.id), col(DecisionAnswer.id))
    )
    for row in rows.yield_per(2_000):
        made: Decision = row.Decision
        code = "none" if row.nothing_applies else row.code_key
        yield (
            places.setdefault(made.id or 0, len(places) + 1),
            posts[made.post_id][1],
            row.variable,
            code,
            later.get(row.code_id, code),
            _value(row, study),
            made.basis,
            made.reason if study.options.with_texts else "",
            int(bool(made.reason.strip(" "))),
            people.get(made.decided_by, ""),
            said(made.decided_at),
            places.get(made.supersedes_id or 0),
            int(row.standing is not None),
        )


def imports(study: Study) -> Iterator[Row]:
    """Every import with the records that it left out, and how posts were drawn from it."""
    for one in study.facts.imports:
        drawn = (one.sample, one.size or None, one.field, one.seed if one.sample else None)
        counts = (one.n_new, one.n_same_id, one.n_unreadable, one.n_nothing, one.n_repeats, one.n_undrawn)
        yield (one.number, said(one.at), *counts, *drawn)


def questions(study: Study) -> Iterator[Row]:
    """How each question is read, for final values and for agreement, a row a code."""
    counted = _numbers(study, study.scope.rounds)
    for variable, columns in final_columns(study):
        yield from _final_question(study, variable, counted, columns)
    for question in study.questions:
        yield from _agreement_question(study, question)


def final_columns(study: Study) -> Iterator[tuple[VariableInfo, tuple[str, ...]]]:
    """Each question with the names of its columns in final.csv, in their order."""
    names = iter(_names(final_rows(study.db, study.access))[len(POST) :])
    for variable in study.variables:
        width = {"multiple": 2 * len(variable.codes), "ordinal": 3}.get(variable.kind, 2)
        yield variable, tuple(next(names) for _column in range(width + 1))


def _names(table: FinalTable) -> tuple[str, ...]:
    """The names of the columns in final.csv, also of questions called as what the archive adds."""
    added = (AUTHOR, *DRAW)
    return unequal((*added, *table.columns))[len(added) :]


def _final_question(study: Study, of: VariableInfo, counted: str, columns: tuple[str, ...]) -> Iterator[Row]:
    is_multiple = of.kind == "multiple"
    whole = ("", "") if is_multiple else (columns[0], columns[-2])
    about = ("final", of.key, of.label, of.kind, LEVEL_OF_KIND[of.kind], counted, _asked_after(study, of))
    for place, code in enumerate(of.codes):
        own = columns[2 * place : 2 * place + 2] if is_multiple else ("", "")
        offering = [id_ for id_, codes in study.offered.items() if not codes.isdisjoint(code.ids)]
        yield (*about, *whole, code.key, code.label, code.value, _numbers(study, offering), *own)
    if not of.codes:
        asking = [id_ for id_, asked in study.asking.items() if of.id in asked]
        yield (*about, *whole, None, None, None, _numbers(study, asking), None, None)


def _agreement_question(study: Study, of: Question) -> Iterator[Row]:
    level = LEVEL_OF_KIND[of.kind]
    about = ("agreement", of.key, of.label, of.kind, level, _numbers(study, of.rounds), "", "", "")
    values = _MEASURING.values_of(of.codes, of.kind)
    for code, value in zip(of.codes, values, strict=True):
        yield (*about, code.key, code.label, value, _numbers(study, of.offered[code.id]), "", "")
    if not of.codes:
        yield (*about, *[None] * 6)


def _numbers(study: Study, round_ids: Sequence[int] | Mapping[int, Any]) -> str:
    return " ".join(str(number) for number in sorted(study.round_numbers[id_] for id_ in round_ids))


def _asked_after(study: Study, of: VariableInfo) -> str:
    """After which answers a question is asked, as `variable:code`."""
    known = {variable.id: variable for variable in study.variables}
    found = []
    for each in of.when:
        on = known.get(each.on_id)
        code = next((code.key for code in on.codes if code.id == each.code_id), "?") if on else "?"
        if on is not None:
            found.append(f"{on.key}:{'none' if each.code_id is None else code}")
    return " ".join(sorted(found))


def finals(study: Study) -> Sheet:
    """The final dataset. Without names authors go by numbers, without texts nothing links to a post."""
    table = final_rows(study.db, study.access)
    names = _names(table)
    number_of = {posts[0]: study.author_numbers.get(id_) for id_, posts in posts_of(study).items()}
    worded = {names[0] for variable, names in final_columns(study) if variable.kind == "text"}
    hidden = frozenset() if study.options.with_texts else frozenset({"link", *worded})
    rows = (
        (*_final(study, dict(zip(names, row, strict=True)), number_of, hidden), *draw)
        for row, draw in zip(table.rows, _draws(study), strict=study.weighing is not None)
    )
    drawn = DRAW if study.weighing else ()
    return Sheet((*names, AUTHOR, *drawn), tuple(rows))


def _draws(study: Study) -> Iterator[Row]:
    """How each post was drawn, in the order of their numbers, and what it weighs; nothing without weights."""
    return repeat(()) if study.weighing is None else study.weighing.rows()


def _final(
    study: Study, row: dict[str, Any], number_of: Mapping[int, int | None], hidden: frozenset[str]
) -> Row:
    number = number_of[row["number"]]
    if not study.options.with_names:
        row["link"] = link_without_name(row["link"], row["author"])
        row["author"] = None if number is None else f"author-{number}"
    return (*(None if name in hidden else said(cell) for name, cell in row.items()), number)


def texts(study: Study) -> Sheet:
    """The texts of the posts with the further columns of the files they came from."""
    extra = further_columns(study)
    of_project = col(Post.project_id) == study.access.project_id
    columns = select(col(Post.external_id), col(Post.text), col(Post.author), col(Post.extra))
    found = study.db.execute(columns.where(of_project).order_by(col(Post.number)))
    rows = (
        (id_, _told(study, text), *(_further(study, more.get(name), author) for name in extra))
        for id_, text, author, more in found
    )
    return Sheet(("post_id", "text", *(f"extra_{name}" for name in extra)), tuple(rows))


def further_columns(study: Study) -> tuple[str, ...]:
    """The further columns of the imported files; without names none that says who wrote or was meant."""
    return shown_fields(
        extra_fields(study.db, study.access.project_id),
        hides_people=not study.options.with_names,
        masks_mentions=study.options.masks_mentions,
    )


def _further(study: Study, cell: str | None, author: str | None) -> str | None:
    if cell is None:
        return None
    told = _told(study, cell)
    return told if study.options.with_names else value_without_name(told, author)


def _told(study: Study, text: str) -> str:
    return without_mentions(text) if study.options.masks_mentions else text


def deciders(study: Study) -> dict[int | None, str]:
    """The members by the ids of their accounts, as the archive names them."""
    known = annotators(study.db, study.access, with_names=study.options.with_names)
    rows = study.db.execute(
        select(col(Member.account_id), col(Member.id)).where(
            col(Member.project_id) == study.access.project_id
        )
    )
    return {
        account_id: known[member_id].name.replace("annotator-", "member-") for account_id, member_id in rows
    }


def _value(row: Any, study: Study) -> Cell:
    """A number; words of annotators' own only where texts are wanted."""
    if row.text is not None:
        return str(row.text) if study.options.with_texts else ""
    return None if row.number is None else float(row.number)


def said(cell: Any) -> Any:
    """Moments as ISO 8601 has them."""
    return cell.isoformat(timespec="seconds") if isinstance(cell, datetime) else cell
