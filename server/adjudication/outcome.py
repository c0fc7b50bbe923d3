"""What a decision form came to, in words: what was decided, what was changed, what is still open. Pure."""

from collections.abc import Iterator

from server.adjudication.answers import Table
from server.adjudication.deciding import Change
from server.language import gettext as _
from server.language import ngettext
from server.web.words import number


def outcome(after: Table, made: tuple[Change, ...]) -> str:
    """One sentence about a post as it stands after these changes."""
    post = after.post.number
    n_changed = sum(change.overrules for change in made)
    n_open = sum(question.settled is None for question in after.disputed)
    if not n_changed and not n_open:
        return _("Post {number} is decided.").format(number=post)
    parts = ", ".join(_parts(len(made) - n_changed, n_changed, n_open))
    return _("Post {number}: {outcome}.").format(number=post, outcome=parts)


def _parts(n_decided: int, n_changed: int, n_open: int) -> Iterator[str]:
    if n_decided:
        yield ngettext("%s decided", "%s decided", n_decided) % number(n_decided)
    if n_changed:
        yield ngettext("%s decision changed", "%s decisions changed", n_changed) % number(n_changed)
    if n_open:
        yield ngettext("%s left open", "%s left open", n_open) % number(n_open)
