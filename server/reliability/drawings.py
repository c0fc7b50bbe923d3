"""The figures of the page of agreement: what is drawn of its findings, in the reader's words."""

from server.figures import Cell, Course, Estimate, Group, Intervals, Matrix, Moment, Scale, Subject
from server.language import gettext as _
from server.language import ngettext, number
from server.reliability.agreement_page import Findings
from server.reliability.basis import ways_of_alpha
from server.reliability.forest import RELIABLE, TENTATIVE
from server.reliability.screens import CodeLine, CoefficientLine
from server.reliability.trend import Step
from server.web.words import coefficient


def code_figure(findings: Findings) -> Subject | None:
    """Alpha of each code with its interval, beside AC1 and raw agreement; None where nothing was coded."""
    if not findings.codes or not findings.variable.n_codings:
        return None
    title = _("Agreement on each code: {question}").format(question=findings.variable.label)
    marks = (_("Krippendorff's alpha with its interval"), _("Gwet's AC1"), _("percent agreement"))
    group = Group("", tuple(_code(line) for line in findings.codes))
    caption = _with_reasons(findings.basis["codes"], [(line.label, line.alpha) for line in findings.codes])
    return Intervals(title, caption, _scale(findings.forest.begins), (group,), marks)


def _code(line: CodeLine) -> Estimate:
    alpha = line.alpha
    others = (line.ac1, line.agreed)
    return Estimate(line.label, alpha.estimate, alpha.low, alpha.high, _said(alpha), others)


def _said(line: CoefficientLine) -> str:
    if line.low is None or line.high is None:
        return coefficient(line.estimate)
    ends = {"low": coefficient(line.low), "high": coefficient(line.high)}
    return f"{coefficient(line.estimate)} ({_('%(low)s to %(high)s') % ends})"


def confusion_figure(findings: Findings) -> Subject | None:
    """What met what on the same posts; None where the page has no such table."""
    confusion = findings.confusion
    if confusion is None:
        return None
    rows = tuple(
        (label, tuple(Cell(number(cell.count), cell.share or 0.0, cell.is_same) for cell in cells))
        for label, cells in confusion.rows
    )
    title = _about(_("Which answers met on the same post"), findings)
    caption = _("Numbers are posts; the darker, the larger the part of the row. Bold: both said the same.")
    n = sum(cell.count for _name, cells in confusion.rows for cell in cells)
    names = (confusion.first, confusion.second)
    if not confusion.first:
        n //= 2
        caption += " " + _("All pairs, each counted both ways round.")
        names = (_("Rows: one annotator"), _("Columns: the other"))
    met = ngettext("{n} pair of answers.", "{n} pairs of answers.", n).format(n=number(n))
    return Matrix(title, f"{met} {caption}", *names, confusion.labels, rows)


def trend_figure(findings: Findings) -> Subject | None:
    """Alpha from round to round; None where fewer than two rounds have one."""
    if findings.trend_picture is None:
        return None
    steps = [step for step in findings.trend.rounds if step.alpha.estimate is not None]
    moments = tuple(_moment(place, step) for place, step in enumerate(steps))
    title = _about(_("From round to round"), findings)
    said = _("Posts by two or more: {each}.").format(each=", ".join(number(step.n_posts) for step in steps))
    ways = ways_of_alpha([step.measured_alpha for step in steps])
    caption = _with_reasons(f"{said} {ways}", [(step.label, step.alpha) for step in steps])
    marks = (_("Krippendorff's alpha with its interval"), _("percent agreement"))
    return Course(title, caption, _scale(findings.trend_picture.begins), _("Round"), moments, marks)


def _moment(place: int, step: Step) -> Moment:
    alpha, others = step.alpha, (step.value("percent_agreement"),)
    label = str(step.rounds[0].number)
    return Moment(place, Estimate(label, alpha.estimate, alpha.low, alpha.high, _said(alpha), others))


def _about(title: str, findings: Findings) -> str:
    about = findings.paired_code or findings.variable.label
    return f"{title}{_(':')} {about}"


def _with_reasons(basis: str, lines: list[tuple[str, CoefficientLine]]) -> str:
    """The caption, with why something is undefined or has no interval."""
    return " ".join((basis, *(f"{label}{_(':')} {line.why}" for label, line in lines if line.why))).strip()


def _scale(begins: float) -> Scale:
    """From `begins`, a full tenth at most 0, to 1, with the thresholds that are asked for."""
    places = [place for place in range(-10, 11, 2) if place >= round(10 * begins)]
    ticks = tuple((place / 10, coefficient(place / 10)) for place in places)
    lines = ((TENTATIVE, _(".667")), (RELIABLE, _(".800")))
    return Scale(begins, 1.0, _("Agreement (95% CI)"), ticks, lines)
