"""What the methods text says of agreement: coefficients before any decision, with intervals. Pure."""

from collections.abc import Iterator, Sequence

from server.agreement import Coefficient
from server.language import gettext as _
from server.language import ngettext, number
from server.methods.facts import Chosen, Facts
from server.methods.wording import (
    AGREEMENT,
    Segment,
    Sentence,
    figure,
    interval,
    listed,
    of_question,
    posts,
    quoted,
    sentence,
    separated,
)
from server.reliability.figures import CodeAgreement, VariableAgreement, named
from server.reliability.screens import reason_of
from server.web.words import coefficient, percent_in_print


def about_agreement(facts: Facts) -> Iterator[Sentence]:
    """The sentences on agreement; one that says why there is none where nothing was coded twice."""
    if not facts.codings:
        return
    if not facts.n_pairable:
        yield sentence(_("No post was coded by two annotators, so that agreement could not be measured."))
        return
    said = _(
        "Agreement was measured on the independent codings of {posts} that two annotators or more had coded, "
        "before any disagreement was discussed or decided; training was not counted."
    )
    if any(one.chosen is Chosen.FILE for one in facts.codings):
        said = _(
            "Agreement was measured on the codings of {posts} that two annotators or more had coded, "
            "imported ones among them, before any disagreement was discussed or decided here; training was "
            "not counted."
        )
    yield sentence(said, posts=posts(facts.n_pairable, AGREEMENT))
    yield from _left_out(facts)
    for variable in facts.agreement:
        if variable.n_pairable:
            yield from _variable(variable)
    yield from _intervals(facts.agreement)


def _left_out(facts: Facts) -> Iterator[Sentence]:
    if facts.n_late:
        said = ngettext(
            "{n} coding made after the codings had been revealed was left out.",
            "{n} codings made after the codings had been revealed were left out.",
            facts.n_late,
        )
        yield sentence(said, n=figure(facts.n_late, AGREEMENT))
    if facts.n_repeated:
        yield sentence(_("Where an annotator had coded a post in several rounds, the first coding counted."))


def _variable(of: VariableAgreement) -> Iterator[Sentence]:
    if of.kind == "multiple":
        yield from _sets(of)
        yield from _codes(of, _("Code by code of {variable}, Krippendorff’s alpha was {codes}."))
    else:
        yield from _whole(of)
        if len(of.codes) > 1:
            yield from _codes(
                of, _("For each code of {variable} against the others, Krippendorff’s alpha was {codes}.")
            )


def _whole(of: VariableAgreement) -> Iterator[Sentence]:
    """Of a variable with one answer."""
    alpha, agreed = of.alpha, named(of.coefficients, "percent_agreement")
    if alpha is None:
        return
    if alpha.estimate is None:
        yield sentence(
            _("On {variable}, Krippendorff’s alpha was undefined. {why}"),
            variable=quoted(of.label),
            why=reason_of(alpha),
        )
        return
    said = _(
        "On {variable}, Krippendorff’s alpha ({level}) was {alpha}, with {agreed} agreement, over {posts}."
    )
    yield sentence(
        said,
        variable=quoted(of.label),
        level=_level(alpha.level),
        alpha=_estimate(alpha, of.key),
        agreed=Segment(percent_in_print(agreed.estimate if agreed else None), of_question(of.key)),
        posts=posts(of.n_pairable, of_question(of.key)),
    )


def _level(level: str) -> str:
    return {
        "nominal": _("nominal"),
        "ordinal": _("ordinal"),
        "interval": _("interval"),
        "ratio": _("ratio"),
    }[level]


def _sets(of: VariableAgreement) -> Iterator[Sentence]:
    """Of the whole answers to a multiple choice."""
    masi = named(of.coefficients, "masi_alpha")
    if masi is None or masi.estimate is None:
        return
    yield sentence(
        _("On {variable}, alpha of the whole sets of codes (MASI distance) was {alpha}, over {posts}."),
        variable=quoted(of.label),
        alpha=_estimate(masi, of.key),
        posts=posts(of.n_pairable, of_question(of.key)),
    )


def _codes(of: VariableAgreement, template: str) -> Iterator[Sentence]:
    known = [code for code in of.codes if code.alpha.estimate is not None]
    if known:
        each = separated([_code(code, of.key) for code in known])
        yield sentence(template, variable=quoted(of.label), codes=each)
    unknown: list[str] = [quoted(code.label) for code in of.codes if code.alpha.estimate is None]
    if unknown:
        said = _("It was undefined for {codes}, on which the codings did not vary or could not be compared.")
        yield sentence(said, codes=separated(unknown))


def _code(of: CodeAgreement, key: str) -> Sentence:
    agreed = named(of.coefficients, "percent_agreement")
    share = agreed.estimate if agreed else None
    template = _("{alpha} for {code} ({agreed} agreement, chosen in {prevalence} of codings)")
    return sentence(
        template,
        alpha=_estimate(of.alpha, key),
        code=quoted(of.label),
        agreed=Segment(percent_in_print(share), of_question(key)),
        prevalence=Segment(percent_in_print(of.prevalence), of_question(key)),
    )


def _estimate(one: Coefficient, key: str) -> Segment:
    """An estimate with its interval where there is one."""
    said = coefficient(one.estimate)
    if one.interval is not None:
        said = f"{said} [{interval(one.interval)}]"
    return Segment(said, of_question(key))


def _intervals(of: Sequence[VariableAgreement]) -> Iterator[Sentence]:
    """How the intervals were made, each way once."""
    ways: dict[tuple[str, int | None], Coefficient] = {}
    questions: dict[tuple[str, int | None], dict[str, None]] = {}
    for variable in of:
        for one in (*variable.coefficients, *(code.alpha for code in variable.codes)):
            if one.interval is not None:
                ways.setdefault((one.method, one.n_clusters), one)
                questions.setdefault((one.method, one.n_clusters), {})[variable.label] = None
    for way, one in ways.items():
        labels = listed([quoted(label) for label in questions[way]])
        yield sentence(
            _way(one),
            share=percent_in_print(one.confidence, 0),
            questions=sentence(_(" on {questions}"), questions=labels) if len(ways) > 1 else "",
            n=Segment(number(one.resamples), AGREEMENT),
            authors=Segment(number(one.n_clusters or 0), AGREEMENT),
            seed=Segment(str(one.seed), AGREEMENT),
        )


def _way(one: Coefficient) -> str:
    if one.method == "t":
        if one.n_clusters is None:
            return _("Brackets give {share} intervals{questions} by the t distribution over posts.")
        return _("Brackets give {share} intervals{questions} by the t distribution over {authors} authors.")
    if one.n_clusters is None:
        return _(
            "Brackets give {share} bias-corrected and accelerated bootstrap intervals{questions} ({n} "
            "resamples of posts, seed {seed})."
        )
    return _(
        "Brackets give {share} bias-corrected and accelerated bootstrap intervals{questions} ({n} "
        "resamples of {authors} authors with all their posts, seed {seed})."
    )
