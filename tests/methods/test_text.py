"""The methods text: whole sentences in both languages, whatever is known of the study."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from server.methods.facts import Chosen, DecisionFact, Facts
from server.methods.gaps import not_known
from server.methods.reviewers import will_ask
from server.methods.text import paragraphs, plain_text
from server.methods.wording import Sentence, listed, plain
from server.results.report import CodeResult
from server.results.sampling import Weighted
from server.results.weighing import Weighing
from server.web.languages import speaking
from server.web.words import number
from tests.methods.studies import (
    AGREEMENT,
    EARLY,
    FACTS,
    IMPORT,
    NO_RESULTS,
    RESULTS,
    ROUND,
    code_agreement,
    result,
    share,
)

SPACE = "\N{NO-BREAK SPACE}"
NARROW = "\N{NARROW NO-BREAK SPACE}"


def told(facts: Facts, language: str = "en") -> str:
    """The text without the spaces that hold things together."""
    with speaking(language):
        return plain_text(paragraphs(facts)).replace(SPACE, " ").replace(NARROW, " ")


def asked(facts: Facts) -> list[str]:
    return [plain(each).replace(SPACE, " ") for each in will_ask(facts)]


def test_a_study_is_told_in_english() -> None:
    text = told(FACTS)
    for words in (
        "The corpus comprised 80 posts by 30 accounts.",
        "They were posted from 6 August 2025 to 14 August 2025 (UTC).",
        "The unit of coding was the whole post.",
        "In the main coding (round 2), 2 annotators coded 60 posts under version 1 of the codebook, "
        "from 6 August 2025 to 14 August 2025.",
        "Its 60 posts had been drawn at random from the corpus (seed 11).",
        "50% of its posts, drawn at random (seed 11), were assigned to two annotators and the others to one.",
        "In all, 60 of 80 posts in the corpus were coded by 2 annotators, 40 (66.7%) by two of them or more.",
        "Agreement was measured on the independent codings of 40 posts",
        "On “Stance”, Krippendorff’s alpha (nominal) was 0.70 [0.60 to 0.80], with 85.0% agreement, "
        "over 40 posts.",
        "0.72 [0.62 to 0.82] for “Against” (90.0% agreement, chosen in 30.0% of codings)",
        "(1,000 resamples of 30 authors with all their posts, seed 7)",
        "Reviewers took 9 decisions about 9 posts. For 4 of these the reasons were written down.",
        "50 (83.3%) unanimously, 9 (15.0%) by adjudication and 1 (1.7%) not yet, being unresolved.",
        "“Against” 33.3% [20.0 to 40.0%] (n = 20); “Favour” 65.0% [20.0 to 40.0%] (n = 39).",
        "Brackets give 95% intervals: Wilson score.",
    ):
        assert words in text


def test_a_study_is_told_in_french() -> None:
    text = told(FACTS, "fr")
    for words in (
        "Le corpus comprenait 80 publications de 30 comptes.",
        "Elles ont été publiées du 6 août 2025 au 14 août 2025 (UTC).",
        "Lors du codage principal (phase 2), 2 annotateurs ont codé 60 publications selon la version 1 "
        "du guide "
        "de codage, du 6 août 2025 au 14 août 2025.",
        "l’alpha de Krippendorff (nominal) était de 0,70 [0,60 à 0,80], avec 85,0 % d’accord, sur 40 "
        "publications.",
        "Les arbitres ont pris 9 décisions sur 9 publications.",
        "50 (83,3 %) à l’unanimité, 9 (15,0 %) par arbitrage et 1 (1,7 %) pas encore",
    ):
        assert words in text


def test_intervals_that_were_made_in_several_ways_name_their_questions() -> None:
    coefficients = tuple(replace(one, n_clusters=28) for one in AGREEMENT.coefficients)
    codes = tuple(replace(code, coefficients=coefficients) for code in AGREEMENT.codes)
    other = replace(AGREEMENT, key="tone", label="Tone", coefficients=coefficients, codes=codes)
    by_author = replace(share(20), method="Taylor linearisation")
    tone = replace(result(), key="tone", label="Tone", codes=(CodeResult("a", "Sad", by_author, None),))
    text = told(
        replace(
            FACTS,
            agreement=(AGREEMENT, other),
            results=replace(FACTS.results, variables=(result(), tone)),
            rounds=(replace(ROUND, chosen=Chosen.FILE, first=None, last=None),),
        )
    )
    for words in (
        "bootstrap intervals on “Stance” (1,000 resamples of 30 authors",
        "bootstrap intervals on “Tone” (1,000 resamples of 28 authors",
        "Brackets give 95% intervals: Wilson score for “Stance”; Taylor linearisation for “Tone”.",
        "under version 1 of the codebook, at times that are not recorded.",
    ):
        assert words in text


def test_one_of_each_is_singular() -> None:
    corpus = replace(FACTS.corpus, n_posts=1, n_accounts=1, last=EARLY, n_taken_down=1)
    results = replace(FACTS.results, n_coded=1, n_annotators=1, n_double_coded=0)
    facts = replace(
        FACTS,
        corpus=corpus,
        imports=(replace(IMPORT, n_same_id=1, n_unreadable=2),),
        rounds=(replace(ROUND, n_annotators=1, n_coded=1, last=EARLY, depth=1, double_share=None),),
        decisions=DecisionFact(1, 1, 1, 1),
        results=results,
    )
    english, french = told(facts), told(facts, "fr")
    for words in (
        "The corpus comprised 1 post by 1 account. It was posted on 6 August 2025 (UTC).",
        "The import left out 1 record with the id of another and 2 records that were unreadable, incomplete "
        "or at odds with another of the same id.",
        "The text and the author of 1 post were removed later",
        "1 annotator coded 1 post under version 1 of the codebook, on 6 August 2025.",
        "Each post was assigned to 1 annotator.",
        "In all, 1 of 1 post in the corpus was coded by 1 annotator, none of them twice.",
        "Reviewers took 1 decision about 1 post. 1 of these was reached by consensus",
    ):
        assert words in english
    for words in (
        "Elle a été publiée le 6 août 2025 (UTC).",
        "1 annotateur a codé 1 publication",
        "1 sur 1 publication du corpus a été codée par 1 annotateur",
        "Les arbitres ont pris 1 décision sur 1 publication. 1 d’entre elles a été prise par consensus",
    ):
        assert words in french


def changed(*parts: str) -> Facts:
    """The study without some of what is known of it."""
    changes: dict[str, Callable[[Facts], Facts]] = {
        "dates": lambda of: replace(of, corpus=replace(of.corpus, first=None, last=None, n_undated=80)),
        "accounts": lambda of: replace(of, corpus=replace(of.corpus, n_accounts=0)),
        "imports": lambda of: replace(of, imports=()),
        "rounds": lambda of: replace(of, rounds=(), results=NO_RESULTS, agreement=()),
        "doubles": lambda of: replace(of, agreement=(replace(AGREEMENT, n_pairable=0),)),
        "decisions": lambda of: replace(of, decisions=DecisionFact()),
    }
    facts = FACTS
    for part in parts:
        facts = changes[part](facts)
    return facts


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_sentence_dangles_where_something_is_not_known(language: str) -> None:
    names = ("dates", "accounts", "imports", "rounds", "doubles", "decisions")
    for kept in product([True, False], repeat=len(names)):
        facts = changed(*(name for name, is_gone in zip(names, kept, strict=True) if is_gone))
        for paragraph in told(facts, language).split("\n\n"):
            assert not re.search(r"[{}\0]|  |None|\( ?\)| \.|,[.,]|\.\.|: \.", paragraph), paragraph
            assert re.fullmatch(r"[A-ZÀ-Ü0-9].*\.", paragraph), paragraph


def test_nothing_is_said_of_what_did_not_happen() -> None:
    text = told(changed("rounds"))
    assert text.split("\n\n") == [
        "The corpus comprised 80 posts by 30 accounts. They were posted from 6 August 2025 to 14 August 2025 "
        "(UTC). The data were imported from 1 file on 14 August 2025."
    ]
    assert told(replace(FACTS, corpus=replace(FACTS.corpus, n_posts=0), rounds=(), results=NO_RESULTS)) == ""
    assert "No post was coded by two annotators" in told(changed("doubles"))


def test_how_posts_were_drawn_at_import() -> None:
    drawn = replace(IMPORT, sample="random", size=80, seed=3, n_undrawn=120, pseudonyms=True)
    assert "A simple random sample of 80 of 200 posts was drawn (seed 3)." in told(
        replace(FACTS, imports=(drawn,))
    )
    by_day = replace(drawn, number=2, sample="day", size=5, masks_mentions=True)
    text = told(replace(FACTS, imports=(drawn, by_day)))
    assert "From import 1, a simple random sample of 80 of 200 posts was drawn (seed 3)." in text
    assert (
        "From import 2, up to 5 posts were drawn at random for each day: 80 of 200 in total (seed 3)." in text
    )
    assert "Account names were replaced by pseudonyms. Mentions of accounts" in text
    assert "in the texts were masked in the posts of import 2 only." in text
    hidden = replace(drawn, size=1, sample="day", masks_mentions=True)
    text = told(replace(FACTS, imports=(hidden, replace(hidden, number=2))))
    assert "From import 1, 1 post was drawn at random for each day:" in text
    assert "Account names were replaced by pseudonyms, and mentions" in text
    assert "The shares are unweighted, although the posts had unequal chances to be drawn." in text


def test_training_and_a_new_version_are_told_round_by_round() -> None:
    training = replace(ROUND, number=1, purpose="training", has_gold=True, n_passed=1)
    pilot = replace(ROUND, number=2, purpose="pilot", chosen=Chosen.CRITERIA, depth=2, double_share=None)
    main = replace(ROUND, number=3, version=2, chosen=Chosen.FILE, double_share=None, seed=None)
    text = told(replace(FACTS, rounds=(training, pilot, main), n_late=2))
    assert "In training (round 1), 2 annotators coded 60 posts with known answers" in text
    assert "1 completed or passed it." in text
    assert "Its 60 posts had been chosen by criteria, not drawn at random from the corpus." in text
    assert "The codebook had been revised before, from version 1 to version 2." in text
    assert "Its codings were imported from a file." in text
    assert "Except for the imported codings, annotators did not see one another’s codings." in text
    assert "2 codings made after the codings had been revealed were left out." in text


def numbers_without_source(of: Iterable[Sentence]) -> list[str]:
    found = [part.text for each in of for part in each if part.source is None]
    # What everybody knows of an interval, and what belongs to a label, comes from nowhere.
    return [text for text in found if re.search(r"\d", text.replace("95%", ""))]


def test_every_number_leads_to_where_it_comes_from() -> None:
    drawn = replace(IMPORT, n_repeats=3, sample="day", size=5, masks_mentions=True)
    weights = np.ones(2)
    of = Weighing(weights, weights, weights > 0, weights.astype(np.int64), (5, 9), ("blue",))
    weighed = replace(RESULTS, weighted=Weighted(can_be=True, weighing=of))
    for imports in ((drawn,), (drawn, replace(IMPORT, number=2), replace(drawn, number=3))):
        facts = replace(FACTS, n_late=2, imports=imports, weighed=weighed)
        assert "No post is coded in 1 of 2 groups (blue)" in told(facts)
        assert numbers_without_source(each.text for each in paragraphs(facts)) == []


def test_reviewers_ask_where_practice_falls_short() -> None:
    said = asked(replace(FACTS, rounds=(replace(ROUND, is_open=True, chosen=Chosen.CRITERIA),)))
    for words in (
        "20 posts were not coded: why, and were they left out by chance?",
        "Round 2 is not locked: its numbers can still change.",
        "No training round was held: how did the annotators learn the codebook?",
        "Only 40 posts were coded by two annotators or more; 50 are the least that is usually asked for.",
        "The posts of round 2, on which agreement rests, were not drawn at random: do they stand for all?",
        "Alpha is below 0.667 for “Favour”: are conclusions on it sound?",
        "1 post is unresolved: what would the shares be if it carried the codes?",
    ):
        assert words in said
    assert all(said)


def test_reviewers_do_not_ask_what_is_well_done() -> None:
    results = replace(FACTS.results, n_coded=80, n_double_coded=60, n_unresolved=0)
    fine = replace(
        FACTS,
        rounds=(replace(ROUND, number=1, purpose="training"), ROUND),
        agreement=(replace(AGREEMENT, codes=(code_agreement("Against", 0.8),)),),
        decisions=replace(FACTS.decisions, n_seconds=3),
        results=results,
    )
    assert asked(fine) == []
    assert asked(changed("rounds")) == []


def test_codes_that_are_rare_or_never_coded_twice_are_named() -> None:
    never = replace(code_agreement("Never", None), n_pairable=0)
    codes = (code_agreement("Rare", 0.1, n_chosen=2), never)
    said = asked(replace(FACTS, agreement=(replace(AGREEMENT, codes=codes),)))
    assert "No post was coded twice on “Never”." in said
    assert any(each.startswith("Too few codings chose “Rare”") for each in said)
    text = told(replace(FACTS, agreement=(replace(AGREEMENT, codes=codes),)))
    assert "It was undefined for “Never”" in text


def test_what_no_program_knows_depends_on_the_study() -> None:
    assert "Training outside of this program." in not_known(FACTS)
    imported = replace(FACTS, rounds=(replace(ROUND, chosen=Chosen.FILE),))
    assert set(not_known(imported)) > set(not_known(FACTS))


def test_a_list_keeps_what_its_parts_lead_to() -> None:
    assert plain(listed(["a", "b", "c"])) == "a, b and c"
    assert listed([]) == ()
    with speaking("fr"):
        assert plain(listed(["a", "b", "c"])) == "a, b et c"
        assert number(1482) == f"1{NARROW}482"
    assert number(1482) == "1,482", "afterwards as before"
