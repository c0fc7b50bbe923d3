"""Finding words in texts, and marking where they stand."""

import pytest

from server.web.finding import marked, words_in


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", ()),
        ("  Anger  anger, ", ("anger",)),
        ("“Trauer”; Éveil", ("trauer", "eveil")),
        ("?!", ("?!",)),
        ("\N{COMBINING ACUTE ACCENT}", ()),
    ],
)
def test_words_are_looked_for_without_case_accents_and_punctuation(
    typed: str, words: tuple[str, ...]
) -> None:
    assert words_in(typed) == words


@pytest.mark.parametrize(
    ("text", "typed", "said"),
    [
        ("Nothing here", "", "Nothing here"),
        ("A friend, friends & <b>", "friend", "A <mark>friend</mark>, <mark>friend</mark>s &amp; &lt;b&gt;"),
        ("Déjà vu", "deja", "<mark>Déjà</mark> vu"),
        ("De\N{COMBINING ACUTE ACCENT}ja", "de", "<mark>De\N{COMBINING ACUTE ACCENT}</mark>ja"),
        ("Straße", "strasse", "<mark>Straße</mark>"),
        ("Straße", "s", "<mark>S</mark>tra<mark>ß</mark>e"),
        ("abcd", "abc bcd", "<mark>abcd</mark>"),
        ("ab ab", "ab b", "<mark>ab</mark> <mark>ab</mark>"),
        ("1 < 2 \N{BROKEN HEART} love", "love <", "1 <mark>&lt;</mark> 2 \N{BROKEN HEART} <mark>love</mark>"),
    ],
)
def test_every_place_is_marked_once_and_the_rest_escaped(text: str, typed: str, said: str) -> None:
    assert marked(text, words_in(typed)) == said
