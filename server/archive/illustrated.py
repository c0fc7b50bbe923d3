"""The figures and tables of an archive as papers print them, in English as all of it."""

from collections.abc import Iterable, Iterator

from server.archive.packing import Part
from server.archive.study import Study
from server.codebooks.kinds import CHOICES
from server.figures import Format, Subject, Width, drawn
from server.reliability.agreement_page import Findings, agreement_page
from server.reliability.drawings import code_figure
from server.reliability.forms import AgreementQuery
from server.reliability.typesetting import answer_table, code_table
from server.results.choices import USUAL
from server.results.drawings import group_figure, share_figure, together_figure
from server.results.groups_report import GroupsReport
from server.results.together import Measure
from server.results.typesetting import group_apa_table, share_table, together_table
from server.typeset import ApaTable, Kind, typeset


def illustrated(study: Study) -> Iterator[Part]:
    """Shares, codes together, and agreement question by question; none that has nothing to show."""
    if not study.facts.results.n_coded:
        return
    shares, together = study.facts.results, study.together
    yield from _figure("results", share_figure(shares))
    yield from _table("results", share_table(shares))
    if study.facts.weighed:
        yield from _figure("results-weighted", share_figure(study.facts.weighed))
        yield from _table("results-weighted", share_table(study.facts.weighed))
    yield from _figure("together", together_figure(together, Measure.SHARE, USUAL))
    yield from _table("together", together_table(together, Measure.SHARE, USUAL))
    for report in study.over_time:
        yield from _over_time(report)
    for question in study.questions:
        if question.kind in CHOICES:
            yield from _agreement(question.key, _findings(study, question.key))


def _over_time(report: GroupsReport) -> Iterator[Part]:
    """A code over time. Its figure is SVG alone: there are as many as codes, and others take long to draw."""
    if report.pick is not None and report.table is not None and report.table.lines:
        name = f"over-time/{report.pick.variable.key}/{report.pick.code.key}"
        yield from _figure(name, group_figure(report, USUAL), (Format.SVG,))
        yield from _table(name, group_apa_table(report, USUAL))


def _findings(study: Study, variable: str) -> Findings | None:
    query = AgreementQuery(variable=variable)
    return agreement_page(study.db, study.access, query, compares_pairs=False).findings


def _agreement(variable: str, found: Findings | None) -> Iterator[Part]:
    if found is not None:
        yield from _figure(f"agreement-{variable}", code_figure(found))
        yield from _table(f"agreement-{variable}", answer_table(found))
        # No key has a plus, so that no question is called as the codes of another one.
        yield from _table(f"agreement-{variable}+codes", code_table(found))


def _figure(name: str, subject: Subject | None, kinds: Iterable[Format] = Format) -> Iterator[Part]:
    if subject is not None and subject.fits(Width.PAGE.millimetres):
        yield from ((f"figures/{name}.{kind.value}", [drawn(subject, kind)]) for kind in kinds)


def _table(name: str, table: ApaTable | None) -> Iterator[Part]:
    if table is not None:
        yield from ((f"tables/{name}.{kind.value}", [typeset(table, kind)]) for kind in Kind)
