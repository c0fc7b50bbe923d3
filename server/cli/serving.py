"""The command that runs a server."""

import os
import shlex
import shutil
import socket
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from server.accounts.actions import make_setup_link
from server.accounts.queries import is_set_up
from server.accounts.second_step import is_used
from server.cli.forwarding import BesideProxy
from server.cli.leaving import DRAIN_SECONDS, LeavingServer
from server.cli.listening import listening
from server.cli.options import BaseUrl, Data, DatabaseUrl, held_alone, prepare, settings_of
from server.db.durability import may_be_lost
from server.deferred import Deferred
from server.door import open_door
from server.errors import Refusal
from server.language import gettext as _
from server.settings import DemandedOf, Settings
from server.web.logbook import log_config

behind = Deferred("server.cli.loading")  # Most of the program, which the door does without.

Host = Annotated[str | None, typer.Option(help="Address to listen on [INTERCODER_HOST; default: 127.0.0.1]")]
Port = Annotated[int | None, typer.Option(help="Port to listen on [INTERCODER_PORT; default: 8000]")]
Socket = Annotated[
    Path | None,
    typer.Option(help="File of a socket to listen on instead of a port [INTERCODER_SOCKET; default: none]"),
]
TlsCert = Annotated[
    Path | None,
    typer.Option(help="Certificate of this server, for TLS of its own [INTERCODER_TLS_CERT; default: none]"),
]
TlsKey = Annotated[Path | None, typer.Option(help="The key to it, without a password [INTERCODER_TLS_KEY]")]
ClosedNetwork = Annotated[
    bool | None,
    typer.Option(
        help="The network between proxy, server and database is closed to others, so that they may speak "
        "without TLS [INTERCODER_CLOSED_NETWORK; default: no]"
    ),
]
Threads = Annotated[
    int | None, typer.Option(help="Requests worked on at once [INTERCODER_THREADS; default: 16]")
]
Notice = Annotated[
    float | None,
    typer.Option(
        help="Seconds that /openz says no before SIGTERM ends the server "
        "[INTERCODER_NOTICE_SECONDS; default: 0]"
    ),
]
MaxUpload = Annotated[
    int | None,
    typer.Option(help="Largest file that may be uploaded, in MB [INTERCODER_MAX_UPLOAD_MB; default: 300]"),
]
ScanCommand = Annotated[
    str | None,
    typer.Option(
        help="Program that looks through each file that is sent, as `clamdscan --fdpass` does "
        "[INTERCODER_SCAN_COMMAND; default: none]"
    ),
]
ScanSeconds = Annotated[
    float | None, typer.Option(help="Seconds it may take for a file [INTERCODER_SCAN_SECONDS; default: 60]")
]

