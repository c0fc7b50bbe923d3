"""Groups, codes together and corrected shares through the shell."""

import csv
import json
from io import StringIO

from tests.cli.shell import Shell
from tests.cli.studies import coded, study
from tests.stock import on_one_database

__all__ = ["coded", "study"]


@on_one_database
def test_a_code_in_groups(coded: Shell) -> None:
    found = json.loads(
        coded("groups", "--project", "P", "--code", "tone:low", "--by", "author", "--format", "json").out
    )
    assert [row["group"] for row in found] == ["1-1", "2-4", "(all groups)"]
    assert (found[0]["count"], found[0]["denominator"]) == (1, 1)
    table = coded("groups", "--project", "P", "--code", "tone:low", "--by", "author").out
    assert "p_adjusted" in table
    assert "no such field" in coded("groups", "--project", "P", "--by", "field:moon").refusal


@on_one_database
def test_codes_together(coded: Shell) -> None:
    rows = list(csv.DictReader(StringIO(coded("together", "--project", "P", "--format", "csv").out)))
    pair = next(row for row in rows if (row["code"], row["other_code"]) == ("low", "grief"))
    assert (pair["both"], pair["rule"]) == ("0", "plurality")
    assert "jaccard" in coded("together", "--project", "P", "--question", "themes").out


@on_one_database
def test_a_corrected_share(coded: Shell) -> None:
    found = json.loads(coded("corrected", "--project", "P", "--code", "tone:low", "--format", "json").out)
    assert found[0]["estimate"] == "plain"
    assert "no such code" in coded("corrected", "--project", "P", "--code", "tone:blue").refusal


@on_one_database
def test_shares_can_be_weighed_where_there_is_something_to_weigh(coded: Shell) -> None:
    assert "nothing to weigh" in coded("results", "--project", "P", "--weights", "drawn").refusal
