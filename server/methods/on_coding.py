"""What the methods text says of coding: unit, codebook, training, rounds, what was coded twice. Pure."""

from collections.abc import Iterator

from server.language import figure as plain_figure
from server.language import gettext as _
from server.language import ngettext, number
from server.methods.facts import Chosen, Facts, RoundFact
from server.methods.wording import (
    CODEBOOK,
    RESULTS,
    Said,
    Segment,
    Sentence,
    annotators,
    figure,
    listed,
    of_round,
    posts,
    quoted,
    sentence,
    span,
    version,
)
from server.rounds.design import Purpose
from server.web.words import percent_in_print


def about_coding(facts: Facts) -> Iterator[Sentence]:
    """The sentences on how posts were coded; none where nothing is coded."""
    if not facts.codings and not facts.trainings:
        return
    yield sentence(_("The unit of coding was the whole post."))
    yield _codebook(facts)
    for training in facts.trainings:
        yield _training(training)
    for earlier, one in zip([None, *facts.codings], facts.codings, strict=False):
        yield from _round(one, earlier, facts.corpus.n_posts)
    yield _blind(facts)
    yield _in_all(facts)


def _codebook(facts: Facts) -> Sentence:
    if not facts.book:
        return ()
    kinds = {
        "single": _("single choice"),
        "multiple": _("multiple choice"),
        "ordinal": _("ordinal scale"),
        "number": _("number"),
        "text": _("free text"),
    }
    each: list[Said] = []
    for variable in facts.book:
        n, what = len(variable.codes), f"{quoted(variable.label)} ({kinds[variable.kind]}"
        codes = ngettext("{n} code", "{n} codes", n).format(n=number(n))
        each.append(Segment(f"{what}, {codes})" if n else f"{what})", CODEBOOK))
    n = len(facts.book)
    said = ngettext(
        "The codebook had {n} variable: {variables}.", "The codebook had {n} variables: {variables}.", n
    )
    return sentence(said, n=figure(n, CODEBOOK), variables=listed(each))


def _training(one: RoundFact) -> Sentence:
    """A round of practice; who passed is said where there was gold to pass it by."""
    who, what = annotators(one.n_annotators, of_round(one.number)), posts(one.n_coded, of_round(one.number))
    if not one.has_gold:
        said = ngettext(
            "In training (round {number}), {who} practised on {what} {when}.",
            "In training (round {number}), {who} practised on {what} {when}.",
            one.n_annotators,
        )
        return sentence(said, number=_number(one), who=who, what=what, when=_when(one))
    said = ngettext(
        "In training (round {number}), {who} coded {what} with known answers {when}; {n} completed or "
        "passed it.",
        "In training (round {number}), {who} coded {what} with known answers {when}; {n} completed or "
        "passed it.",
        one.n_annotators,
    )
    passed = figure(one.n_passed, of_round(one.number))
    return sentence(said, number=_number(one), who=who, what=what, when=_when(one), n=passed)


def _number(one: RoundFact) -> Segment:
    return Segment(str(one.number), of_round(one.number))


def _when(one: RoundFact) -> Said:
    if one.first is None or one.last is None:
        return _("at times that are not recorded")
    return Segment(span(one.first, one.last), of_round(one.number))


def _round(one: RoundFact, earlier: RoundFact | None, n_in_corpus: int) -> Iterator[Sentence]:
    place = of_round(one.number)
    said = _in_round(one)
    yield sentence(
        said,
        number=_number(one),
        who=annotators(one.n_annotators, place),
        what=posts(one.n_coded, place),
        version=version(one.version),
        when=_when(one),
    )
    if earlier is not None and earlier.version != one.version:
        yield sentence(
            _("The codebook had been revised before, from {old} to {new}."),
            old=version(earlier.version),
            new=version(one.version),
        )
    yield _chosen(one, n_in_corpus)
    yield _depth(one)


