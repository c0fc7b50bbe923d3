"""Codings as tables: long, a row for each answer, or wide, a row for each coding."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.codebooks.models import Code as StoredCode
from server.codebooks.over_time import offered, read_as, variables_over_time
from server.codebooks.queries import Codebook, VariableInfo, codebook
from server.codebooks.sheet import NOTHING_APPLIES
from server.datasets.csv_files import plain_number
from server.datasets.table import Cell, Column, Dataset, Kind, Row, unequal_columns
from server.datasets.words import yes_and_no
from server.exchange.downloads.stored_codings import Answer, Coded, stored_codings
from server.exchange.downloads.wanted import Shape, Wanted
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member
from server.results.columns import keys_of_variables, value_columns, yes_no_column
from server.rounds.models import Round
from server.rounds.queries import visible_rounds


@dataclass(frozen=True)
class Annotator:
    """An annotator as files call them, and their group."""

    name: str
    group: str | None


class CodedStudy:
    """What codings name by ids: annotators, rounds, and what the versions of the codebook say of codes.

    `rounds`: id → number. `of_own` knows the codes of every round, for nobody's codings but one's own.
    """

    def __init__(self, db: Session, access: Access, *, with_names: bool, of_own: bool = False) -> None:
        self._db, self._access = db, access
        self.sights = visible_rounds(db, access)
        self.annotators = annotators(db, access, with_names=with_names)
        rounds = select(col(Round.id), col(Round.number), col(Round.codebook_version_id))
        found = db.execute(rounds.where(col(Round.project_id) == access.project_id)).all()
        self.rounds = {round_id: number for round_id, number, _version in found}
        seen = {sight.round_id for sight in self.sights if not sight.why_no_codings}
        # Of one's own codings, all rounds are seen.
        self._versions = {version for round_id, _number, version in found if of_own or round_id in seen}
        self._successors = read_as(db, access.project_id)
        self._books: dict[int, Codebook] = {}
        self._offered: dict[int, frozenset[int]] = {}

    @cached_property
    def variables(self) -> tuple[VariableInfo, ...]:
        """All questions that were asked, as the newest codebook has them."""
        return variables_over_time(self._db, self._access.project_id, self._versions)

    @cached_property
    def key_of_code(self) -> dict[int, str]:
        """The keys of all codes the codings can name."""
        used = [code for one in self.variables for code in one.codes]
        ids = {id_ for code in used for id_ in code.ids}
        found = select(col(StoredCode.id), col(StoredCode.key)).where(col(StoredCode.id).in_(ids))
        return dict(iter(self._db.execute(found)))

    def read_as(self, code_id: int) -> int:
        """The code that counts for it today."""
        return self._successors.get(code_id, code_id)

    def book(self, version_id: int) -> Codebook:
        """A version of the codebook."""
        if version_id not in self._books:
            self._books[version_id] = codebook(self._db, version_id)
        return self._books[version_id]

    def offers(self, version_id: int) -> frozenset[int]:
        """The codes a version offers, as they are read."""
        if version_id not in self._offered:
            self._offered[version_id] = offered(self.book(version_id), self._successors)
        return self._offered[version_id]


def coding_table(db: Session, access: Access, wanted: Wanted) -> Dataset:
    """All codings the reader may have, in the shape that is wanted."""
    study = CodedStudy(db, access, with_names=wanted.names_annotators)
    codings = stored_codings(db, access, study.sights)
    if wanted.shape is Shape.WIDE:
        columns, rows = _wide(study, codings)
    else:
        columns, rows = long_columns(study.variables), _long(study, codings, with_words=not wanted.is_bare)
    return Dataset(access.project_title, columns, rows)


def coding_rows(db: Session, access: Access, *, with_names: bool) -> Iterator[Row]:
    """The rows of the long form, with everything that was written."""
    study = CodedStudy(db, access, with_names=with_names)
    return _long(study, stored_codings(db, access, study.sights), with_words=True)


def long_columns(variables: Sequence[VariableInfo]) -> tuple[Column, ...]:
    """The columns of the long form."""
    post, annotator, *about = _head_columns()
    return (
        post,
        annotator,
        Column("variable", _("Question"), Kind.CODED, keys_of_variables(variables)),
        Column("code", _("Key of the code that was given")),
        Column("code_read_as", _("Key of the code that counts for it today")),
        Column("value", _("The number or text; the number of the code, or 1"), Kind.MIXED),
        *about[:-1],
        Column("evidence", _("Marked passages, from the first code point to the one after the last")),
        about[-1],
    )


def _head_columns() -> tuple[Column, ...]:
    """What both shapes say of a coding, in the order of both."""
    yes_no = (Kind.YES_NO, yes_and_no())
    return (
        Column("post_id", _("Id of the post in the imported file")),
        Column("annotator", _("Annotator")),
        Column("coder_group", _("Group of the annotator")),
        Column("round", _("Number of the round"), Kind.INTEGER),
        Column("codebook_version", _("Version of the codebook that was answered"), Kind.INTEGER),
        Column("submitted_at", _("When it was submitted, in UTC"), Kind.MOMENT),
        Column("unsure", _("The annotator was unsure"), *yes_no),
        Column("memo", _("The annotator’s note"), tells=True),
        Column("correction_reason", _("Why it was corrected"), tells=True),
        Column("is_extra", _("It came late from a shared queue"), *yes_no),
    )


def _head(study: CodedStudy, coded: Coded) -> Row:
    who = study.annotators[coded.member_id]
    place = (study.rounds[coded.round_id], study.book(coded.version_id).number)
    said = (int(coded.is_unsure), coded.memo or None, coded.reason or None, int(coded.is_extra))
    return (coded.post_id, who.name, who.group, *place, coded.submitted_at, *said)


def _long(study: CodedStudy, codings: Iterator[Coded], *, with_words: bool) -> Iterator[Row]:
    """A row for each code, number or text.

    `code_read_as` is the code that counts for it today: another one where codes were merged since.
    "Nothing applies" is a row with the code `none`; `evidence` are the passages marked for the code, from the
    first code point of each to the one after its last. `is_extra` is 1 for a coding that came from a shared
    queue after its post had gone to others.
    """
    kept: dict[tuple[int, int, int | None, bool], Row] = {}
    for coded in codings:
        post, annotator, *about, is_extra = _head(study, coded)
        for answer in coded.answers:
            if answer.text is not None and not with_words:
                continue
            # Codes are few, and answers are millions.
            place = (coded.version_id, answer.variable_id, answer.code_id, answer.nothing_applies)
            said = kept.get(place) or kept.setdefault(place, _said(study, coded.version_id, answer))
            if answer.code_id is None and not answer.nothing_applies:
                words = answer.text if answer.text is not None else plain_number(answer.number)
                said = (*said[:-1], words)
            evidence = coded.passages.get((answer.variable_id, answer.code_id))
            yield (post, annotator, *said, *about, evidence, is_extra)


def _said(study: CodedStudy, version_id: int, answer: Answer) -> Row:
    """Question, code, the code it is read as, value; of a number or a text the question alone."""
    of = study.book(version_id).variable_by_id[answer.variable_id]
    return (of.key, *_said_by_code(study, of, answer))


def _said_by_code(study: CodedStudy, of: VariableInfo, answer: Answer) -> Row:
    if answer.nothing_applies:
        return NOTHING_APPLIES, NOTHING_APPLIES, 1
    if answer.code_id is None:
        return None, None, None
    key, code = study.key_of_code[answer.code_id], of.code_by_id.get(answer.code_id)
    later = study.key_of_code[study.read_as(answer.code_id)]
    if of.kind == "multiple" or code is None or code.value is None:
        return key, later, 1  # The code was given. What else it is worth, its codebook says.
    return key, later, plain_number(code.value)


def _wide(study: CodedStudy, codings: Iterator[Coded]) -> tuple[tuple[Column, ...], Iterator[Row]]:
    variables = study.variables
    columns = (*_head_columns(), *(column for one in variables for column in answer_columns(one)))
    rows = ((*_head(study, coded), *_answers(study, variables, coded)) for coded in codings)
    return unequal_columns(columns), rows


def answer_columns(of: VariableInfo) -> Iterator[Column]:
    """The columns of one question in wide form."""
    if of.kind == "multiple":
        for code in of.codes:
            yield yes_no_column(f"{of.key}_{code.key}", f"{of.label}: {code.label}")
    else:
        yield from value_columns(of)


def _answers(study: CodedStudy, variables: Sequence[VariableInfo], coded: Coded) -> Iterator[Cell]:
    given: dict[int, list[Answer]] = {}
    for answer in coded.answers:
        given.setdefault(answer.variable_id, []).append(answer)
    for variable in variables:
        answers = given.get(variable.id, [])
        if variable.kind == "multiple":
            yield from _ones_and_zeros(study, variable, answers, coded.version_id)
        elif variable.kind in {"single", "ordinal"}:
            yield from _code_cells(study, variable, answers)
        else:
            yield next((one.number if one.text is None else one.text for one in answers), None)


def _ones_and_zeros(
    study: CodedStudy, of: VariableInfo, answers: Sequence[Answer], version_id: int
) -> Iterator[Cell]:
    """1 for each code that was given, 0 for each that was not; None where there was no question or code."""
    chosen = {study.read_as(one.code_id) for one in answers if one.code_id is not None}
    offers = study.offers(version_id) if answers else frozenset()
    for code in of.codes:
        yield int(code.id in chosen) if code.id in offers else None


def _code_cells(study: CodedStudy, of: VariableInfo, answers: Sequence[Answer]) -> Iterator[Cell]:
    chosen = next((study.read_as(one.code_id) for one in answers if one.code_id is not None), None)
    code = None if chosen is None else of.code_by_id[chosen]
    yield code.key if code else None
    if of.kind == "ordinal":
        yield code.value if code else None


def annotators(db: Session, access: Access, *, with_names: bool) -> Mapping[int, Annotator]:
    """Without names an annotator is `annotator-` and their number; the number stands behind shared names."""
    people = db.execute(
        select(col(Member.id), col(Member.number), col(Member.coder_group), col(Account.display_name))
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(col(Member.project_id) == access.project_id)
    ).all()
    times = Counter(name for *_rest, name in people)
    return {
        member_id: Annotator(
            f"annotator-{number}" if not with_names else name if times[name] == 1 else f"{name} ({number})",
            group,
        )
        for member_id, number, group, name in people
    }
