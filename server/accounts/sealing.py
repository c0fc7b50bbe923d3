"""The server's key, which lies beside the database and not in it, and what is sealed with it.

A backup that leaves the house holds what was sealed, and no key.
"""

import os
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
        written = file.with_name(f"{file.name}.{os.getpid()}")
        with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as new:
            new.write(fernet.Fernet.generate_key())
            new.flush()
            os.fsync(new.fileno())
        try:
            os.link(written, file)
        except FileExistsError:
            pass
        finally:
            written.unlink()
    return file.read_bytes()
