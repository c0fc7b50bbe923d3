"""Numbers in addresses: a whole number from one, or there is nothing here."""

import pytest

from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

pytestmark = on_one_database

NO_NUMBERS = ["0", "-1", "1.5", "1e3", "1_000", "+1", "%20", "one", "\N{ARABIC-INDIC DIGIT ONE}", str(2**31)]
PLACES = ["rounds/{}", "posts/{}", "codebook/versions/{}", "rounds/{}/code/1", "rounds/1/code/{}"]


@pytest.mark.parametrize("number", [*NO_NUMBERS, "9" * 30])
@pytest.mark.parametrize("place", PLACES)
def test_what_is_no_number_leads_nowhere(number: str, place: str, cast: Cast, client_of: ClientOf) -> None:
    person = client_of(cast.annotator if "code" in place else cast.lead)
    assert person.get(f"/projects/{cast.project.key}/{place.format(number)}").status_code == 404
