"""What the page of a post shows beside the answers: passages, similar decisions, what the models believe."""

import json
import re

from fastapi.testclient import TestClient
from sqlmodel import select

from server.adjudication.evidence import Marked, overlaid
from server.adjudication.similar import pairs_of
from server.coding.spans import Span
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.web.words import post_text
from tests import make
from tests.adjudication.conftest import Study
from tests.browse import post
from tests.conftest import ClientOf


def test_passages_that_overlap_keep_the_text_and_a_lane_each() -> None:
    text = "a 👍 <b> https://example.org/ab end"
    marked = [Marked(2, 7, 1, "A"), Marked(0, 3, 1, "A"), Marked(4, 22, 2, "B"), Marked(4, 999, 9, "I")]
    shown = str(overlaid(text, marked))
    assert re.sub(r"<span class=\"(marked|edge)[^>]*>|</span>", "", shown) == str(post_text(text))
    # Two passages of A that meet have one pair of brackets; the ninth annotator shares the eighth lane.
    assert (shown.count('data-edge="A["'), shown.count('data-edge="]A"')) == (1, 1)
    assert 'href="https://example.org/ab"' in shown
    assert 'class="marked by-8"' in shown
    assert shown.index('data-edge="B["') < shown.index('data-edge="]A"')
    assert str(overlaid(text, [])) == str(post_text(text))


def test_pairs_of_codes_in_dispute() -> None:
    one, two, both, none = frozenset({1}), frozenset({2}), frozenset({1, 2}), frozenset[int]()
    assert pairs_of(is_multiple=False, given=[one, two, one]) == {both}
    assert pairs_of(is_multiple=False, given=[one, one]) == frozenset()
    assert pairs_of(is_multiple=True, given=[both, two]) == {one}
    assert pairs_of(is_multiple=True, given=[one, two, none]) == {both}


def _span(study: Study, variable: str, code: str, start: int, end: int) -> Span:
    found = study.book.variable_by_key[variable]
    return Span(found.id, found.code_by_key[code].id, start, end)


def _decide(client: TestClient, study: Study, number: int, reason: str) -> None:
    assert post(
        client, study.path(number), {"v-stance": "favour", "reason": reason, **_seen(client, study, number)}
    )


def _seen(client: TestClient, study: Study, number: int) -> dict[str, str]:
    page = client.get(study.path(number)).text
    return dict(re.findall(r'name="(stands-[a-z]+)" value="(\w+)"', page))


def test_the_page_shows_passages_similar_decisions_and_models_on_request(
    database: Database, study: Study, client_of: ClientOf
) -> None:
    against, favour = {"stance": "against"}, {"stance": "favour"}
    with database.writing() as db:
        for number in (1, 2, 3):
            study.code(db, number, against, favour, against)
        study.code(db, 4, against, {"stance": "ambivalent"}, against)
        assert study.main is not None
        make.coding(
            db,
            study.book,
            study.main,
            study.posts[4],
            study.annotators[0],
            against,
            spans=[_span(study, "stance", "against", 0, 4)],
        )
        make.coding(
            db,
            study.book,
            study.main,
            study.posts[4],
            study.annotators[1],
            favour,
            spans=[_span(study, "stance", "favour", 2, 6)],
        )
    client = client_of(study.cast.lead)
    for number, reason in ((1, "An old love."), (2, "A new love."), (4, "Another pair.")):
        _decide(client, study, number, reason)
    page = client.get(study.path(5)).text
    assert page.count("data-lane=") == 2
    assert f'<q dir="auto">{study.posts[4].text[2:6]}</q>' in page
    assert page.index("A new love.") < page.index("An old love.")
    assert "Another pair." not in page
    assert "What the models believe</h2>" not in page
    shown = post(client, study.path(5, "/models"), {"reason": "so far"}).text
    assert "What the models believe</h2>" in shown
    assert ">so far</textarea>" in shown
    assert client.get(study.path(5, "/models")).status_code == 303
    with database.reading() as db:
        event = db.exec(select(HistoryEvent).where(HistoryEvent.action == "adjudication.show_models")).one()
    assert event.subject == "post 5"
    assert json.loads(event.details) == {"questions": ["stance"]}
    assert post(client_of(study.cast.annotator), study.path(5, "/models"), {}).status_code == 403
