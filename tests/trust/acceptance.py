"""The 27 figures this server is trusted for: what is done to it, what passes, which tests show it."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Figure:
    """One figure. `tests` are files or folders, of which each must be there.

    `simulated`: what stands in for what one machine does not have. `side_by_side`: its tests measure nothing
    that others running at the same time would change.
    """

    number: int
    what: str
    passes: str
    tests: tuple[str, ...]
    simulated: str = ""
    side_by_side: bool = False

    @property
    def missing(self) -> list[str]:
        """Those of its tests that nobody has written."""
        return [test for test in self.tests if not (ROOT / test).exists()]


def _figure(
    number: int, what: str, passes: str, *tests: str, simulated: str = "", side_by_side: bool = False
) -> Figure:
    return Figure(number, what, passes, tuple(f"tests/{test}" for test in tests), simulated, side_by_side)


FIGURES = (
    _figure(
        1,
        "200 servers killed at random moments, 32 annotators; SQLite, and PostgreSQL with three servers",
        "no acknowledged coding lost or doubled, no post over-assigned, each coding has its event; "
        "ready within 10 s",
        "trust/test_kills.py",
        simulated="all servers and the proxy before them on one machine",
    ),
    _figure(
        2,
        "1,000 power cuts: unsynced writes dropped, reordered, torn",
        "none lost, none corrupt; without waiting for the disk some are lost",
        "trust/test_power_cuts.py",
        simulated="the cuts: replayed from recorded system calls, on a disk that keeps what it has synced",
    ),
    _figure(
        3,
        "200 crashes of PostgreSQL, a server asleep past its lease, clocks 20 minutes apart, connections "
        "that are cut or go silent",
        "none lost, none over-assigned",
        "trust/test_postgres_faults.py",
        "trust/test_clock_backwards.py",
        simulated="PostgreSQL’s processes are killed, not its machine; clocks are shifted in the servers; "
        "a proxy cuts the connections, and stalls",
    ),
    _figure(
        4,
        "50 servers restarted in turn",
        "no save failed after one more try to a server that listens",
        "trust/test_restarts.py",
        simulated="all servers and the proxy before them on one machine",
    ),
    _figure(
        5,
        "100 races of 32 workers for 1,000 posts, three codings each, on both databases",
        "no post over-assigned, nobody told “finished” too soon",
        "trust/test_races.py",
        simulated="the workers: threads with a connection each",
        side_by_side=True,
    ),
    _figure(
        6,
        "every form sent twice at once, and again later",
        "carried out once, one answer; looks at names and files that wait are written down each time",
        "trust/test_doubled_posts.py",
        simulated="the day that passes: the server’s clock is shifted",
    ),
    _figure(
        7,
        "10,000 edits of the same things at once",
        "no update lost; who was slower is told, and keeps their text",
        "trust/test_concurrent_edits.py",
        side_by_side=True,
    ),
    _figure(
        8,
        "32 annotators who save once a second for ten minutes",
        "no error; p99 at most 100 ms, longest 1 s; the slowest has at least 0.8 of the median",
        "trust/test_fairness.py",
        simulated="the annotators: one process beside the server, on the same machine",
    ),
    _figure(
        9,
        "200 clients on slow pages, on both databases",
        "/healthz within 100 ms; 503 and never 500",
        "trust/test_slow_pages.py",
        simulated="the slow pages: each read waits five seconds",
    ),
    _figure(
        10,
        "100 backups while 16 annotators save every two seconds, restored, on both databases",
        "all whole, with every save acknowledged before they began",
        "trust/test_backups_under_load.py",
        "keeping/test_backups.py",
        side_by_side=True,
    ),
    _figure(
        11,
        "each migration taken back and made again on 100,000 codings",
        "counts and hashes equal; a server of before works on the newer schema",
        "trust/test_migrations_on_data.py",
        "test_migrations.py",
        simulated="the server of before: schemas are compared, and this server runs on one with a new column",
        side_by_side=True,
    ),
    _figure(
        12,
        "the codings rebuilt from the history; one event of it changed",
        "all equal; each change found",
        "trust/test_history_rebuilds.py",
        side_by_side=True,
    ),
    _figure(
        13,
        "a full disk, a database that only reads, a schema that has drifted",
        "nobody is told “saved” who was not",
        "trust/test_failing_disks.py",
        simulated="the disk is a small one in memory, or the database’s limit, on PostgreSQL that of a table "
        "and not of its log; the drift is a column renamed",
    ),
    _figure(
        14,
        "every address as each of nine kinds of people, with own, foreign and absent objects",
        "nothing leaks, nothing undeclared, nothing changed where it is denied",
        "test_access.py",
        "trust/test_foreign_ids.py",
        side_by_side=True,
    ),
    _figure(
        15,
        "every address that changes something, asked from other sites in six ways",
        "all refused",
        "trust/test_cross_site.py",
        simulated="the browser: requests with the headers that it would send",
    ),
    _figure(
        16,
        "300 hostile files",
        "no failure of the server; 5 s of processor and 256 MB each at most; meanwhile a p99 of saves of at "
        "most 100 ms",
        "corpora/test_hostile.py",
        "trust/test_hostile_uploads.py",
    ),
    _figure(
        17,
        "60 canaries for scripts and formulas in every field, page and export",
        "none alive; no breach of the content security policy in a browser",
        "trust/test_canaries.py",
        "browser/test_canaries.py",
        side_by_side=True,
    ),
    _figure(
        18,
        "1,000 examples for each operation of the interface for programs, for each role",
        "no failure of the server, nothing against its schema",
        "api/test_fuzz.py",
        side_by_side=True,
    ),
    _figure(
        19,
        "10,000 guesses at passwords through three servers, 100 at once",
        "at most ten tried for an account in a quarter of an hour; at most 256 MB more memory",
        "trust/test_guessing.py",
        simulated="three servers in one process; cheap hashes, so that 10,000 guesses take minutes",
    ),
    _figure(20, "a one-time link used 50 times at once", "once", "trust/test_tokens_once.py"),
    _figure(
        21,
        "an account disabled, a sign-out, a role taken away",
        "the next request refused by every server",
        "trust/test_revocation.py",
        "trust/test_late_requests.py",
        simulated="two servers in one process",
    ),
    _figure(
        22,
        "a post taken down, and looked for in the raw bytes of all files and of the log",
        "not found",
        "takedown",
        "trust/test_logs.py",
        simulated="PostgreSQL’s own log of changes is not searched",
    ),
    _figure(
        23, "the logs of a whole run", "no texts, names, tokens or passwords in them", "trust/test_logs.py"
    ),
    _figure(
        24,
        "two fresh starts",
        "different secrets, nobody can sign in before the set-up",
        "trust/test_fresh_start.py",
    ),
    _figure(
        25,
        "the requirements of OWASP ASVS 5.0, level 2",
        "each with a test, a review or a reason why not",
        "test_security_papers.py",
    ),
    _figure(
        26,
        "the libraries and the image",
        "no known fault that is mended elsewhere; runs without rights",
        "test_supply.py",
        "test_containers.py",
        simulated="the image is read, not built",
    ),
    _figure(
        27,
        "ten deliberate faults in the program",
        "each is caught",
        "trust/test_mutants.py",
        "trust/test_rules_of_the_database.py",
    ),
)
