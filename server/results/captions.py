"""What stands below figures and tables of results: n, how intervals were made, what is undefined."""

from collections.abc import Iterable, Iterator, Sequence

from server.estimation import AssociationTest, CorrectedProportion
from server.language import gettext as _
from server.language import ngettext, number
from server.results.choices import Ways
from server.results.corrected_report import CorrectedReport, Correction
from server.results.fields import Pick
from server.results.groups import GroupLine, GroupTable
from server.results.labels import denominator_label
from server.results.outcomes import Rule
from server.results.predictions import Assisted
from server.results.report import ResultsReport
from server.results.sampling import Sampling, Weighted
from server.results.tables import ResultTable, rule_label
from server.rounds.queries import Sight
from server.typeset.numbers import decimal, degrees, listed, p_value
from server.web.words import percent_in_print

# So many groups are named where a sentence is about some of them.
_NAMED = 6


def of_shares(report: ResultsReport, shown: Sequence[ResultTable]) -> Iterator[str]:
    """Of the shares of some variables: of which posts they are, and how sure."""
    yield _("Of which posts: %(posts)s.") % {"posts": denominator_label(report.ways.denominator)}
    yield from of_weights(report.weighted)
    yield from _intervals(table.method for table in shown)
    n_open = report.n_unresolved
    if len(shown) == 1:
        n_open = shown[0].variable.n_unresolved
    yield from _unresolved(n_open)
    yield where_undecided(report.ways.rule)
    yield from dict.fromkeys(remark for table in shown for remark in table.remarks)
    yield from left_out(report.hidden)


def of_weights(weighted: Weighted) -> Iterator[str]:
    """That posts weigh, where they do, and of what weighed shares do not speak."""
    if weighted.is_so:
        yield _("Posts count by one over the chance they had to be drawn; counts of posts are not weighed.")
        if weighted.left_out:
            yield weighted.left_out


def of_drawing(sampling: Sampling) -> Iterator[str]:
    """What chance there was: of the posts, and of the numbers."""
    yield _("The intervals of shares are computed without random numbers.")
    yield from _of_seeds(sampling)
    if not sampling.is_random:
        yield _(
            "The coded posts are not a random sample of all posts, so the intervals take them as one of "
            "posts like these. %(why)s"
        ) % {"why": sampling.why_not}


def of_sample(sampling: Sampling) -> Iterator[str]:
    """The same where there are no intervals."""
    yield from _of_seeds(sampling)
    if not sampling.is_random:
        said = _("The coded posts are not a random sample of all posts. {why}")
        yield said.format(why=sampling.why_not)


def _of_seeds(sampling: Sampling) -> Iterator[str]:
    said = _("The posts of round {number} were drawn with the seed {seed}.")
    yield from (said.format(number=number_, seed=seed) for number_, seed in sampling.seeds)
    yield from about_skipped(sampling)


def about_skipped(sampling: Sampling) -> Iterator[str]:
    """That posts are missing which annotators did not want to code, or could not."""
    if sampling.n_skipped:
        yield ngettext(
            "%(n)s drawn post was skipped and is missing from the sample, which no interval makes good.",
            "%(n)s drawn posts were skipped and are missing from the sample, which no interval makes good.",
            sampling.n_skipped,
        ) % {"n": number(sampling.n_skipped)}


def of_groups(table: GroupTable, ways: Ways, weighted: Weighted, hidden: Sequence[Sight]) -> Iterator[str]:
    """Of a code in groups: how many posts, how intervals were made, and what was left out."""
    yield _posts(table.n_posts)
    yield from of_weights(weighted)
    if table.clusters is not None:
        said = ngettext(
            "{n} cluster (author, or post without one).",
            "{n} clusters (authors, or posts without one).",
            table.clusters,
        )
        yield said.format(n=number(table.clusters))
    yield from _intervals(methods_of(table.lines))
    yield from _unresolved(table.n_unresolved)
    if table.left_out:
        yield ngettext(
            "%(n)s coded post is in no group and left out.",
            "%(n)s coded posts are in no group and left out.",
            table.left_out,
        ) % {"n": number(table.left_out)}
    yield where_undecided(ways.rule)
    yield from reasons_of(table.lines)
    yield from left_out(hidden)


def way(method: str) -> str:
    """How an interval was made, in the reader's words."""
    return _(method)


