"""Libraries that few requests need, each loaded with the first of its functions that is used.

At the top of files scipy took a second and 70 MB of every start, of which a server that is coded on needs
nothing; what signs people in by an identity provider took a tenth of one, and so did what migrates a database
that is up to date. PostgreSQL's driver, which SQLite does not need, comes with the modules that know it.
"""

from importlib import import_module
from typing import Any


class Deferred:
    """A module that is not loaded before something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, function: str) -> Any:
        return getattr(import_module(self._name), function)


alembic_command = Deferred("alembic.command")
alembic_config = Deferred("alembic.config")
special = Deferred("scipy.special")
sparse = Deferred("scipy.sparse")
stats = Deferred("scipy.stats")
breached = Deferred("zxcvbn.frequency_lists")
fernet = Deferred("cryptography.fernet")
grants = Deferred("authlib.oauth2.rfc6749.parameters")
httpx = Deferred("httpx")
id_tokens = Deferred("authlib.oidc.core")
jose_errors = Deferred("joserfc.errors")
jwk = Deferred("joserfc.jwk")
jws = Deferred("joserfc.jws")
jwt = Deferred("joserfc.jwt")
pkce = Deferred("authlib.oauth2.rfc7636")
pooled = Deferred("server.db.pooled")
protection = Deferred("server.db.protection")
pyotp = Deferred("pyotp")
segno = Deferred("segno")
zxcvbn = Deferred("zxcvbn")
