"""The server's key, which lies beside the database and not in it, and what is sealed with it.

A backup that leaves the house holds what was sealed, and no key.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from server.deferred import fernet
from server.errors import Refusal
from server.language import gettext as _


def sealed(text: str, file: Path) -> bytes:
    """`text` as only the key in `file` opens it; the key is made where there is none yet."""
    try:
        key = _made_or_read(file)
    except OSError as problem:
        raise Refusal(
            _("The server cannot write its key. Tell the admin of this server to look at the data folder.")
        ) from problem
    token: bytes = fernet.Fernet(key).encrypt(text.encode())
    return token


def opened(token: bytes, file: Path) -> str:
    """What was sealed; `Refusal` where the key is another one or gone."""
    try:
        text: bytes = fernet.Fernet(file.read_bytes()).decrypt(token)
    except (OSError, ValueError, fernet.InvalidToken) as problem:
        raise Refusal(
            _(
                "This server has lost the key that app codes are checked with. Use a recovery code, "
                "or ask the admin of this server to take the second step off."
            )
        ) from problem
    return text.decode()


def _made_or_read(file: Path) -> bytes:
    """The key. Of several servers that make one at once, the first one's counts: a link never overwrites."""
    if not file.exists():
        handle, written = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)  # Nobody else reads it.
        try:
            with os.fdopen(handle, "wb") as new:
                new.write(fernet.Fernet.generate_key())
                new.flush()
                os.fsync(new.fileno())
            with suppress(FileExistsError):
                os.link(written, file)
        finally:
            Path(written).unlink()
    return file.read_bytes()
