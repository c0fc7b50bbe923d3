"""What the log says about ways in: a line an event, with the account's number and never its name.

A line is written once what it tells of is stored, or refused.
"""

import logging
from enum import StrEnum
from ipaddress import ip_address

from fastapi import Request

log = logging.getLogger("intercoder.sign_in")


class Event(StrEnum):
    """What happened at the door."""

    SIGNED_IN = "signed in"
    RENEWED = "session renewed"
    REFUSED = "refused"
    TOO_MANY = "too many tries"
    STEP_ASKED = "second step asked"
    STEP_REFUSED = "second step refused"
    SIGNED_OUT = "signed out"
    ENDED_ELSEWHERE = "signed out elsewhere"
    TOKEN_REFUSED = "token refused"  # noqa: S105 (a word, no token)
    TOO_MANY_TOKENS = "too many tokens"


def tell(request: Request, event: Event, account_id: int | None) -> None:
    """Write down what happened; without an account where it is nobody's, or nobody knows whose."""
    log.info("sign-in", extra={"kind": event.value, "account": account_id, "address": sender(request)})


def sender(request: Request) -> str:
    """The address that a request comes from.

    What a proxy says that is none is one and the same for all: it starts no counting anew, and no log has it.
    """
    try:
        host = request.client.host if request.client else ""
        return str(ip_address(host.partition("%")[0]))  # Behind "%" a link's name may be anything.
    except ValueError:
        return "unknown"
