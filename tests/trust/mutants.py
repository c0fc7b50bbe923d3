"""Figure 27: ten deliberate faults, each part in a copy of the program, and the tests that catch them.

`python -m tests.trust.mutants` (or `make mutants`) prints which test caught which; it fails where one is not.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.trust.reporting import report

ROOT = Path(__file__).parents[2]
_COPIED = ("server", "templates", "migrations", "supply", "tests", "docs", "pyproject.toml")
_FIRST, _QUEUE = "migrations/versions/0001_the_first_tables.py", "migrations/versions/0005_a_shared_queue.py"
_CODING, _ENGINE = "server/coding/actions.py", "server/db/engine.py"
_RULES = "tests/trust/test_rules_of_the_database.py"
_TWICE = "no unique form token, no unique slot"
_CASCADES = "codings go with their post (CASCADE)"
_SESSIONS = "sessions go on after signing out and new passwords"


@dataclass(frozen=True)
class Edit:
    """A place in a file, word for word, and what stands there instead."""

    file: str
    old: str
    new: str = ""

    def apply(self, folder: Path) -> None:
        """Make the edit below `folder`; `ValueError` where the place is not there, or not once."""
        path = folder / self.file
        source = path.read_text(encoding="utf-8")
        if source.count(self.old) != 1:
            raise ValueError(f"{self.file} has this {source.count(self.old)} times: {self.old}")
        path.write_text(source.replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True)
class Fault:
    """What somebody might break by mistake, and the tests of which one has to see it.

    Where one can be made in several places, each is a `part` of its own: a test that sees one of them may
    be blind to another.
    """

    name: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]
    part: str = ""

    @property
    def whole_name(self) -> str:
        """With its part."""
        return f"{self.name}: {self.part}" if self.part else self.name


FAULTS = (
    Fault(
        "saves may be lost in a power cut (synchronous NORMAL)",
        (Edit(_ENGINE, '"synchronous=FULL"', '"synchronous=NORMAL"'),),
        ("tests/db/test_durability.py", "tests/trust/test_power_cuts.py"),
    ),
    Fault(
        "the driver's own transactions",
        (
            Edit(_ENGINE, "        connection.isolation_level = None\n"),
            Edit(_ENGINE, "    engine.dialect.do_begin = _begin  # type: ignore[method-assign]\n"),
        ),
        (f"{_RULES}::test_whoever_may_write_keeps_others_out_before_the_first_statement",),
    ),
    Fault(
        _TWICE,
        (
            Edit(
                "server/coding/models.py",
                "form_token: str = Field(unique=True, desc",
                "form_token: str = Field(desc",
            ),
            Edit(
                _FIRST,
                "name=op.f('uq_coding_assignment_id_revision')),\n"
                "    sa.UniqueConstraint('form_token', name=op.f('uq_coding_form_token'))",
                "name=op.f('uq_coding_assignment_id_revision'))",
            ),
        ),
        (f"{_RULES}::test_a_form_is_stored_once",),
        "form token",
    ),
    Fault(
        _TWICE,
        (
            Edit("server/rounds/models.py", '        UniqueConstraint("round_id", "post_id", "n"),\n'),
            Edit(
                _QUEUE,
                "name=op.f('pk_queue_slot')),\n"
                "    sa.UniqueConstraint('round_id', 'post_id', 'n', "
                "name=op.f('uq_queue_slot_round_id_post_id_n'))",
                "name=op.f('pk_queue_slot'))",
            ),
        ),
        (f"{_RULES}::test_a_slot_is_there_once",),
        "slot",
    ),
    # Where the action asks again, as those for members do, a route that asks too little is none.
    Fault(
        "one authorisation too few",
        (
            Edit(
                "server/rounds/pages.py",
                "def lock(request: Request, db: Db, access: ManagesRounds,",
                "def lock(request: Request, db: Db, access: SeesRounds,",
            ),
        ),
        ("tests/test_access.py::test_routes_let_in_whom_they_should[sqlite-viewer]",),
    ),
    Fault(
        "nothing is escaped on pages",
        (Edit("server/web/rendering.py", "autoescape=True", "autoescape=False"),),
        ("tests/web/test_templates.py::test_names_are_escaped_and_stand_in_the_title",),
    ),
    Fault(
        _CASCADES,
        (
            Edit(
                _FIRST,
                "name=op.f('fk_assignment_post_id_post'))",
                "name=op.f('fk_assignment_post_id_post'), ondelete='CASCADE')",
            ),
        ),
        (f"{_RULES}::test_a_post_takes_nothing_with_it",),
        "assignment with its post",
    ),
    Fault(
        _CASCADES,
        (
            Edit(
                _FIRST,
                "name=op.f('fk_coding_assignment_id_assignment'))",
                "name=op.f('fk_coding_assignment_id_assignment'), ondelete='CASCADE')",
            ),
        ),
        (f"{_RULES}::test_a_post_takes_nothing_with_it",),
        "coding with its assignment",
    ),
    Fault(
        "a form sent twice is two (no look at its token)",
        (
            Edit(
                _CODING,
                "for revision in stored if revision.form_token == token",
                "for revision in stored if False",
            ),
        ),
        ("tests/coding/test_actions.py::test_a_double_click_is_stored_once_and_answered_twice",),
    ),
    Fault(
        _SESSIONS,
        (
            Edit(
                "server/accounts/sessions.py",
                "    db.execute(delete(SignInSession)"
                ".where(col(SignInSession.token_hash) == hash_token(token)))\n",
            ),
        ),
        ("tests/accounts/test_entry.py::test_signing_out_ends_the_session_in_the_database",),
        "signing out",
    ),
    Fault(
        _SESSIONS,
        (
            Edit(
                "server/accounts/sessions.py",
                "    db.execute(delete(SignInSession).where(col(SignInSession.account_id) == account_id))\n",
            ),
        ),
        ("tests/accounts/test_entry.py::test_changing_the_password_keeps_only_this_browser",),
        "new password",
    ),
    Fault(
        "a correction writes over one that it has not seen (no look at the revision)",
        (Edit(_CODING, "    if sent.revision != _current(stored):\n", "    if sent.revision < 0:\n"),),
        ("tests/coding/test_actions.py", "tests/coding/test_correcting.py"),
    ),
    Fault(
        "history outside the transaction",
        (
            Edit(
                "server/history/actions.py",
                "    connection = connection_of(db)\n    chain = SERVER_CHAIN",
                "    connection = connection_of(db)\n    connection.commit()\n    connection.begin()\n"
                "    chain = SERVER_CHAIN",
            ),
        ),
        ("tests/coding/test_actions.py::test_a_failed_submission_leaves_nothing_behind",),
    ),
)


def _copy_to(folder: Path) -> None:
    """The program and its tests, without what was left by running them."""
    for name in _COPIED:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)


def _write_schema(folder: Path) -> None:
    """As whoever changes a migration does (`make schema`)."""
    command = [sys.executable, "-m", "supply.schema"]
    subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}, check=True)


def _run(folder: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """The tests of this folder, until one fails; those on PostgreSQL would find nothing more."""
    options = ("-x", "-rf", "-p", "no:cacheprovider", "-k", "not postgres")
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "INTERCODER_TRUST": "",
        "INTERCODER_TRUST_REPORT": "",
    }
    command = [sys.executable, "-m", "pytest", *options, *tests]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def caught_by(fault: Fault) -> str:
    """The test that fails in a copy with the fault; empty where none does."""
    with tempfile.TemporaryDirectory(prefix="fault-") as name:
        folder = Path(name)
        _copy_to(folder)
        for edit in fault.edits:
            edit.apply(folder)
        _write_schema(folder)
        ran = _run(folder, fault.tests)
    failed = re.search(r"^FAILED (\S+)", ran.stdout, re.MULTILINE)
    return failed[1] if ran.returncode == 1 and failed else ""


def _refuse_unless_sound() -> None:
    """A test that fails without a fault would catch nothing."""
    with tempfile.TemporaryDirectory(prefix="sound-") as name:
        _copy_to(Path(name))
        ran = _run(Path(name), sorted({test for fault in FAULTS for test in fault.tests}))
    if ran.returncode != 0:
        raise SystemExit(f"These tests fail without a fault:\n{ran.stdout[-4_000:]}{ran.stderr[-2_000:]}")


def _found() -> Iterator[tuple[Fault, str]]:
    for fault in FAULTS:
        yield fault, caught_by(fault)


def main() -> None:
    """Print the table; exit with 1 where a fault is not caught."""
    _refuse_unless_sound()
    found = list(_found())
    table = Table("Fault", "Caught by")
    for fault, test in found:
        table.add_row(fault.whole_name, test or "NOT CAUGHT")
    Console(width=180).print(table)
    missed = {fault.name for fault, test in found if not test}
    n_faults = len({fault.name for fault in FAULTS})
    report(27, f"{n_faults - len(missed)} of {n_faults} faults caught, in {len(found)} places")
    raise SystemExit(bool(missed))


if __name__ == "__main__":
    main()
