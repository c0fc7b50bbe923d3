"""Reading the languages: one file each, `languages/fr.po`, from which its words are taken at start."""

import re
from collections import Counter
from collections.abc import Iterator
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from server.errors import Refusal
from server.language import gettext as _

FOLDER = Path(__file__).parent / "languages"
_NAMED = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
_BY_PLACE = re.compile(r"%[sd]")


def files() -> dict[str, Path]:
    """The file of each language, by its code, such as `fr` or `pt_BR`."""
    return {file.stem: file for file in sorted(FOLDER.glob("*.po"))}


def read_catalogue(file: Path) -> Catalog:
    """What a file says.

    Raises:
        Refusal: it is not a catalogue of a language, with the line where that is known.
    """
    try:
        locale = Locale.parse(file.stem)
        with file.open("rb") as opened:
            return read_po(opened, locale, abort_invalid=True)
    except PoFileError as problem:
        # Babel counts lines from nought.
        raise _broken(file, f"{problem} ({problem.lineno + 1})") from problem
    except (UnknownLocaleError, ValueError) as problem:
        raise _broken(file, str(problem)) from problem


def words_of(file: Path) -> GNUTranslations:
    """The words of a language; what is not translated stays English.

    Raises:
        Refusal: the file is broken, or one of its texts would break the page it stands on.
    """
    catalogue = read_catalogue(file)
    for message in [each for each in catalogue if each.id and not all(forms(each))]:
        catalogue.delete(message.id)
    for message in catalogue:
        if message.id and not message.fuzzy and (fault := placeholder_fault(message)):
            raise _broken(file, f"“{singular_of(message)}”: {fault}")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _broken(file: Path, reason: str) -> Refusal:
    return Refusal(
        _("The language file %(file)s cannot be used: %(reason)s") % {"file": file, "reason": reason}
    )


def singular_of(message: Message) -> str:
    """The English text of a message; of two forms the first."""
    return str(message.id if isinstance(message.id, str) else message.id[0])


def forms(message: Message) -> tuple[str, ...]:
    """What a message is in the language: one text, or one for each plural form."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def placeholder_fault(message: Message) -> str:
    """How the places for values differ from the English ones; empty where they do not.

    A form for few may leave out what the English singular leaves out: “One post” needs no number.
    """
    english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    needed = [set(_names(text)) for text in (english[0], english[-1])]
    said = forms(message)
    for place, text in enumerate(said):
        least = needed[1] if place == len(said) - 1 else needed[0]
        names = set(_names(text))
        if not least <= names <= needed[0] | needed[1]:
            return ", ".join(sorted(names ^ least))
        if Counter(_BY_PLACE.findall(text)) != Counter(_BY_PLACE.findall(english[-1])):
            return ", ".join(_BY_PLACE.findall(english[-1])) or "%s"
    return ""


def _names(text: str) -> Iterator[str]:
    for found in _NAMED.finditer(text.replace("%%", "")):
        yield found[0]
