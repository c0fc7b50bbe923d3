"""What came of rebuilding, in sentences."""

from collections.abc import Iterator, Mapping

from server.language import gettext as _
from server.language import ngettext, number
from server.rebuilding.differences import CODING, Difference, Kind, Rebuilt


def result_words(rebuilt: Rebuilt) -> str:
    """How many rows were rebuilt, and whether they are equal to what is stored."""
    counted = counts(rebuilt)
    if not rebuilt.n_differences:
        return _("%s rebuilt from the history, all equal to what is stored.") % counted
    differ = ngettext("%s difference", "%s differences", rebuilt.n_differences) % number(
        rebuilt.n_differences
    )
    return _("%(counted)s rebuilt from the history are equal to what is stored; %(differ)s.") % {
        "counted": counted,
        "differ": differ,
    }


def counts(rebuilt: Rebuilt) -> str:
    """So many codings and so many decisions."""
    return _("%(codings)s and %(decisions)s") % {
        "codings": _codings(rebuilt.n_codings),
        "decisions": _decisions(rebuilt.n_decisions),
    }


def _codings(n: int) -> str:
    return ngettext("%s coding", "%s codings", n) % number(n)


def _decisions(n: int) -> str:
    return ngettext("%s decision", "%s decisions", n) % number(n)


def remarks(rebuilt: Rebuilt) -> Iterator[str]:
    """What could not be compared, and why."""
    if rebuilt.n_codings_before:
        said = _("%s cannot be rebuilt: they were imported, or stored before the history held answers.")
        yield said % _codings(rebuilt.n_codings_before)
    if rebuilt.n_decisions_before:
        said = _("%s cannot be rebuilt: they were made before the history held answers.")
        yield said % _decisions(rebuilt.n_decisions_before)
    if rebuilt.n_erased:
        n = rebuilt.n_erased
        said = ngettext(
            "%s record went with a post that was taken down together with its codings.",
            "%s records went with posts that were taken down together with their codings.",
            n,
        )
        yield said % number(n)


def difference_words(found: Difference, people: Mapping[int, str], *, is_blind: bool) -> str:
    """One difference. Who still codes is told of which post, and neither of whom nor of what."""
    where = _place(found, {} if is_blind else people)
    what = _what(found)
    fields = "" if is_blind or not found.fields else f" ({', '.join(map(_field, found.fields))})"
    return f"{where}{_(':')} {what}{fields}"


def _place(found: Difference, people: Mapping[int, str]) -> str:
    if found.post is None:
        return _("Some post")
    parts = [_("Post %s") % found.post]
    if found.round is not None:
        parts.append(_("round %s") % found.round)
    if found.account_id is not None and found.account_id in people:
        parts.append(people[found.account_id])
    return ", ".join(parts)


def _what(found: Difference) -> str:
    is_coding = found.what == CODING
    if found.kind is Kind.NOT_COUNTED:
        return _("the coding was submitted, and is stored as if it were not")
    if found.kind is Kind.ERASED:
        return _("the history was emptied of it, though no takedown says so")
    if found.kind is Kind.NOT_ERASED:
        return _("the history holds what went with the post")
    of_codings = {
        Kind.CHANGED: _("the coding is not the one that was recorded"),
        Kind.MISSING: _("the coding that was recorded is not there"),
        Kind.ADDED: _("there is a coding that was never recorded"),
        Kind.NOT_CURRENT: _("another coding than the newest counts"),
    }
    of_decisions = {
        Kind.CHANGED: _("the decision is not the one that was recorded"),
        Kind.MISSING: _("the decision that was recorded is not there"),
        Kind.ADDED: _("there is a decision that was never recorded"),
        Kind.NOT_CURRENT: _("another decision than the newest stands"),
    }
    return (of_codings if is_coding else of_decisions)[found.kind]


def _field(name: str) -> str:
    """What differs: the key of a question, or one of these."""
    known = {
        "annotator": _("annotator"),
        "at": _("moment"),
        "basis": _("basis"),
        "bulk_decision": _("bulk decision"),
        "by": _("person"),
        "codebook": _("codebook"),
        "memo": _("memo"),
        "passages": _("passages"),
        "question": _("question"),
        "reason": _("reason"),
        "revision": _("revision"),
        "round": _("round"),
        "supersedes": _("what it supersedes"),
        "unsure": _("unsure"),
        "answers": _("answers"),
    }
    return known.get(name, name)
