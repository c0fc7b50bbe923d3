"""Every language is complete and fresh, and everybody is answered in theirs."""

import ast
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir

from server import language
from server.errors import Refusal
from server.web import catalogues, words
from server.web.catalogues import files, forms, placeholder_fault, read_catalogue, singular_of, words_of
from server.web.languages import choose_language, choose_language_of_shell, languages, use_language

ROOT = Path(__file__).parents[2]
MARKUP = re.compile(r"</?\w+[^>]*>|&\w+;|`[^`]*`|--\w[\w-]*")
# What says a text that is marked where it stands, and what hands on a text that was said elsewhere.
SAID_ELSEWHERE = {
    "reliability/screens.py",
    "results/captions.py",
    "results/tables.py",
    "web/rendering.py",
    "language.py",
}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What a test chooses is not the choice of those after it."""
    yield
    use_language("en")


def key_of(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


@pytest.fixture(scope="session")
def texts() -> set[tuple[str, ...]]:
    """Every text that people read, in English, as `make messages` collects them."""
    mappings = tomllib.loads((catalogues.FOLDER / "extraction.toml").read_text())["mappings"]
    methods = [(each["pattern"], each["method"]) for each in mappings]
    options = {each["pattern"]: each for each in mappings}
    gathered = Catalog()
    for _file, _line, said, _comments, context in extract_from_dir(ROOT, methods, options):
        gathered.add(said, context=context)
    return {key_of(message) for message in gathered if message.id}


@pytest.fixture(params=sorted(files()))
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return read_catalogue(files()[request.param])


def said_in(catalogue: Catalog) -> Iterator[tuple[Message, str, str]]:
    """Each message with an English text and what it became; plural forms with their English plural."""
    for message in catalogue:
        for place, text in enumerate(forms(message) if message.id else ()):
            yield message, key_of(message)[min(place, len(key_of(message)) - 1)], text


def test_there_is_french() -> None:
    assert languages() == ("en", "fr")


def test_every_text_is_collected_and_none_is_stale(catalogue: Catalog, texts: set[tuple[str, ...]]) -> None:
    known = {key_of(message) for message in catalogue if message.id}
    assert texts - known == set(), "new: run `make messages`, then translate them"
    assert known - texts == set(), "stale: run `make messages`"
    assert list(catalogue.obsolete) == [], "stale: run `make messages`"


def test_every_text_is_translated(catalogue: Catalog) -> None:
    untranslated = [singular_of(each) for each in catalogue if each.id and not all(forms(each))]
    assert untranslated == []
    assert [singular_of(each) for each in catalogue if each.id and each.fuzzy] == [], "fuzzy"


def test_every_plural_form_is_there(catalogue: Catalog) -> None:
    plurals = [each for each in catalogue if each.pluralizable]
    assert plurals
    assert [singular_of(each) for each in plurals if len(forms(each)) != catalogue.num_plurals] == []


def test_values_stand_in_their_places(catalogue: Catalog) -> None:
    faults = {singular_of(each): fault for each in catalogue if (fault := placeholder_fault(each))}
    assert faults == {}


def test_white_space_at_the_ends_and_markup_are_kept(catalogue: Catalog) -> None:
    for _message, english, text in said_in(catalogue):
        assert text.replace(text.strip(" \n"), "x", 1) == english.replace(english.strip(" \n"), "x", 1)
        assert sorted(MARKUP.findall(text)) == sorted(MARKUP.findall(english)), text
        assert text.count("%%") == english.count("%%"), text


def test_french_is_set_as_in_french_books() -> None:
    wrong = re.compile(r" [;:!?»%]|« |'|[^\s\u202f\u00a0][;!?»](?!\w)|[^\s\u202f\u00a0(\w%s]:(?!/)")
    for message, _english, text in said_in(read_catalogue(files()["fr"])):
        bare = re.sub(r"%(\(\w+\))?[sd]", "x", text)
        assert not wrong.search(bare), (singular_of(message), text)


def test_what_is_said_can_be_collected() -> None:
    """`_` is given the text itself, within a function: at import it would stay English for good."""
    for file in sorted((ROOT / "server").rglob("*.py")):
        name = str(file.relative_to(ROOT / "server"))
        tree = ast.parse(file.read_text())
        inside = {id(node) for function in functions(tree) for node in ast.walk(function)}
        for call in sayings(tree):
            assert id(call) in inside, f"{name}:{call.lineno}"
            assert isinstance(call.args[0], ast.Constant) or name in SAID_ELSEWHERE, f"{name}:{call.lineno}"


def functions(tree: ast.AST) -> Iterator[ast.AST]:
    return (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))


def sayings(tree: ast.AST) -> Iterator[ast.Call]:
    said = {"_", "gettext", "ngettext"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in said:
            yield node


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("fr", "fr"),
        ("fr-CA", "fr"),
        ("FR-ca;q=0.9, en;q=0.8", "fr"),
        ("en;q=0.5, fr;q=0.7", "fr"),
        ("de, fr;q=0.1", "fr"),
        ("en, fr", "en"),
        ("fr;q=0", "en"),
        ("de", "en"),
        ("*", "en"),
        ("", "en"),
        ("fr;q=x, ;;;, \x00", "en"),
    ],
)
def test_a_browser_is_answered_in_the_language_it_asks_for(accepted: str, code: str) -> None:
    choose_language(accepted)
    assert language.code() == code


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "de:fr"}, "fr"),
        ({"LC_MESSAGES": "fr_BE@euro"}, "fr"),
        ({}, "en"),
    ],
)
def test_the_shell_speaks_the_language_of_its_environment(environment: dict[str, str], code: str) -> None:
    choose_language_of_shell(environment)
    assert language.code() == code


def test_dates_and_numbers_are_written_as_the_language_does() -> None:
    at = datetime(2025, 8, 1, 21, 14, tzinfo=UTC)
    assert (words.moment(at), words.day(at)) == ("1 August 2025, 21:14 UTC", "1 August 2025")
    assert (words.number(1234.5, 1), words.percent(0.125)) == ("1,234.5", "12.5\N{NO-BREAK SPACE}%")
    use_language("fr")
    assert (words.moment(at), words.day(at)) == ("1er août 2025, 21:14 UTC", "1er août 2025")
    assert words.number(1234.5, 1) == "1\N{NARROW NO-BREAK SPACE}234,5"
    assert words.percent(0.125) == "12,5\N{NO-BREAK SPACE}%"
    assert (words.coefficient(-0.5), language.figure(2.5)) == ("\N{MINUS SIGN}0,50", "2,5")


HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("fr", "msgid Save\n", "fr.po"),
        ("xx_none", "", "xx_none"),
        ("fr", 'msgid "Page %(page)s"\nmsgstr "Page %(seite)s"\n', "seite"),
        ("fr", 'msgid "%s decided"\nmsgstr "fini"\n', "%s"),
    ],
)
def test_a_broken_catalogue_is_refused_with_the_reason(
    tmp_path: Path, name: str, text: str, reason: str
) -> None:
    file = tmp_path / f"{name}.po"
    file.write_text(HEAD + text)
    with pytest.raises(Refusal, match="cannot be used") as refused:
        words_of(file)
    assert reason in refused.value.message


def test_what_is_not_translated_yet_stays_english(tmp_path: Path) -> None:
    file = tmp_path / "de.po"
    file.write_text(HEAD + 'msgid "Save"\nmsgstr ""\n\nmsgid "Saved."\nmsgstr "Gespeichert."\n')
    assert [words_of(file).gettext(each) for each in ("Save", "Saved.")] == ["Save", "Gespeichert."]
