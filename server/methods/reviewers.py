"""What reviewers will ask about a study, where it falls short of what is usual. Pure.

The marks are those that are commonly asked for, and no law: 10 % of the posts, and at least 50, coded twice
(Lombard, Snyder-Duch & Bracken 2002, Human Communication Research 28:587-604); alpha of .800, and .667 for
tentative conclusions (Krippendorff 2004, Content Analysis, 2nd edition, chapter 11).
"""

from collections.abc import Iterator

from server.agreement import Coefficient
from server.language import gettext as _
from server.language import ngettext, number
from server.methods.facts import Chosen, Facts
from server.methods.wording import (
    AGREEMENT,
    DECISIONS,
    IMPORTS,
    RESULTS,
    ROUNDS,
    Said,
    Segment,
    Sentence,
    figure,
    listed,
    of_question,
    of_round,
    of_version,
    quoted,
    sentence,
)
from server.web.words import percent_in_print

FEWEST_POSTS = 50
LEAST_SHARE = 0.1
TENTATIVE = 0.667
# A code that fewer codings chose says little of agreement on it.
FEWEST_CHOICES = 10
# Names said in one sentence; more would hide what is said.
_MOST_NAMES = 8


def will_ask(facts: Facts) -> tuple[Sentence, ...]:
    """The questions to expect, in the order of the text; none before anything is coded."""
    if not facts.results.n_coded:
        return ()
    found = (_on_posts(facts), _on_rounds(facts), _on_doubles(facts), _on_agreement(facts), _on_finals(facts))
    return tuple(each for part in found for each in part if each)


def _on_posts(facts: Facts) -> Iterator[Sentence]:
    unequal = [one for one in facts.imports if one.is_unequal]
    if unequal and not facts.weighed:
        numbers: list[Said] = [Segment(str(one.number), IMPORTS) for one in unequal]
        yield sentence(
            _(
                "Posts of some imports ({imports}) had unequal chances to be drawn, and the shares are "
                "unweighted: "
                "do they speak of all posts?"
            ),
            imports=listed(numbers),
        )
    missing = facts.corpus.n_posts - facts.results.n_coded
    if missing:
        said = ngettext(
            "{n} post was not coded: why, and was it one by chance?",
            "{n} posts were not coded: why, and were they left out by chance?",
            missing,
        )
        yield sentence(said, n=figure(missing, RESULTS))


def _on_rounds(facts: Facts) -> Iterator[Sentence]:
    still: list[Said] = [
        Segment(str(one.number), of_round(one.number)) for one in facts.codings if one.is_open
    ]
    if still:
        said = ngettext(
            "Round {rounds} is not locked: its numbers can still change.",
            "Rounds {rounds} are not locked: their numbers can still change.",
            len(still),
        )
        yield sentence(said, rounds=listed(still))
    numbers = sorted({one.version for one in facts.codings})
    if len(numbers) > 1:
        versions: list[Said] = [Segment(str(one), of_version(one)) for one in numbers]
        yield sentence(
            _(
                "Agreement is over codings made under several versions of the codebook ({versions}): "
                "was it as good "
                "after the last change?"
            ),
            versions=listed(versions),
        )
    if not facts.trainings:
        yield sentence(_("No training round was held: how did the annotators learn the codebook?"))


def _on_doubles(facts: Facts) -> Iterator[Sentence]:
    n, double = facts.results.n_coded, facts.results.n_double_coded
    if not double:
        yield sentence(_("No post was coded by two annotators: how reliable is the coding?"))
        return
    if double < min(FEWEST_POSTS, n):
        said = ngettext(
            "Only {n} post was coded by two annotators or more; {least} are the least that is usually "
            "asked for.",
            "Only {n} posts were coded by two annotators or more; {least} are the least that is usually "
            "asked for.",
            double,
        )
        yield sentence(said, n=figure(double, RESULTS), least=number(FEWEST_POSTS))
    if double / n < LEAST_SHARE:
        said = _(
            "{share} of the coded posts were coded by two annotators or more; {least} is the least "
            "usually asked for."
        )
        share = Segment(percent_in_print(double / n), RESULTS)
        yield sentence(said, share=share, least=percent_in_print(LEAST_SHARE, 0))
    odd: list[Said] = [
        Segment(str(one.number), of_round(one.number))
        for one in facts.codings
        if one.n_double and one.chosen in {Chosen.CRITERIA, Chosen.FILE, Chosen.AGAIN} and one.n_double < n
    ]
    if odd:
        said = ngettext(
            "The posts of round {rounds}, on which agreement rests, were not drawn at random: do they "
            "stand for all?",
            "The posts of rounds {rounds}, on which agreement rests, were not drawn at random: do they "
            "stand for all?",
            len(odd),
        )
        yield sentence(said, rounds=listed(odd))


def _on_agreement(facts: Facts) -> Iterator[Sentence]:
    never: list[Said] = []
    rare: list[Said] = []
    low: list[Said] = []
    for variable in facts.agreement:
        source = of_question(variable.key)
        if variable.alpha is not None and _is_low(variable.alpha):
            low.append(Segment(quoted(variable.label), source))
        for code in variable.codes:
            name = Segment(quoted(code.label), source)
            if not code.n_pairable:
                never.append(name)
            elif code.n_chosen < FEWEST_CHOICES:
                rare.append(name)
            elif _is_low(code.alpha):
                low.append(name)
    yield _named(never, _("No post was coded twice on {codes}."))
    yield _named(
        rare, _("Too few codings chose {codes} to say how well annotators agree on it: raw agreement alone?")
    )
    yield _named(low, _("Alpha is below {mark} for {codes}: are conclusions on it sound?"))
    if facts.n_late:
        said = ngettext(
            "{n} coding was made after a reveal and is left out of agreement: why was it made then?",
            "{n} codings were made after a reveal and are left out of agreement: why were they made then?",
            facts.n_late,
        )
        yield sentence(said, n=figure(facts.n_late, AGREEMENT))


def _is_low(one: Coefficient) -> bool:
    return one.estimate is not None and one.estimate < TENTATIVE


def _named(names: list[Said], template: str) -> Sentence:
    if not names:
        return ()
    shown = names[:_MOST_NAMES]
    more = len(names) - len(shown)
    if more:
        shown = [*shown, ngettext("{n} more", "{n} more", more).format(n=number(more))]
    return sentence(template, codes=listed(shown), mark=number(TENTATIVE, 3))


def _on_finals(facts: Facts) -> Iterator[Sentence]:
    if facts.results.n_unresolved:
        said = ngettext(
            "{n} post is unresolved: what would the shares be if it carried the codes?",
            "{n} posts are unresolved: what would the shares be if they carried the codes?",
            facts.results.n_unresolved,
        )
        yield sentence(said, n=figure(facts.results.n_unresolved, DECISIONS))
    if facts.decisions.n and not facts.decisions.n_seconds:
        yield sentence(
            _(
                "Each decision was taken once: could the one who decided have been swayed by knowing "
                "the study’s aim?"
            )
        )
    if facts.corpus.n_taken_down:
        said = ngettext(
            "{n} post was taken down: can others repeat the coding?",
            "{n} posts were taken down: can others repeat the coding?",
            facts.corpus.n_taken_down,
        )
        yield sentence(said, n=figure(facts.corpus.n_taken_down, ROUNDS))