ImportAtOnce = Annotated[
    int | None,
    typer.Option(
        help="Rows up to which an import is answered at once [INTERCODER_IMPORT_AT_ONCE; default: 5000]"
    ),
]
ShownAtOnce = Annotated[
    int | None,
    typer.Option(
        help="Posts of a large import that come in while others wait "
        "[INTERCODER_SHOWN_AT_ONCE; default: 6000]"
    ),
]
LeastFree = Annotated[
    int | None,
    typer.Option(
        help="MB left on the disk of SQLite below which /readyz says no; pages warn at five times as many "
        "[INTERCODER_LEAST_FREE_MB; default: 100]"
    ),
]
LogRequests = Annotated[
    bool | None,
    typer.Option(help="Write a line of JSON for every request [INTERCODER_LOG_REQUESTS; default: no]"),
]
MetricsToken = Annotated[
    str | None,
    typer.Option(help="Who sends it may read /metrics [INTERCODER_METRICS_TOKEN; default: nobody may]"),
]
OidcIssuer = Annotated[
    str | None,
    typer.Option(
        help="OpenID Connect provider that people sign in with [INTERCODER_OIDC_ISSUER; default: none]"
    ),
]
OidcClientId = Annotated[
    str | None,
    typer.Option(help="What the identity provider calls this server [INTERCODER_OIDC_CLIENT_ID]"),
]
OidcClientSecret = Annotated[
    str | None,
    typer.Option(help="By what it knows this server; better in a file [INTERCODER_OIDC_CLIENT_SECRET]"),
]
OidcClientSecretFile = Annotated[
    Path | None, typer.Option(help="File that holds the same [INTERCODER_OIDC_CLIENT_SECRET_FILE]")
]
OidcLabel = Annotated[
    str | None,
    typer.Option(
        help="What people call the identity provider [INTERCODER_OIDC_LABEL; default: your institution]"
    ),
]
OidcNewAccounts = Annotated[
    bool | None,
    typer.Option(help="Whoever it knows may make an account [INTERCODER_OIDC_NEW_ACCOUNTS; default: no]"),
]
PasswordSignIn = Annotated[
    bool | None,
    typer.Option(help="People may sign in with a password [INTERCODER_PASSWORD_SIGN_IN; default: yes]"),
]
DemandSecondStep = Annotated[
    DemandedOf | None,
    typer.Option(
        help="Who needs an app's code besides their password; to the leads belong admins and who may create "
        "projects [INTERCODER_DEMAND_SECOND_STEP; default: nobody]"
    ),
]
IdleHours = Annotated[
    int | None,
    typer.Option(
        help="Hours without a request after which a sign-in ends [INTERCODER_IDLE_HOURS; default: 168]",
        min=1,
        max=336,
    ),
]
SecretFile = Annotated[
    Path | None,
    typer.Option(
        help="File with the key that seals secrets of apps [INTERCODER_SECRET_FILE; default: DATA/secret.key]"
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(serve)


def serve(
    data: Data = None,
    database_url: DatabaseUrl = None,
    host: Host = None,
    port: Port = None,
    socket: Socket = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    closed_network: ClosedNetwork = None,
    base_url: BaseUrl = None,
    threads: Threads = None,
    notice_seconds: Notice = None,
    max_upload_mb: MaxUpload = None,
    scan_command: ScanCommand = None,
    scan_seconds: ScanSeconds = None,
    import_at_once: ImportAtOnce = None,
    shown_at_once: ShownAtOnce = None,
    least_free_mb: LeastFree = None,
    log_requests: LogRequests = None,
    metrics_token: MetricsToken = None,
    oidc_issuer: OidcIssuer = None,
    oidc_client_id: OidcClientId = None,
    oidc_client_secret: OidcClientSecret = None,
    oidc_client_secret_file: OidcClientSecretFile = None,
    oidc_label: OidcLabel = None,
    oidc_new_accounts: OidcNewAccounts = None,
    password_sign_in: PasswordSignIn = None,
    demand_second_step: DemandSecondStep = None,
    idle_hours: IdleHours = None,
    secret_file: SecretFile = None,
) -> None:
    """Serve the study of a data folder; an empty folder begins with a set-up link.

    Each option can also be set by the environment variable named behind it.
    """
    settings = settings_of(**locals())  # Every parameter is called like its setting.
    _refuse_without_secret(settings)
    _refuse_without_scanner(settings)
    with listening(settings) as (listener, settings), held_alone(settings):
        prepare(settings)
        app = door_of(settings)
        _refuse_without_key(app)
        _warn_of_loss(app)
        print(_("Intercoder is at %s (stop with Ctrl+C)") % settings.resolved_base_url, flush=True)
        _offer_setup(app)
        serve_on(listener, app)


def _refuse_without_secret(settings: Settings) -> None:
    if settings.is_https and settings.oidc_issuer and not settings.client_secret:
        raise Refusal(
            _(
                "The identity provider is set, and the secret by which it knows this server is not. Name the "
                "file that holds it with --oidc-client-secret-file."
            )
        )


def _refuse_without_scanner(settings: Settings) -> None:
    program = next(iter(shlex.split(settings.scan_command)), "")
    if program and not shutil.which(program):
        raise Refusal(
            _("There is no program %s, which --scan-command has look through the files that are sent.")
            % program
        )


def _refuse_without_key(app: FastAPI) -> None:
    """Whoever adds an app next would have a new key made, where the old one has to come back to."""
    settings: Settings = app.state.settings
    file = settings.resolved_secret_file
    if not settings.is_https or file.exists():
        return
    with app.state.database.reading() as db:
        if is_used(db):
            raise Refusal(
                _(
                    "The key that opens the secrets of people's apps is not at %s. Bring it there from where "
                    "you keep it, or name it with --secret-file; docs/sign-in.md says what to do without it."
                )
                % file
            )


def _warn_of_loss(app: FastAPI) -> None:
    with app.state.database.reading() as db:
        if said := may_be_lost(db):
            print(said, flush=True)


def serve_on(listener: socket.socket, app: FastAPI) -> None:
    """Answer requests until the process is told to stop.

    Raises:
        Exception: what is loaded behind the door could not be.
    """
    settings: Settings = app.state.settings
    config = uvicorn.Config(
        BesideProxy(app, os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")),
        log_config=log_config(),
        access_log=False,
        proxy_headers=False,  # `BesideProxy` reads them.
        server_header=False,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    with suppress(KeyboardInterrupt):
        LeavingServer(config, app).run(sockets=[listener])
    if app.state.loading.done():
        app.state.loading.result()


def door_of(settings: Settings) -> FastAPI:
    """The application, which loads what is behind its door once it runs."""
    return open_door(settings, _load)


def _load(app: FastAPI) -> None:
    behind.load(app)


def _offer_setup(app: FastAPI) -> None:
    settings: Settings = app.state.settings
    with app.state.database.writing() as db:
        if is_set_up(db):
            return
        link = f"{settings.resolved_base_url}/set-up/{make_setup_link(db)}"
    print(_("Open this link once, within a day, to make the first account:\n  %s") % link, flush=True)
