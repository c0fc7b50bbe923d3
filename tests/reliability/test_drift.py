"""Drift: an annotator's agreement with the others, slice by slice of their own work."""

import pytest

from server.db.engine import Database
from server.rounds.models import Round
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf


@pytest.fixture
def coded(database: Database, cast: Cast) -> Round:
    """Twenty posts, coded in their order; the annotators agree on the first ten alone."""
    with database.writing() as db:
        book = make.published(db, cast.project, {**make.CODEBOOK, "remark": ("text", ())})
        posts = make.posts(db, cast.project, 20)
        both = [cast.annotator, cast.other_annotator]
        round_ = make.round_(db, cast.project, book, posts, both)
        for place, post in enumerate(posts):
            for who, annotator in enumerate(both):
                stance = "favour" if who and place >= 10 else ("against", "ambivalent")[place % 2]
                answers = {"stance": stance, "expression": ["quality"]}
                make.coding(db, book, round_, post, annotator, answers)
        round_.locked_at = make.MOMENT
        db.add(round_)
    return round_


def test_slices_show_where_somebody_leaves_the_others(coded: Round, cast: Cast, client_of: ClientOf) -> None:
    address = f"/projects/{cast.project.key}/rounds/{coded.number}/drift"
    page = client_of(cast.lead).get(f"{address}?variable=stance").text
    said = page.replace("\N{NO-BREAK SPACE}", " ")
    assert said.count("Percent agreement from slice to slice: 100.0 %; 100.0 %; 0.0 %; 0.0 %") == 2
    assert "Slice 4" in page
    assert "Slice 5" not in page
    sets = client_of(cast.lead).get(f"{address}?variable=expression").text
    assert "undefined" in sets
    assert "remark" not in sets
    assert client_of(cast.lead).get(f"{address}?variable=nothing").status_code == 200
    assert client_of(cast.lead).get(address.replace("rounds/1", "rounds/9")).status_code == 404
    assert "This round is blind" in client_of(cast.viewer).get(address).text
    assert address in client_of(cast.lead).get(address.replace("drift", "watch")).text
