"""What the methods text says of final values: how they came about, and the shares of all codes. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence

from server.language import gettext as _
from server.language import ngettext, number
from server.methods.facts import DecisionFact, Facts
from server.methods.wording import (
    DECISIONS,
    RESULTS,
    WEIGHED,
    Said,
    Segment,
    Sentence,
    Source,
    figure,
    listed,
    percents,
    posts,
    quoted,
    sentence,
    separated,
)
from server.results.outcomes import REPORTED, Basis
from server.results.report import CodeResult, ResultsReport, VariableResult
from server.results.tables import method_of
from server.web.words import percent_in_print


def about_decisions(facts: Facts) -> Iterator[Sentence]:
    """The sentences on how disagreements were resolved; none where nothing is coded."""
    if not facts.results.n_coded:
        return
    yield from _decided(facts)
    yield sentence(
        _("Where no decision was taken, the most frequent answer counted as final and ties were left open.")
    )
    yield _bases(facts.results)
    yield _open(facts.results)


def _decided(facts: Facts) -> Iterator[Sentence]:
    made = facts.decisions
    if made.n:
        said = ngettext(
            "Reviewers took {n} decision about {posts}.",
            "Reviewers took {n} decisions about {posts}.",
            made.n,
        )
        yield sentence(said, n=figure(made.n, DECISIONS), posts=posts(made.n_posts, DECISIONS))
    if made.n_consensus:
        said = ngettext(
            "{n} of these was reached by consensus in discussion.",
            "{n} of these were reached by consensus in discussion.",
            made.n_consensus,
        )
        yield sentence(said, n=figure(made.n_consensus, DECISIONS))
    if made.n_reasons:
        said = ngettext(
            "For {n} of these the reason was written down.",
            "For {n} of these the reasons were written down.",
            made.n_reasons,
        )
        yield sentence(said, n=figure(made.n_reasons, DECISIONS))
    if made.n_seconds:
        yield _seconds(made)


def _seconds(made: DecisionFact) -> Sentence:
    said = ngettext(
        "{n} was taken a second time by a reviewer who did not see the first decision; {alike} came out "
        "alike.",
        "{n} were taken a second time by a reviewer who did not see the first decision; {alike} came "
        "out alike.",
        made.n_seconds,
    )
    return sentence(said, n=figure(made.n_seconds, DECISIONS), alike=figure(made.n_alike, DECISIONS))


def basis_counts(results: ResultsReport) -> Counter[Basis]:
    """On what all final values rest: one for each post and question, or code of a multiple choice."""
    found: Counter[Basis] = Counter()
    for variable in results.variables:
        bases = (
            [variable.basis] if variable.basis is not None else [code.share.basis for code in variable.codes]
        )
        for basis in bases:
            found.update(basis)
    return found


def _bases(results: ResultsReport) -> Sentence:
    counts = basis_counts(results)
    words = {
        Basis.UNANIMOUS: _("{n} unanimously"),
        Basis.MAJORITY: _("{n} by the majority of the annotators"),
        Basis.PLURALITY: _("{n} by the most frequent answer"),
        Basis.SINGLE: _("{n} from a single coding"),
        Basis.ADJUDICATED: _("{n} by adjudication"),
        Basis.CONSENSUS: _("{n} by consensus after discussion"),
        Basis.MODEL: _("{n} by a statistical model of the annotators"),
        Basis.UNRESOLVED: _("{n} not yet, being unresolved"),
    }
    total = counts.total()
    each: list[Said] = [
        sentence(words[basis], n=Segment(_count(counts[basis], total), RESULTS))
        for basis in REPORTED
        if counts[basis]
    ]
    said = _(
        "The {n} final values, one for each post and question or code of a multiple choice, came about as "
        "follows: {each}."
    )
    return sentence(said, n=figure(total, RESULTS), each=listed(each)) if total else ()


def _count(n: int, total: int) -> str:
    return f"{number(n)} ({percent_in_print(n / total)})"


def _open(results: ResultsReport) -> Sentence:
    if not results.n_unresolved:
        return ()
    said = ngettext(
        "{n} post was unresolved on at least one question and counted there as not carrying the codes "
        "in question.",
        "{n} posts were unresolved on at least one question and counted there as not carrying the codes "
        "in question.",
        results.n_unresolved,
    )
    return sentence(said, n=figure(results.n_unresolved, RESULTS))


def about_results(facts: Facts) -> Iterator[Sentence]:
    """The sentences on the final shares; none where nothing is coded."""
    if not facts.results.n_coded:
        return
    said = _("The final dataset held values of {posts}.")
    yield sentence(said, posts=posts(facts.results.n_coded, RESULTS))
    source = WEIGHED if facts.weighed else RESULTS
    for variable in (facts.weighed or facts.results).variables:
        yield _shares(variable, source)
    yield from _methods(facts, source)


def _shares(of: VariableResult, source: Source) -> Sentence:
    if not of.codes or not of.n_posts:
        return ()
    n_posts = of.codes[0].share.denominator
    each = separated([_share(code, n_posts, source) for code in of.codes if code.share.share is not None])
    only_if = _(", which was asked only under a condition,") if of.only_if else ""
    said = _("On {variable}{condition} the shares were, of {posts}: {codes}.")
    if source is WEIGHED:
        said = _("On {variable}{condition} the shares, weighted by the draw, were, of {posts}: {codes}.")
    return sentence(
        said,
        variable=quoted(of.label),
        condition=only_if,
        posts=posts(n_posts, source),
        codes=each,
    )


def _share(of: CodeResult, n_posts: int, source: Source) -> Sentence:
    """One share; of how many posts is said where these are others than of the first code."""
    said = percent_in_print(of.share.share)
    if of.share.interval is not None:
        said = f"{said} [{percents(of.share.interval)}]"
    is_usual = of.share.denominator == n_posts
    return sentence(
        _("{code} {share} (n = {n})") if is_usual else _("{code} {share} (n = {n} of {posts})"),
        code=quoted(of.label),
        share=Segment(said, source),
        n=figure(of.share.count, source),
        posts=figure(of.share.denominator, source),
    )


def _ways(of: Sequence[VariableResult], source: Source) -> Iterator[Sentence]:
    """Each way with the questions, or codes of one, that it holds for; alone it holds for all."""
    found: dict[str, dict[str, None]] = {}
    for variable in of:
        by_way: dict[str, list[str]] = {}
        for code in variable.codes:
            if code.share.interval:
                by_way.setdefault(method_of(code.share), []).append(code.label)
        for way, codes in by_way.items():
            found.setdefault(way, {}).update(dict.fromkeys(codes if len(by_way) > 1 else [variable.label]))
    for way, labels in found.items():
        said = sentence("{way}", way=Segment(way, source))
        where = listed([quoted(label) for label in labels])
        yield sentence(_("{way} for {which}"), way=said, which=where) if len(found) > 1 else said


def _methods(facts: Facts, source: Source) -> Iterator[Sentence]:
    """How the intervals of the shares were made, each way once, and what weighs."""
    ways = [*_ways((facts.weighed or facts.results).variables, source)]
    if ways:
        yield sentence(
            _("Brackets give {share} intervals: {ways}."),
            share=percent_in_print(0.95, 0),
            ways=separated(ways),
        )
    if facts.weighed:
        yield sentence(
            _(
                "Shares and intervals are weighted by the draw: a post counts one over the chance that it "
                "had to be drawn; numbers of posts (n) are not weighted."
            )
        )
        yield sentence("{said}", said=Segment(facts.weighed.weighted.left_out, source))
    elif facts.results.weighted.can_be or any(one.is_unequal for one in facts.imports):
        yield sentence(_("The shares are unweighted, although the posts had unequal chances to be drawn."))
    else:
        yield sentence(_("The shares are unweighted."))
