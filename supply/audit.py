"""Whether vulnerabilities are known of the locked libraries, as pip-audit finds out.

pip-audit calls it success when the database knew none of the libraries, as behind a mirror that has no such
database. That is told apart here: nothing found and nothing asked are not the same.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from supply.lock import LOCK

CLEAN, FOUND, NOT_ASKED = 0, 1, 75  # 75 is what sendmail and others call a temporary failure.
_COMMAND = ("-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off", "-f", "json")


@dataclass(frozen=True)
class Verdict:
    """The exit code, what to say, and of how many faults a version is known that mends them."""

    code: int
    lines: tuple[str, ...]
    n_mended: int = 0


def judged(answer: str, complaint: str = "") -> Verdict:
    """What pip-audit's answer in JSON means; `complaint` is what it said beside it."""
    try:
        libraries: Sequence[Mapping[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        reason = complaint.strip().splitlines()[-1:] or ["pip-audit said nothing"]
        return Verdict(NOT_ASKED, ("The database of vulnerabilities could not be asked:", *reason))
    faults = [(each, one) for each in libraries for one in each.get("vulns", ())]
    unknown = [each["name"] for each in libraries if "skip_reason" in each]
    if faults:
        n_mended = sum(bool(one.get("fix_versions")) for _library, one in faults)
        return Verdict(FOUND, tuple(_fault(*each) for each in faults), n_mended)
    if unknown or not libraries:
        return Verdict(NOT_ASKED, (_not_asked(len(unknown), len(libraries)), ", ".join(unknown)))
    return Verdict(CLEAN, (f"{len(libraries)} libraries, no vulnerability known.",))


def _fault(library: Mapping[str, Any], fault: Mapping[str, Any]) -> str:
    mended = ", ".join(fault.get("fix_versions", ())) or "no version yet"
    return f"{library['name']} {library['version']}: {fault['id']}, mended in {mended}"


def _not_asked(n_unknown: int, n_libraries: int) -> str:
    return (
        f"The database of vulnerabilities did not answer for {n_unknown} of {n_libraries} libraries, "
        "so nothing is known of these:"
    )


def asked() -> Verdict:
    """What is known of the libraries of the lock file."""
    command = [sys.executable, *_COMMAND, "-r", str(LOCK)]
    answered = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - words of our own
    return judged(answered.stdout, answered.stderr)


def main() -> int:
    """Ask about the lock file, say what is known, and return the exit code."""
    verdict = asked()
    print(*verdict.lines, sep="\n")
    return verdict.code


if __name__ == "__main__":
    sys.exit(main())
