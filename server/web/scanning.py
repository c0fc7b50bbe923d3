"""Files that somebody sent, looked at by a scanner before anybody reads them, where the operator named one.

The scanner is a program of the machine: it gets the name of a temporary file and says by its exit code
whether it found something, as ClamAV's do. What cannot be scanned is not taken.
"""

import logging
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from fastapi import Request

from server.errors import Refusal
from server.language import gettext as _
from server.web.few import place_among
from server.web.viewer import viewer_of

log = logging.getLogger("intercoder.scans")
# Exit codes of clamscan and clamdscan; any other says that it did not do its work.
_CLEAN, _FOUND = 0, 1
# Seconds to wait while others' files are scanned: a scanner that hangs keeps some of the threads, never all.
_PATIENCE = 2.0
# What a scanner may take to be gone when it was killed.
_END_SECONDS = 5


class Finding(StrEnum):
    """What became of a file that was not taken."""

    FOUND = "malware found"
    FAILED = "could not be scanned"


@dataclass(frozen=True)
class SentFile:
    """A file of a form: its name, and what is in it once that was scanned."""

    filename: str
    _file: BinaryIO
    _request: Request

    def opened(self) -> BinaryIO:
        """The file from its beginning, to be read in a page's thread: scanning takes its time.

        Raises:
            Refusal: The scanner found something, or could not do its work.
        """
        settings = self._request.app.state.settings
        if settings.scan_command:
            self._demand_clean(shlex.split(settings.scan_command), settings.scan_seconds)
        self._file.seek(0)
        return self._file

    def _demand_clean(self, command: list[str], seconds: float) -> None:
        with place_among(self._request.app.state.scanning, _PATIENCE) as has_place:
            code = _exit_code(command, self._file, seconds) if has_place else None
        if code == _CLEAN:
            return
        finding = Finding.FOUND if code == _FOUND else Finding.FAILED
        viewer = viewer_of(self._request)
        whose = viewer.account_id if viewer else None
        log.warning("file not taken", extra={"kind": finding.value, "account": whose})
        raise Refusal(_words(finding))


def _exit_code(command: list[str], file: BinaryIO, seconds: float) -> int | None:
    """How the scanner ended; None where it did not, in this time or at all."""
    file.seek(0)
    try:
        with tempfile.NamedTemporaryFile(prefix="intercoder-scan-") as copy:
            shutil.copyfileobj(file, copy, 1024 * 1024)
            copy.flush()
            # No shell, and nothing of the visitor but a file whose name is ours.
            scanner = subprocess.Popen(  # noqa: S603
                [*command, copy.name],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            return _waited_for(scanner, seconds)
    except OSError:
        return None


def _waited_for(scanner: subprocess.Popen[bytes], seconds: float) -> int | None:
    """Its exit code; after these seconds it ends with all that it has started, and there is none."""
    try:
        return scanner.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(scanner.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):  # The system may not let it end: its disk hangs, say.
            scanner.wait(_END_SECONDS)
        return None


def _words(finding: Finding) -> str:
    if finding is Finding.FOUND:
        return _("The scanner of this server found malware in this file. Nothing of it was kept.")
    return _(
        "This file could not be scanned for malware, so nothing of it was kept. Try again later; if it "
        "happens again, tell the admin of this server."
    )
