"""An identity provider on this machine that does what a test asks of it, also what none should do.

It holds its clients to the code flow: PKCE, the same address to return to, each code once.
"""

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT, SECRET = "intercoder", "the client's own secret"


class IdentityProvider:
    """The provider at `issuer`.

    `claims` change what its ID tokens say (None takes one out), `document` what it says about itself;
    `signs_with` is the key they are signed with, None for none; `asked` counts requests by path.
    """

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = ECKey.generate_key("P-256", {"kid": "first"})
        self.reset()

    def reset(self) -> None:
        """A well-behaved provider that knows of no code."""
        self.signs_with: ECKey | None = self.key
        self.keys = [self.key]
        self.claims: dict[str, Any] = {}
        self.document: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    def agree(self, location: str, subject: str = "s-1", **more: str) -> str:
        """The person agrees: the path at which their browser comes back. `more` joins its query."""
        asked = dict(parse_qsl(urlsplit(location).query))
        assert location.startswith(f"{self.issuer}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.codes[code] = {**asked, "sub": subject}
        parts = urlsplit(asked["redirect_uri"])
        return f"{parts.path}?{urlencode({'code': code, 'state': asked['state'], **more})}"

    def answer(self, path: str, fields: dict[str, str], authorization: str) -> tuple[int, Any]:
        """What is said at a path."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return 200, self._about()
        if path == "/keys":
            return 200, {"keys": [key.as_dict(private=False) for key in self.keys]}
        return self._token(fields, authorization) if path == "/token" else (404, {})

    def _about(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
            **self.document,
        }

    def _token(self, fields: dict[str, str], authorization: str) -> tuple[int, Any]:
        begun = self.codes.pop(fields.get("code", ""), None)
        if authorization != "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode():
            return 401, {"error": "invalid_client"}
        if begun is None or not _fits(begun, fields):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": self._id_token(begun)}

    def _id_token(self, begun: dict[str, str]) -> str:
        moment = int(time.time())
        told = {
            "iss": self.issuer,
            "sub": begun["sub"],
            "aud": CLIENT,
            "nonce": begun["nonce"],
            "iat": moment,
            "exp": moment + 300,
            "name": "Anna Lind",
            "preferred_username": "Anna.Lind",
            "email": "anna@example.org",
        }
        claims = {name: value for name, value in {**told, **self.claims}.items() if value is not None}
        if self.signs_with is None:
            return ".".join((_plain({"alg": "none"}), _plain(claims), ""))
        return jwt.encode({"alg": "ES256", "kid": self.signs_with.kid}, claims, self.signs_with)


def _fits(begun: dict[str, str], fields: dict[str, str]) -> bool:
    verifier = fields.get("code_verifier", "").encode()
    challenge = base64.urlsafe_b64encode(sha256(verifier).digest()).decode().rstrip("=")
    same_place = fields.get("redirect_uri") == begun["redirect_uri"]
    return (
        fields.get("grant_type") == "authorization_code"
        and same_place
        and challenge == begun["code_challenge"]
    )


def _plain(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@contextmanager
def serving() -> Iterator[IdentityProvider]:
    """A provider that answers as long as it is wanted."""

    class Handler(BaseHTTPRequestHandler):
        def _say(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
            status, said = provider.answer(
                self.path, dict(parse_qsl(body)), self.headers.get("authorization", "")
            )
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        do_GET = do_POST = _say  # noqa: N815 - the library calls them so

        def log_message(self, *_said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = IdentityProvider(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()
