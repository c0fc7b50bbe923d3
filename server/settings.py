"""One frozen settings class: read once at start, passed in, never a global."""

from functools import cached_property
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """How one server runs. Each field is an environment variable with the prefix `INTERCODER_`."""

    model_config = SettingsConfigDict(env_prefix="INTERCODER_", frozen=True)

    data: Path = Field(default=Path("data"), description="Folder that holds the SQLite database")
    database_url: str = Field(default="", description="PostgreSQL address; empty: SQLite in the data folder")
    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on")
    base_url: str = Field(
        default="", description="Address people type, used in links; empty: http://HOST:PORT"
    )
    threads: int = Field(
        default=16, ge=2, le=200, description="Requests worked on at once; also the size of the pool"
    )
    notice_seconds: float = Field(
        default=0,
        ge=0,
        le=60,
        description="Seconds between saying on /readyz that it will end, and ending, when told to by SIGTERM",
    )
    max_upload_mb: int = Field(default=300, ge=1, description="Largest file that may be uploaded, in MB")
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

    @property
    def resolved_database_url(self) -> str:
        """The address of the database, SQLite in the data folder where none is given."""
        if self.database_url:
            return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        return f"sqlite:///{self.data.resolve() / 'intercoder.sqlite3'}"

    @property
    def resolved_base_url(self) -> str:
        """The address that links are made from, without a slash at its end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def is_https(self) -> bool:
        """Whether people reach this server over TLS, so that cookies can demand it."""
        return self.resolved_base_url.startswith("https://")
