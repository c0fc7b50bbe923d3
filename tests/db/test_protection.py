"""PostgreSQL on another machine is spoken to by TLS that is checked, or not at all."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from anyio.from_thread import BlockingPortal
from sqlalchemy.exc import OperationalError

from server.cli.options import settings_of
from server.db.protection import exposed_host
from server.db.revisions import NEWEST, revision
from server.errors import Refusal
from server.settings import Settings
from tests.certificates import Certificate, certificate

# The words by which a client of PostgreSQL asks for TLS.
ASKS_FOR_TLS = bytes.fromhex("0000000804d2162f")


@pytest.mark.parametrize(
    ("rest", "host"),
    [
        ("db.example/study", "db.example"),
        ("db.example/study?sslmode=require", "db.example"),
        ("db.example/study?sslmode=verify-ca", "db.example"),
        ("localhost/study?hostaddr=192.0.2.1", "192.0.2.1"),
        ("/study?host=127.0.0.1&host=db.example", "db.example"),
        ("db.example/study?sslmode=verify-full", ""),
        ("localhost/study", ""),
        ("127.0.0.1/study", ""),
        ("[::1]/study", ""),
        ("/study?host=/run/postgresql", ""),
        ("/study", ""),
        ("/study?service=prod", "prod"),
        ("/study?service=prod&sslmode=verify-full", ""),
    ],
)
def test_what_could_be_read_on_its_way(rest: str, host: str) -> None:
    assert (
        exposed_host(Settings(database_url=f"postgresql://anna:secret@{rest}").resolved_database_url) == host
    )


def test_what_the_driver_takes_from_the_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    assert exposed_host("postgresql+psycopg:///study") == "db.example"
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert exposed_host("postgresql+psycopg:///study") == ""


def test_no_command_speaks_to_it_unless_the_operator_answers_for_the_network() -> None:
    url = "postgresql://anna:secret@db.example/study"
    with pytest.raises(Refusal, match=r"database at db\.example could be read") as refusal:
        settings_of(database_url=url)
    assert "secret" not in refusal.value.message
    assert settings_of(database_url=url, closed_network=True).database_url == url
    assert settings_of(database_url=f"{url}?sslmode=verify-full").closed_network is False


class TlsAlone:
    """A PostgreSQL that speaks TLS alone, and lets in whoever has the client's certificate."""

    def __init__(self, file: str, own: Certificate, client: Certificate) -> None:
        self._file = file
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(own.cert, own.key)
        self._context.load_verify_locations(client.cert)
        self._context.verify_mode = ssl.CERT_REQUIRED

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Its port."""
        async with await asyncio.start_server(self._serve, "127.0.0.1", 0) as server:
            yield server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            assert await reader.readexactly(8) == ASKS_FOR_TLS
            writer.write(b"S")
            await writer.start_tls(self._context)
            behind, to_it = await asyncio.open_unix_connection(self._file)
            await asyncio.gather(_passed(reader, to_it), _passed(behind, writer))


async def _passed(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError), closing(target):
        while piece := await source.read(65_536):
            target.write(piece)


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_certificates_of_both_sides_are_checked_and_stand_for_a_password(
    settings: Settings, tmp_path: Path, event_loop: BlockingPortal
) -> None:
    place = urlsplit(settings.database_url)
    own, client, other = (certificate(tmp_path, name) for name in ("localhost", "anna", "other"))
    behind = TlsAlone(f"{parse_qs(place.query)['host'][0]}/.s.PGSQL.5432", own, client)
    with event_loop.wrap_async_context_manager(behind.listening()) as port:

        def reached(host: str, trusted: Certificate, shown: Certificate) -> str | None:
            given = {"sslmode": "verify-full", "sslrootcert": trusted.cert, "connect_timeout": 5}
            given |= {"hostaddr": "127.0.0.1", "sslcert": shown.cert, "sslkey": shown.key}
            url = f"postgresql://postgres@{host}:{port}{place.path}?{urlencode(given)}"
            return revision(settings_of(database_url=url).resolved_database_url)

        assert reached("localhost", own, client) == NEWEST
        for wrong in (("db.example", own, client), ("localhost", other, client), ("localhost", own, other)):
            with pytest.raises(OperationalError):
                reached(*wrong)