def methods_of(lines: Iterable[GroupLine]) -> tuple[str, ...]:
    """How the intervals of the shares of groups were made, each way once."""
    return tuple(dict.fromkeys(_(line.share.method) for line in lines if line.share.interval))


def reasons_of(lines: Iterable[GroupLine]) -> tuple[str, ...]:
    """Why shares of groups or their intervals are undefined or unusual, each reason once."""
    return tuple(dict.fromkeys(_(line.share.reason) for line in lines if line.share.reason))


def comparisons_of(lines: Sequence[GroupLine]) -> Iterator[str]:
    """How groups were compared, and by which tests: what does not hold for all says for which."""
    compared = _each_once((_how_compared(line), line.label) for line in lines)
    undefined = _each_once((line.against.reason and _(line.against.reason), line.label) for line in lines)
    tested = _each_once((_how_tested(line.test), line.label) for line in lines)
    yield from dict.fromkeys((*compared, *undefined, *tested))


def _how_compared(line: GroupLine) -> str:
    return _("Intervals of ratios and differences: {method}.").format(method=_(line.against.method))


def _how_tested(test: AssociationTest) -> str | None:
    if test.p_value is None:
        return _(test.reason) if test.reason else None
    return _("p: {method}, {because}.").format(method=_(test.method), because=_(test.because))


def _each_once(said: Iterable[tuple[str | None, str]]) -> Iterator[str]:
    """Each sentence once, with the groups that it is about, unless it is about all of them."""
    about: dict[str | None, list[str]] = {}
    for sentence, label in said:
        about.setdefault(sentence, []).append(label)
    for sentence, labels in about.items():
        if sentence:
            named = [*labels[:_NAMED], "…"] if len(labels) > _NAMED else labels
            yield sentence if len(about) == 1 else f"{sentence} ({listed(named)})"


def test_in_words(test: AssociationTest) -> str:
    """A test with its statistic as the APA writes it: `F(7.7, 2921.8) = 1.64, p = .112`."""
    if test.p_value is None:
        return _(test.reason) if test.reason else ""
    said = p_value(test.p_value)
    parts = [_statistic(test), f"p {said}" if said.startswith("<") else f"p = {said}"]
    seed = _("Seed of the random tables: %(seed)s.") % {"seed": test.seed} if test.seed is not None else ""
    return f"{_(test.method)}{_(':')} {listed(part for part in parts if part)}. {seed}".rstrip()


def _statistic(test: AssociationTest) -> str:
    if test.statistic is None:
        return ""
    letter = "F" if len(test.degrees) > 1 else "χ²"
    return f"{letter}({listed(map(degrees, test.degrees))}) = {decimal(test.statistic)}"


def of_corpus(n_posts: int, rule: Rule, hidden: Sequence[Sight]) -> Iterator[str]:
    """How many coded posts there were, and what counted where nothing was decided."""
    yield _posts(n_posts)
    yield where_undecided(rule)
    yield from left_out(hidden)


def where_undecided(rule: Rule) -> str:
    """What counted as the value of a post where nobody decided."""
    return _("What counts where nothing is decided: {rule}.").format(rule=rule_label(rule))


def corrections(report: CorrectedReport) -> Iterator[tuple[str, Correction]]:
    """The ways by which errors of coding could be corrected, by their names."""
    named = ((_("By gold"), report.by_gold), (_("By posts that several coded"), report.by_second))
    yield from ((name, found) for name, found in named if found and found.corrected)


def of_corrections(report: CorrectedReport) -> Iterator[str]:
    """How often codings were right where that is known, what is undefined, and why."""
    yield from about_unresolved(report)
    said = _("sensitivity {se} (of {n} posts with the code), specificity {sp} (of {m} without it)")
    for name, found in corrections(report):
        rates = found.checked.sensitivity.rate, found.checked.specificity.rate
        n, m = (number(posts) for posts in found.checked.posts)
        told = said.format(se=percent_in_print(rates[0]), sp=percent_in_print(rates[1]), n=n, m=m)
        yield f"{name}{_(':')} {told}."
        if found.corrected:
            yield from _of_checked(report.weighted)
            yield from _of_formula(found.corrected)
            yield from _of_undecided(found)
    if report.assisted:
        yield from _of_predictions(report, report.assisted)