def _in_round(one: RoundFact) -> str:
    """Who coded what, as a template: its verb goes by how many did."""
    n = one.n_annotators
    return {
        Purpose.PILOT: ngettext(
            "In the pilot (round {number}), {who} coded {what} under {version} of the codebook, {when}.",
            "In the pilot (round {number}), {who} coded {what} under {version} of the codebook, {when}.",
            n,
        ),
        Purpose.RELIABILITY: ngettext(
            "In the reliability round (round {number}), {who} coded {what} under {version} of the "
            "codebook, {when}.",
            "In the reliability round (round {number}), {who} coded {what} under {version} of the "
            "codebook, {when}.",
            n,
        ),
        Purpose.MAIN: ngettext(
            "In the main coding (round {number}), {who} coded {what} under {version} of the codebook, "
            "{when}.",
            "In the main coding (round {number}), {who} coded {what} under {version} of the codebook, "
            "{when}.",
            n,
        ),
    }[Purpose(one.purpose)]


def _chosen(one: RoundFact, n_in_corpus: int) -> Sentence:
    """How the posts of a round were chosen; nothing is said where nothing is known."""
    place = of_round(one.number)
    said = {
        Chosen.RANDOM: _("Its {n} posts had been drawn at random from the corpus (seed {seed})."),
        Chosen.STRATA: _(
            "Its {n} posts had been drawn at random within the values of {field} (seed {seed})."
        ),
        Chosen.CRITERIA: _("Its {n} posts had been chosen by criteria, not drawn at random from the corpus."),
        Chosen.AGAIN: _("Its {n} posts had been coded before and were coded again on some questions."),
        Chosen.FILE: _("Its codings were imported from a file."),
        Chosen.ALL: _("It took in all posts of the corpus.") if one.n_posts == n_in_corpus else "",
    }[one.chosen]
    return sentence(
        said, n=figure(one.n_posts, place), field=quoted(one.field), seed=Segment(str(one.seed), place)
    )


def _depth(one: RoundFact) -> Sentence:
    """How many annotators were planned for each post."""
    place = of_round(one.number)
    if one.double_share is not None:
        said = _(
            "{share} of its posts, drawn at random (seed {seed}), were assigned to two annotators and "
            "the others to one."
        )
        share = Segment(
            percent_in_print(one.double_share, 0 if (100 * one.double_share) % 1 == 0 else 1), place
        )
        return sentence(said, share=share, seed=Segment(str(one.seed), place))
    if not one.depth:
        return ()
    said = ngettext(
        "Each post was assigned to {k} annotator.", "Each post was assigned to {k} annotators.", one.depth
    )
    return sentence(said, k=Segment(plain_figure(one.depth), place))


def _blind(facts: Facts) -> Sentence:
    """Rounds of this program are blind until they are revealed; of codings from a file nobody knows."""
    here = [one for one in facts.codings if one.chosen is not Chosen.FILE]
    if not here:
        return ()
    if len(here) == len(facts.codings):
        return sentence(_("Annotators worked independently and did not see one another’s codings."))
    return sentence(_("Except for the imported codings, annotators did not see one another’s codings."))


def _in_all(facts: Facts) -> Sentence:
    n, double = facts.results.n_coded, facts.results.n_double_coded
    if not n:
        return ()
    who = annotators(facts.results.n_annotators, RESULTS)
    if not double:
        said = ngettext(
            "In all, {coded} of {n} in the corpus was coded by {who}, none of them twice.",
            "In all, {coded} of {n} in the corpus were coded by {who}, none of them twice.",
            n,
        )
        return sentence(said, coded=figure(n, RESULTS), n=posts(facts.corpus.n_posts), who=who)
    said = ngettext(
        "In all, {coded} of {n} in the corpus was coded by {who}, {double} ({share}) by two of them or more.",
        "In all, {coded} of {n} in the corpus were coded by {who}, {double} ({share}) by two of them or "
        "more.",
        n,
    )
    return sentence(
        said,
        coded=figure(n, RESULTS),
        n=posts(facts.corpus.n_posts),
        who=who,
        double=figure(double, RESULTS),
        share=Segment(percent_in_print(double / n), RESULTS),
    )
