"""What decisions rest on, in words."""

from server.adjudication.standing import SECOND, WITHDRAWN
from server.language import gettext as _


def basis_word(basis: str) -> str:
    """The basis of a decision as people call it."""
    return {
        "unanimous": _("unanimous"),
        "majority": _("majority"),
        "adjudicated": _("adjudicated"),
        "consensus": _("consensus"),
        "single": _("single coding"),
        SECOND: _("second adjudicator"),
        "model": _("annotator model"),
        WITHDRAWN: _("withdrawn"),
    }[basis]
