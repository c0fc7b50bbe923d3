"""The page of agreement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Request, Response

from server.agreement import LEVELS, Level
from server.errors import NotFound, Refusal
from server.language import gettext as _
from server.projects.access import Access, Reviews, SeesAgreement
from server.reliability import queries
from server.reliability.against_rest import AgainstRest, against_rest
from server.reliability.basis import basis_of_answers, basis_of_codes, basis_of_pairs
from server.reliability.behind import PAGE, Behind, Cell, posts_behind, why_closed
from server.reliability.figures import AgreementReport, VariableAgreement
from server.reliability.forest import Forest, forest
from server.reliability.forms import AgreementQuery, CellQuery
from server.reliability.pairing import PairsWanted
from server.reliability.queries import Question, RoundInfo
from server.reliability.report import agreement_report
from server.reliability.screens import (
    MOST_PAIRS,
    Choices,
    CodeLine,
    CoefficientLine,
    Confusion,
    Matrix,
    PairLine,
    code_line,
    coefficient_line,
    confusion_of,
    matrix,
    pair_line,
    scale_from,
)
from server.reliability.sheets import Sheet, sheets
from server.rounds.design import purpose_label
from server.web.forms import Form, blank
from server.web.rendering import render
from server.web.routing import Db, pages

router = pages()


@dataclass(frozen=True)
class Findings:
    """What is shown of one variable. `answers_from` and `pairs_from`: where the pictures begin."""

    variable: VariableAgreement
    answers: tuple[CoefficientLine, ...]
    answers_from: float
    codes: tuple[CodeLine, ...]
    forest: Forest
    pairs: tuple[PairLine, ...]
    pairs_from: float
    matrix: Matrix | None
    confusion: Confusion | None
    has_rare: bool
    rest: AgainstRest
    basis: dict[str, str]
    why_closed: str
    sheets: dict[str, Sheet]
    paired_code: str


@dataclass(frozen=True)
class AgreementPage:
    """Agreement on one variable, with what else can be looked at.

    `address` is the rest of the address when another variable or code is chosen, `looked_at` all of it,
    `choices` the options of
    each field of the form.
    """

    message: str
    form: Form[Any]
    choices: dict[str, Choices]
    address: dict[str, Any]
    looked_at: dict[str, Any]
    has_rounds: bool
    counted: tuple[RoundInfo, ...]
    hidden: tuple[RoundInfo, ...]
    variable_key: str
    code_key: str
    report: AgreementReport
    findings: Findings | None


@dataclass(frozen=True)
class PostsPage:
    """The posts behind the cell (`row`, `column`) of the confusion table of `label`."""

    label: str
    behind: Behind
    address: dict[str, Any]
    row: int
    column: int
    page: int
    n_pages: int


@router.get("/projects/{project_key}/agreement", name="reliability.show")
def show(
    request: Request, db: Db, access: SeesAgreement, query: Annotated[AgreementQuery, Query()]
) -> Response:
    """Agreement by variable, code and pair; an address that asks for what is not there shows what is."""
    try:
        return render(request, "reliability/show.html", agreement_page(db, access, query))
    except Refusal as refusal:
        page = agreement_page(db, access, AgreementQuery(), message=refusal.message)
        return render(request, "reliability/show.html", page, status=422)


@router.get("/projects/{project_key}/agreement/posts", name="reliability.posts")
def posts(request: Request, db: Db, access: Reviews, query: Annotated[CellQuery, Query()]) -> Response:
    """The posts behind a cell of the confusion table."""
    rounds = queries.chosen_rounds(queries.rounds_of(db, access), query.round or None)
    question = _question(queries.questions_of(db, rounds), query.variable)
    if question is None:
        raise NotFound
    cell = Cell(_code(question, query.code), query.row, query.column)
    found = posts_behind(db, access, question, rounds, query.group, cell, query.page)
    label = next((code.label for code in question.codes if code.key == cell.code), question.label)
    address = {"variable": question.key, "code": cell.code, **_address(query)}
    page = PostsPage(label, found, address, query.row, query.column, query.page, -(-found.n_posts // PAGE))
    return render(request, "reliability/posts.html", page)


def agreement_page(db: Db, access: Access, query: AgreementQuery, message: str = "") -> AgreementPage:
    """What the page shows.

    Raises:
        Refusal: The address asks for what is not there.
    """
    rounds = queries.rounds_of(db, access)
    numbers = query.round or None
    questions = queries.questions_of(db, queries.chosen_rounds(rounds, numbers))
    question = _question(questions, query.variable)
    code = _code(question, query.code)
    report = agreement_report(
        db,
        access,
        rounds=numbers,
        group=query.group or None,
        level=_level(query.level),
        variable=question.key if question else query.variable or None,
        pairs=PairsWanted(code or None, MOST_PAIRS),
    )
    findings = None
    if question:
        rest = against_rest(db, access, question, report, code, _level(query.level))
        findings = _findings(report, code, query.pair, rest, why_closed(db, access, report.rounds))
    return AgreementPage(
        message=message,
        form=_form(query, report, question, code),
        choices=_choices(db, access, rounds, questions, question, report, findings),
        address=_address(query),
        looked_at={name: value for name, value in query.model_dump().items() if value},
        has_rounds=bool(rounds),
        counted=report.rounds,
        hidden=report.hidden,
        variable_key=question.key if question else "",
        code_key=code,
        report=report,
        findings=findings,
    )


def _question(questions: Sequence[Question], key: str) -> Question | None:
    """The variable asked for, else the first that has coefficients; None where the rounds ask no such."""
    if key:
        return next((question for question in questions if question.key == key), None)
    return next((question for question in questions if question.kind != "text"), next(iter(questions), None))


def _code(question: Question | None, key: str) -> str:
    """The code on which pairs are compared: of a multiple choice the one asked for, else the first."""
    if question is None or question.kind != "multiple":
        return ""
    keys = [code.key for code in question.codes]
    if key and key not in keys:
        raise Refusal(_("This variable has no code {code}.").format(code=key))
    return key or next(iter(keys), "")


def _level(text: str) -> Level | None:
    if not text:
        return None
    level = next((one for one in LEVELS if one == text), None)
    if level is None:
        raise Refusal(_("There is no level of measurement {level}.").format(level=text))
    return level


def _findings(report: AgreementReport, code: str, pair: str, rest: AgainstRest, closed: str) -> Findings:
    [variable] = report.variables
    answers = tuple(coefficient_line(one) for one in variable.coefficients)
    codes = tuple(code_line(one) for one in variable.codes)
    pairs = tuple(pair_line(one) for one in variable.pairs)
    confusion = confusion_of(variable, code, pair)
    return Findings(
        variable,
        answers,
        scale_from(answers),
        codes,
        forest(codes),
        pairs,
        scale_from([line.beyond_chance for line in pairs]),
        matrix(report, variable),
        confusion,
        any(line.is_rare for line in codes),
        rest,
        {
            "answers": basis_of_answers(variable),
            "codes": basis_of_codes(variable),
            "pairs": basis_of_pairs(variable),
        },
        closed,
        sheets(variable, rest, confusion),
        next((line.label for line in codes if line.key == code), ""),
    )


def _form(query: AgreementQuery, report: AgreementReport, question: Question | None, code: str) -> Form[Any]:
    return blank(
        round=[one.number for one in report.rounds],
        variable=question.key if question else "",
        code=code,
        level=query.level,
        group=query.group,
        pair=query.pair,
    )


def _choices(
    db: Db,
    access: Access,
    rounds: Sequence[RoundInfo],
    questions: Sequence[Question],
    question: Question | None,
    report: AgreementReport,
    findings: Findings | None,
) -> dict[str, Choices]:
    """The options of each field; a field with no options is not offered."""
    has_level = question is not None and question.kind in {"single", "ordinal", "number"}
    groups = () if report.why_no_pairs else tuple(queries.groups_of(db, access))
    pairs = findings.pairs if findings else ()
    return {
        "round": tuple((str(one.number), _round_label(one)) for one in rounds if not one.why_no_figures),
        "variable": tuple((one.key, one.label) for one in questions),
        "code": tuple((one.key, one.label) for one in question.codes)
        if question is not None and question.kind == "multiple"
        else (),
        "level": (("", _("its own")), *_levels()) if has_level else (),
        "group": (("", _("everybody")), *((group, group) for group in groups)) if groups else (),
        "pair": (("", _("all pairs")), *((one.key, f"{one.first} · {one.second}") for one in pairs))
        if len(pairs) > 1
        else (),
    }


def _levels() -> Choices:
    words = {
        "nominal": _("nominal"),
        "ordinal": _("ordinal"),
        "interval": _("interval"),
        "ratio": _("ratio"),
    }
    return tuple((level, words[level]) for level in LEVELS)


def _round_label(one: RoundInfo) -> str:
    number = _("Round {number}").format(number=one.number)
    # A round that nobody gave another title is called by its number already.
    name = number if one.title == number else f"{number}: {one.title}"
    return f"{name} ({purpose_label(one.purpose)})"


def _address(query: AgreementQuery) -> dict[str, Any]:
    given = {"round": query.round, "group": query.group}
    return {name: value for name, value in given.items() if value}
