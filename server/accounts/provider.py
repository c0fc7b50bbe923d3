"""Signing in by an identity provider: OpenID Connect, the code flow with PKCE.

Nothing is stored between the way there and the way back. The browser carries one random secret, from which
state, nonce and code verifier are derived: an answer that this browser did not ask for fits none of them.

Only the configured issuer and the addresses its discovery document names are asked, and no redirect is
followed. Every failure is a `Refusal` in words. A provider that hangs keeps some of the page threads, never
all: whoever comes while these are kept is told that it cannot be reached.
"""

import hmac
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Any, Literal

from server.deferred import grants, httpx, id_tokens, jose_errors, jwk, jws, jwt, pkce
from server.errors import Refusal
from server.language import gettext as _
from server.settings import Settings, is_private_enough
from server.web.few import place_among, places_for

TIMEOUT_SECONDS = 5.0
LEEWAY_SECONDS = 60
KEPT_SECONDS = 600.0  # How long what the issuer says about itself is believed.
PATIENCE_SECONDS = 2.0  # How long one waits while others ask it.
AGAIN_SECONDS = 5.0  # How long nobody asks again after no answer came, or for keys that were just read.
_ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip
_Asked = Literal["state", "nonce", "verifier"]


@dataclass(frozen=True)
class Proof:
    """Who somebody is at the provider; the names are what it suggests to call them."""

    issuer: str
    subject: str
    name: str
    display_name: str


class Unreachable(Refusal):
    """The provider does not answer, or not as one."""


