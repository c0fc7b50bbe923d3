"""What is typed beside each annotator: the most posts they get, and the languages they read."""

from collections.abc import Iterator, Mapping

from server.errors import Refusal
from server.language import gettext as _
from server.rounds.picks import Crew
from server.web.numbers import MAX_NUMBER, whole_number

QUOTA, READS = "quota-", "reads-"
_LONGEST = 200
Typed = Mapping[str, tuple[str, ...]]


def crew_of(typed: Typed) -> Crew:
    """The quotas and languages that were typed; the field of the language is in the form itself.

    Raises:
        Refusal: at each field that makes no sense.
    """
    quotas, languages, errors = {}, {}, {}
    for name, of, text in _cells(typed, QUOTA):
        most = whole_number(text)
        if most is None or not 1 <= most <= MAX_NUMBER:
            errors[name] = _("Please write a whole number of 1 or more, or nothing.")
        else:
            quotas[of] = most
    for name, of, text in _cells(typed, READS):
        if len(text) > _LONGEST:
            errors[name] = _("This is too long: at most {max_length} characters.").format(max_length=_LONGEST)
        languages[of] = tuple(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))
    if errors:
        raise Refusal(_("Some answers need another look."), errors)
    read = tuple((of, named) for of, named in sorted(languages.items()) if named)
    return Crew(tuple(sorted(quotas.items())), "", read)


def crew_fields(typed: Typed) -> tuple[str, ...]:
    """The names of these fields in what was typed."""
    return tuple(name for name in typed if name.startswith((QUOTA, READS)))


def _cells(typed: Typed, prefix: str) -> Iterator[tuple[str, int, str]]:
    """The fields that are not empty: name, number of the member, text."""
    for name, values in typed.items():
        of, text = whole_number(name.removeprefix(prefix)), values[-1].strip() if values else ""
        if name.startswith(prefix) and of is not None and text:
            yield name, of, text
