"""What a methods section has to say and no program can know: said beside the text, never in it. Pure.

The list follows what reviewers ask for in content analysis and in qualitative work (Lombard, Snyder-Duch &
Bracken 2002, Human Communication Research 28:587-604; COREQ: Tong, Sainsbury & Craig 2007, International
Journal for Quality in Health Care 19:349-357).
"""

from collections.abc import Iterator

from server.language import gettext as _
from server.methods.facts import Chosen, Facts


def not_known(facts: Facts) -> tuple[str, ...]:
    """What the authors have to add themselves, in the order of the text."""
    return tuple(_gaps(facts))


def _gaps(facts: Facts) -> Iterator[str]:
    yield _(
        "How the posts were collected before they were imported: platform, query, program, dates of "
        "collection, and what was filtered out before."
    )
    if any(one.n_nothing or one.n_same_id or one.n_unreadable for one in facts.imports):
        yield _("Why records were left out, where the counts do not say it.")
    yield _("How the codebook came about: from theory, from earlier studies or from the posts, and by whom.")
    if any(one.chosen is Chosen.FILE for one in facts.codings):
        yield _("How and when the imported codings were made, and whether their annotators were blind.")
    if any(one.chosen is Chosen.CRITERIA for one in facts.codings):
        yield _("Why these criteria were used to choose posts.")
    yield _("Who the annotators and the reviewers were: qualification, languages, relation to the authors.")
    yield _("Whether and how the annotators were paid, and how they were cared for.")
    if not facts.trainings:
        yield _("Training outside of this program.")
    else:
        yield _("Training beyond what was coded in the training rounds.")
    yield _("Discussions outside of this program, in which codes or decisions were changed.")
    yield _("Ethics approval, the legal basis of the data, and how quotations were disguised.")
    yield _("Whether the study was preregistered, and where data and codebook can be found.")
