"""Libraries that few requests need, each loaded with the first of its functions that is used.

At the top of files scipy took a second and 70 MB of every start, of which a server that is coded on needs
nothing; what signs people in by an identity provider took a tenth of one, and so did what migrates a database
that is up to date. PostgreSQL's driver, which SQLite does not need, comes with the modules that know it.
"""

from importlib import import_module
from typing import Any


class _Deferred:
    """A module that is not loaded before something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, function: str) -> Any:
        return getattr(import_module(self._name), function)


alembic_command = _Deferred("alembic.command")
alembic_config = _Deferred("alembic.config")
special = _Deferred("scipy.special")
sparse = _Deferred("scipy.sparse")
stats = _Deferred("scipy.stats")
breached = _Deferred("zxcvbn.frequency_lists")
fernet = _Deferred("cryptography.fernet")
grants = _Deferred("authlib.oauth2.rfc6749.parameters")
httpx = _Deferred("httpx")
id_tokens = _Deferred("authlib.oidc.core")
jose_errors = _Deferred("joserfc.errors")
jwk = _Deferred("joserfc.jwk")
jws = _Deferred("joserfc.jws")
jwt = _Deferred("joserfc.jwt")
pkce = _Deferred("authlib.oauth2.rfc7636")
pooled = _Deferred("server.db.pooled")
protection = _Deferred("server.db.protection")
pyotp = _Deferred("pyotp")
segno = _Deferred("segno")
zxcvbn = _Deferred("zxcvbn")
