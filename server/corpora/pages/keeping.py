"""A file of posts, read apart from the server, and what was read in it as it is kept."""

from contextlib import closing
from typing import BinaryIO

from fastapi import Request

from server.corpora.kept import read_and_kept
from server.corpora.spooled import Spool
from server.web.reader_processes import results_apart


def kept_apart(request: Request, file: BinaryIO, filename: str, sheet: int = 0) -> tuple[int, Spool]:
    """How many sheets a file has, and the reading of it or of one of them, from 1 on.

    Raises:
        Refusal: It cannot be read.
    """
    n_sheets, reading = 0, Spool()
    with closing(results_apart(request, read_and_kept, file, filename, sheet)) as found:
        for n_all, some in found:
            n_sheets = n_all
            reading.add(some)
    return n_sheets, reading