class Provider:
    """The identity provider of the settings."""

    def __init__(self, settings: Settings) -> None:
        self.issuer, self.label = settings.oidc_issuer, settings.oidc_label
        self._client_id, self._secret = settings.oidc_client_id, settings.client_secret
        self._back = f"{settings.resolved_base_url}/sign-in/provider/back"
        self._places = places_for(settings.threads)
        self._lock = Lock()
        self._kept: dict[str, tuple[float, Any]] = {}

    def door(self, secret: str) -> str:
        """The address at the provider for a browser that carries `secret`."""
        with self._one_of_few():
            endpoint = self._named("authorization_endpoint")
        where: str = grants.prepare_grant_uri(
            endpoint,
            self._client_id,
            "code",
            redirect_uri=self._back,
            scope="openid profile",
            state=_derived("state", secret),
            nonce=_derived("nonce", secret),
            code_challenge=pkce.create_s256_code_challenge(_derived("verifier", secret)),
            code_challenge_method="S256",
        )
        return where

    def proof(self, secret: str, answer: Mapping[str, str]) -> Proof:
        """Who came back with this answer to a browser that carries `secret`."""
        with self._one_of_few():
            self._demand_ours(secret, answer)
            if "error" in answer:
                raise Refusal(self._words_of(answer["error"]))
            token = self._id_token(answer.get("code", ""), _derived("verifier", secret))
            claims = self._claims(token, _derived("nonce", secret))
        return Proof(
            self.issuer,
            str(claims["sub"]),
            _text(claims.get("preferred_username")),
            _text(claims.get("name")),
        )

    @contextmanager
    def _one_of_few(self) -> Iterator[None]:
        with place_among(self._places, PATIENCE_SECONDS) as has_place:
            if not has_place:
                raise self._unreachable()
            yield

    def _demand_ours(self, secret: str, answer: Mapping[str, str]) -> None:
        expected = _derived("state", secret)
        if not secret or not hmac.compare_digest(answer.get("state", "").encode(), expected.encode()):
            raise Refusal(
                _(
                    "This sign-in was not begun in this browser, or too long ago. "
                    "Nobody was signed in; try again."
                )
            )
        demands_issuer = self._discovered().get("authorization_response_iss_parameter_supported") is True
        if answer.get("iss", "" if demands_issuer else self.issuer) != self.issuer:
            raise self._not_believed()

    def _words_of(self, error: str) -> str:
        if error == "access_denied":
            return _("You did not agree at %s, so nobody was signed in.") % self.label
        return _("%s could not sign you in. Nobody was signed in; try again.") % self.label

    def _not_believed(self) -> Refusal:
        return Refusal(
            _(
                "What %s answered cannot be believed, so nobody was signed in. Try again; "
                "if it happens again, tell the admin of this server."
            )
            % self.label
        )

    def _id_token(self, code: str, verifier: str) -> str:
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": verifier,
        }
        methods = self._discovered().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        signs_in = "client_secret_basic" in methods and self._secret != ""
        if not signs_in:
            body |= {"client_id": self._client_id} | ({"client_secret": self._secret} if self._secret else {})
        answer = self._asked(
            "POST",
            self._named("token_endpoint"),
            data=body,
            auth=(self._client_id, self._secret) if signs_in else None,
        )
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise self._not_believed()
        return token

    def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        """The claims of an ID token that this issuer made for us, now and for this browser."""
        options = {"iss": {"value": self.issuer}, "aud": {"value": self._client_id}}
        params = {"nonce": nonce, "client_id": self._client_id}
        try:
            found = self._decoded(token)
            claims = id_tokens.CodeIDToken(found.claims, found.header, options, params)
            claims.validate(leeway=LEEWAY_SECONDS)
        except Refusal:
            raise
        except Exception as problem:  # Whatever a token makes the library say, it is not believed.
            raise self._not_believed() from problem
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise self._not_believed()
        return dict(claims)

    def _decoded(self, token: str) -> Any:
        offered = self._discovered().get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = jws.JWSRegistry(
            algorithms=[each for each in _ALGORITHMS if each in offered], strict_check_header=False
        )
        try:
            return jwt.decode(token, jwk.KeySet.import_key_set(self._keys()), registry=registry)
        except jose_errors.InvalidKeyIdError:  # Signed with a key that is newer than what is known.
            keys = jwk.KeySet.import_key_set(self._keys(older_than=AGAIN_SECONDS))
            return jwt.decode(token, keys, registry=registry)

    def _keys(self, older_than: float = KEPT_SECONDS) -> Any:
        return self._read(self._named("jwks_uri"), older_than)

    def _named(self, what: str) -> str:
        """An address of the provider; no other than over TLS, except on this machine."""
        address = self._discovered().get(what)
        if not isinstance(address, str) or not is_private_enough(address):
            raise self._unreachable()
        return address

    def _discovered(self) -> Mapping[str, Any]:
        found = self._read(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise self._unreachable()
        return found

    def _read(self, address: str, older_than: float = KEPT_SECONDS) -> Mapping[str, Any]:
        """What stands at the address, or stood there a while ago. One at a time asks."""
        with self._lock:
            at, found = self._kept.get(address, (-KEPT_SECONDS, None))
            age = time.monotonic() - at
            if age >= (older_than if found is not None else AGAIN_SECONDS):
                found = self._read_now(address)
        if found is None:
            raise self._unreachable()
        document: Mapping[str, Any] = found
        return document

    def _read_now(self, address: str) -> Mapping[str, Any]:
        found = None
        try:
            found = self._asked("GET", address)
        finally:  # Whoever waited meanwhile does not ask a provider again that has just not answered.
            self._kept[address] = (time.monotonic(), found)
        return found

    def _asked(self, method: str, address: str, **sent: Any) -> Mapping[str, Any]:
        with self._failures_said():
            answer = httpx.request(
                method, address, timeout=TIMEOUT_SECONDS, headers={"accept": "application/json"}, **sent
            )
            found = answer.json() if answer.status_code in {200, 400, 401} else None
        if not isinstance(found, dict) or (method == "GET" and answer.status_code != 200):
            raise self._unreachable()
        return found

    @contextmanager
    def _failures_said(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, httpx.HTTPError, httpx.InvalidURL) as problem:
            raise self._unreachable() from problem

    def _unreachable(self) -> Unreachable:
        return Unreachable(
            _("%s cannot be reached at the moment, so nobody was signed in. Try again in a while.")
            % self.label
        )


def _derived(what: _Asked, secret: str) -> str:
    return hmac.new(secret.encode(), what.encode(), sha256).hexdigest()


def _text(claim: object) -> str:
    return claim[:80] if isinstance(claim, str) else ""
