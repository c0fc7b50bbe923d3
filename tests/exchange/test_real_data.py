"""The main path on real studies, through the shell: figures equal those that others computed.

Skipped where the studies are not at hand.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.agreement.resampling import FEWEST_RESAMPLES
from server.cli.commands import run
from server.codebooks.actions import publish_sheet
from server.corpora.actions import import_posts
from server.db.engine import Database
from server.exchange.codebooks import read_codebook_file
from server.reliability.material import DEFAULT_SEED
from server.reliability.measuring import Measuring
from server.reliability.report import agreement_report, as_json
from server.settings import Settings
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import SHARED, ClientOf
from tests.keeping.test_backups import emptied, held

SETS = ("ecosent", "narrative_frames", "goemotions_slice")
TOLERANCE = 1e-5
# Others computed the coefficients, not their intervals.
NOMINAL = Measuring("nominal", DEFAULT_SEED, FEWEST_RESAMPLES)
FEWEST = ("--resamples", str(FEWEST_RESAMPLES))

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the real studies are not at hand")

Json = dict[str, Any]


@pytest.fixture(scope="module", params=SETS)
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A study imported through the shell: its name and its data folder."""
    name: str = request.param
    folder, source = tmp_path_factory.mktemp(name), SHARED / "data" / name
    data = ("--data", str(folder))
    assert run(["user", "add", "lead", "--lead", *data]) == 0
    assert run(["project", "create", name, "--lead", "lead", *data]) == 0
    files = [f"--{kind}={source / kind}.csv" for kind in ("posts", "codebook", "ratings")]
    assert run(["import", "--project", name, *files, *data]) == 0
    return name, folder


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Json:
    capsys.readouterr()
    assert run([*arguments, "--format", "json"]) == 0
    found: Json = json.loads(capsys.readouterr().out)
    return found


def expected(name: str) -> Json:
    """The reference values, a question each; those of subsets of posts are left aside."""
    found: Json = json.loads((SHARED / "data" / name / "expected.json").read_text())
    return {
        question: values
        for question, values in found.items()
        if "," not in question
        and isinstance(values, dict)
        and ("per_code" in values or "all ratings" in values)
    }


def coefficient(of: Json, name: str) -> Any:
    return next(one["estimate"] for one in of["coefficients"] if one["name"] == name)


def pairs_of_values(found: Json, wanted: Json) -> Iterator[tuple[str, Any, float]]:
    """What was found and wanted of a variable or a code: agreement, alpha, AC1."""
    for name, reference in (("percent_agreement", "percent_agreement"), ("gwet_ac", "gwet_ac1")):
        if reference in wanted:
            yield name, coefficient(found, name), wanted[reference]["value"]


def close(found: Any, wanted: float) -> bool:
    return found is not None and abs(found - wanted) <= TOLERANCE


