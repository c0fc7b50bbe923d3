"""The kinds of variables, in words."""

from server.language import gettext as _

KINDS = ("single", "multiple", "ordinal", "number", "text")
CHOICES = frozenset({"single", "multiple", "ordinal"})


def kind_word(kind: str) -> str:
    """The kind as people call it."""
    return {
        "single": _("Single choice"),
        "multiple": _("Multiple choice"),
        "ordinal": _("Ordinal scale"),
        "number": _("Number"),
        "text": _("Free text"),
    }[kind]


def kind_explained(kind: str) -> str:
    """What annotators do with a variable of this kind."""
    return {
        "single": _("exactly one code a post"),
        "multiple": _("every code that applies; “Nothing applies” is always offered"),
        "ordinal": _("one step of a scale, each with its number"),
        "number": _("a number, within limits if you give them"),
        "text": _("words of the annotator’s own"),
    }[kind]


def minimum_of_codes(kind: str) -> int:
    """How many codes a variable of this kind needs before it can be published."""
    return {"single": 2, "ordinal": 2, "multiple": 1}.get(kind, 0)
