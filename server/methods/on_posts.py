"""What the methods text says of the posts: how many, whose, when, and what was left out and drawn. Pure."""

from collections.abc import Iterator, Sequence

from server.language import gettext as _
from server.language import ngettext, number
from server.methods.facts import Facts, ImportFact
from server.methods.wording import (
    IMPORTS,
    POSTS,
    TAKEDOWNS,
    Said,
    Segment,
    Sentence,
    figure,
    listed,
    posts,
    quoted,
    sentence,
    span,
)


def about_posts(facts: Facts) -> Iterator[Sentence]:
    """The sentences on the corpus; none where there are no posts."""
    if not facts.corpus.n_posts:
        return
    yield _corpus(facts)
    yield _dates(facts)
    yield _files(facts)
    yield _excluded(facts.imports)
    for one in facts.imports:
        yield _drawn(one, several=len(facts.imports) > 1)
    yield from _names(facts.imports)
    yield from _taken_down(facts)


def _corpus(facts: Facts) -> Sentence:
    corpus = facts.corpus
    if not corpus.n_accounts:
        return sentence(_("The corpus comprised {posts}."), posts=posts(corpus.n_posts))
    said = ngettext("{n} account", "{n} accounts", corpus.n_accounts).format(n=number(corpus.n_accounts))
    template = _("The corpus comprised {posts} by {accounts}.")
    return sentence(template, posts=posts(corpus.n_posts), accounts=Segment(said, POSTS))


def _dates(facts: Facts) -> Sentence:
    corpus = facts.corpus
    if corpus.first is None or corpus.last is None:
        return ()
    when = span(corpus.first, corpus.last)
    if not corpus.n_undated:
        said = ngettext("It was posted {when} (UTC).", "They were posted {when} (UTC).", corpus.n_posts)
        return sentence(said, when=Segment(when, POSTS))
    said = ngettext(
        "Those with a date were posted {when} (UTC); {n} had none that could be read.",
        "Those with a date were posted {when} (UTC); {n} had none that could be read.",
        corpus.n_undated,
    )
    return sentence(said, when=Segment(when, POSTS), n=figure(corpus.n_undated, POSTS))


def _files(facts: Facts) -> Sentence:
    if not facts.imports:
        return ()
    n = len(facts.imports)
    files = Segment(ngettext("{n} file", "{n} files", n).format(n=number(n)), IMPORTS)
    when = Segment(span(facts.imports[0].at, facts.imports[-1].at), IMPORTS)
    programs = list(dict.fromkeys(one.export for one in facts.imports if one.export))
    if programs:
        said = _("The data were imported from {files} of {programs} {when}.")
        return sentence(said, files=files, programs=listed(programs), when=when)
    return sentence(_("The data were imported from {files} {when}."), files=files, when=when)


def _excluded(imports: tuple[ImportFact, ...]) -> Sentence:
    counts: list[Said] = [Segment(words.format(n=number(n)), IMPORTS) for n, words in _reasons(imports) if n]
    if not counts:
        return ()
    return sentence(_("The import left out {excluded}."), excluded=listed(counts))


def _reasons(imports: tuple[ImportFact, ...]) -> Iterator[tuple[int, str]]:
    """How many records were left out for each reason, and the words for so many."""
    n = sum(one.n_same_id for one in imports)
    yield n, ngettext("{n} record with the id of another", "{n} records with the id of another", n)
    n = sum(one.n_unreadable for one in imports)
    yield (
        n,
        ngettext(
            "{n} record that was unreadable, incomplete or at odds with another of the same id",
            "{n} records that were unreadable, incomplete or at odds with another of the same id",
            n,
        ),
    )
    n = sum(one.n_nothing for one in imports)
    yield (
        n,
        ngettext(
            "{n} record with nothing to code, such as a deleted post",
            "{n} records with nothing to code, such as deleted posts",
            n,
        ),
    )
    n = sum(one.n_repeats for one in imports)
    yield (
        n,
        ngettext(
            "{n} post that repeated the text of another",
            "{n} posts that repeated the text of another",
            n,
        ),
    )


def _drawn(one: ImportFact, *, several: bool) -> Sentence:
    if not one.sample:
        return ()
    drawn = sentence(
        _drawing(one),
        taken=figure(one.n_new, IMPORTS),
        all=figure(one.n_new + one.n_undrawn, IMPORTS),
        size=figure(one.size, IMPORTS),
        field=quoted(one.field),
        seed=Segment(str(one.seed), IMPORTS),
    )
    if not several:
        return drawn
    there = sentence(_("From import {number}, "), number=Segment(str(one.number), IMPORTS))
    return (*there, *_lower(drawn))


def _lower(of: Sentence) -> Sentence:
    """The same for the middle of a sentence."""
    first, *rest = of
    return (Segment(first.text[:1].lower() + first.text[1:], first.source), *rest)


def _drawing(one: ImportFact) -> str:
    """How posts were drawn from a file, as a template."""
    return {
        "random": _("A simple random sample of {taken} of {all} posts was drawn (seed {seed})."),
        "field": ngettext(
            "{size} post was drawn at random for each value of {field}: {taken} of {all} in total "
            "(seed {seed}).",
            "Up to {size} posts were drawn at random for each value of {field}: {taken} of {all} in "
            "total (seed {seed}).",
            one.size,
        ),
        "day": ngettext(
            "{size} post was drawn at random for each day: {taken} of {all} in total (seed {seed}).",
            "Up to {size} posts were drawn at random for each day: {taken} of {all} in total (seed {seed}).",
            one.size,
        ),
        "author": _("One post of each author was drawn at random: {taken} of {all} in total (seed {seed})."),
    }[one.sample]


def _names(imports: tuple[ImportFact, ...]) -> Iterator[Sentence]:
    """What hides people, of all imports or of those that had it, and never of more."""
    hidden = [one for one in imports if one.pseudonyms]
    masked = [one for one in imports if one.masks_mentions]
    if len(hidden) == len(masked) == len(imports) > 0:
        said = _(
            "Account names were replaced by pseudonyms, and mentions of accounts in the texts were masked."
        )
        yield sentence(said)
        return
    if hidden:
        yield _of_some(
            hidden,
            imports,
            _("Account names were replaced by pseudonyms."),
            _("Account names were replaced by pseudonyms in the posts of {imports} only."),
        )
    if masked:
        yield _of_some(
            masked,
            imports,
            _("Mentions of accounts in the texts were masked."),
            _("Mentions of accounts in the texts were masked in the posts of {imports} only."),
        )


def _of_some(
    some: Sequence[ImportFact], imports: Sequence[ImportFact], of_all: str, of_these: str
) -> Sentence:
    if len(some) == len(imports):
        return sentence(of_all)
    named = [Segment(_("import {number}").format(number=one.number), IMPORTS) for one in some]
    return sentence(of_these, imports=listed(named))


def _taken_down(facts: Facts) -> Iterator[Sentence]:
    n, erased = facts.corpus.n_taken_down, facts.corpus.n_erased
    if n:
        said = ngettext(
            "The text and the author of {n} post were removed later, and its place was kept.",
            "The texts and the authors of {n} posts were removed later, and their places were kept.",
            n,
        )
        yield sentence(said, n=figure(n, TAKEDOWNS))
    if erased:
        said = ngettext(
            "With {n} of them, what had been coded about it was removed as well.",
            "With {n} of them, what had been coded about them was removed as well.",
            erased,
        )
        yield sentence(said, n=figure(erased, TAKEDOWNS))