def _of_undecided(found: Correction) -> Iterator[str]:
    """That error rates are too good where posts on which annotators differ have not been decided."""
    n = found.n_undecided
    if n:
        yield ngettext(
            "%s post on which annotators differ is not decided and not checked: error rates are too low.",
            "%s posts on which annotators differ are not decided and not checked: error rates are too low.",
            n,
        ) % number(n)


def _of_checked(weighted: Weighted) -> Iterator[str]:
    if weighted.is_so:
        yield _(
            "Posts that were checked count alike in error rates: how well a code is given depends on the "
            "post, not on its draw."
        )


def _of_formula(found: CorrectedProportion) -> Iterator[str]:
    if found.is_truncated and found.raw is not None:
        yield _(
            "The formula gives %(raw)s, which no share can be; the nearest possible value stands above."
        ) % {"raw": percent_in_print(found.raw).replace("-", "\N{MINUS SIGN}")}
    if found.reason:
        yield _(found.reason)


def _of_predictions(report: CorrectedReport, found: Assisted) -> Iterator[str]:
    yield _("Column of predictions: {name}.").format(name=report.predictions)
    extent = {"coded": number(found.tuned.coded), "predicted": number(found.tuned.predicted)}
    yield _("%(coded)s coded, %(predicted)s predicted only") % extent + "."
    yield from of_all_posts(report)
    if report.why_not_random:
        said = _("The coded posts were not a random sample, so predictions do not correct them rightly.")
        yield f"{said} {report.why_not_random}"
    yield from about_skipped(report.sampling)
    yield from dict.fromkeys(_(one.reason) for one in (found.tuned, found.supervised) if one.reason)


def of_all_posts(report: CorrectedReport) -> Iterator[str]:
    """That predictions speak of more posts than the question is asked of, and of which they do not."""
    if report.only_if:
        yield _(
            "The question is asked %(condition)s. With predictions the shares, also that of people alone, "
            "are of all posts, also those where the question is not asked."
        ) % {"condition": report.only_if}
    n = report.assisted.n_unseen if report.assisted else 0
    if n:
        yield ngettext(
            "%(n)s post with a prediction is left out: in its group no coded post has one, so that nothing "
            "corrects what is predicted there.",
            "%(n)s posts with a prediction are left out: in their groups no coded post has one, so that "
            "nothing corrects what is predicted there.",
            n,
        ) % {"n": number(n)}


def about_unresolved(report: CorrectedReport) -> Iterator[str]:
    """That nothing here speaks of the posts on which nothing is settled, and what they could make of it."""
    n = report.n_unresolved
    if not n:
        return
    yield ngettext(
        "%(n)s coded post is unresolved and left out of all shares here, so that what is hard to code is "
        "missing.",
        "%(n)s coded posts are unresolved and left out of all shares here, so that what is hard to code is "
        "missing.",
        n,
    ) % {"n": number(n)}
    if report.bounds:
        said = _(
            "With them the share as coded would be {low} if none of them carried the code, {high} if all did."
        )
        yield said.format(low=percent_in_print(report.bounds[0]), high=percent_in_print(report.bounds[1]))


def never_chosen(never: Sequence[Pick]) -> Iterator[str]:
    """Which codes are left out because no post carries them."""
    if never:
        labels = ", ".join(pick.code.label for pick in never)
        yield _("Left out, because no post carries them: %(codes)s.") % {"codes": labels}


def left_out(hidden: Sequence[Sight]) -> Iterator[str]:
    """The rounds that this reader may not see figures of."""
    said = _("Round %(number)s is left out, with the decisions on its posts.")
    yield from (said % {"number": sight.number} for sight in hidden)


def _posts(n: int) -> str:
    return ngettext("N = {n} post.", "N = {n} posts.", n).format(n=number(n))


def _intervals(methods: Iterable[str]) -> Iterator[str]:
    found = [method for method in dict.fromkeys(methods) if method]
    if found:
        joined = f"{_(';')} ".join(found)
        yield _("Intervals: %(method)s.") % {"method": joined}


def _unresolved(n: int) -> Iterator[str]:
    if n:
        yield ngettext(
            "%(n)s unresolved post counts as not carrying the code.",
            "%(n)s unresolved posts count as not carrying the code.",
            n,
        ) % {"n": number(n)}
