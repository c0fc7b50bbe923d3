"""What the page of agreement shows: one variable, its codes, pairs, annotators and rounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from server.agreement import DEFAULT_RESAMPLES, LEVELS, Level
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.reliability import queries
from server.reliability.against_rest import AgainstRest, against_rest
from server.reliability.basis import basis_of_answers, basis_of_codes, basis_of_pairs
from server.reliability.cell_posts import why_closed
from server.reliability.figures import AgreementReport, VariableAgreement
from server.reliability.forest import Forest, forest
from server.reliability.forms import AgreementQuery
from server.reliability.material import DEFAULT_SEED, Material, material_of
from server.reliability.measuring import Measuring
from server.reliability.pairing import PairsWanted
from server.reliability.queries import Question, RoundInfo
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
    round_label,
    scale_from,
)
from server.reliability.sheets import Sheet, sheets
from server.reliability.trend import Trend, trend
from server.reliability.trend_picture import TrendPicture, trend_picture
from server.web.forms import Form, blank


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
    trend: Trend
    trend_picture: TrendPicture | None
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


def agreement_page(
    db: Session, access: Access, query: AgreementQuery, message: str = "", *, compares_pairs: bool = True
) -> AgreementPage:
    """What the page shows; without `compares_pairs` nothing that is said of pairs, which costs the most.

    Raises:
        Refusal: The address asks for what is not there.
    """
    measuring = Measuring(_level(query.level), DEFAULT_SEED, DEFAULT_RESAMPLES)
    material = material_of(db, access, measuring, query.round or None, query.group or None)
    question = asked_question(material.questions, query.variable)
    code = asked_code(question, query.code)
    key = question.key if question else query.variable or None
    pairs = PairsWanted(code or None, MOST_PAIRS) if compares_pairs else None
    report = material.report(key, pairs)
    findings = None
    if question:
        rest = against_rest(material, question, code)
        course = trend(db, access, material, question.key, code)
        findings = _findings(report, code, query.pair, rest, course, why_closed(db, access, report.rounds))
    return AgreementPage(
        message=message,
        form=_form(query, report, question, code),
        choices=_choices(db, access, material, question, findings),
        address=address_of(query),
        looked_at={name: value for name, value in query.model_dump().items() if value},
        has_rounds=bool(material.every_round),
        counted=report.rounds,
        hidden=report.hidden,
        variable_key=question.key if question else "",
        code_key=code,
        report=report,
        findings=findings,
    )


def asked_question(questions: Sequence[Question], key: str) -> Question | None:
    """The variable asked for, else the first that has coefficients; None where the rounds ask no such."""
    if key:
        return next((question for question in questions if question.key == key), None)
    return next((question for question in questions if question.kind != "text"), next(iter(questions), None))


def asked_code(question: Question | None, key: str) -> str:
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


def _findings(
    report: AgreementReport, code: str, pair: str, rest: AgainstRest, course: Trend, closed: str
) -> Findings:
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
        course,
        trend_picture(course.rounds),
        {
            "answers": basis_of_answers(variable),
            "codes": basis_of_codes(variable),
            "pairs": basis_of_pairs(variable),
        },
        closed,
        sheets(variable, rest, confusion, course),
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
    db: Session, access: Access, material: Material, question: Question | None, findings: Findings | None
) -> dict[str, Choices]:
    """The options of each field; a field with no options is not offered."""
    rounds = material.every_round
    has_level = question is not None and question.kind in {"single", "ordinal", "number"}
    groups = () if material.why_no_pairs else tuple(queries.groups_of(db, access))
    pairs = findings.pairs if findings else ()
    return {
        "round": tuple((str(one.number), round_label(one)) for one in rounds if not one.why_no_figures),
        "variable": tuple((one.key, one.label) for one in material.questions),
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


def address_of(query: AgreementQuery) -> dict[str, Any]:
    """What of the address stays when another variable or code is looked at."""
    given = {"round": query.round, "group": query.group}
    return {name: value for name, value in given.items() if value}