def test_agreement_equals_the_reference(study: tuple[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    name, folder = study
    for question, wanted in expected(name).items():
        report = printed(
            capsys, "agreement", "--project", name, "--variable", question, "--data", str(folder), *FEWEST
        )
        variable = report["variables"][0]
        if "per_code" in wanted:
            _compare_codes(variable, wanted["per_code"])
        elif "all ratings" in wanted:
            _compare_levels(capsys, name, folder, question, wanted["all ratings"])


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_a_study_moves_to_postgresql_and_back(
    study: tuple[str, Path], settings: Settings, tmp_path: Path
) -> None:
    _name, folder = study
    emptied(settings.resolved_database_url)
    assert run(["migrate-data", "--to", settings.database_url, "--data", str(folder)]) == 0
    back = f"sqlite:///{tmp_path}/back.sqlite3"
    assert run(["migrate-data", "--to", back, "--database-url", settings.database_url]) == 0
    # What stands in PostgreSQL is what came back from there.
    places = [Database(each) for each in (f"sqlite:///{folder}/intercoder.sqlite3", back)]
    before, again = (held(each) for each in places)
    for each in places:
        each.dispose()
    assert before == again
    assert before["coding"].rows


def _compare_codes(variable: Json, wanted: Json) -> None:
    codes = {code["code"]: code for code in variable["codes"]}
    wrong = []
    for key, values in wanted.items():
        found = codes[key]
        alpha = values["krippendorff_alpha_nominal"].get("value")
        if alpha is not None and not close(coefficient(found, "krippendorff_alpha"), alpha):
            wrong.append((key, "alpha", coefficient(found, "krippendorff_alpha"), alpha))
        wrong += [
            (key, what, got, want)
            for what, got, want in pairs_of_values(found, values)
            if not close(got, want)
        ]
    assert not wrong


def _compare_levels(
    capsys: pytest.CaptureFixture[str], name: str, folder: Path, question: str, wanted: Json
) -> None:
    for level in ("nominal", "ordinal", "interval"):
        report = printed(
            capsys,
            "agreement",
            "--project",
            name,
            "--variable",
            question,
            "--level",
            level,
            "--data",
            str(folder),
            *FEWEST,
        )
        variable = report["variables"][0]
        assert close(
            coefficient(variable, "krippendorff_alpha"), wanted[f"krippendorff_alpha_{level}"]["value"]
        )
    assert variable["units"] == wanted["posts"]
    assert variable["annotators"] == wanted["coders"]
    assert variable["codings"] == wanted["ratings"]


def test_group_of_annotators(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, data = SHARED / "data" / "ecosent", ("--data", str(tmp_path))
    run(["user", "add", "lead", "--lead", *data])
    run(["project", "create", "groups", "--lead", "lead", *data])
    files = [f"--{kind}={source / kind}.csv" for kind in ("posts", "codebook", "ratings")]
    run(["import", "--project", "groups", *files, *data])
    report = printed(
        capsys, "agreement", "--project", "groups", "--group", "crowd", "--level", "nominal", *data, *FEWEST
    )
    wanted = expected("ecosent")["sentiment"]["crowd, gold set"]
    variable = report["variables"][0]
    assert variable["annotators"] == wanted["coders"]
    assert run(["agreement", "--project", "groups", "--group", "nobody", *data]) == 2
    assert "nobody" in capsys.readouterr().err


def test_majority_proportions_equal_the_reference(
    study: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    name, folder = study
    data = ("--data", str(folder))
    for question, wanted in expected(name).items():
        if "per_code" in wanted:
            found = _codes(printed(capsys, "results", "--project", name, *data), question)
            for key, values in wanted["per_code"].items():
                vote = values["majority_vote"]
                assert found[key]["count"] == vote["yes"], key
                assert found[key]["unresolved"] == vote["tie"], key
                assert found[key]["denominator"] == vote["posts"], key
                assert round(found[key]["share"], 6) == vote["share_yes"], key
        elif "all ratings" in wanted:
            _compare_votes(capsys, name, data, question, wanted["all ratings"])


def _codes(report: Json, question: str) -> Json:
    variable = next(one for one in report["variables"] if one["variable"] == question)
    return {code["code"]: code for code in variable["codes"]}


def _compare_votes(
    capsys: pytest.CaptureFixture[str], name: str, data: tuple[str, str], question: str, wanted: Json
) -> None:
    plurality = _codes(printed(capsys, "results", "--project", name, *data), question)
    for key, count in wanted["plurality_vote"]["counts"].items():
        assert plurality[key]["count"] == count
        assert plurality[key]["unresolved"] == wanted["plurality_vote"]["ties"]
        share = wanted["plurality_vote"]["share_of_all_posts"][key]
        assert round(plurality[key]["share"], 6) == share
        resolved = wanted["plurality_vote"]["share_of_resolved_posts"][key]
        assert round(plurality[key]["share_of_resolved"], 6) == resolved
    majority = _codes(printed(capsys, "results", "--project", name, "--rule", "majority", *data), question)
    for key, count in wanted["absolute_majority"]["counts"].items():
        assert majority[key]["count"] == count


def test_the_same_files_again_change_nothing(
    study: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    name, folder = study
    source, data = SHARED / "data" / name, ("--data", str(folder))
    capsys.readouterr()
    assert run(["import", "--project", name, f"--posts={source / 'posts.csv'}", *data]) == 0
    assert "posts: 0 new" in capsys.readouterr().out
    assert run(["import", "--project", name, f"--ratings={source / 'ratings.csv'}", *data]) == 0
    assert "there already" in capsys.readouterr().out


def test_exported_codings_come_back_the_same(
    study: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, folder = study
    out, data = tmp_path / "codings.csv", ("--data", str(folder))
    export = [
        "export",
        "--project",
        name,
        "--what",
        "codings",
        "--format",
        "csv",
        "--out",
        str(out),
        "--names",
    ]
    assert run([*export, *data]) == 0
    capsys.readouterr()
    assert run(["import", "--project", name, f"--ratings={out}", *data]) == 0
    assert "there already" in capsys.readouterr().out


def test_ratings_are_imported_through_the_page(database: Database, cast: Cast, client_of: ClientOf) -> None:
    source = SHARED / "data" / "ecosent"
    with database.writing() as db:
        import_posts(db, cast.lead, "posts.csv", (source / "posts.csv").read_bytes())
        sheet = read_codebook_file((source / "codebook.csv").read_bytes(), "codebook.csv").checked()
        publish_sheet(db, cast.lead, sheet)
    client, address = client_of(cast.lead), f"/projects/{cast.project.key}/ratings"
    file = {"file": ("ratings.csv", (source / "ratings.csv").read_bytes(), "text/csv")}

    waiting = post(client, address, files=file).headers["location"]
    seen = form_fields(client.get(waiting), "/ratings/")["fingerprint"][-1]
    assert post(client, waiting, {"fingerprint": seen}).status_code == 303

    with database.reading() as db:
        report = as_json(agreement_report(db, cast.lead, NOMINAL, pairs=None))
    wanted = expected("ecosent")["sentiment"]["all ratings"]
    variable = report["variables"][0]
    assert (variable["units"], variable["codings"]) == (wanted["posts"], wanted["ratings"])
    alpha = coefficient(variable, "krippendorff_alpha")
    assert close(alpha, wanted["krippendorff_alpha_nominal"]["value"])
