"""One frozen settings class: read once at start, passed in, never a global."""

import shlex
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def is_private_enough(address: str) -> bool:
    """Whether what is sent to this address is read by nobody on the way: TLS, or this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return host != "" and (parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host)))


def is_this_machine(host: str) -> bool:
    """Whether no network leads to this address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class DemandedOf(StrEnum):
    """Of whom something is demanded. Leads are, with them, admins and whoever may create projects."""

    NOBODY = "nobody"
    LEADS = "leads"
    EVERYBODY = "everybody"


class Settings(BaseSettings):
    """How one server runs. Each field is an environment variable with the prefix `INTERCODER_`."""

    model_config = SettingsConfigDict(env_prefix="INTERCODER_", frozen=True, validate_default=True)

    data: Path = Field(default=Path("data"), description="Folder that holds the SQLite database")
    database_url: str = Field(default="", description="PostgreSQL address; empty: SQLite in the data folder")
    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on")
    socket: Path | None = Field(default=None, description="File of a socket to listen on instead of a port")
    tls_cert: Path | None = Field(default=None, description="Certificate of this server, for TLS of its own")
    tls_key: Path | None = Field(default=None, description="The key to it, without a password")
    closed_network: bool = Field(
        default=False,
        description="The network between proxy, server and database is closed to others, and needs no TLS",
    )
    base_url: str = Field(
        default="", description="Address people type, used in links; empty: that of host and port"
    )
    threads: int = Field(
        default=16, ge=2, le=200, description="Requests worked on at once; also the size of the pool"
    )
    notice_seconds: float = Field(
        default=0,
        ge=0,
        le=60,
        description="Seconds between saying on /openz that it will end, and ending, when told to by SIGTERM",
    )
    max_upload_mb: int = Field(default=300, ge=1, description="Largest file that may be uploaded, in MB")
    scan_command: str = Field(
        default="", description="Program that looks through each file that is sent; empty: none"
    )
    scan_seconds: float = Field(default=60, gt=0, le=600, description="Seconds that it may take for a file")
    least_free_mb: int = Field(
        default=100, ge=0, description="MB left on the disk of SQLite below which /readyz says no"
    )
    log_requests: bool = Field(default=False, description="A line of JSON for every request")
    metrics_token: str = Field(
        default="", description="Who sends it as a bearer token may read /metrics; empty: nobody"
    )
    import_at_once: int = Field(
        default=5_000, ge=0, description="Rows up to which an import is answered at once, not in steps"
    )
    shown_at_once: int = Field(
        default=6_000, ge=1, description="Posts of an import that come in while others wait, on SQLite"
    )

    oidc_issuer: str = Field(
        default="", description="Identity provider (OpenID Connect) that people sign in with; empty: none"
    )
    oidc_client_id: str = Field(default="", description="What the identity provider calls this server")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="By what the identity provider knows this server"
    )
    oidc_client_secret_file: Path | None = Field(
        default=None, description="File that holds the same, so that no list of processes shows it"
    )
    oidc_label: str = Field(
        default="your institution", description="What people call the identity provider", max_length=80
    )
    oidc_new_accounts: bool = Field(
        default=False, description="Whoever the identity provider knows may make an account"
    )
    password_sign_in: bool = Field(default=True, description="People may sign in with a password")
    demand_second_step: DemandedOf = Field(
        default=DemandedOf.NOBODY, description="Who needs an app's code besides their password"
    )
    idle_hours: int = Field(
        default=168, ge=1, le=336, description="Hours without a request after which a sign-in ends"
    )
    secret_file: Path | None = Field(
        default=None, description="File with the key that seals secrets of apps; empty: in the data folder"
    )

    @field_validator("socket", "tls_cert", "tls_key", mode="before")
    @classmethod
    def _none_where_empty(cls, file: Any) -> Any:
        return None if file == "" else file

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, address: str) -> str:
        parts = urlsplit(address)
        is_whole = parts.scheme in {"http", "https"} and parts.hostname and not parts.query + parts.fragment
        if address and not is_whole:
            raise ValueError("the address people type begins with https:// (or http://) and a name")
        return address

    @field_validator("tls_key")
    @classmethod
    def _both_or_none(cls, key: Path | None, info: ValidationInfo) -> Path | None:
        if (key is None) != (info.data.get("tls_cert") is None):
            raise ValueError("TLS needs both a certificate and its key")
        return key

    @field_validator("scan_command")
    @classmethod
    def _a_command(cls, command: str) -> str:
        shlex.split(command)  # A quotation mark that is not closed is a ValueError.
        return command

    @field_validator("oidc_issuer")
    @classmethod
    def _reached_safely(cls, issuer: str) -> str:
        if issuer and not is_private_enough(issuer):
            raise ValueError("the issuer's address begins with https://")
        return issuer

    @field_validator("oidc_client_id")
    @classmethod
    def _known_to_the_issuer(cls, client_id: str, info: ValidationInfo) -> str:
        if info.data.get("oidc_issuer") and not client_id:
            raise ValueError("an identity provider needs the client's id")
        return client_id

    @field_validator("oidc_client_secret_file")
    @classmethod
    def _readable(cls, file: Path | None) -> Path | None:
        if file is not None:
            _first_line(file)
        return file

    @field_validator("password_sign_in")
    @classmethod
    def _some_way_in(cls, is_open: bool, info: ValidationInfo) -> bool:
        if not is_open and not info.data.get("oidc_issuer"):
            raise ValueError("without passwords nobody can sign in unless there is an identity provider")
        return is_open

    @cached_property
    def client_secret(self) -> str:
        """By what the identity provider knows this server; empty where it asks for nothing."""
        file = self.oidc_client_secret_file
        return _first_line(file) if file else self.oidc_client_secret.get_secret_value()

    @property
    def resolved_secret_file(self) -> Path:
        """Where the key lies that seals the secrets of apps."""
        return self.secret_file or self.data / "secret.key"

    @property
    def resolved_database_url(self) -> str:
        """The address of the database, SQLite in the data folder where none is given."""
        if self.database_url:
            return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        return f"sqlite:///{self.data.resolve() / 'intercoder.sqlite3'}"

    @cached_property
    def idle(self) -> timedelta:
        """How long a sign-in goes on that nobody uses."""
        return timedelta(hours=self.idle_hours)

    @property
    def resolved_base_url(self) -> str:
        """The address that links are made from, without a slash at its end."""
        scheme = "https" if self.tls_cert else "http"
        return (self.base_url or f"{scheme}://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def is_https(self) -> bool:
        """Whether people reach this server over TLS, so that cookies can demand it."""
        return self.resolved_base_url.startswith("https://")


def _first_line(file: Path) -> str:
    try:
        return file.read_text().strip().splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError) as problem:
        raise ValueError("this file cannot be read, or is empty") from problem
