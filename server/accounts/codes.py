"""Codes of the second step: those of an authenticator app (RFC 6238), and those that stand in for it once."""

import hmac
import re
import secrets
from datetime import datetime

from server.deferred import pyotp, segno

STEP_SECONDS = 30
NEIGHBOURS = (0, -1, 1)  # Steps by which the clock of a phone may be wrong, the likeliest first.
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # None that is taken for another when it is read from paper.
_GROUPS, _GROUP = 6, 4  # 118 bits: nobody guesses one, so a plain hash keeps it (ASVS 5.0, 6.5.2).
_SECRET = re.compile("[A-Z2-7]{32}")


def new_secret() -> str:
    """160 random bits, as apps take them."""
    found: str = pyotp.random_base32()
    return found


def is_secret(text: str) -> bool:
    """Whether the text is one of `new_secret`."""
    return _SECRET.fullmatch(text) is not None


def present_step(moment: datetime) -> int:
    """The half minute that it is, counted since 1970."""
    return int(moment.timestamp()) // STEP_SECONDS


def step_of(secret: str, code: str, moment: datetime) -> int | None:
    """The half minute, counted since 1970, whose code this is; None where it is none of about now."""
    typed = "".join(code.split())
    present = present_step(moment)
    app = pyotp.HOTP(secret)
    for step in (present + each for each in NEIGHBOURS):
        if hmac.compare_digest(app.at(step).encode(), typed.encode()):
            return step
    return None


def picture(secret: str, account: str, server: str) -> str:
    """What an app's camera reads, as the address of an SVG image with its content in it."""
    address = pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=server)
    image: str = segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff")
    return image


def in_groups(secret: str) -> str:
    """The secret as it is easily typed."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes for paper."""
    return tuple(_recovery_code() for _number in range(RECOVERY_CODES))


def _recovery_code() -> str:
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _place in range(_GROUP)) for _group in range(_GROUPS)
    )


def plain_recovery_code(typed: str) -> str:
    """A recovery code as it was given out, however it was typed; empty where it cannot be one."""
    letters = "".join(char for char in typed.lower() if char in _LETTERS)
    if len(letters) != _GROUPS * _GROUP:
        return ""
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))
